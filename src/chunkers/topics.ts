import type { Span } from "../types.ts";

/** How many units on either side of a boundary are compared. */
const AROUND = 3;

/**
 * The cosine distance between what comes before and after each unit, the first left out: of the sums of up to three
 * vectors on either side, because a sentence by itself says little.
 */
export function distances(vectors: readonly Float32Array[]): readonly number[] {
  return vectors.slice(1).map((_, index) => {
    const before = sum(vectors.slice(Math.max(0, index + 1 - AROUND), index + 1));
    const after = sum(vectors.slice(index + 1, index + 1 + AROUND));
    return 1 - cosine(before, after);
  });
}

function sum(vectors: readonly Float32Array[]): Float64Array {
  const total = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (const [index, value] of vector.entries()) total[index] = (total[index] ?? 0) + value;
  return total;
}

function cosine(one: Float64Array, other: Float64Array): number {
  let [dot, squares, otherSquares] = [0, 0, 0];
  for (const [index, value] of one.entries()) {
    const counterpart = other[index] ?? 0;
    dot += value * counterpart;
    squares += value * value;
    otherSquares += counterpart * counterpart;
  }
  return squares === 0 || otherSquares === 0 ? 0 : dot / Math.sqrt(squares * otherSquares);
}

/** The value below which `percent` of the values lie, linear between two of them (type 7 of Hyndman and Fan, 1996). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = ((sorted.length - 1) * percent) / 100;
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** Joins units into topics: a new one begins at a peak of the distance above the threshold, if both are large enough. */
export function topics(
  units: readonly Span[],
  gaps: readonly number[],
  { threshold, isLarge }: { readonly threshold: number; readonly isLarge: (topic: Span) => boolean },
): readonly Span[] {
  const found: { start: number; end: number }[] = [];
  for (const [index, { start, end }] of units.entries()) {
    const topic = found.at(-1);
    const changes = (gaps[index - 1] ?? 0) > threshold && isPeak(gaps, index - 1);
    if (!topic || (changes && isLarge(topic))) found.push({ start, end });
    else topic.end = end;
  }
  const last = found.at(-1);
  const before = found.at(-2);
  if (last && before && !isLarge(last)) {
    before.end = last.end;
    found.pop();
  }
  return found;
}

/** Sums of three also differ one or two units off the change: only the first of the largest nearby is where it is. */
function isPeak(gaps: readonly number[], index: number): boolean {
  const gap = gaps[index] ?? 0;
  const before = gaps.slice(Math.max(0, index + 1 - AROUND), index);
  const after = gaps.slice(index + 1, index + AROUND);
  return before.every((other) => other < gap) && after.every((other) => other <= gap);
}
