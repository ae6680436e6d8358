import { UnsupportedError } from "../errors.ts";
import type { Terms } from "../types.ts";
import { numberTable } from "./number-table.ts";
import type { PostingsContents } from "./postings-contents.ts";
import { roomFor, type WordLists, wordLists } from "./word-lists.ts";

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
  readonly entries: EntryColumns;
  readonly terms: TermColumns;
  /** The number of a term, of a row's entry; -1 where there is none. */
  termOf(id: number): number;
  entryOf(row: number): number;
  readonly countOf: (entry: number, term: number, posting: number) => number;
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
  /** In how many living entries; 0 where there is no such term. */
  readonly frequencies: Uint32Array;
}

/** The largest number in a posting's 8 bits for the count stands for any that does not fit. */
export const LARGE_COUNT = 0xff;
/** What fits into the other 24 bits. */
const NUMBERS = 1 << 24;
/** How many postings a write looks through for dead ones, beyond four for each posting of its own. */
const CLEARING = 256;

export function postingLists(
  scoredLength: (length: number) => number,
  contents: PostingsContents | undefined,
): PostingLists {
  const termNumbers = numberTable();
  const byTerm = wordLists();
  let ids: Uint32Array = new Uint32Array(8);
  let frequencies: Uint32Array = new Uint32Array(8);

  const entryNumbers = numberTable();
  const byEntry = wordLists();
  let rows: Uint32Array = new Uint32Array(8);
  let lengths: Uint32Array = new Uint32Array(8);
  /** Of a dead entry: how many of its postings still stand in the lists of their terms. */
  let remaining: Uint32Array = new Uint32Array(8);

  /** By entry and term, where it is at least `LARGE_COUNT`. */
  const largeCounts = new Map<number, number>();
  let postings = 0;
  let totalLength = 0;
  /** Terms with more dead postings than living ones, and how far the first of them has been cleared. */
  const stale = new Set<number>();
  let cleared = 0;

  const countOf = (entry: number, term: number, posting: number): number => {
    const small = posting & LARGE_COUNT;
    return small < LARGE_COUNT ? small : (largeCounts.get(entry * NUMBERS + term) ?? small);
  };

  const termFor = (id: number): number => {
    const known = termNumbers.get(id);
    if (known !== -1) return known;
    const term = byTerm.create();
    termNumbers.set(id, term);
    ids = roomFor(ids, term + 1);
    frequencies = roomFor(frequencies, term + 1);
    ids[term] = id;
    frequencies[term] = 0;
    return term;
  };

  const entryFor = (row: number, size: number): number => {
    const entry = byEntry.create();
    entryNumbers.set(row, entry);
    rows = roomFor(rows, entry + 1);
    lengths = roomFor(lengths, entry + 1);
    remaining = roomFor(remaining, entry + 1);
    rows[entry] = row;
    byEntry.resize(entry, size);
    postings += size;
    return entry;
  };

  const link = (term: number, termPlace: number, entry: number, entryPlace: number, count: number): void => {
    const small = Math.min(count, LARGE_COUNT);
    byTerm.write(term, termPlace, (entry << 8) | small);
    byEntry.write(entry, entryPlace, (term << 8) | small);
    if (small === LARGE_COUNT) largeCounts.set(entry * NUMBERS + term, count);
  };

  const add = (row: number, terms: Terms): void => {
    const size = terms.ids.length;
    const entry = entryFor(row, size);
    let length = 0;
    for (let i = 0; i < size; i++) {
      const count = terms.counts[i] ?? 0;
      const term = termFor(terms.ids[i] ?? 0);
      const place = byTerm.lengthOf(term);
      byTerm.resize(term, place + 1);
      link(term, place, entry, i, count);
      frequencies[term] = (frequencies[term] ?? 0) + 1;
      length += count;
    }
    lengths[entry] = scoredLength(length);
    totalLength += length;
  };

  /** Answers with how many terms the row had. */
  const remove = (row: number): number => {
    const entry = entryNumbers.get(row);
    if (entry === -1) return 0;
    const words = byEntry.words(entry);
    for (const posting of words) {
      const term = posting >>> 8;
      const frequency = (frequencies[term] ?? 0) - 1;
      frequencies[term] = frequency;
      if (byTerm.lengthOf(term) > 2 * frequency) stale.add(term);
      totalLength -= countOf(entry, term, posting);
      if ((posting & LARGE_COUNT) === LARGE_COUNT) largeCounts.delete(entry * NUMBERS + term);
    }
    entryNumbers.delete(row);
    lengths[entry] = 0;
    remaining[entry] = words.length;
    postings -= words.length;
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
      if (length > 0) continue;
      termNumbers.delete(ids[term] ?? 0);
      byTerm.drop(term);
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
        const count = counts[i] ?? 0;
        const entryPlace = written[entry] ?? 0;
        link(term, i, entry, entryPlace, count);
        written[entry] = entryPlace + 1;
        lengths[entry] = (lengths[entry] ?? 0) + count;
        totalLength += count;
      }
    }
    lengths = lengths.map((length) => (length === 0 ? 0 : scoredLength(length)));
  };
  if (contents !== undefined) fill(contents);

  return {
    byTerm,
    byEntry,
    get rows() {
      return entryNumbers.size;
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
      return { ids, frequencies };
    },
    termOf: (id) => termNumbers.get(id),
    entryOf: (row) => entryNumbers.get(row),
    countOf,
    set(row, terms) {
      const size = terms.ids.length;
      if (byEntry.created >= NUMBERS || byTerm.created + size > NUMBERS) {
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
