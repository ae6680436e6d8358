import { type ByteReader, numberBytes, plainReader, plainWriter, type PlainWriter } from "../bytes.ts";
import { UnsupportedError } from "../errors.ts";
import { numberTable } from "./number-table.ts";
import {
  extreme,
  LARGE_COUNT,
  largeCountKey,
  type PostingLists,
  type PostingsStart,
  SHORTEST,
} from "./posting-lists.ts";
import { TERM_IDS } from "./terms.ts";
import { type WordLists, wordLists } from "./word-lists.ts";

/**
 * Posting lists as bytes in which a term is found without the others: an index can be searched as soon as the checksum of
 * its bytes is known to be right.
 *
 * How many terms each document has, counted as often as they stand in it; the number of postings and of terms; of the
 * first term in every 32 its id and where it begins. Then the terms by id: the distance to the id before, which the first
 * of 32 has not, its number of documents and of bytes. These bytes are for each document the distance to the one before,
 * doubled, odd where a count follows; where none follows the count is 1.
 */
const BLOCK = 32;
/** An id and a place, 32 bits each. */
const HEAD = 8;

/** @param rows Of the documents, ascending. */
export function writePostings(
  writer: Pick<PlainWriter, "number" | "bytes" | "column">,
  rows: Uint32Array,
  lists: PostingLists,
): void {
  const { byTerm, byEntry, countOf, terms } = lists;
  const { lengths } = lists.entries;
  const { ids, statistics } = terms;
  const entries = Int32Array.from(rows, (row) => lists.entryOf(row));
  const places = new Uint32Array(lengths.length);
  const termCounts = new Uint32Array(rows.length);
  entries.forEach((entry, place) => {
    if (entry === -1) return;
    places[entry] = place;
    let length = 0;
    for (const posting of byEntry.words(entry)) length += countOf(entry, posting >>> 8, posting);
    termCounts[place] = length;
  });
  writer.column(termCounts);

  const used = usedTerms(ids, statistics);
  const heads = new DataView(new ArrayBuffer(HEAD * Math.ceil(used.length / BLOCK)));
  const written = plainWriter();
  let idBefore = -1;
  used.forEach((term, i) => {
    const id = ids[term] ?? 0;
    const words = new Uint32Array(statistics[2 * term] ?? 0);
    let found = 0;
    for (const posting of byTerm.words(term)) {
      const entry = posting >>> 8;
      if (lengths[entry] !== 0) words[found++] = ((places[entry] ?? 0) << 8) | (posting & LARGE_COUNT);
    }
    words.sort();
    const numbers: number[] = [];
    let placeBefore = -1;
    for (const word of words) {
      const place = word >>> 8;
      const count = countOf(entries[place] ?? 0, term, word);
      const distance = 2 * (place - placeBefore - 1);
      if (count === 1) numbers.push(distance);
      else numbers.push(distance + 1, count);
      placeBefore = place;
    }
    if (i % BLOCK === 0) {
      if (written.length > 0xffffffff) throw new UnsupportedError("A snapshot holds 4 GB of postings at most.");
      heads.setUint32((i / BLOCK) * HEAD, id, true);
      heads.setUint32((i / BLOCK) * HEAD + 4, written.length, true);
    } else {
      written.number(id - idBefore - 1);
    }
    idBefore = id;
    written.number(found);
    written.number(numbers.reduce((bytes, number) => bytes + numberBytes(number), 0));
    for (const number of numbers) written.number(number);
  });
  writer.number(lists.postings);
  writer.number(used.length);
  writer.bytes(new Uint8Array(heads.buffer));
  writer.number(written.length);
  writer.bytes(written.take());
}

/** Those that stand somewhere, by id. */
function usedTerms(ids: Uint32Array, statistics: Uint32Array): Uint32Array {
  const used = ids.map((_, term) => term).filter((term) => statistics[2 * term] !== 0);
  return used.toSorted((a, z) => (ids[a] ?? 0) - (ids[z] ?? 0));
}

/** What a term's number leads to, as terms are taken out of their bytes. */
interface Taken extends Pick<PostingsStart, "byTerm" | "terms" | "termNumbers" | "largeCounts"> {
  /** Of all of them together. */
  postings: number;
  length: number;
}

/**
 * Rows and entries are the documents' places. A term is taken out of the bytes when it is asked for, and all of them when
 * a row is written or given back.
 *
 * The checksum has found all damage; what a program may have written wrongly is found as far as that costs little.
 */
export function readPostings(
  reader: ByteReader,
  documents: number,
  scoredLength: (length: number) => number,
): PostingsStart {
  const lengths = reader.column(documents);
  const rows = new Uint32Array(documents);
  const entryNumbers = new Uint32Array(documents);
  let count = 0;
  let totalLength = 0;
  for (let row = 0; row < documents; row++) {
    rows[row] = row;
    const length = lengths[row] as number;
    if (length === 0) continue;
    lengths[row] = scoredLength(length);
    entryNumbers[row] = row + 1;
    count++;
    totalLength += length;
  }
  const postings = reader.number();
  const size = reader.number();
  if (size > reader.left) reader.damaged();
  const taken: Taken = {
    byTerm: wordLists(),
    terms: { ids: new Uint32Array(size), statistics: new Uint32Array(2 * size) },
    termNumbers: numberTable(),
    largeCounts: new Map(),
    postings: 0,
    length: 0,
  };
  const { byTerm, terms, termNumbers, largeCounts } = taken;
  const { damaged } = reader;
  /** Goes with the bytes when all is taken. */
  let unread: StoredTerms | undefined = storedTerms(reader, size, lengths, taken);
  return {
    byTerm,
    byEntry() {
      const all = unread?.takeAll() ?? damaged();
      if (taken.postings !== postings || taken.length !== totalLength) damaged();
      unread = undefined;
      return byEntryOf(all, byTerm, documents);
    },
    entries: { lengths, rows },
    terms,
    entryNumbers,
    rows: count,
    termNumbers: {
      ...termNumbers,
      get size() {
        return termNumbers.size;
      },
      get(id) {
        const known = termNumbers.get(id);
        return known === -1 && unread !== undefined ? unread.take(id) : known;
      },
    },
    largeCounts,
    postings,
    totalLength,
  };
}

interface StoredTerms {
  /** The term's number, -1 where there is none. */
  take(id: number): number;
  /** Their numbers by ascending id. */
  takeAll(): Uint32Array;
}

function storedTerms(reader: ByteReader, size: number, lengths: Uint32Array, taken: Taken): StoredTerms {
  const { byTerm, terms, termNumbers, largeCounts } = taken;
  const blocks = Math.ceil(size / BLOCK);
  const headBytes = reader.bytes(HEAD * blocks);
  const heads = new DataView(headBytes.buffer, headBytes.byteOffset, headBytes.byteLength);
  const bytes = reader.bytes(reader.number());
  const lists = plainReader(bytes, reader.damaged);
  const firstId = (block: number): number => heads.getUint32(HEAD * block, true);

  const readList = (term: number, length: number, end: number): void => {
    byTerm.resize(term, length);
    const words = byTerm.pageOf(term);
    const start = byTerm.startOf(term);
    let { at } = lists;
    let place = -1;
    let counted = 0;
    let largest = 0;
    let shortest = SHORTEST;
    for (let i = start; i < start + length; i++) {
      let byte = bytes[at++] as number;
      let doubled = byte;
      for (let scale = 128; byte > 127; scale *= 128) {
        if (scale > 2 ** 21) lists.damaged();
        byte = bytes[at++] as number;
        doubled += (byte - 1) * scale;
      }
      place += (doubled >>> 1) + 1;
      let count = 1;
      if ((doubled & 1) === 1) {
        lists.seek(at);
        count = lists.number();
        ({ at } = lists);
        if (count < 1 || count > 0xffffffff) lists.damaged();
        if (count >= LARGE_COUNT) largeCounts.set(largeCountKey(place, term), count);
      }
      counted += count;
      const small = count < LARGE_COUNT ? count : LARGE_COUNT;
      words[i] = (place << 8) | small;
      if (small > largest) largest = small;
      const scored = lengths[place] as number;
      if (scored < shortest) shortest = scored;
    }
    // Places ascend, so the last one is the largest.
    if (at !== end || place >= lengths.length) lists.damaged();
    taken.postings += length;
    taken.length += counted;
    terms.statistics[2 * term] = length;
    terms.statistics[2 * term + 1] = extreme(SHORTEST, largest, shortest);
  };
  /** Takes those terms of a block that are wanted. */
  const takeFrom = (block: number, wanted: (id: number) => boolean): void => {
    lists.seek(heads.getUint32(HEAD * block + 4, true));
    const last = Math.min(size, (block + 1) * BLOCK);
    let id = firstId(block);
    for (let place = block * BLOCK; place < last; place++) {
      if (place % BLOCK > 0) id += lists.number() + 1;
      const length = lists.number();
      const end = lists.number() + lists.at;
      if (wanted(id)) {
        if (id >= TERM_IDS || length < 1 || length > lengths.length) lists.damaged();
        const term = byTerm.create();
        try {
          readList(term, length, end);
        } catch (error) {
          byTerm.drop(term);
          throw error;
        }
        terms.ids[term] = id;
        termNumbers.set(id, term);
      }
      lists.seek(end);
    }
  };

  return {
    take(id) {
      let low = 0;
      for (let high = blocks; low < high;) {
        const middle = (low + high) >>> 1;
        if (firstId(middle) <= id) low = middle + 1;
        else high = middle;
      }
      if (low > 0) takeFrom(low - 1, (other) => other === id);
      return termNumbers.get(id);
    },
    takeAll() {
      const ids = new Uint32Array(size);
      let count = 0;
      let before = -1;
      for (let block = 0; block < blocks; block++) {
        takeFrom(block, (id) => {
          if (id <= before) lists.damaged();
          ids[count++] = before = id;
          return termNumbers.get(id) === -1;
        });
      }
      return ids.map((id) => termNumbers.get(id));
    },
  };
}

/** In so many parts, that what is held besides takes less. */
const PARTS = 4;

/** An entry has its terms by ascending id. The lists go by ascending entry. */
function byEntryOf(terms: Uint32Array, byTerm: WordLists, entries: number): WordLists {
  const sizes = new Uint32Array(entries);
  for (const term of terms) {
    const words = byTerm.words(term);
    for (let i = 0; i < words.length; i++) {
      const entry = (words[i] as number) >>> 8;
      sizes[entry] = (sizes[entry] as number) + 1;
    }
  }
  const byEntry = wordLists();
  let most = 0;
  for (const size of sizes) {
    byEntry.resize(byEntry.create(), size);
    most += size / PARTS;
  }
  /** How far the list of each term has been read. */
  const reached = new Uint32Array(terms.length);
  /** Where the next word of each entry goes. */
  const next = new Uint32Array(entries);
  for (let from = 0, to = 0; from < entries; from = to) {
    let count = 0;
    for (; to < entries && (to === from || count + (sizes[to] as number) <= most); to++) {
      next[to] = count;
      count += sizes[to] as number;
    }
    const together = new Uint32Array(count);
    for (let i = 0; i < terms.length; i++) {
      const term = terms[i] as number;
      const words = byTerm.pageOf(term);
      const start = byTerm.startOf(term);
      const end = start + byTerm.lengthOf(term);
      let at = start + (reached[i] as number);
      for (; at < end; at++) {
        const posting = words[at] as number;
        const entry = posting >>> 8;
        if (entry >= to) break;
        const place = next[entry] as number;
        together[place] = (term << 8) | (posting & LARGE_COUNT);
        next[entry] = place + 1;
      }
      reached[i] = at - start;
    }
    for (let entry = from, at = 0; entry < to; entry++) {
      const size = sizes[entry] as number;
      byEntry.words(entry).set(together.subarray(at, at + size));
      at += size;
      // Of a document without terms.
      if (size === 0) byEntry.drop(entry);
    }
  }
  return byEntry;
}
