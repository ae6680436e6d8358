import { headingPath, indexedText } from "../chunkers/text/indexed-text.ts";
import { checkPieces, checkStorable } from "../chunkers/pieces.ts";
import { sha256Steps, uuidV5 } from "./digest.ts";
import type { CheckedDocument } from "./document.ts";
import { abortable, breather, finishedSlowly } from "../signal.ts";
import type { Chunker, Piece, StoredChunk } from "../types.ts";

/** Of every chunk id: an arbitrary constant that makes them groundline's own (RFC 9562 §5.5). */
const namespace = "5b0f3c1e-6a53-4c7b-9d0e-3f1f6a2f8c11";

/** A chunk as it will be stored, and what it is indexed with: title, context and text. */
export interface ChunkRow {
  readonly chunk: StoredChunk;
  readonly indexed: string;
}

/** Cuts a document and gives each piece its row. */
export async function chunkRows(
  document: CheckedDocument,
  chunker: Chunker,
  tenant: string | null,
  signal: AbortSignal,
): Promise<readonly ChunkRow[]> {
  const { id: documentId, text, title, metadata, hash } = document;
  if (text.trim() === "") return [];
  const titled = title === undefined ? {} : { title };
  const breathe = breather(signal);
  const pieces = checkPieces(await abortable(chunker({ text, ...titled }, { signal }), signal), text);
  checkStorable(pieces);
  const lineAt = lineCounter(text);
  const occurrences = new Map<string, number>();
  let covered = 0;
  const rows: ChunkRow[] = [];
  for (const [ordinal, cut] of pieces.entries()) {
    await breathe();
    const piece = withHeadingContext(cut);
    const { start, end, headings = [] } = piece;
    const passage = text.slice(start, end);
    const indexed = indexedText({ ...piece, ...titled, text: passage });
    const digest = await finishedSlowly(sha256Steps(indexed), breathe);
    const occurrence = occurrences.get(indexed) ?? 0;
    occurrences.set(indexed, occurrence + 1);
    const gap = text.slice(Math.min(covered, start), start);
    covered = Math.max(covered, end);
    const chunk: StoredChunk = {
      id: uuidV5(namespace, JSON.stringify([tenant, documentId, digest, occurrence])),
      documentId,
      documentHash: hash,
      ordinal,
      span: { start, end },
      line: lineAt(start),
      text: passage,
      gap,
      headings,
      metadata,
      ...titled,
      ...optionalParts(piece, text),
    };
    rows.push({ chunk, indexed });
  }
  return rows;
}

/** Bare chunks are found worse: a heading path belongs to what is indexed, whether or not the chunker says so. */
function withHeadingContext(piece: Piece): Piece {
  const { headings = [], context } = piece;
  return context !== undefined || headings.length === 0 ? piece : { ...piece, context: headingPath(headings) };
}

function optionalParts(piece: Piece, text: string): Pick<StoredChunk, "context" | "parent" | "tokens"> {
  const { context, parent, tokens } = piece;
  return {
    ...(context !== undefined && { context }),
    ...(parent !== undefined && {
      parent: { start: parent.start, end: parent.end, text: text.slice(parent.start, parent.end) },
    }),
    ...(tokens !== undefined && { tokens }),
  };
}

/** Line of an offset, from 1, for offsets that mostly rise. `\n`, `\r\n` and a lone `\r` end a line. */
function lineCounter(text: string): (offset: number) => number {
  let at = 0;
  let line = 1;
  return (offset) => {
    if (offset < at) {
      at = 0;
      line = 1;
    }
    for (; at < offset; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) line++;
    }
    return line;
  };
}
