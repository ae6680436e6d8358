import { unexpected } from "../errors.ts";

/** The option, checked and with its default. */
export function seedOf(seed = 1): number {
  if (Number.isSafeInteger(seed)) return seed;
  throw unexpected("seed", "a whole number", seed);
}

/**
 * A seeded generator of 32-bit whole numbers (sfc32 of PractRand, Chris Doty-Humphrey): the same numbers on every machine.
 */
export function randomBits(seed: number): () => number {
  let [a, b, c, counter] = [0, seed | 0, 0x9e3779b9 | 0, 1];
  const next = (): number => {
    const result = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  // The first numbers still show the seed.
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

/** A seeded order of 0 … count - 1 (Fisher, Yates). */
export function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = next() % (last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}
