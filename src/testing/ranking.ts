import type { Candidate, ChunkWrite, IndexSpec, LexicalSpec, Terms } from "../types.ts";
import { expectClose, expectEqual, expectThat } from "./expectation.ts";
import { bm25, idsOf } from "./store-rows.ts";

/** What a store must answer, computed the slow and plain way, in 64-bit floats. */

type Metric = NonNullable<IndexSpec["dense"]>["metric"];

/** Every row with a vector, best first. */
export function denseRanking(live: readonly ChunkWrite[], query: Float32Array, metric: Metric): readonly Candidate[] {
  return ranked(
    live.flatMap(({ id, legs }) =>
      legs === "kept" || legs.vector === undefined ? [] : [{ id, score: similarity(legs.vector, query, metric) }],
    ),
  );
}

/** Higher is better for all: a euclidean score is the distance below zero. */
function similarity(a: Float32Array, b: Float32Array, metric: Metric): number {
  if (metric === "euclidean") return -Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
  const dot = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return metric === "dot" ? dot : dot / (Math.hypot(...a) * Math.hypot(...b));
}

/**
 * Every row that shares a term with the query, best first: Σ count in the query · idf · tf (k1 + 1) / (tf + k1 (1 - b + b
 * · length / averageLength)), with Lucene's idf over the rows that have terms (Robertson and Zaragoza 2009).
 */
export function lexicalRanking(
  live: readonly ChunkWrite[],
  query: Terms,
  { k1, b, averageLength }: LexicalSpec = bm25,
): readonly Candidate[] {
  const written = live.flatMap(({ id, legs }) =>
    legs === "kept" || legs.terms === undefined ? [] : [{ id, counts: countsOf(legs.terms) }],
  );
  const asked = [...countsOf(query)].map(([term, count]) => {
    const frequency = written.filter(({ counts }) => counts.has(term)).length;
    const idf = Math.log(1 + (written.length - frequency + 0.5) / (frequency + 0.5));
    return { term, weight: count * idf };
  });
  return ranked(
    written.flatMap(({ id, counts }) => {
      if (!asked.some(({ term }) => counts.has(term))) return [];
      const length = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const norm = k1 * (1 - b + (b * length) / averageLength);
      const score = asked.reduce((sum, { term, weight }) => {
        const count = counts.get(term);
        return count === undefined ? sum : sum + (weight * count * (k1 + 1)) / (count + norm);
      }, 0);
      return [{ id, score }];
    }),
  );
}

function countsOf({ ids, counts }: Terms): ReadonlyMap<number, number> {
  return new Map(Array.from(ids, (id, index) => [id, counts[index] ?? 0]));
}

/** Score descending, then id ascending. */
function ranked(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

export function expectRanking(
  received: readonly Candidate[] | undefined,
  expected: readonly Candidate[],
  what: string,
): void {
  expectThat(received !== undefined, `${what} in the answer`, received);
  expectEqual(idsOf(received), idsOf(expected), `${what}: ids, best first`);
  expected.forEach(({ id, score }, rank) => expectClose(received[rank]?.score, score, `${what}: score of ${id}`));
}
