import { ConfigError, UnsupportedError } from "../errors.ts";
import { type RowSet, rowsOf } from "../row-set.ts";
import { topRows } from "../top-rows.ts";
import type { LexicalSpec, Terms } from "../types.ts";
import { numberTable } from "./number-table.ts";
import { addScores, LARGE_COUNT, takeScores, type TermWeight } from "./scan.ts";
import { idf } from "./terms.ts";
import { roomFor, wordLists } from "./word-lists.ts";

/** The inverted index of one scope: live, and exact over the rows that it holds at the moment. */
export interface Postings {
  /** Rows that have terms. */
  readonly rows: number;
  /** Of all rows together. */
  readonly totalLength: number;
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

/** All that a `Postings` holds, so that another can be made of it: to be read before the next write. */
export interface PostingsContents {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** How many terms each row has. */
  readonly sizes: Uint32Array;
  /** By ascending term id; `places` are indices into `rows`, ascending. */
  readonly lists: Iterable<{ readonly id: number; readonly places: Uint32Array; readonly counts: Uint32Array }>;
}

/** A posting is one word: 24 bits for what it points to, 8 for the count. */
const NUMBERS = 1 << 24;
/** How many postings a write looks through for dead ones, beyond four for each posting of its own. */
const CLEARING = 256;
const NO_ROWS: RankedRows = { rows: new Uint32Array(0), scores: new Float64Array(0) };

/**
 * The terms of a row are its entry. A posting stands twice: in the list of its term as (entry, count), and in the list
 * of its entry as (term, count), so that a row can be taken out, given back, or scored alone.
 *
 * A write leaves the entry before it dead: without a length, so that every scan passes over its postings. Those are
 * cleared away a few with each write, wherever they outnumber the living; the entry's number is then used again.
 *
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
  const { scoredLength = (length: number): number => length } = options;

  const terms = numberTable();
  const byTerm = wordLists();
  let termIds: Uint32Array = new Uint32Array(8);
  let frequencies: Uint32Array = new Uint32Array(8);

  const entries = numberTable();
  const byEntry = wordLists();
  let rows: Uint32Array = new Uint32Array(8);
  let lengths: Uint32Array = new Uint32Array(8);
  /** Of a dead entry: how many of its postings still stand in the lists of their terms. */
  let remaining: Uint32Array = new Uint32Array(8);

  /** By posting; a count that fits into 8 bits is not here. */
  const largeCounts = new Map<number, number>();
  let totalLength = 0;
  let totalPostings = 0;
  /** Terms with more dead postings than living ones, and how far the first of them has been cleared. */
  const stale = new Set<number>();
  let cleared = 0;
  let spareScores = new Float64Array(0);

  const largeCount = (entry: number, term: number): number => largeCounts.get(entry * NUMBERS + term) ?? 0;
  const countOf = (entry: number, term: number, word: number): number =>
    (word & LARGE_COUNT) < LARGE_COUNT ? word & LARGE_COUNT : largeCount(entry, term);

  const termFor = (id: number): number => {
    const known = terms.get(id);
    if (known !== -1) return known;
    const term = numbered(byTerm.create());
    terms.set(id, term);
    termIds = roomFor(termIds, term + 1);
    frequencies = roomFor(frequencies, term + 1);
    termIds[term] = id;
    frequencies[term] = 0;
    return term;
  };

  const entryFor = (row: number, size: number): number => {
    const entry = numbered(byEntry.create());
    entries.set(row, entry);
    rows = roomFor(rows, entry + 1);
    lengths = roomFor(lengths, entry + 1);
    remaining = roomFor(remaining, entry + 1);
    rows[entry] = row;
    byEntry.resize(entry, size);
    totalPostings += size;
    return entry;
  };

  const link = (term: number, termPlace: number, entry: number, entryPlace: number, count: number): void => {
    const small = Math.min(count, LARGE_COUNT);
    byTerm.write(term, termPlace, (entry << 8) | small);
    byEntry.write(entry, entryPlace, (term << 8) | small);
    if (small === LARGE_COUNT) largeCounts.set(entry * NUMBERS + term, count);
  };

  const add = (row: number, { ids, counts }: Terms): void => {
    const entry = entryFor(row, ids.length);
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const term = termFor(ids[i] ?? 0);
      const place = byTerm.lengthOf(term);
      byTerm.resize(term, place + 1);
      link(term, place, entry, i, counts[i] ?? 0);
      frequencies[term] = (frequencies[term] ?? 0) + 1;
      length += counts[i] ?? 0;
    }
    lengths[entry] = scoredLength(length);
    totalLength += length;
  };

  /** Answers with how many terms the row had. */
  const remove = (row: number): number => {
    const entry = entries.get(row);
    if (entry === -1) return 0;
    const words = byEntry.words(entry);
    for (const word of words) {
      const term = word >>> 8;
      const frequency = (frequencies[term] ?? 0) - 1;
      frequencies[term] = frequency;
      if (byTerm.lengthOf(term) > 2 * frequency) stale.add(term);
      totalLength -= countOf(entry, term, word);
      if ((word & LARGE_COUNT) === LARGE_COUNT) largeCounts.delete(entry * NUMBERS + term);
    }
    entries.delete(row);
    lengths[entry] = 0;
    remaining[entry] = words.length;
    totalPostings -= words.length;
    byEntry.resize(entry, 0);
    return words.length;
  };

  /** The order within a list is free, so the last posting takes the place of a dead one, and every step may be the last. */
  const clear = (steps: number): void => {
    let left = steps;
    for (const term of stale) {
      const words = byTerm.words(term);
      let length = words.length;
      for (; cleared < length && left > 0; left--) {
        const entry = (words[cleared] ?? 0) >>> 8;
        if (lengths[entry] !== 0) {
          cleared++;
          continue;
        }
        words[cleared] = words[--length] ?? 0;
        remaining[entry] = (remaining[entry] ?? 0) - 1;
        if (remaining[entry] === 0) byEntry.drop(entry);
      }
      byTerm.resize(term, length);
      if (cleared < length) return;
      cleared = 0;
      stale.delete(term);
      if (length === 0) {
        terms.delete(termIds[term] ?? 0);
        byTerm.drop(term);
      } else if (length > 2 * (frequencies[term] ?? 0)) stale.add(term);
    }
  };

  const fill = ({ rows: given, sizes, lists }: PostingsContents): void => {
    given.forEach((row, place) => entryFor(row, sizes[place] ?? 0));
    const written = new Uint32Array(given.length);
    for (const { id, places, counts } of lists) {
      const term = termFor(id);
      byTerm.resize(term, places.length);
      frequencies[term] = places.length;
      for (let i = 0; i < places.length; i++) {
        const entry = places[i] ?? 0;
        const at = written[entry] ?? 0;
        const count = counts[i] ?? 0;
        link(term, i, entry, at, count);
        written[entry] = at + 1;
        lengths[entry] = (lengths[entry] ?? 0) + count;
        totalLength += count;
      }
    }
    lengths = lengths.map((length) => (length === 0 ? 0 : scoredLength(length)));
  };
  if (options.contents !== undefined) fill(options.contents);

  const weightsOf = (query: Terms, { k1, b, averageLength }: LexicalSpec): Map<number, TermWeight> => {
    const weights = new Map<number, TermWeight>();
    query.ids.forEach((id, i) => {
      const term = terms.get(id);
      const frequency = term === -1 ? 0 : (frequencies[term] ?? 0);
      if (frequency === 0) return;
      weights.set(term, {
        weight: (query.counts[i] ?? 0) * idf(entries.size, frequency) * (k1 + 1),
        base: k1 * (1 - b),
        slope: (k1 * b) / averageLength,
        largeCount: (entry) => largeCount(entry, term),
      });
    });
    return weights;
  };

  /** Row by row: for a filter that leaves fewer postings of rows than the query has of terms. */
  const scoreRows = (allowed: RowSet, weights: ReadonlyMap<number, TermWeight>, offer: Offer): void => {
    /** One bit for 32 terms each: most terms of a row need no look at the map. */
    let asked = 0;
    for (const term of weights.keys()) asked |= 1 << (term & 31);
    for (const row of rowsOf(allowed)) {
      const entry = entries.get(row);
      if (entry === -1) continue;
      let score = 0;
      for (const word of byEntry.words(entry)) {
        const term = word >>> 8;
        if (((asked >>> (term & 31)) & 1) === 0) continue;
        const found = weights.get(term);
        if (found === undefined) continue;
        const { weight, base, slope } = found;
        const count = countOf(entry, term, word);
        score += (weight * count) / (count + base + slope * (lengths[entry] ?? 0));
      }
      if (score > 0) offer(row, score);
    }
  };

  return {
    get rows() {
      return entries.size;
    },
    get totalLength() {
      return totalLength;
    },
    set(row, given) {
      checkTerms(given);
      const removed = remove(row);
      if (given.ids.length > 0) add(row, given);
      clear(CLEARING + 4 * (removed + given.ids.length));
    },
    delete(row) {
      const removed = remove(row);
      if (removed > 0) clear(CLEARING + 4 * removed);
      return removed > 0;
    },
    frequency(termId) {
      const term = terms.get(termId);
      return term === -1 ? 0 : (frequencies[term] ?? 0);
    },
    search(query, { limit, spec, allowed, precedes }) {
      checkTerms(query);
      const weights = weightsOf(query, spec);
      if (weights.size === 0 || limit < 1) return NO_ROWS;
      const best = topRows(limit, precedes);
      let scanned = 0;
      for (const term of weights.keys()) scanned += byTerm.lengthOf(term);
      if (allowed !== undefined && allowed.size * totalPostings < scanned * entries.size) {
        scoreRows(allowed, weights, best.offer);
        return best.take();
      }
      // Taken away for the time being, so that a search within a search cannot meet a half-made score.
      const scores = spareScores.length < lengths.length ? new Float64Array(lengths.length) : spareScores;
      spareScores = new Float64Array(0);
      const columns = { lengths, rows, scores };
      // A filter that lets most rows through is cheaper at the end.
      const early = allowed !== undefined && allowed.size * 4 < entries.size ? allowed : undefined;
      for (const [term, weight] of weights) addScores(byTerm.words(term), columns, weight, early);
      const late = early === undefined ? allowed : undefined;
      for (const term of weights.keys()) takeScores(byTerm.words(term), columns, late, best);
      spareScores = scores;
      return withoutZeros(best.take());
    },
    termsOf(row) {
      const entry = entries.get(row);
      if (entry === -1) return undefined;
      const words = byEntry.words(entry);
      return {
        ids: words.map((word) => termIds[word >>> 8] ?? 0),
        counts: words.map((word) => countOf(entry, word >>> 8, word)),
      };
    },
    contents() {
      const order = lengths.map((_, entry) => entry).filter((entry) => lengths[entry] !== 0).sort(by(rows));
      const places = new Uint32Array(lengths.length);
      order.forEach((entry, place) => (places[entry] = place));
      const held = frequencies.map((_, term) => term).filter((term) => frequencies[term] !== 0).sort(by(termIds));
      const list = (term: number): PostingsContents["lists"] extends Iterable<infer L> ? L : never => {
        const words = byTerm.words(term).filter((word) => lengths[word >>> 8] !== 0);
        words.forEach((word, i) => (words[i] = ((places[word >>> 8] ?? 0) << 8) | (word & LARGE_COUNT)));
        words.sort();
        return {
          id: termIds[term] ?? 0,
          places: words.map((word) => word >>> 8),
          counts: words.map((word) => countOf(order[word >>> 8] ?? 0, term, word)),
        };
      };
      return {
        rows: order.map((entry) => rows[entry] ?? 0),
        sizes: order.map((entry) => byEntry.lengthOf(entry)),
        lists: { *[Symbol.iterator]() { for (const term of held) yield list(term); } },
      };
    },
  };
}
