import type { Judgment } from "./judgments.ts";
import { shuffled } from "./random.ts";

/** Queries in parts that do not know each other: whoever was chosen by some is read on the others. */

export interface Folds {
  /** Query indexes. */
  readonly folds: readonly (readonly number[])[];
  /** Whether no two folds have queries about the same document. */
  readonly apart: boolean;
}

/** A group may take up so much of all queries and still leave enough to choose by. */
const LARGEST_SHARE = 0.5;

/**
 * Queries about the same document go to the same fold: what was learnt on a document must not be read on it again.
 *
 * Where documents tie most queries to each other, queries are grouped by their first relevant document, and where there is
 * one document alone, by nothing; `apart` is false then.
 */
export function foldsOf(
  queries: readonly { readonly judgments: readonly Judgment[] }[],
  options: { readonly count: number; readonly next: () => number },
): Folds {
  const relevant = queries.map(({ judgments }) =>
    judgments.filter(({ grade = 1 }) => grade > 0).map(({ documentId }) => documentId),
  );
  const tied = grouped(tiedTogether(relevant));
  const few = (groups: readonly (readonly number[])[]): boolean =>
    groups.length < 2 || Math.max(...groups.map((group) => group.length)) > queries.length * LARGEST_SHARE;
  if (!few(tied)) return { folds: dealt(tied, options), apart: true };
  const byFirst = grouped(relevant.map(([first], index) => first ?? `no document ${index}`));
  const groups = few(byFirst) ? queries.map((_, index) => [index]) : byFirst;
  return { folds: dealt(groups, options), apart: false };
}

/** A name for each query's group; queries that share a document, or share one with one that does, have the same. */
function tiedTogether(documents: readonly (readonly string[])[]): readonly number[] {
  const parents = documents.map((_, index) => index);
  const rootOf = (index: number): number => {
    const parent = parents[index] ?? index;
    if (parent === index) return index;
    const root = rootOf(parent);
    parents[index] = root;
    return root;
  };
  const first = new Map<string, number>();
  for (const [index, ids] of documents.entries()) {
    for (const id of ids) {
      const other = first.get(id);
      if (other === undefined) first.set(id, index);
      else parents[rootOf(index)] = rootOf(other);
    }
  }
  return parents.map((_, index) => rootOf(index));
}

function grouped(keys: readonly (string | number)[]): readonly (readonly number[])[] {
  const groups = new Map<string | number, number[]>();
  for (const [index, key] of keys.entries()) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  }
  return [...groups.values()];
}

/** Largest groups first, each to the smallest fold; among equal ones by lot. */
function dealt(
  groups: readonly (readonly number[])[],
  { count, next }: { readonly count: number; readonly next: () => number },
): readonly (readonly number[])[] {
  const folds: number[][] = Array.from({ length: Math.min(count, groups.length) }, () => []);
  const lots = shuffled(groups.length, next).map((index) => groups[index] ?? []);
  for (const group of lots.toSorted((a, b) => b.length - a.length)) {
    const smallest = folds.reduce((least, fold) => (fold.length < least.length ? fold : least));
    smallest.push(...group);
  }
  return folds;
}
