import { ConfigError } from "../errors.ts";
import { type RowSet, rowsOf } from "../row-set.ts";
import { type TopRows, topRows } from "../top-rows.ts";
import type { LexicalSpec, Terms } from "../types.ts";
import { LARGE_COUNT, type PostingLists, postingLists } from "./posting-lists.ts";
import { addScores, clearScores, keepScores, offerScores, raiseScores, type Scores, type TermWeight } from "./scan.ts";
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
  /** Offers them, and of those that cannot be among the best `limit` any number. */
  offer(query: Terms, options: Omit<PostingsQuery, "precedes">, best: Best): void;
  termsOf(row: number): Terms | undefined;
}

export interface PostingsQuery {
  readonly limit: number;
  readonly spec: LexicalSpec;
  /** Only these rows are found; idf is taken over all rows all the same. */
  readonly allowed?: RowSet;
  /** The order of rows with the same score. */
  readonly precedes: (rowA: number, rowB: number) => boolean;
}

/** What keeps rows. */
type Best = Pick<TopRows, "offer">;

export interface RankedRows {
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
}

/** So many times as many scores as are wanted are looked through for the worst of the best. */
const LOOKED_THROUGH = 10;

/**
 * Nothing that is stored depends on another row: idf and length norm enter when a query is scored. To compute them ahead
 * is no faster in JavaScript, and every write would make it wrong.
 */
export function postings(lists: PostingLists = postingLists((length) => length)): Postings {
  const { byTerm, countOf } = lists;
  /** As long as the entries are many. */
  let scratch: Scores | undefined;

  const frequencyOf = (term: number): number => (term === -1 ? 0 : (lists.terms.statistics[2 * term] ?? 0));

  /** Rarest first, equals in the order of the query: the order of every sum, which no write before changes. */
  const weigh = ({ ids, counts }: Terms, { k1, b, averageLength }: LexicalSpec): readonly TermWeight[] => {
    const base = k1 * (1 - b);
    const slope = (k1 * b) / averageLength;
    const weights: (TermWeight & { readonly frequency: number })[] = [];
    for (let i = 0; i < ids.length; i++) {
      const term = lists.termOf(ids[i] as number);
      const frequency = frequencyOf(term);
      if (frequency === 0) continue;
      const weight = (counts[i] ?? 0) * idf(lists.rows, frequency) * (k1 + 1);
      const extreme = lists.extremeOf(term);
      const count = extreme >>> 24;
      const bound = count === LARGE_COUNT ? weight : (weight * count) / (count + base + slope * (extreme & 0xffffff));
      weights.push({ term, listed: byTerm.lengthOf(term), frequency, weight, base, slope, bound });
    }
    return weights.toSorted((a, z) => a.frequency - z.frequency);
  };

  const scoreRows = (allowed: RowSet, weights: readonly TermWeight[], best: Best): void => {
    const { byEntry } = lists;
    const { lengths } = lists.entries;
    const places = new Map(weights.map(({ term }, place) => [term, place]));
    const shares = new Float64Array(weights.length);
    /** One bit for every 32nd term: most terms of a row need no look into the map. */
    let asked = 0;
    for (const { term } of weights) asked |= 1 << (term & 31);
    for (const row of rowsOf(allowed)) {
      const entry = lists.entryOf(row);
      if (entry === -1) continue;
      const length = lengths[entry] ?? 0;
      let shared = false;
      for (const posting of byEntry.words(entry)) {
        const term = posting >>> 8;
        if (((asked >>> (term & 31)) & 1) === 0) continue;
        const place = places.get(term) ?? -1;
        const found = weights[place];
        if (found === undefined) continue;
        const count = countOf(entry, term, posting);
        shares[place] = (found.weight * count) / (count + found.base + found.slope * length);
        shared = true;
      }
      if (!shared) continue;
      let score = 0;
      for (const share of shares) score += share;
      shares.fill(0);
      best.offer(row, score);
    }
  };

  /**
   * Rare terms come first. As soon as all that is left to read cannot lift a row that has no score yet above the worst of
   * the best ones so far, only the scores that can still get there are read on (MaxScore, term by term).
   */
  const scoreLists = (allowed: RowSet | undefined, weights: readonly TermWeight[], limit: number, best: Best): void => {
    const { lengths, rows } = lists.entries;
    const fits = scratch !== undefined && scratch.byEntry.length >= lengths.length;
    const scores = fits && scratch ? scratch : noScores(lengths.length);
    // Not back before all is 0 again: a search within `precedes`, or an error from it, meets no half-made score.
    scratch = undefined;
    // A filter that lets most rows through is cheaper at the end.
    const first = allowed !== undefined && allowed.size * 4 < lists.rows ? allowed : undefined;
    const last = first === undefined ? allowed : undefined;
    /** What is left to read: what it can add, and how much it is. */
    let rest = 0;
    let unread = 0;
    for (const { bound, listed } of weights) {
      rest += bound;
      unread += listed;
    }
    const whole = rest;
    /** What the worst of the best has at least. */
    let reached = 0;
    /** Below it a score cannot get among the best any more. */
    let floor = 0;
    for (const weight of weights) {
      if (floor > 0) raiseScores(lists, weight, scores, floor);
      else addScores(lists, weight, scores, first);
      rest -= weight.bound;
      unread -= weight.listed;
      if (floor > 0) {
        floor += weight.bound;
        continue;
      }
      // The best so far are mostly among the first, which have the rarest terms: to look through all would cost more than
      // it spares, and so it would while what is left to read can add much.
      const some = Math.min(scores.count, limit * LOOKED_THROUGH);
      if (some < limit || some > unread || rest * 3 > whole) continue;
      reached = offerScores(scores, some, rows, last, topRows(limit, noOrder), reached);
      // Sums of roundings are taken with a grain of salt.
      floor = reached - rest - whole * 1e-6;
      if (floor > 0) keepScores(scores, floor);
    }
    offerScores(scores, scores.count, rows, last, best, reached);
    clearScores(scores);
    scratch = scores;
  };

  const offer: Postings["offer"] = (query, { limit, spec, allowed }, best) => {
    checkTerms(query);
    const weights = weigh(query, spec);
    let scanned = 0;
    for (const one of weights) scanned += one.listed;
    // Either the postings of the query's terms are read, or those of the allowed rows, as many as rows have on average.
    if (allowed !== undefined && lists.hasByEntry && allowed.size * lists.postings < scanned * lists.rows) {
      scoreRows(allowed, weights, best);
    } else {
      scoreLists(allowed, weights, limit, best);
    }
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
    search(query, options) {
      const best = topRows(options.limit, options.precedes);
      offer(query, options, best);
      return best.take();
    },
    offer,
    termsOf(row) {
      const entry = lists.entryOf(row);
      if (entry === -1) return undefined;
      const words = lists.byEntry.words(entry);
      const { ids } = lists.terms;
      return {
        ids: words.map((posting) => ids[posting >>> 8] ?? 0),
        counts: words.map((posting) => countOf(entry, posting >>> 8, posting)),
      };
    },
  };
}

const noOrder = (): boolean => false;

/** One more, because what is scored is written down before it is known to be new. */
function noScores(entries: number): Scores {
  return {
    byEntry: new Float64Array(entries),
    scored: new Uint32Array(entries + 1),
    room: new Uint32Array(entries),
    count: 0,
  };
}

function checkTerms({ ids, counts }: Terms): void {
  let before = -1;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    if (id <= before || !((counts[i] ?? 0) > 0)) {
      throw new ConfigError("terms: expected ids that ascend, and counts of at least 1");
    }
    before = id;
  }
}
