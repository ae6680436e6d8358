import { AdapterError, shown } from "../errors.ts";
import type { Piece, Span } from "../types.ts";
import { unstorable } from "../text.ts";
import { isPairCut } from "./text/graphemes.ts";

/** A chunker may be anyone's: its pieces are checked before a text is sliced by them. */
export function checkPieces(pieces: readonly Piece[], text: string): readonly Piece[] {
  if (!Array.isArray(pieces)) throw refused(`expected an array of pieces, received ${shown(pieces)}`);
  for (const [index, piece] of pieces.entries()) {
    const fault = pieceFault(piece, text);
    if (fault !== undefined) throw refused(`piece ${index}: ${fault}`);
  }
  return pieces;
}

/** What a chunker adds of its own must be as fit for a store as the text is, which was checked. */
export function checkStorable(pieces: readonly Piece[]): void {
  for (const [index, { context = "", headings = [] }] of pieces.entries()) {
    for (const added of [context, ...headings]) {
      const problem = unstorable(added);
      if (problem !== undefined) throw refused(`piece ${index} has ${problem} of its context or a heading`);
    }
  }
}

/** A piece of a stream brings its text, and the whole one is nowhere to be seen. */
export function checkStreamed<P extends Piece & { readonly text: string }>(piece: P, index: number): P {
  const fault = pieceFault(piece);
  if (fault !== undefined) throw refused(`piece ${index}: ${fault}`);
  if (typeof piece.text !== "string" || piece.text.length !== piece.end - piece.start) {
    throw refused(`piece ${index}: expected the text of ${place(piece)}, received ${shown(piece.text)}`);
  }
  return piece;
}

function pieceFault(piece: Piece, text?: string): string | undefined {
  if (!isObject(piece)) return `expected an object, received ${shown(piece)}`;
  const { headings, parent, context, tokens } = piece;
  if (
    headings !== undefined &&
    !(Array.isArray(headings) && headings.every((heading) => typeof heading === "string"))
  ) {
    return `expected an array of strings as headings, received ${shown(headings)}`;
  }
  if (context !== undefined && typeof context !== "string") {
    return `expected a string as context, received ${shown(context)}`;
  }
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && tokens >= 0)) {
    return `expected a whole number of tokens, received ${shown(tokens)}`;
  }
  const fault = spanFault(piece, text);
  if (fault !== undefined || parent === undefined) return fault;
  if (!isObject(parent)) return `expected a span as parent, received ${shown(parent)}`;
  const parentFault = spanFault(parent, text);
  if (parentFault !== undefined) return `parent: ${parentFault}`;
  const inside = parent.start <= piece.start && piece.end <= parent.end;
  return inside ? undefined : `expected a span inside its parent ${place(parent)}, received ${place(piece)}`;
}

function spanFault(span: Span, text?: string): string | undefined {
  const { start, end } = span;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) {
    return `expected whole numbers as start and end, received ${place(span)}`;
  }
  if (start < 0 || (text !== undefined && end > text.length)) {
    return `expected a span of the text${text === undefined ? "" : `, ${text.length} characters`}, received ${place(span)}`;
  }
  if (start >= end) return `expected an end behind the start, received ${place(span)}`;
  if (text === undefined) return undefined;
  return isPairCut(text, start) || isPairCut(text, end)
    ? `expected surrogate pairs left whole, received ${place(span)}`
    : undefined;
}

function place({ start, end }: Span): string {
  return `${shown(start)}…${shown(end)}`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function refused(what: string): AdapterError {
  return new AdapterError("chunker", what);
}
