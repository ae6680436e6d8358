import { isClauseStop, isCloser, isFullStop, separation } from "./sentence-end.ts";
import { isSpace, skipSpace } from "./space.ts";

/** How strongly a text falls apart somewhere, weakest first. */
export const GRAPHEME = 0;
export const WORD = 1;
export const CLAUSE = 2;
export const SENTENCE = 3;
export const LINE = 4;
export const PARAGRAPH = 5;

/** A place to cut: what comes before ends at `end`, what comes after starts at `next`; only white space lies between. */
export interface Break {
  readonly end: number;
  readonly next: number;
  readonly rank: number;
}

/** Finds the breaks from clauses upwards whose `end` lies in (from, to], in order. */
export type BreakScanner = (text: string, from: number, to: number) => Iterable<Break>;

/**
 * Paragraphs, lines, sentences and clauses of plain text.
 *
 * What it finds at a position depends on the text near it alone: after an edit, and in a stream, the rest stays as it
 * was.
 */
export function* textBreaks(text: string, from: number, to: number): Generator<Break, void, undefined> {
  let position = from + 1;
  while (position <= to && position < text.length) {
    const unit = text.charCodeAt(position);
    if (isSpace(unit)) {
      const next = skipSpace(text, position);
      if (next === text.length) return;
      const rank = isSpace(text.charCodeAt(position - 1)) ? WORD : rankOfSpace(text, position, next);
      if (rank > WORD) yield { end: position, next, rank };
      position = next;
    } else if (isUnspacedStop(text.charCodeAt(position - 1)) && !isUnspacedStop(unit) && !isCloser(unit)) {
      
      position++;
    } else {
      position++;
    }
  }
}

/** Sentences only: an ended line and a paragraph count as one. */
export function* sentenceBreaks(text: string, from: number, to: number): Generator<Break, void, undefined> {
  for (const { end, next, rank } of textBreaks(text, from, to)) yield { end, next, rank: Math.min(rank, SENTENCE) };
}

/** The rank of the white space from `end` to `next`. */
function rankOfSpace(text: string, end: number, next: number): number {
  const lines = lineBreaks(text, end, next);
  if (lines > 1) return PARAGRAPH;
  const parts = separation(text, end, next);
  if (lines === 1 && !(parts === "word" && isWrapped(text, end, next))) return LINE;
  return parts === "sentence" ? SENTENCE : parts === "clause" ? CLAUSE : WORD;
}

/** Line breaks from `start` to `end`, two for a paragraph separator, counted up to 2. */
function lineBreaks(text: string, start: number, end: number): number {
  let lines = 0;
  for (let position = start; position < end && lines < 2; position++) {
    const unit = text.charCodeAt(position);
    if (unit === 0x2029) return 2;
    if (unit === 10 || unit === 0x2028 || (unit === 13 && text.charCodeAt(position + 1) !== 10)) lines++;
  }
  return lines;
}

/** Widths between which prose is wrapped by hand. */
const NARROWEST = 40;
const WIDEST = 120;

/**
 * Whether a line break stands inside a sentence of text that was wrapped to a width: the line is about as long as such
 * lines are, ends in no punctuation, and the next begins with a letter.
 */
function isWrapped(text: string, end: number, next: number, sentence: boolean): boolean {
  if (sentence || !isLetter(text.charCodeAt(next)) || !isLetter(text.charCodeAt(end - 1), true)) return false;
  const limit = Math.max(0, end - WIDEST - 1);
  let start = end;
  while (start > limit && !isLineBreak(text.charCodeAt(start - 1))) start--;
  const width = end - start;
  return width >= NARROWEST && width <= WIDEST;
}

function isLineBreak(unit: number): boolean {
  return unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029;
}

/** Letters, and inside a sentence digits, commas and hyphens too. */
function isLetter(unit: number, orInner = false): boolean {
  if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit >= 0xc0) return true;
  return orInner && ((unit >= 0x30 && unit <= 0x39) || unit === 0x2c || unit === 0x2d);
}

function afterStops(text: string, start: number): number {
  let position = start;
  while (position < text.length && isFullStop(text.charCodeAt(position))) position++;
  while (position < text.length && isCloser(text.charCodeAt(position))) position++;
  return position;
}
