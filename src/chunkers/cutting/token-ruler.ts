import { isPairCut } from "../text/graphemes.ts";
import { indexedText } from "../text/indexed-text.ts";
import type { Measured, Ruler } from "./ruler.ts";
import { isSpace } from "../text/space.ts";
import { firstAtLeast, interpolate } from "./sums.ts";

/** Longest stretch counted at once: keeps a tokenizer that is quadratic on unbroken runs linear. */
const BLOCK = 128;
/** Characters to a token, about. */
export const CHARACTERS = 4;
/** What is estimated to take up to this share of the room fits. */
const SURELY = 0.9;
/** Sentences are looked for this much further than estimated, and measured: none that fits is missed. */
const SLACK = 1.04;

/**
 * Tokens are not additive: the parts of a text may have more than the whole. So blocks are counted once and summed for
 * an estimate, and every piece that is cut by it is measured as a whole.
 */
export function tokenRuler(text: string, of: Measured, count: (text: string) => number): Ruler {
  const { size, room, around } = of;
  const measure = (start: number, end: number): number =>
    count(indexedText({ ...around, text: text.slice(start, end) }));
  /** Tokens of an empty text, which some encoders have. */
  const none = count("");
  const ends = [of.from];
  const sums = [0];

  function extend(): boolean {
    const start = ends.at(-1) ?? of.from;
    if (start >= text.length) return false;
    const end = blockEnd(text, start);
    ends.push(end);
    sums.push((sums.at(-1) ?? 0) + Math.max(0, count(text.slice(start, end)) - none));
    return true;
  }

  /** Tokens before `position`, a share of its block's where it lies inside. */
  function sumAt(position: number): number {
    while ((ends.at(-1) ?? 0) < position) if (!extend()) break;
    return interpolate(position, ends, sums);
  }

  /** The position before which there are `sum` tokens. */
  function positionOf(sum: number): number {
    while ((sums.at(-1) ?? 0) < sum) if (!extend()) return text.length;
    return interpolate(sum, sums, ends);
  }

  // What is far too long is not counted as a whole: a tokenizer may be slow on it.
  const wholeSize = (start: number, end: number): number =>
    sumAt(end) - sumAt(start) > 2 * room ? Infinity : measure(start, end);

  return {
    extent: CHARACTERS * room,
    units: (start, end) => count(text.slice(start, end)),
    measure,
    size,
    room,
    tokens: true,
    reach: (start) => positionOf(sumAt(start) + Math.ceil(room * SLACK)),
    upTo: sumAt,
    before: sumAt,
    sizeOf: measure,
    back: (end, units, floor) => Math.max(floor, positionOf(Math.max(0, sumAt(end) - units))),
    fits: (start, end) => wholeSize(start, end) <= size,
    wholeSize,
    mayFit: (start, end) => sumAt(end) - sumAt(start) <= SURELY * room || wholeSize(start, end) <= size,
    restart: (position) => ends[firstAtLeast(ends, position + 1) - 1] ?? of.from,
    settled: () => true,
  };
}

/**
 * Blocks end with a line, behind punctuation, or before the space in front of a word. As tokens do, so that their counts
 * add up; and at places that are found again after an edit.
 */
function blockEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + BLOCK);
  for (let position = start; position < limit; position++) {
    const unit = text.charCodeAt(position);
    if (unit === 10) return position + 1;
    if (isSpace(unit) && position > start && isPunctuation(text.charCodeAt(position - 1))) return position;
  }
  if (limit === text.length) return limit;
  for (let position = limit; position > start + BLOCK / 2; position--) {
    if (isSpace(text.charCodeAt(position))) return position;
  }
  return isPairCut(text, limit) ? limit - 1 : limit;
}

/** , - . : ; ? ! */
function isPunctuation(unit: number): boolean {
  return (
    unit === 0x2c || unit === 0x2d || unit === 0x2e || unit === 0x3a || unit === 0x3b || unit === 0x3f || unit === 0x21
  );
}
