import { seededRandom } from "../../src/testing/random.ts";

/** Uniform in 0…1. */
export function random(seed: number): () => number {
  return seededRandom(seed).next;
}

/** Normally distributed (Box and Muller). */
export function normal(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
