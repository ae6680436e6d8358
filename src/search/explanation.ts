import { indexedText } from "../chunkers/indexed-text.ts";
import { explainRow, type TermShare } from "../lexical/explain.ts";
import { encodeTerms, queryTerms } from "../lexical/terms.ts";
import type { Opened } from "../retriever/opening.ts";
import type { Parts } from "../retriever/parts.ts";
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
  const asked = queryTerms(analyzer, query);
  return (chunk) => {
    const terms = encodeTerms(analyzer, [{ text: indexedText(chunk), weight: 1 }]);
    return explainRow(asked, terms, statistics, spec).map(({ term, score }) => ({ term, score }));
  };
}
