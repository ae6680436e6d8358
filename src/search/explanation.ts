import { indexedText } from "../chunkers/indexed-text.ts";
import { encodeTerms, idf, lengthNorm, queryTerms, saturation, termsLength } from "../lexical/terms.ts";
import type { Opened } from "../retriever/opening.ts";
import type { Parts } from "../retriever/parts.ts";
import type { StoreAnswer, StoredChunk } from "../types.ts";

type Share = { readonly term: string; readonly score: number };

/**
 * Each term's share of a chunk's lexical score, largest first; they sum to it. The chunk is analysed again, so that no
 * store has to keep its terms readable.
 */
export function explanations(
  query: string,
  found: { readonly opened: Opened | undefined; readonly statistics?: StoreAnswer["statistics"] },
  { analyzer }: Parts,
): ((chunk: StoredChunk) => readonly Share[]) | undefined {
  const spec = found.opened?.spec.lexical;
  const { statistics } = found;
  if (spec === undefined || statistics === undefined) return undefined;
  const { terms: asked, names } = queryTerms(analyzer, query);
  return (chunk) => {
    const terms = encodeTerms(analyzer, [{ text: indexedText(chunk), weight: 1 }]);
    const norm = lengthNorm(termsLength(terms), spec);
    const counts = new Map(Array.from(terms.ids, (id, index) => [id, terms.counts[index] ?? 0]));
    const shares = Array.from(asked.ids, (id, index): Share => {
      const rarity = idf(statistics.chunks, statistics.frequencies[index] ?? 0);
      const weight = saturation(counts.get(id) ?? 0, norm, spec.k1);
      return { term: names[index] ?? "", score: (asked.counts[index] ?? 0) * rarity * weight };
    });
    return shares.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
  };
}
