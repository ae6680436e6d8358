import { murmur3 } from "../lexical/terms.ts";
import type { AnyDocument } from "./inputs.ts";

/** Documents that say the same: what is right in one is right in the other. */

/** Words of a shingle. */
const SHINGLE = 5;
/** Smallest hashes that stand for a document (Broder 1997): enough to tell .8 from .5. */
const SKETCH = 64;
/** Share of shingles that two documents have in common. */
const ALIKE = 0.8;

/** For each of these ids those of the documents that are nearly the same, itself among them. */
export async function nearDuplicates(
  documents: readonly AnyDocument[],
  ids: ReadonlySet<string>,
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
  /** Hashes that each document has in common with one: most have a few, of what stands in all of them. */
  const common = new Uint32Array(documents.length);
  for (const [index, { id }] of documents.entries()) {
    if (!ids.has(id)) continue;
    await breathe();
    const own = sketches[index] ?? [];
    common.fill(0);
    for (const hash of own) for (const other of byHash.get(hash) ?? []) common[other] = (common[other] ?? 0) + 1;
    const near = documents.flatMap(({ id: other }, place) => {
      const sketch = sketches[place] ?? [];
      const most = (common[place] ?? 0) / Math.max(own.length, sketch.length);
      return most >= ALIKE && resemblance(own, sketch) >= ALIKE ? other : [];
    });
    alike.set(id, near.length === 0 ? [id] : near);
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

/** Of the smallest hashes of both, the share that both have. Ascending, so they are gone through side by side. */
function resemblance(a: readonly number[], b: readonly number[]): number {
  const size = Math.max(a.length, b.length);
  let [i, j, both] = [0, 0, 0];
  for (let smallest = 0; smallest < size; smallest++) {
    const [x, y] = [a[i] ?? Infinity, b[j] ?? Infinity];
    if (x === y) both++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return both / Math.max(1, size);
}
