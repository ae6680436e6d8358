import { indexedText } from "../chunkers/text/indexed-text.ts";
import { explainRow, type TermShare } from "../lexical/explain.ts";
import { encodeTerms, idf, queryTerms } from "../lexical/terms.ts";
import type { Opened } from "../scope/opening.ts";
import type { Parts } from "../scope/parts.ts";
import type { StoreAnswer, StoredChunk } from "../types.ts";

/**
 * Each term's share of a chunk's lexical score, largest first; they sum to it. The chunk is analysed again, so that no
 * store has to keep its terms readable.
 */
export function explanations(
  query: string,
  found: { readonly opened: Opened | undefined; readonly statistics?: StoreAnswer["statistics"] },
  { analyzer }: Parts,
): ((chunk: StoredChunk) => readonly Pick<TermShare, "term" | "score">[]) | undefined {
  const spec = found.opened?.spec.lexical;
  const { statistics } = found;
  if (spec === undefined || statistics === undefined) return undefined;
  const asked = queryTerms(analyzer, [query]);
  return (chunk) => {
    const terms = encodeTerms(analyzer, indexedText(chunk));
    return explainRow(asked, terms, statistics, spec).map(({ term, score }) => ({ term, score }));
  };
}

/** What the query's terms could score at most, where a chunk had any number of each. */
export function ceilingOf(
  query: string,
  { opened, statistics }: Parameters<typeof explanations>[1],
  { analyzer }: Parts,
): number {
  const { k1 } = opened?.spec.lexical ?? { k1: 0 };
  let sum = 0;
  for (const [index, count] of queryTerms(analyzer, [query]).terms.counts.entries()) {
    sum += count * idf(statistics?.chunks ?? 0, statistics?.frequencies[index] ?? 0);
  }
  return sum * (k1 + 1);
}
