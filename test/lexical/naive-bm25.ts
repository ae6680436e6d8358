import { expect } from "vitest";
import type { Analyzer, Candidate } from "../../src/types.ts";

/** Splits at spaces, and nothing else. */
export const spaces: Analyzer = {
  fingerprint: "spaces@1",
  terms: (text) => text.split(" ").filter((term) => term !== ""),
};

/** BM25 as its formula reads, from all documents, on every call: what the index must agree with. */
export function naiveBm25(
  documents: ReadonlyMap<string, string>,
  query: string,
  options: {
    readonly k1?: number;
    readonly b?: number;
    readonly analyzer?: Analyzer;
    readonly lengthOf?: (length: number) => number;
  } = {},
): readonly Candidate[] {
  const { k1 = 1.2, b = 0.75, analyzer = spaces, lengthOf = (length) => length } = options;
  const indexed = [...documents]
    .map(([id, text]) => ({ id, terms: analyzer.terms(text) }))
    .filter(({ terms }) => terms.length > 0);
  const average = indexed.reduce((sum, { terms }) => sum + terms.length, 0) / indexed.length;
  const asked = analyzer.terms(query).map((term) => {
    const frequency = indexed.filter(({ terms }) => terms.includes(term)).length;
    return { term, idf: Math.log(1 + (indexed.length - frequency + 0.5) / (frequency + 0.5)) };
  });
  const scored = indexed.map(({ id, terms }) => {
    let score = 0;
    for (const { term, idf } of asked) {
      const count = terms.filter((other) => other === term).length;
      if (count > 0)
        score += (idf * count * (k1 + 1)) / (count + k1 * (1 - b + (b * lengthOf(terms.length)) / average));
    }
    return { id, score };
  });
  return scored.filter(({ score }) => score > 0).toSorted(byRank);
}

/** Score descending, id ascending. */
export function byRank(a: Candidate, b: Candidate): number {
  return b.score - a.score || (a.id < b.id ? -1 : 1);
}

/** The same ranking, except that scores less than 1e-9 apart may stand either way. */
export function expectRanking(actual: readonly Candidate[], wanted: readonly Candidate[], topK: number): void {
  const scores = new Map(wanted.map(({ id, score }) => [id, score]));
  expect(actual).toHaveLength(Math.min(topK, wanted.length));
  expect(new Set(actual.map(({ id }) => id)).size).toBe(actual.length);
  actual.forEach(({ id, score }, rank) => {
    const tolerance = 1e-9 * score;
    expect(Math.abs(score - (scores.get(id) ?? 0))).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(score - (wanted[rank]?.score ?? 0))).toBeLessThanOrEqual(tolerance);
  });
  expect(actual).toEqual(actual.toSorted(byRank));
}
