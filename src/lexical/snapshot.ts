import { byteReader, type ByteReader, byteWriter } from "./bytes.ts";
import type { PostingsContents, TermRows } from "./postings-contents.ts";
import { TERM_IDS } from "./terms.ts";

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

/** Rows are numbered anew, from 0. `contents.lists` can be read once. */
export function readSnapshot(bytes: Uint8Array): Bm25Snapshot {
  const reader = byteReader(bytes, NAME, VERSION);
  const fingerprint = reader.text();
  const k1 = reader.float();
  const b = reader.float();
  const lossy = reader.number();
  if (!(k1 >= 0 && k1 < Number.POSITIVE_INFINITY && b >= 0 && b <= 1 && lossy <= 1)) reader.damaged();

  const documents: { readonly row: number; readonly id: string }[] = [];
  const rows: number[] = [];
  const sizes: number[] = [];
  let postings = 0;
  for (let row = 0, count = reader.number(); row < count; row++) {
    documents.push({ row, id: reader.text() });
    const size = reader.number();
    if (size === 0) continue;
    rows.push(row);
    sizes.push(size);
    postings += size;
  }
  const ids = new Set(documents.map(({ id }) => id));
  if (ids.size < documents.length || ids.has("") || postings > reader.left) reader.damaged();
  const contents = { rows: Uint32Array.from(rows), sizes: Uint32Array.from(sizes) };
  const lists = readLists(reader, contents.sizes);
  return { fingerprint, k1, b, lossyLengths: lossy === 1, documents, contents: { ...contents, lists } };
}

/** Checks what `Postings` relies on, so that no bytes can make an index that answers wrongly. */
function* readLists(reader: ByteReader, sizes: Uint32Array): Generator<TermRows, void, undefined> {
  const missing = sizes.slice();
  let id = -1;
  while (reader.left > 0) {
    id += reader.number() + 1;
    const length = reader.number();
    if (id >= TERM_IDS || length < 1 || length > sizes.length) reader.damaged();
    const places = new Uint32Array(length);
    const counts = new Uint32Array(length);
    let place = -1;
    for (let i = 0; i < length; i++) {
      const word = reader.number();
      place += Math.floor(word / 2) + 1;
      const count = word % 2 === 0 ? 1 : reader.number();
      const rest = missing[place] ?? 0;
      if (rest === 0 || count < 1 || count > 0xffffffff) reader.damaged();
      missing[place] = rest - 1;
      places[i] = place;
      counts[i] = count;
    }
    yield { id, places, counts };
  }
  if (missing.some((rest) => rest !== 0)) reader.damaged();
}
