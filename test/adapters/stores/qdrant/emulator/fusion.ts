/** Fusion of ranked lists, in 32-bit floats and without breaking ties. */
import { wrongInput } from "./refusal.ts";
import type { Point, Shard } from "./shard.ts";

interface Item {
  readonly point: Point;
  readonly shard: Shard;
  readonly score: number;
}

/** 1 / ((place + 1) / weight + k − 1), places from 0; a weight of 0 or less gives 0. */
export function fusedByRank(
  lists: readonly (readonly Item[])[],
  k: number,
  weights: readonly number[] | undefined,
): Item[] {
  if (weights !== undefined && weights.length !== lists.length) {
    throw wrongInput(
      `Validation failed: RRF weights length (${weights.length}) does not match number of prefetches (${lists.length})`,
    );
  }
  return summed(
    lists.map((list, index) => {
      const weight = weights?.[index] ?? 1;
      return list.map((item, place) => ({
        ...item,
        score: weight > 0 ? Math.fround(1 / ((place + 1) / weight + k - 1)) : 0,
      }));
    }),
  );
}

/** (score − (mean − 3 deviations)) / 6 deviations; half for a list without spread. Distances are not turned round. */
export function fusedByDistribution(lists: readonly (readonly Item[])[]): Item[] {
  return summed(
    lists.map((list) => {
      const mean = list.reduce((sum, { score }) => sum + score, 0) / list.length;
      const variance = list.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) / (list.length - 1);
      const spread = 6 * Math.sqrt(variance);
      return list.map((item) => ({
        ...item,
        score: spread > 0 ? Math.fround((item.score - mean) / spread + 0.5) : 0.5,
      }));
    }),
  );
}

function summed(lists: readonly (readonly Item[])[]): Item[] {
  const sums = new Map<string, Item>();
  for (const item of lists.flat()) {
    const before = sums.get(item.point.key);
    sums.set(
      item.point.key,
      before === undefined ? item : { ...before, score: Math.fround(before.score + item.score) },
    );
  }
  return [...sums.values()];
}
