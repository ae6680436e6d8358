import { murmur3 } from "../lexical/terms.ts";
import type { AnyDocument } from "./inputs.ts";

/** Documents that say the same: what is right in one is right in the other. */

/** Words of a shingle. */
const SHINGLE = 5;
/** Smallest hashes that stand for a document (Broder 1997): enough to tell .8 from .5. */
const SKETCH = 64;
/** Share of shingles that two documents have in common. */
const ALIKE = 0.8;

/** For each document the ids of those that are nearly the same, itself among them. */
export async function nearDuplicates(
  documents: readonly AnyDocument[],
  breathe: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sketches: (readonly number[])[] = [];
  for (const { text } of documents) {
    await breathe();
    sketches.push(sketchOf(text));
  }
  const byHash = new Map<number, number[]>();
  for (const [index, sketch] of sketches.entries()) {
    for (const hash of sketch) {
      const known = byHash.get(hash);
      if (known === undefined) byHash.set(hash, [index]);
      else known.push(index);
    }
  }
  const alike = new Map<string, readonly string[]>();
  for (const [index, { id }] of documents.entries()) {
    await breathe();
    const own = sketches[index] ?? [];
    const others = new Set(own.flatMap((hash) => byHash.get(hash) ?? []));
    const near = [...others].filter((other) => resemblance(own, sketches[other] ?? []) >= ALIKE);
    alike.set(id, near.length === 0 ? [id] : near.map((other) => documents[other]?.id ?? id));
  }
  return alike;
}

function sketchOf(text: string): readonly number[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const encoder = new TextEncoder();
  const hashes = new Set<number>();
  for (let start = 0; start + SHINGLE <= words.length; start++) {
    hashes.add(murmur3(encoder.encode(words.slice(start, start + SHINGLE).join(" "))));
  }
  return [...hashes].toSorted((a, b) => a - b).slice(0, SKETCH);
}

/** Of the smallest hashes of both, the share that both have. */
function resemblance(a: readonly number[], b: readonly number[]): number {
  const [inA, inB] = [new Set(a), new Set(b)];
  const smallest = [...new Set([...a, ...b])].toSorted((x, y) => x - y).slice(0, Math.max(a.length, b.length));
  return smallest.filter((hash) => inA.has(hash) && inB.has(hash)).length / Math.max(1, smallest.length);
}
