import { byteReader, type ByteReader, byteWriter } from "./bytes.ts";
import type { PostingsContents, TermRows } from "./postings-contents.ts";

/** All that a BM25 index is. */
export interface Bm25Snapshot {
  /** Of the analyzer. */
  readonly fingerprint: string;
  readonly k1: number;
  readonly b: number;
  readonly lossyLengths: boolean;
  /** By ascending row. A document without terms has none among the `contents`. */
  readonly documents: readonly { readonly row: number; readonly id: string }[];
  readonly contents: PostingsContents;
}

const NAME = "bm25";
const VERSION = 1;

/**
 * Documents are written one after another, with the number of their terms; then for each term the distance to the id
 * before, its number of rows, and for each row the distance to the row before, doubled. An odd one is followed by the
 * count, an even one has the count 1.
 */
export function snapshotBytes({ fingerprint, k1, b, lossyLengths, documents, contents }: Bm25Snapshot): Uint8Array {
  const writer = byteWriter(NAME, VERSION);
  writer.text(fingerprint);
  writer.float(k1);
  writer.float(b);
  writer.number(lossyLengths ? 1 : 0);
  writer.number(documents.length);
  let place = 0;
  for (const { row, id } of documents) {
    writer.text(id);
    writer.number(contents.rows[place] === row ? (contents.sizes[place++] ?? 0) : 0);
  }
  let termBefore = -1;
  for (const { id, places, counts } of contents.lists) {
    writer.number(id - termBefore - 1);
    termBefore = id;
    writer.number(places.length);
    let placeBefore = -1;
    for (let i = 0; i < places.length; i++) {
      const at = places[i] ?? 0;
      const count = counts[i] ?? 0;
      const distance = at - placeBefore - 1;
      placeBefore = at;
      writer.number(distance * 2 + (count === 1 ? 0 : 1));
      if (count !== 1) writer.number(count);
    }
  }
  return writer.seal();
}

/** The rows are numbered anew, from 0. `contents.lists` can be read once. */
export function readSnapshot(bytes: Uint8Array): Bm25Snapshot {
  const reader = byteReader(bytes, NAME, VERSION);
  const settings = {
    fingerprint: reader.text(),
    k1: reader.float(),
    b: reader.float(),
    lossyLengths: reader.number() === 1,
  };
  const ids = new Set<string>();
  const rows: number[] = [];
  const sizes: number[] = [];
  for (let rest = reader.number(); rest > 0; rest--) {
    const size = (ids.add(reader.text()), reader.number());
    ...
  }
}
