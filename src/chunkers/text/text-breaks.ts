import type { Break } from "./breaks.ts";
import type { Finder } from "./line-ends.ts";
import { countLineEnds, finderOf, isLineEnd } from "./line-ends.ts";
import {
  afterNotes,
  afterOpeners,
  beforeClosers,
  isCloser,
  isStop,
  rankOfSpace,
  rankOfWideStop,
  sentenceEndsOf,
} from "./punctuation.ts";
import { DOUBTFUL, LINE, PARAGRAPH, WORD } from "./rank.ts";
import { isSpace, skipSpace, trimEnd } from "./space.ts";

/** Every paragraph, line, sentence and clause of plain text that ends behind a position. */
export function* textBreaks(text: string, from: number, to: number): Generator<Break, void, undefined> {
  const { nextBreak } = textBreaksOf(text);
  for (let found = nextBreak(from, to); found; found = nextBreak(found.next, to)) yield found;
}

/**
 * The breaks of plain text. What is found at a position depends on the text near it alone: after an edit, and in a stream,
 * the rest stays as it was. Fast where it is asked for in order.
 */
export interface TextBreaks {
  /** The first break whose `end` lies in (from, to], from clauses upwards. */
  readonly nextBreak: (from: number, to: number) => Break | undefined;
  /** The first of a sentence, a line or a paragraph. Clauses are not looked for, so that it is faster. */
  readonly nextSentenceBreak: (from: number, to: number) => Break | undefined;
  /** Whether a line break may be one of wrapped prose. What ends there is on one line with `within`. */
  readonly isWrapped: (end: number, next: number, within: number) => boolean;
}

export function textBreaksOf(text: string): TextBreaks {
  const feed = finderOf(text, "\n");
  let ends: Finder | undefined;
  /** Where the last break of a sentence ended on a line that begins at `line`, or before. */
  let behind = -1;
  let line = -1;

  function nextBreak(from: number, to: number): Break | undefined {
    const stop = Math.min(to, text.length - 1);
    let position = from + 1;
    let afterPlain = from < text.length && isPlain(text.charCodeAt(from));
    for (;;) {
      if (afterPlain) position = skipPlain(text, position, stop);
      if (position > stop) return undefined;
      const unit = text.charCodeAt(position);
      if (isSpace(unit)) {
        const next = skipSpace(text, position);
        if (next === text.length) return undefined;
        const rank = isSpace(text.charCodeAt(position - 1)) ? WORD : rankOf(position, next, position);
        if (rank > WORD) return { end: position, next, rank };
        position = next;
        afterPlain = false;
      } else {
        const rank = rankWithoutSpace(text, position);
        if (rank > WORD) return { end: position, next: position, rank };
        position++;
        afterPlain = isPlain(unit);
      }
    }
  }

  function nextSentenceBreak(from: number, to: number): Break | undefined {
    const stop = Math.min(to, text.length - 1);
    ends ??= sentenceEndsOf(text, feed);
    let position = from;
    /** Where the text of the line begins, or later. */
    let within = from === behind ? line : from;
    for (;;) {
      if (position < stop) position = Math.min(stop, ends(position));
      const isBlank = isSpace(text.charCodeAt(position));
      if (position >= stop && !isBlank) return undefined;
      // White space ends a line wherever in it the line end is.
      const end = isBlank ? trimEnd(text, position, from) : afterMarks(text, position + 1, stop);
      const next = skipSpace(text, end);
      if (end > stop || next === text.length) return undefined;
      const isOneSpace = next === end + 1 && text.charCodeAt(end) === SPACE;
      if (end > from) {
        const rank = next > end ? rankOf(end, next, within) : rankWithoutSpace(text, end);
        if (rank >= DOUBTFUL) {
          behind = next;
          line = isOneSpace || next === end ? within : next;
          return { end, next, rank };
        }
      }
      if (next > stop) return undefined;
      if (next > end && !isOneSpace) within = next;
      position = next;
    }
  }

  /** The rank of the white space from `end` to `next`. What ends there is on one line with `within`. */
  function rankOf(end: number, next: number, within: number): number {
    const lines = countLineEnds(text, end, next);
    if (lines > 1) return isHeading(text, end, within) ? DOUBTFUL : PARAGRAPH;
    return lines === 1 && !isWrapped(end, next, within) ? LINE : rankOfSpace(text, end, next);
  }

  /**
   * The line is as long as such lines are, the first word of the next one would have made it longer than that, and it is a
   * letter, a bracket that numbers nothing, or something that opens in the middle of a sentence.
   */
  function isWrapped(end: number, next: number, within: number): boolean {
    const isText =
      isLetter(text.charCodeAt(next)) ||
      (text.charAt(next) === "("
        ? !text.slice(next, next + 5).includes(")")
        : isLetter(text.charCodeAt(end - 1)) && isLetter(text.charCodeAt(afterOpeners(text, next))));
    if (!isText) return false;
    const start = startOfLine(text, within, end - WIDEST - 1);
    const width = end - start;
    if (width < NARROWEST || width > WIDEST) return false;
    if (isAlike(text, skipSpace(text, start), next)) return false;
    const below = feed(next);
    // A line that is no longer needs no look at its first word.
    if (below <= next + width && below < text.length) return true;
    const limit = Math.min(text.length, next + WIDEST);
    for (let wordEnd = next; wordEnd < limit; wordEnd++) {
      if (wordEnd === below) return true;
      if (text.charCodeAt(wordEnd) !== SPACE) continue;
      const longer = wordEnd + width;
      return longer >= limit || below <= longer;
    }
    return true;
  }

  return { nextBreak, nextSentenceBreak, isWrapped };
}

/** Behind stops and closing marks; one more than `stop` where there is nothing else. */
function afterMarks(text: string, start: number, stop: number): number {
  let position = start;
  while (position <= stop && isMark(text.charCodeAt(position))) position++;
  // A stop that needs no white space ends its sentence before them.
  return rankOfWideStop(text, beforeClosers(text, position)) > WORD ? position : afterNotes(text, position);
}

/** Whether no sentence begins with it, where no white space is before. */
function isMark(unit: number): boolean {
  return isStop(unit) || isCloser(unit);
}

/** Letters and digits, none of which is punctuation: looked up. Those of a value above 1 set phrases apart by spaces. */
const plain = new Uint8Array(0x10000)
  .fill(1, 0x30, 0x3a)
  .fill(1, 0x41, 0x5b)
  .fill(1, 0x61, 0x7b)
  .fill(1, 0xc0, 0x300)
  .fill(1, 0x388, 0x530) // Greek, Cyrillic
  .fill(1, 0x5d0, 0x60c) // Hebrew
  .fill(1, 0x620, 0x6d4) // Arabic
  .fill(1, 0x904, 0x964) // Devanagari
  .fill(1, 0x966, 0xe00) // and its neighbours
  .fill(2, 0xe01, 0xf00) // Thai, Lao
  .fill(1, 0x3041, 0xd7a4); // kana, ideographs, Hangul

function isPlain(unit: number): boolean {
  return (plain[unit] ?? 0) > 0;
}

/** Goes past what most places are: between two letters, or a space between two words. */
function skipPlain(text: string, start: number, stop: number): number {
  let position = start;
  while (position <= stop) {
    const unit = text.charCodeAt(position);
    if (isPlain(unit)) position++;
    else if (unit === SPACE && position + 1 < text.length && plain[text.charCodeAt(position + 1)] === 1) position += 2;
    else break;
  }
  return position;
}

/** The rank of a place between two characters: some scripts have stops without white space behind them. */
function rankWithoutSpace(text: string, position: number): number {
  const unit = text.charCodeAt(position);
  if (unit < 0x300 && text.charCodeAt(position - 1) < 0x300) return WORD;
  if (isMark(unit)) return WORD;
  const last = beforeClosers(text, position);
  const rank = rankOfWideStop(text, last);
  // Who said it may follow what was said.
  return last < position - 1 ? Math.min(rank, DOUBTFUL) : rank;
}

/** Longest line that may be a heading. */
const HEADING = 80;

const underline = /^(\W)\1\1+$/u;

/** Whether a paragraph that ends here is a short line, which `within` lies in, without a stop; it may be underlined. */
export function isHeading(text: string, end: number, within: number, isAbove = false): boolean {
  if (end - within > HEADING) return false;
  const last = text.charCodeAt(end - 1);
  if (isStop(last) || isCloser(last)) return false;
  const limit = Math.max(0, end - HEADING);
  const start = startOfLine(text, within, limit);
  if (start === limit) return start === 0;
  const above = trimEnd(text, start, Math.max(0, start - HEADING));
  if (above === 0 || countLineEnds(text, above, start) > 1) return true;
  return !isAbove && underline.test(text.slice(start, end)) && isHeading(text, above, above, true);
}

const SPACE = 32;

/** Widths to which prose is wrapped by hand. */
const NARROWEST = 40;
const WIDEST = 120;

/** Lines that begin alike, so far, are those of a list. */
const ALIKE = 4;

function isAlike(text: string, one: number, other: number): boolean {
  if (other + ALIKE > text.length) return false;
  let same = 0;
  while (same < ALIKE && text.charCodeAt(one + same) === text.charCodeAt(other + same)) same++;
  return same === ALIKE;
}

/** Where the line begins that a position is in, about `limit` where it begins before. */
export function startOfLine(text: string, position: number, limit: number): number {
  let start = position;
  while (start > 0 && start > limit && !isLineEnd(text.charCodeAt(start - 1))) start--;
  return start;
}

function isLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit >= 0xc0;
}
