import { type ByteReader, byteReader, byteWriter, plainReader, type PlainWriter, plainWriter } from "../bytes.ts";
import type { KnownIds } from "../id-rows.ts";
import { lengthScoring } from "./lossy-length.ts";
import { readPostings, writePostings } from "./posting-bytes.ts";
import { type PostingLists, postingLists } from "./posting-lists.ts";
import { type TermSequences, termSequences } from "./sequences.ts";
import { type Vocabulary, vocabulary } from "./vocabulary.ts";

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
  readonly sequences?: () => TermSequences;
  readonly words?: () => Vocabulary;
}

const NAME = "bm25";
const VERSION = 2;

/**
 * Settings and the number of documents, then sections, each with its length: the ids; the order of the terms and the
 * words, where they were asked for; the postings.
 *
 * @param documents By ascending row.
 */
export function snapshotBytes(
  { fingerprint, k1, b, lossyLengths, positions, suggestions }: Bm25Settings,
  documents: readonly { readonly row: number; readonly id: string }[],
  { lists, sequences, words }: Bm25Contents,
): Uint8Array {
  const writer = byteWriter(NAME, VERSION);
  writer.text(fingerprint);
  writer.float(k1);
  writer.float(b);
  writer.number(Number(lossyLengths) + 2 * Number(positions) + 4 * Number(suggestions));
  writer.number(documents.length);
  const section = (write: (into: PlainWriter) => void): void => {
    const into = plainWriter();
    write(into);
    writer.number(into.length);
    writer.bytes(into.take());
  };
  const rows = Uint32Array.from(documents, ({ row }) => row);
  section((into) => {
    into.column(Uint32Array.from(documents, ({ id }) => id.length));
    into.text(documents.map(({ id }) => id).join(""));
  });
  if (sequences !== undefined) {
    section((into) => rows.forEach((row) => sequences().write(into, row, sizeOf(lists, row))));
  }
  if (words !== undefined) section((into) => words().write(into, rows));
  section((into) => writePostings(into, rows, lists));
  return writer.seal();
}

function sizeOf(lists: PostingLists, row: number): number {
  const entry = lists.entryOf(row);
  return entry === -1 ? 0 : lists.byEntry.lengthOf(entry);
}

/**
 * Rows are numbered anew, from 0, as the ids are. What is damaged is refused at once; the sections are read when they are
 * needed, and what only a program can have written into them is refused by the call that needs it.
 */
export function readSnapshot(bytes: Uint8Array): {
  readonly settings: Bm25Settings;
  readonly ids: KnownIds;
  readonly contents: Bm25Contents;
} {
  const checked = byteReader(bytes, NAME, VERSION);
  // A copy, because the caller may go on using these bytes.
  const reader = plainReader(checked.bytes(checked.left).slice(), checked.damaged);
  const fingerprint = reader.text();
  const k1 = reader.float();
  const b = reader.float();
  const flags = reader.number();
  if (!(k1 >= 0 && k1 < Number.POSITIVE_INFINITY && b >= 0 && b <= 1 && flags < 8)) reader.damaged();
  const lossyLengths = (flags & 1) !== 0;
  const positions = (flags & 2) !== 0;
  const suggestions = (flags & 4) !== 0;
  const settings = { fingerprint, k1, b, lossyLengths, positions, suggestions };
  const size = reader.number();
  if (size > reader.left) reader.damaged();
  const section = (): ByteReader => plainReader(reader.bytes(reader.number()), reader.damaged);
  const ids = knownIds(section(), size);
  const sequences = positions ? section() : undefined;
  const words = suggestions ? section() : undefined;
  const scoredLength = lengthScoring(lossyLengths);
  const lists = postingLists(scoredLength, readPostings(section(), size, scoredLength));
  if (reader.left > 0) reader.damaged();
  return {
    settings,
    ids,
    contents: {
      lists,
      ...(sequences && { sequences: sequencesIn(sequences, size, lists) }),
      ...(words && { words: wordsIn(words, size) }),
    },
  };
}

/** Cut out of their text when they are asked for. */
function knownIds(unread: ByteReader, size: number): KnownIds {
  const read = later(unread, (reader) => {
    const ends = reader.column(size);
    if (ends.includes(0)) reader.damaged();
    let end = 0;
    for (let i = 0; i < size; i++) ends[i] = end += ends[i] as number;
    const text = reader.text();
    if (end !== text.length) reader.damaged();
    return { ends, text };
  });
  return {
    size,
    idOf(row) {
      const { ends, text } = read();
      return text.slice(ends[row - 1] ?? 0, ends[row]);
    },
  };
}

function sequencesIn(unread: ByteReader, size: number, lists: PostingLists): () => TermSequences {
  return later(unread, (reader) => {
    const sequences = termSequences();
    for (let row = 0; row < size; row++) sequences.read(reader, row, sizeOf(lists, row));
    return sequences;
  });
}

function wordsIn(unread: ByteReader, size: number): () => Vocabulary {
  return later(unread, (reader) => {
    const words = vocabulary();
    words.read(reader, size);
    return words;
  });
}

/** Reads a section at the first call, to its end, and lets go of it then. */
function later<T>(section: ByteReader, read: (reader: ByteReader) => T): () => T {
  let unread: ByteReader | undefined = section;
  let made: T;
  return () => {
    if (unread !== undefined) {
      unread.seek(0);
      made = read(unread);
      if (unread.left > 0) unread.damaged();
      unread = undefined;
    }
    return made;
  };
}
