import { ConfigError } from "../errors.ts";
import { type RowSet, rowsOf } from "../row-set.ts";
import { type TopRows, topRows } from "../top-rows.ts";
import type { LexicalSpec, Terms } from "../types.ts";
import { postingLists } from "./posting-lists.ts";
import { contentsOf, type PostingsContents } from "./postings-contents.ts";
import { addScores, takeScores, type TermWeight } from "./scan.ts";
import { idf } from "./terms.ts";

/** The lexical index of one scope: live, and exact over the rows that it holds at the moment. */
export interface Postings {
  /** Rows that have terms. */
  readonly rows: number;
  /** Of all rows together. */
  readonly totalLength: number;
  /** Refuses what `set` could not take. */
  check(terms: Terms | undefined): void;
  /** Replaces what the row had. No terms is the same as `delete`. */
  set(row: number, terms: Terms): void;
  delete(row: number): boolean;
  /** In how many rows the term stands. */
  frequency(termId: number): number;
  /** Rows that share a term with the query, score descending. A query term weighs idf × its count. */
  search(query: Terms, options: PostingsQuery): RankedRows;
  termsOf(row: number): Terms | undefined;
  contents(): PostingsContents;
}

export interface PostingsQuery {
  readonly limit: number;
  readonly spec: LexicalSpec;
  /** Only these rows are found; idf is taken over all rows all the same. */
  readonly allowed?: RowSet;
  /** The order of rows with the same score. */
  readonly precedes: (rowA: number, rowB: number) => boolean;
}

export interface RankedRows {
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
}

/**
 * Nothing that is stored depends on another row: idf and length norm enter when a query is scored. To compute them ahead
 * is no faster in JavaScript, and every write would make it wrong.
 */
export function postings(
  options: {
    /** What a row's length counts as in its score. Default: itself. */
    readonly scoredLength?: (length: number) => number;
    readonly contents?: PostingsContents;
  } = {},
): Postings {
  const lists = postingLists(options.scoredLength ?? ((length) => length), options.contents);
  const { byTerm, byEntry, countOf } = lists;
  /** As long as the entries are many, and all 0 between searches. */
  let scratch: Float64Array | undefined;

  const frequencyOf = (term: number): number => (term === -1 ? 0 : (lists.terms.frequencies[term] ?? 0));

  /** By number of term, in the order of the query, which is the order of every sum. */
  const weigh = (query: Terms, { k1, b, averageLength }: LexicalSpec): Map<number, TermWeight> => {
    const weights = new Map<number, TermWeight>();
    query.ids.forEach((id, i) => {
      const term = lists.termOf(id);
      const frequency = frequencyOf(term);
      if (frequency === 0) return;
      weights.set(term, {
        weight: (query.counts[i] ?? 0) * idf(lists.rows, frequency) * (k1 + 1),
        base: k1 * (1 - b),
        slope: (k1 * b) / averageLength,
        largeCount: (entry) => countOf(entry, term, -1),
      });
    });
    return weights;
  };

  const scoreRows = (allowed: RowSet, weights: ReadonlyMap<number, TermWeight>, best: TopRows): void => {
    const { lengths } = lists.entries;
    /** One bit for every 32nd term: most terms of a row need no look into the map. */
    let asked = 0;
    for (const term of weights.keys()) asked |= 1 << (term & 31);
    for (const row of rowsOf(allowed)) {
      const entry = lists.entryOf(row);
      if (entry === -1) continue;
      let score = 0;
      for (const posting of byEntry.words(entry)) {
        const term = posting >>> 8;
        if (((asked >>> (term & 31)) & 1) === 0) continue;
        const found = weights.get(term);
        if (found === undefined) continue;
        const count = countOf(entry, term, posting);
        score += (found.weight * count) / (count + found.base + found.slope * (lengths[entry] ?? 0));
      }
      if (score > 0) best.offer(row, score);
    }
  };

  const scoreLists = (allowed: RowSet | undefined, weights: ReadonlyMap<number, TermWeight>, best: TopRows): void => {
    const columns = lists.entries;
    const { length } = columns.lengths;
    const scores = scratch !== undefined && scratch.length >= length ? scratch : new Float64Array(length);
    // Not back before all is 0 again: a search within `precedes`, or an error from it, meets no half-made score.
    scratch = undefined;
    // A filter that lets most rows through is cheaper at the end.
    const first = allowed !== undefined && allowed.size * 4 < lists.rows ? allowed : undefined;
    const last = first === undefined ? allowed : undefined;
    for (const [term, weight] of weights) addScores(byTerm.words(term), scores, columns, weight, first);
    for (const term of weights.keys()) takeScores(byTerm.words(term), scores, columns.rows, last, best);
    scratch = scores;
  };

  return {
    get rows() {
      return lists.rows;
    },
    get totalLength() {
      return lists.totalLength;
    },
    check(terms) {
      if (terms !== undefined) checkTerms(terms);
    },
    set(row, terms) {
      checkTerms(terms);
      lists.set(row, terms);
    },
    delete: (row) => lists.delete(row),
    frequency: (termId) => frequencyOf(lists.termOf(termId)),
    search(query, { limit, spec, allowed, precedes }) {
      checkTerms(query);
      const weights = weigh(query, spec);
      const best = topRows(limit, precedes);
      let scanned = 0;
      for (const term of weights.keys()) scanned += byTerm.lengthOf(term);
      // Either the postings of the query's terms are read, or those of the allowed rows, as many as rows have on average.
      if (allowed !== undefined && allowed.size * lists.postings < scanned * lists.rows) {
        scoreRows(allowed, weights, best);
      } else if (scanned > 0) {
        scoreLists(allowed, weights, best);
      }
      return withoutZeros(best.take());
    },
    termsOf(row) {
      const entry = lists.entryOf(row);
      if (entry === -1) return undefined;
      const words = byEntry.words(entry);
      const { ids } = lists.terms;
      return {
        ids: words.map((posting) => ids[posting >>> 8] ?? 0),
        counts: words.map((posting) => countOf(entry, posting >>> 8, posting)),
      };
    },
    contents: () => contentsOf(lists),
  };
}

/** Rows that were offered with 0 share nothing with the query, or are not allowed. */
function withoutZeros({ rows, scores }: RankedRows): RankedRows {
  const end = scores.indexOf(0);
  return end === -1 ? { rows, scores } : { rows: rows.slice(0, end), scores: scores.slice(0, end) };
}

function checkTerms({ ids, counts }: Terms): void {
  let before = -1;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    if (id <= before || !((counts[i] ?? 0) > 0)) {
      throw new ConfigError("terms: expected ascending ids, each of them once, and a count of at least 1 for each");
    }
    before = id;
  }
}
