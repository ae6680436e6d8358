import { UnsupportedError } from "../errors.ts";
import type { Terms } from "../types.ts";
import { type NumberTable, numberTable } from "./number-table.ts";
import { termsLength } from "./terms.ts";
import { roomFor } from "../room.ts";
import { type WordLists, wordLists } from "./word-lists.ts";

/**
 * Which rows have which terms, how often. The terms of a row are its entry. A posting stands twice: in the list of its
 * term as (entry, count), and in the list of its entry as (term, count), so that a row can be taken out, given back, or
 * scored alone.
 *
 * A write leaves the entry before it dead: without a length, so that every scan passes over its postings. Those are
 * cleared away a few with each write, wherever they outnumber the living; the entry's number is then used again.
 */
export interface PostingLists {
  /** Rows that have terms. */
  readonly rows: number;
  readonly postings: number;
  readonly totalLength: number;
  /** Terms and entries are numbered; a posting is `number << 8 | count`. */
  readonly byTerm: WordLists;
  readonly byEntry: WordLists;
  /** Whether `byEntry` is there without more being done. */
  readonly hasByEntry: boolean;
  readonly entries: EntryColumns;
  readonly terms: TermColumns;
  /** The number of a term, of a row's entry; -1 where there is none. */
  termOf(id: number): number;
  entryOf(row: number): number;
  readonly countOf: (entry: number, term: number, posting: number) => number;
  /**
   * What bounds the score of a term: the largest count of all entries that it stands in, in the upper 8 bits, `LARGE_COUNT`
   * being any, and the smallest length in the others. Of entries that are dead too.
   */
  extremeOf(term: number): number;
  set(row: number, terms: Terms): void;
  delete(row: number): boolean;
}

/** By number of entry; replaced by longer ones as entries are made. */
export interface EntryColumns {
  /** What counts as the length in a score; 0 marks a dead entry, or none. */
  readonly lengths: Uint32Array;
  readonly rows: Uint32Array;
}
/** By number of term. */
export interface TermColumns {
  readonly ids: Uint32Array;
  /**
   * For each term two words: in how many living entries it stands, 0 where there is no such term, and what `extremeOf`
   * answers.
   */
  readonly statistics: Uint32Array;
}

/** What posting lists begin with: nothing, or what was in a snapshot. */
export interface PostingsStart {
  readonly byTerm: WordLists;
  /** Called once, before it is needed for the first time, which is when a row is written or given back. */
  readonly byEntry: () => WordLists;
  readonly entries: EntryColumns;
  readonly terms: TermColumns;
  /** By row, 1 more than the number of its entry; 0 for none. */
  readonly entryNumbers: Uint32Array;
  readonly rows: number;
  /** By id. */
  readonly termNumbers: NumberTable;
  /** By `largeCountKey`. */
  readonly largeCounts: Map<number, number>;
  readonly postings: number;
  readonly totalLength: number;
}

/** The largest number in a posting's 8 bits for the count stands for any that does not fit. */
export const LARGE_COUNT = 0xff;
/** What fits into the other 24 bits. */
const NUMBERS = 1 << 24;
/** How many postings a write looks through for dead ones, beyond four for each posting of its own. */
const CLEARING = 256;

export function largeCountKey(entry: number, term: number): number {
  return entry * NUMBERS + term;
}

/** What `extremeOf` knows after one more posting. */
export function extreme(before: number, posting: number, length: number): number {
  const largest = Math.max(before >>> 24, posting & LARGE_COUNT);
  return ((largest << 24) | Math.min(before & SHORTEST, length)) >>> 0;
}
/** Before any posting. */
export const SHORTEST = 0xffffff;

function nothing(): PostingsStart {
  return {
    byTerm: wordLists(),
    byEntry: wordLists,
    entries: { lengths: new Uint32Array(8), rows: new Uint32Array(8) },
    terms: { ids: new Uint32Array(8), statistics: new Uint32Array(16) },
    entryNumbers: new Uint32Array(8),
    rows: 0,
    termNumbers: numberTable(),
    largeCounts: new Map(),
    postings: 0,
    totalLength: 0,
  };
}

export function postingLists(scoredLength: (length: number) => number, start: PostingsStart = nothing()): PostingLists {
  const { byTerm, termNumbers, largeCounts } = start;
  let { ids, statistics } = start.terms;
  let { rows, lengths } = start.entries;
  let { entryNumbers, rows: count, postings, totalLength } = start;
  let entryLists: WordLists | undefined;
  const byEntry = (): WordLists => (entryLists ??= start.byEntry());
  /** Of a dead entry: how many of its postings still stand in the lists of their terms. */
  let remaining: Uint32Array = new Uint32Array(8);
  /** Terms with more dead postings than living ones, and how far the first of them has been cleared. */
  const stale = new Set<number>();
  let cleared = 0;

  const countOf = (entry: number, term: number, posting: number): number => {
    const small = posting & LARGE_COUNT;
    return small < LARGE_COUNT ? small : (largeCounts.get(largeCountKey(entry, term)) ?? small);
  };

  const entryOf = (row: number): number => (entryNumbers[row] ?? 0) - 1;

  const termFor = (id: number): number => {
    const known = termNumbers.get(id);
    if (known !== -1) return known;
    const term = byTerm.create();
    termNumbers.set(id, term);
    ids = roomFor(ids, term + 1);
    statistics = roomFor(statistics, 2 * (term + 1));
    ids[term] = id;
    statistics[2 * term] = 0;
    statistics[2 * term + 1] = SHORTEST;
    return term;
  };

  const add = (row: number, terms: Terms): void => {
    const { ids: given, counts } = terms;
    const list = byEntry();
    const entry = list.create();
    entryNumbers = roomFor(entryNumbers, row + 1);
    entryNumbers[row] = entry + 1;
    count++;
    rows = roomFor(rows, entry + 1);
    lengths = roomFor(lengths, entry + 1);
    remaining = roomFor(remaining, entry + 1);
    rows[entry] = row;
    list.resize(entry, given.length);
    const length = termsLength(terms);
    const scored = scoredLength(length);
    lengths[entry] = scored;
    totalLength += length;
    postings += given.length;
    const words = list.words(entry);
    for (let i = 0; i < given.length; i++) {
      const times = counts[i] ?? 0;
      const term = termFor(given[i] ?? 0);
      const small = Math.min(times, LARGE_COUNT);
      byTerm.append(term, (entry << 8) | small);
      words[i] = (term << 8) | small;
      if (small === LARGE_COUNT) largeCounts.set(largeCountKey(entry, term), times);
      statistics[2 * term] = (statistics[2 * term] ?? 0) + 1;
      statistics[2 * term + 1] = extreme(statistics[2 * term + 1] ?? 0, small, scored);
    }
  };

  /** Answers with how many terms the row had. */
  const remove = (row: number): number => {
    const entry = entryOf(row);
    if (entry === -1) return 0;
    const list = byEntry();
    const words = list.words(entry);
    for (const posting of words) {
      const term = posting >>> 8;
      const frequency = (statistics[2 * term] ?? 0) - 1;
      statistics[2 * term] = frequency;
      if (byTerm.lengthOf(term) > 2 * frequency) stale.add(term);
      totalLength -= countOf(entry, term, posting);
      if ((posting & LARGE_COUNT) === LARGE_COUNT) largeCounts.delete(largeCountKey(entry, term));
    }
    entryNumbers[row] = 0;
    count--;
    lengths[entry] = 0;
    remaining = roomFor(remaining, entry + 1);
    remaining[entry] = words.length;
    postings -= words.length;
    list.resize(entry, 0);
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
        if (remaining[entry] === 0) byEntry().drop(entry);
      }
      byTerm.resize(term, length);
      if (cleared < length) return;
      cleared = 0;
      stale.delete(term);
      if (length > 0) continue;
      termNumbers.delete(ids[term] ?? 0);
      byTerm.drop(term);
    }
  };

  return {
    byTerm,
    get byEntry() {
      return byEntry();
    },
    get hasByEntry() {
      return entryLists !== undefined;
    },
    get rows() {
      return count;
    },
    get postings() {
      return postings;
    },
    get totalLength() {
      return totalLength;
    },
    get entries() {
      return { lengths, rows };
    },
    get terms() {
      return { ids, statistics };
    },
    termOf: (id) => termNumbers.get(id),
    entryOf,
    countOf,
    extremeOf: (term) => statistics[2 * term + 1] ?? 0,
    set(row, terms) {
      const size = terms.ids.length;
      if (byEntry().created >= NUMBERS || byTerm.created + size > NUMBERS) {
        throw new UnsupportedError("One scope in memory holds 16 million rows and as many different terms at most.");
      }
      const removed = remove(row);
      if (size > 0) add(row, terms);
      clear(CLEARING + 4 * (removed + size));
    },
    delete(row) {
      const removed = remove(row);
      if (removed > 0) clear(CLEARING + 4 * removed);
      return removed > 0;
    },
  };
}
