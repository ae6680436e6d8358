import { beforeClosers, isCloser, isStop, rankOfSpace, rankOfWideStop } from "./punctuation.ts";
import { DOUBTFUL, LINE, PARAGRAPH, SENTENCE, WORD } from "./rank.ts";
import { isSpace, skipSpace, trimEnd } from "./space.ts";

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
  const stop = Math.min(to, text.length - 1);
  let position = from + 1;
  let afterPlain = isPlain(text.charCodeAt(from));
  for (;;) {
    if (afterPlain) position = skipPlain(text, position, stop);
    if (position > stop) return;
    const unit = text.charCodeAt(position);
    if (isSpace(unit)) {
      const next = skipSpace(text, position);
      if (next === text.length) return;
      const rank = isSpace(text.charCodeAt(position - 1)) ? WORD : rankOf(text, position, next);
      if (rank > WORD) yield { end: position, next, rank };
      position = next;
      afterPlain = false;
    } else {
      const rank = rankWithoutSpace(text, position);
      if (rank > WORD) yield { end: position, next: position, rank };
      position++;
      afterPlain = isPlain(unit);
    }
  }
}

/** Latin letters, digits, kana, ideographs and Hangul, none of which is punctuation: looked up. */
const plain = new Uint8Array(0x10000)
  .fill(1, 0x30, 0x3a)
  .fill(1, 0x41, 0x5b)
  .fill(1, 0x61, 0x7b)
  .fill(1, 0xc0, 0x300)
  .fill(1, 0x3041, 0xd7a4);

function isPlain(unit: number): boolean {
  return plain[unit] === 1;
}

/** Goes past what most places are: between two letters, or a space between two words. */
function skipPlain(text: string, start: number, stop: number): number {
  let position = start;
  while (position <= stop) {
    const unit = text.charCodeAt(position);
    if (isPlain(unit)) position++;
    else if (unit === 0x20 && isPlain(text.charCodeAt(position + 1))) position += 2;
    else break;
  }
  return position;
}

/** Sentences and clauses: an ended line and a paragraph count as sentences. */
export function* sentenceBreaks(text: string, from: number, to: number): Generator<Break, void, undefined> {
  for (const { end, next, rank } of textBreaks(text, from, to)) yield { end, next, rank: Math.min(rank, SENTENCE) };
}

/** Lines of text that is laid out by line; a blank line counts as a paragraph. */
export function* lineBreaks(text: string, from: number, to: number): Generator<Break, void, undefined> {
  for (let position = from + 1; position <= to && position < text.length; position++) {
    if (!isLineBreak(text.charCodeAt(position))) continue;
    const end = trimEnd(text, position, from);
    const next = skipSpace(text, position);
    if (next === text.length) return;
    if (end > from) yield { end, next, rank: lineEnds(text, end, next) > 1 ? PARAGRAPH : LINE };
    position = next;
  }
}

/** The rank of the white space from `end` to `next`. */
function rankOf(text: string, end: number, next: number): number {
  const lines = lineEnds(text, end, next);
  if (lines > 1) return isHeading(text, end) ? DOUBTFUL : PARAGRAPH;
  return lines === 1 && !isWrapped(text, end, next) ? LINE : rankOfSpace(text, end, next);
}

/** The rank of a place between two characters: some scripts have stops without white space behind them. */
function rankWithoutSpace(text: string, position: number): number {
  const unit = text.charCodeAt(position);
  if (unit < 0x300 && text.charCodeAt(position - 1) < 0x300) return WORD;
  if (isStop(unit) || isCloser(unit)) return WORD;
  return rankOfWideStop(text.charCodeAt(beforeClosers(text, position)));
}

/** Line ends from `start` to `end`, counted up to 2. A paragraph separator counts as two. */
function lineEnds(text: string, start: number, end: number): number {
  let lines = 0;
  for (let position = start; position < end && lines < 2; position++) {
    const unit = text.charCodeAt(position);
    if (unit === 0x2029) return 2;
    if (isLineBreak(unit) && !(unit === 13 && text.charCodeAt(position + 1) === 10)) lines++;
  }
  return lines;
}

/** Longest line that may be a heading. */
const HEADING = 80;

/** Whether a paragraph that ends here is a short line without a stop. */
function isHeading(text: string, end: number): boolean {
  const last = text.charCodeAt(end - 1);
  if (isStop(last) || isCloser(last)) return false;
  const limit = Math.max(0, end - HEADING);
  let start = end;
  while (start > limit && !isLineBreak(text.charCodeAt(start - 1))) start--;
  if (start === limit) return start === 0;
  const above = text.charCodeAt(start - 2) === 13 && text.charCodeAt(start - 1) === 10 ? start - 2 : start - 1;
  return above === 0 || isLineBreak(text.charCodeAt(above - 1));
}

/** Widths to which prose is wrapped by hand. */
const NARROWEST = 40;
const WIDEST = 120;

/** Whether a line break may be one of wrapped prose: the line is as long as such lines are, and a letter follows. */
function isWrapped(text: string, end: number, next: number): boolean {
  if (!isLetter(text.charCodeAt(next))) return false;
  const limit = Math.max(0, end - WIDEST - 1);
  let start = end;
  while (start > limit && !isLineBreak(text.charCodeAt(start - 1))) start--;
  const width = end - start;
  return width >= NARROWEST && width <= WIDEST;
}

function isLineBreak(unit: number): boolean {
  return unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029;
}

function isLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit >= 0xc0;
}
