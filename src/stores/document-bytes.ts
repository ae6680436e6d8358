import { type ByteReader, plainWriter } from "../bytes.ts";
import type { StoredMetadata, Terms } from "../types.ts";
import type { HeldDocument, HeldRow } from "./partition.ts";

/**
 * Documents with all their rows as bytes that stand alone: texts and terms that come again are written as the number
 * that they had the first time.
 */
export interface DocumentWriter {
  readonly length: number;
  add(document: HeldDocument): void;
  /** All of it; the writer is done then. */
  take(): Uint8Array;
}

/** Which of the optional parts a row has. */
const has = { title: 1, context: 2, parent: 4, tokens: 8, kept: 16, vector: 32, packed: 64, terms: 128, fitted: 256 };

export function documentWriter(): DocumentWriter {
  const writer = plainWriter();
  const texts = new Map<string, number>();
  const terms = new Map<number, number>();

  /** One that is likely to come again. */
  const shared = (text: string): void => {
    const known = texts.get(text);
    writer.number(known ?? texts.size);
    if (known !== undefined) return;
    texts.set(text, texts.size);
    writer.text(escaped(text));
  };
  /** The number of each, doubled; an odd one is followed by the count, an even one has the count 1. */
  const writeTerms = ({ ids, counts }: Terms): void => {
    writer.number(ids.length);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      const count = counts[i] as number;
      const number = terms.get(id) ?? terms.size;
      writer.number(number * 2 + (count === 1 ? 0 : 1));
      if (number === terms.size) {
        terms.set(id, number);
        writer.number(id);
      }
      if (count !== 1) writer.number(count);
    }
  };
  const writeRow = (row: HeldRow): void => {
    const { title, context, parent, tokens } = row;
    const legs = row.legs === "kept" ? {} : row.legs;
    const { vector, packed } = legs;
    writer.number(
      (title === undefined ? 0 : has.title) |
        (context === undefined ? 0 : has.context) |
        (parent === undefined ? 0 : has.parent) |
        (tokens === undefined ? 0 : has.tokens) |
        (row.legs === "kept" ? has.kept : 0) |
        (vector === undefined ? 0 : has.vector) |
        (packed === undefined ? 0 : has.packed) |
        (legs.terms === undefined ? 0 : has.terms) |
        (legs.fitted === true ? has.fitted : 0),
    );
    writer.text(escaped(row.id));
    shared(row.documentHash);
    for (const number of [row.ordinal, row.span.start, row.span.end, row.line]) writer.number(number);
    writer.text(escaped(row.text));
    writer.text(escaped(row.gap));
    if (title !== undefined) shared(title);
    writer.number(row.headings.length);
    for (const heading of row.headings) shared(heading);
    if (context !== undefined) shared(context);
    if (parent !== undefined) {
      writer.number(parent.start);
      writer.number(parent.end);
      shared(parent.text);
    }
    if (tokens !== undefined) writer.number(tokens);
    shared(JSON.stringify(row.metadata));
    if (vector !== undefined) {
      writer.number(vector.length);
      writer.bytes(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
    }
    if (packed !== undefined) {
      writer.number(packed.length);
      writer.bytes(packed);
    }
    if (legs.terms !== undefined) writeTerms(legs.terms);
  };

  return {
    get length() {
      return writer.length;
    },
    add({ id, chunks }) {
      writer.text(escaped(id));
      writer.number(chunks.length);
      for (const row of chunks) writeRow(row);
    },
    take: () => writer.take(),
  };
}

/** UTF-8 has no lone surrogates: a text that has one is written as JSON, which escapes it, after a character that marks it. */
const mark = "\uffff";

function escaped(text: string): string {
  return text.isWellFormed() && !text.startsWith(mark) ? text : mark + JSON.stringify(text);
}

const roomLength = 1 << 14;

/** All documents that a `documentWriter` has written. */
export function readDocuments(reader: ByteReader): readonly HeldDocument[] {
  const texts: string[] = [];
  const terms: number[] = [];

  const readText = (): string => {
    const text = reader.text();
    return text.startsWith(mark) ? String(parsed(text.slice(1))) : text;
  };
  const shared = (): string => {
    const number = reader.number();
    if (number === texts.length) texts.push(readText());
    return texts[number] ?? reader.damaged();
  };
  const counted = (): number => {
    const count = reader.number();
    return count > reader.left ? reader.damaged() : count;
  };
  /** Several rows' numbers in one array: memory of its own costs each row more than reading it does. */
  let room = new Uint32Array(0);
  const numbers = (length: number): Uint32Array => {
    if (length > room.length) room = new Uint32Array(Math.max(length, roomLength));
    const taken = room.subarray(0, length);
    room = room.subarray(length);
    return taken;
  };
  const readTerms = (): Terms => {
    const length = counted();
    const ids = numbers(length);
    const counts = numbers(length).fill(1);
    for (let i = 0; i < length; i++) {
      const word = reader.number();
      const number = Math.floor(word / 2);
      if (number === terms.length) terms.push(reader.number());
      ids[i] = terms[number] ?? reader.damaged();
      if (word % 2 === 1) counts[i] = reader.number();
    }
    return { ids, counts };
  };
  const parsed = (json: string): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      return reader.damaged();
    }
  };
  const readRow = (documentId: string): HeldRow => {
    const parts = reader.number();
    const [id, documentHash, ordinal] = [readText(), shared(), reader.number()];
    const span = { start: reader.number(), end: reader.number() };
    const [line, text, gap] = [reader.number(), readText(), readText()];
    const title = (parts & has.title) === 0 ? undefined : shared();
    const headings = Array.from({ length: counted() }, shared);
    const context = (parts & has.context) === 0 ? undefined : shared();
    const parent =
      (parts & has.parent) === 0 ? undefined : { start: reader.number(), end: reader.number(), text: shared() };
    const tokens = (parts & has.tokens) === 0 ? undefined : reader.number();
    const metadata = parsed(shared()) as StoredMetadata;
    const vector =
      (parts & has.vector) === 0 ? undefined : new Float32Array(reader.bytes(reader.number() * 4).slice().buffer);
    const packed = (parts & has.packed) === 0 ? undefined : reader.bytes(reader.number());
    const rowTerms = (parts & has.terms) === 0 ? undefined : readTerms();
    return {
      id,
      documentId,
      documentHash,
      ordinal,
      span,
      line,
      text,
      gap,
      headings,
      metadata,
      ...(title !== undefined && { title }),
      ...(context !== undefined && { context }),
      ...(parent && { parent }),
      ...(tokens !== undefined && { tokens }),
      legs:
        (parts & has.kept) !== 0
          ? "kept"
          : {
              ...(vector && { vector }),
              ...(packed && { packed }),
              ...(rowTerms && { terms: rowTerms }),
              ...((parts & has.fitted) !== 0 && { fitted: true }),
            },
    };
  };

  const documents: HeldDocument[] = [];
  while (reader.left > 0) {
    const id = readText();
    documents.push({ id, chunks: Array.from({ length: counted() }, () => readRow(id)) });
  }
  return documents;
}
