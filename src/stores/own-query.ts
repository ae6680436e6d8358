import type { IndexSpec, Terms } from "../types.ts";

/** What a stored row is asked for by to see whether it is found: itself. */

/** A vector's score against itself. */
export function ownScore(vector: Float32Array, metric: NonNullable<IndexSpec["dense"]>["metric"]): number {
  if (metric === "cosine") return 1;
  return metric === "euclidean" ? 0 : vector.reduce((sum, value) => sum + value * value, 0);
}

/** The first few of a row's terms: a query of thousands would say no more, and a store may have to count each. */
export function someTerms({ ids, counts }: Terms): Terms {
  return { ids: ids.slice(0, mostTerms), counts: counts.slice(0, mostTerms) };
}

const mostTerms = 16;
