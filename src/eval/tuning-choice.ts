import type { Folds } from "./folds.ts";
import { halving, type Rung } from "./halving.ts";
import { deviationOf, meanOf, randomisation } from "./statistics.ts";

/** Which combination to choose, and what is left of its gain on queries that did not choose it. */

export interface ChoosingOptions {
  /** Combinations are numbered; the first is the default, and they stand in the order of preference. */
  readonly combinations: readonly { readonly moves: number }[];
  /** Queries in the order in which they are read. */
  readonly order: readonly number[];
  readonly folds: Folds["folds"];
  readonly search: "halving" | "grid";
  /** Reads a combination on a query, or knows it already. */
  readonly score: (combination: number, query: number) => Promise<number>;
  readonly seed: number;
}

export interface Choosing {
  readonly best: number;
  readonly rungs: readonly Rung[];
  /** Of `best` over the default: on all queries, and fold by fold by what the other folds chose. */
  readonly apparent: number;
  readonly heldOut: number;
  readonly interval: readonly [number, number];
  readonly p: number;
  readonly deviation: number;
  /** Whether the held-out gain is there beyond chance. */
  readonly significant: boolean;
}

/** Below this many labelled queries no tuning was seen to beat a good default. */
export const ENOUGH = 40;

const LEVEL = 0.05;

/** Chooses on all queries; then again without each fold, to read the choice on it. */
export async function choose(options: ChoosingOptions): Promise<Choosing> {
  const { order, folds, score, seed } = options;
  const { best, rungs } = await chosenOn(order, options);
  const gainOf = async (combination: number, query: number): Promise<number> =>
    combination === 0 ? 0 : (await score(combination, query)) - (await score(0, query));
  const apparent: number[] = [];
  for (const query of order) apparent.push(await gainOf(best, query));
  const heldOut: number[] = [];
  for (const fold of folds) {
    const held = new Set(fold);
    const other = await chosenOn(
      order.filter((query) => !held.has(query)),
      options,
    );
    for (const query of fold) heldOut.push(await gainOf(other.best, query));
  }
  const gain = meanOf(heldOut);
  // Where folds chose the default, their differences are nought and say nothing of how far the best one's scatter.
  const deviation = Math.max(deviationOf(heldOut), deviationOf(apparent));
  const p = randomisation(heldOut, seed);
  // The mean of n, and of n fresh ones around it.
  const reach = 1.96 * deviation * Math.sqrt(2 / heldOut.length);
  return {
    best,
    rungs,
    apparent: meanOf(apparent),
    heldOut: gain,
    interval: [gain - reach, gain + reach],
    p,
    deviation,
    significant: best !== 0 && gain > 0 && p < LEVEL,
  };
}

/**
 * The best mean of those that are read to the end; then, of all that are within one standard error of it, the one that
 * differs least from the default (Breiman, Friedman, Olshen, Stone 1984).
 */
async function chosenOn(
  order: readonly number[],
  { combinations, search, score }: ChoosingOptions,
): Promise<{ readonly best: number; readonly rungs: readonly Rung[] }> {
  const all = [...combinations.keys()];
  const { finalists, rungs } = await halving({ candidates: all, order, score, whole: search === "grid" });
  const [winner = 0] = finalists;
  let best = winner;
  for (const rival of finalists) {
    const behind: number[] = [];
    for (const query of order) behind.push((await score(winner, query)) - (await score(rival, query)));
    const close = meanOf(behind) <= deviationOf(behind) / Math.sqrt(behind.length);
    if (close && (combinations[rival]?.moves ?? 0) < (combinations[best]?.moves ?? 0)) best = rival;
  }
  return { best, rungs };
}
