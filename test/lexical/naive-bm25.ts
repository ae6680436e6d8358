import type { Analyzer, Candidate } from "../../src/types.ts";

/** Splits at spaces, and nothing else. */
export const spaces: Analyzer = { fingerprint: "spaces@1", terms: (text) => text.split(" ").filter((term) => term !== "") };

/** BM25 as its formula reads, from all documents, on every call: what the index must agree with. */
export function naiveBm25(
  documents: ReadonlyMap<string, string>,
  query: string,
  options: {
    readonly k1?: number;
    readonly b?: number;
    readonly averageLength?: number;
    readonly analyzer?: Analyzer;
    readonly lengthOf?: (length: number) => number;
  } = {},
): readonly Candidate[] {
  const { k1 = 1.2, b = 0.75, analyzer = spaces, lengthOf = (length) => length } = options;
  const analysed = [...documents].map(([id, text]) => ({ id, terms: analyzer.terms(text) }));
  const indexed = analysed.filter(({ terms }) => terms.length > 0);
  const total = indexed.reduce((sum, { terms }) => sum + terms.length, 0);
  const average = options.averageLength ?? total / indexed.length;
  const scored = indexed.map(({ id, terms }) => {
    let score = 0;
    for (const term of analyzer.terms(query)) {
      const frequency = indexed.filter((other) => other.terms.includes(term)).length;
      const count = terms.filter((other) => other === term).length;
      const idf = Math.log(1 + (indexed.length - frequency + 0.5) / (frequency + 0.5));
      score += (idf * count * (k1 + 1)) / (count + k1 * (1 - b + (b * lengthOf(terms.length)) / average));
    }
    return { id, score };
  });
  return scored.filter(({ score }) => score > 0).toSorted((x, y) => y.score - x.score || (x.id < y.id ? -1 : 1));
}
