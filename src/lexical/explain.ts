import type { LexicalSpec, Terms } from "../types.ts";
import { idf, lengthNorm, saturation, termsLength } from "./terms.ts";

/** What one term of the query adds to the score of a row: `queryCount · idf · count(k1 + 1) / (count + lengthNorm)`. */
export interface TermShare {
  readonly term: string;
  readonly score: number;
  /** How often the term stands in the row, and in the query. */
  readonly count: number;
  readonly queryCount: number;
  readonly idf: number;
  /** k1(1 - b + b·length/averageLength), the same for all terms of the row. */
  readonly lengthNorm: number;
}

/**
 * The terms that a row shares with the query, largest share first; the shares sum to its score.
 *
 * @param statistics Rows with terms, and in how many of them each of the query's terms stands, in their order.
 * @param length What the row's length counts as in its score.
 */
export function explainRow(
  query: { readonly terms: Terms; readonly names: readonly string[] },
  row: Terms,
  statistics: { readonly chunks: number; readonly frequencies: readonly number[] },
  spec: LexicalSpec,
  length: number = termsLength(row),
): readonly TermShare[] {
  const counts = new Map(Array.from(row.ids, (id, i) => [id, row.counts[i] ?? 0]));
  const norm = lengthNorm(length, spec);
  const shares: TermShare[] = [];
  query.terms.ids.forEach((id, i) => {
    const count = counts.get(id);
    if (count === undefined) return;
    const queryCount = query.terms.counts[i] ?? 0;
    const rarity = idf(statistics.chunks, statistics.frequencies[i] ?? 0);
    const score = queryCount * rarity * saturation(count, norm, spec.k1);
    shares.push({ term: query.names[i] ?? "", score, count, queryCount, idf: rarity, lengthNorm: norm });
  });
  return shares.toSorted((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
}
