import { byteReader, type ByteReader, byteWriter } from "../bytes.ts";
import type { KnownIds } from "../id-rows.ts";
import { lengthScoring } from "./lossy-length.ts";
import { type NumberTable, numberTable } from "./number-table.ts";
import { LARGE_COUNT, largeCountKey, type PostingLists, postingLists, type PostingsStart } from "./posting-lists.ts";
import { type TermSequences, termSequences } from "./sequences.ts";
import { TERM_IDS } from "./terms.ts";
import { type Vocabulary, vocabulary } from "./vocabulary.ts";
import { type WordLists, wordLists } from "./word-lists.ts";

/** What a BM25 index is, besides its documents and their terms. */
export interface Bm25Settings {
  /** Of the analyzer. */
  readonly fingerprint: string;
  readonly k1: number;
  readonly b: number;
  readonly lossyLengths: boolean;
  readonly positions: boolean;
  readonly suggestions: boolean;
}

/** All of an index but its ids. */
export interface Bm25Contents {
  readonly lists: PostingLists;
  readonly sequences?: TermSequences;
  readonly words?: Vocabulary;
}

const NAME = "bm25";
const VERSION = 1;

/**
 * The ids in one text, and how long each is; how many terms each document has, counted as often as they stand in it; the number of terms; then for each term the distance to the id before, its
 * number of documents, for each of them the distance to the document before, doubled, odd where a count follows, and these
 * counts. Where none follows the count is 1. What was asked for beyond that
 * comes last: the order of the terms, and the words.
 *
 * @param documents By ascending row.
 */
export function snapshotBytes(
  { fingerprint, k1, b, lossyLengths, positions, suggestions }: Bm25Settings,
  documents: readonly { readonly row: number; readonly id: string }[],
  { lists, sequences, words: written }: Bm25Contents,
): Uint8Array {
  const writer = byteWriter(NAME, VERSION);
  writer.text(fingerprint);
  writer.float(k1);
  writer.float(b);
  writer.number(Number(lossyLengths) + 2 * Number(positions) + 4 * Number(suggestions));
  writer.number(documents.length);
  for (const { id } of documents) writer.number(id.length);
  writer.text(documents.map(({ id }) => id).join(""));

  const { byTerm, terms, countOf } = lists;
  const { ids, statistics } = terms;
  const { lengths } = lists.entries;
  const entries = documents.map(({ row }) => lists.entryOf(row));
  const places = new Uint32Array(lengths.length);
  entries.forEach((entry, place) => {
    writer.number(entry === -1 ? 0 : lengthOf(lists, entry));
    if (entry !== -1) places[entry] = place;
  });

  const used = byId(ids, statistics);
  writer.number(used.length);
  let idBefore = -1;
  for (const term of used) {
    const id = ids[term] ?? 0;
    const words = new Uint32Array(statistics[2 * term] ?? 0);
    let found = 0;
    for (const posting of byTerm.words(term)) {
      const entry = posting >>> 8;
      if (lengths[entry] !== 0) words[found++] = ((places[entry] ?? 0) << 8) | (posting & LARGE_COUNT);
    }
    words.sort();
    writer.number(id - idBefore - 1);
    idBefore = id;
    writer.number(found);
    let placeBefore = -1;
    for (const word of words) {
      const place = word >>> 8;
      writer.number((place - placeBefore - 1) * 2 + ((word & LARGE_COUNT) === 1 ? 0 : 1));
      placeBefore = place;
    }
    for (const word of words) {
      if ((word & LARGE_COUNT) !== 1) writer.number(countOf(entries[word >>> 8] ?? 0, term, word));
    }
  }
  for (const { row } of documents) sequences?.write(writer, row, sizeOf(lists, row));
  written?.write(
    writer,
    documents.map(({ row }) => row),
  );
  return writer.seal();
}

function sizeOf(lists: PostingLists, row: number): number {
  const entry = lists.entryOf(row);
  return entry === -1 ? 0 : lists.byEntry.lengthOf(entry);
}

function lengthOf({ byEntry, countOf }: PostingLists, entry: number): number {
  let length = 0;
  for (const posting of byEntry.words(entry)) length += countOf(entry, posting >>> 8, posting);
  return length;
}

/** The terms that stand somewhere. */
function byId(ids: Uint32Array, statistics: Uint32Array): Uint32Array {
  const used = ids.map((_, term) => term).filter((term) => statistics[2 * term] !== 0);
  return used.toSorted((a, z) => (ids[a] ?? 0) - (ids[z] ?? 0));
}

/** Rows are numbered anew, from 0, as the ids are. */
export function readSnapshot(bytes: Uint8Array): {
  readonly settings: Bm25Settings;
  readonly ids: KnownIds;
  readonly contents: Bm25Contents;
} {
  const reader = byteReader(bytes, NAME, VERSION);
  const fingerprint = reader.text();
  const k1 = reader.float();
  const b = reader.float();
  const flags = reader.number();
  if (!(k1 >= 0 && k1 < Number.POSITIVE_INFINITY && b >= 0 && b <= 1 && flags < 8)) reader.damaged();
  const settings = {
    fingerprint,
    k1,
    b,
    lossyLengths: (flags & 1) !== 0,
    positions: (flags & 2) !== 0,
    suggestions: (flags & 4) !== 0,
  };
  const ids = readIds(reader);
  const scoredLength = lengthScoring(settings.lossyLengths);
  const lists = postingLists(scoredLength, readStart(reader, ids.size, scoredLength));
  const sequences = settings.positions ? termSequences() : undefined;
  if (sequences !== undefined) {
    for (let row = 0; row < ids.size; row++) sequences.read(reader, row, sizeOf(lists, row));
  }
  const words = settings.suggestions ? vocabulary() : undefined;
  words?.read(reader, ids.size);
  if (reader.left > 0) reader.damaged();
  return { settings, ids, contents: { lists, ...(sequences && { sequences }), ...(words && { words }) } };
}

/** Cut out of their text when they are asked for. */
function readIds(reader: ByteReader): KnownIds {
  const size = reader.number();
  if (size > reader.left) reader.damaged();
  const ends = new Uint32Array(size);
  reader.numbers(ends);
  if (ends.includes(0)) reader.damaged();
  let end = 0;
  for (let i = 0; i < size; i++) ends[i] = end += ends[i] as number;
  const text = reader.text();
  if (end !== text.length) reader.damaged();
  return { size, idOf: (row) => text.slice(ends[row - 1] ?? 0, ends[row]) };
}

/** The checksum has found all damage; what a program may have written wrongly is found as far as that costs little. */
function readStart(reader: ByteReader, documents: number, scoredLength: (length: number) => number): PostingsStart {
  const given = new Uint32Array(documents);
  reader.numbers(given);
  let totalLength = 0;
  for (const length of given) totalLength += length;

  const terms = reader.number();
  if (terms > reader.left) reader.damaged();
  const byTerm = wordLists();
  const ids = new Uint32Array(terms);
  const statistics = new Uint32Array(2 * terms);
  const largeCounts = new Map<number, number>();
  let postings = 0;
  let counted = 0;
  let id = -1;
  for (let term = 0; term < terms; term++) {
    id += reader.number() + 1;
    const length = reader.number();
    if (id >= TERM_IDS || length < 1 || length > documents) reader.damaged();
    byTerm.resize(byTerm.create(), length);
    const words = byTerm.pageOf(term);
    const start = byTerm.startOf(term);
    reader.numbers(words, start, start + length);
    let larger = undouble(words, start, length);
    // Places ascend, so the last one is the largest.
    if (larger === -1 || (words[start + length - 1] as number) >>> 8 >= documents) reader.damaged();
    counted += length - larger;
    for (let i = start; larger > 0; i++) {
      const word = words[i] as number;
      if ((word & 1) === 1) continue;
      larger--;
      const entry = word >>> 8;
      const count = reader.number();
      if (count < 1 || count > 0xffffffff) reader.damaged();
      counted += count;
      words[i] = word | Math.min(count, LARGE_COUNT);
      if (count >= LARGE_COUNT) largeCounts.set(largeCountKey(entry, term), count);
    }
    ids[term] = id;
    statistics[2 * term] = length;
    postings += length;
  }
  if (counted !== totalLength) reader.damaged();
  const entryNumbers = given.map((length, entry) => (length === 0 ? 0 : entry + 1));
  let rows = 0;
  for (const entry of entryNumbers) if (entry !== 0) rows++;
  return {
    byTerm,
    byEntry: () => byEntryOf(byTerm, documents),
    entries: {
      lengths: given.map((length) => (length === 0 ? 0 : scoredLength(length))),
      rows: given.map((_, entry) => entry),
    },
    terms: { ids, statistics },
    entryNumbers,
    rows,
    termNumbers: sortedTable(ids),
    largeCounts,
    postings,
    totalLength,
  };
}

/** From doubled distances to postings, with the count 1 or, where it follows, 0. Answers with how many follow. */
function undouble(words: Uint32Array, start: number, length: number): number {
  let place = -1;
  let following = 0;
  for (let i = start; i < start + length; i++) {
    const word = words[i] as number;
    place += (word >>> 1) + 1;
    following += word & 1;
    words[i] = (place << 8) | (~word & 1);
  }
  return place < PLACES ? following : -1;
}

/** A place has the upper 24 bits of a posting. */
const PLACES = 1 << 24;

/** From ascending keys to their places; a table is made of them when one is added or taken away. */
function sortedTable(keys: Uint32Array): NumberTable {
  let made: NumberTable | undefined;
  const table = (): NumberTable => {
    if (made !== undefined) return made;
    made = numberTable(keys.length);
    for (let place = 0; place < keys.length; place++) made.set(keys[place] as number, place);
    return made;
  };
  return {
    get size() {
      return made?.size ?? keys.length;
    },
    get(key) {
      if (made !== undefined) return made.get(key);
      let low = 0;
      for (let high = keys.length; low < high;) {
        const middle = (low + high) >>> 1;
        if ((keys[middle] as number) < key) low = middle + 1;
        else high = middle;
      }
      return keys[low] === key ? low : -1;
    },
    set: (key, value) => table().set(key, value),
    delete: (key) => table().delete(key),
  };
}

/** Left until it is needed: an index that is opened to be searched never pays for it. */
function byEntryOf(byTerm: WordLists, entries: number): WordLists {
  const sizes = new Uint32Array(entries);
  for (let term = 0; term < byTerm.created; term++) {
    for (const posting of byTerm.words(term)) sizes[posting >>> 8] = (sizes[posting >>> 8] as number) + 1;
  }
  const byEntry = wordLists();
  for (const size of sizes) byEntry.resize(byEntry.create(), size);
  const written = new Uint32Array(entries);
  for (let term = 0; term < byTerm.created; term++) {
    for (const posting of byTerm.words(term)) {
      const entry = posting >>> 8;
      const place = written[entry] as number;
      byEntry.write(entry, place, (term << 8) | (posting & LARGE_COUNT));
      written[entry] = place + 1;
    }
  }
  // Of documents without terms.
  sizes.forEach((size, entry) => {
    if (size === 0) byEntry.drop(entry);
  });
  return byEntry;
}
