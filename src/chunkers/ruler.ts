import { ConfigError, quoted } from "../errors.ts";
import { isPairCut } from "./graphemes.ts";
import { indexedText } from "./indexed-text.ts";
import type { Settings } from "./options.ts";
import { isSpace } from "./space.ts";

/** Measures stretches of one text against the size, with the title and context that they are indexed with. */
export interface Ruler {
  /** About how far a piece from `start` can go. Exact in characters. */
  reach(start: number): number;
  /** About where the last `units` before `end` begin, at least `floor`. */
  back(end: number, units: number, floor: number): number;
  /** The units of this stretch alone. */
  units(start: number, end: number): number;
  /** Exactly what counts: the units of the indexed text. */
  measure(start: number, end: number): number;
  readonly size: number;
  /** Units for text. */
  readonly room: number;
  /** Whether `measure` counts tokens. */
  readonly tokens: boolean;
}

export interface Surroundings {
  readonly title?: string | undefined;
  readonly context?: string | undefined;
}

/** Throws where title and context leave no room for text. */
export function ruler(name: string, text: string, settings: Settings, around: Surroundings): Ruler {
  const frame = indexedText({ ...around, text: "" });
  const taken = settings.count ? settings.count(frame) : frame.length;
  const { size } = settings;
  const none = settings.count ? settings.count("") : 0;
  const room = size - Math.max(taken, none);
  if (room < 1) {
    const unit = settings.count ? "tokens" : "characters";
    const what = frame === "" ? "an empty text takes" : `the title ${quoted(around.title ?? "")} takes`;
    throw new ConfigError(`${name}: size ${size} leaves no room for text: ${what} ${Math.max(taken, none)} ${unit}.`);
  }
  return settings.count
    ? tokenRuler(text, settings.count, none, { size, room }, around)
    : characterRuler(frame.length, { size, room });
}

function characterRuler(frame: number, { size, room }: { size: number; room: number }): Ruler {
  return {
    reach: (start) => start + room,
    back: (end, units, floor) => Math.max(floor, end - units),
    units: (start, end) => end - start,
    measure: (start, end) => frame + end - start,
    size,
    room,
    tokens: false,
  };
}

/** Longest stretch counted at once: keeps a tokenizer that is quadratic on unbroken runs linear. */
const BLOCK = 128;
/** Estimates are taken this much too long, and what is cut by them is measured: a text that fits is not missed. */
const SLACK = 1.04;

/**
 * Tokens are not additive: the parts of a text may have more than the whole. So blocks are counted once and summed for
 * an estimate, and every piece that is cut by it is measured as a whole.
 */
function tokenRuler(
  text: string,
  count: (text: string) => number,
  none: number,
  { size, room }: { size: number; room: number },
  around: Surroundings,
): Ruler {
  const ends = [0];
  const sums = [0];

  function extend(): boolean {
    const start = ends.at(-1) ?? 0;
    if (start >= text.length) return false;
    const end = blockEnd(text, start);
    ends.push(end);
    sums.push((sums.at(-1) ?? 0) + Math.max(0, count(text.slice(start, end)) - none));
    return true;
  }

  /** Tokens before `position`, a share of its block's where it lies inside. */
  function sumAt(position: number): number {
    while ((ends.at(-1) ?? 0) < position) if (!extend()) break;
    const block = firstAtLeast(ends, position);
    return interpolate(position, ends, sums, block);
  }

  /** The position before which there are `sum` tokens. */
  function positionOf(sum: number): number {
    while ((sums.at(-1) ?? 0) < sum) if (!extend()) return text.length;
    const block = firstAtLeast(sums, sum);
    return Math.floor(interpolate(sum, sums, ends, block));
  }

  return {
    reach: (start) => positionOf(sumAt(start) + room * SLACK),
    back: (end, units, floor) => Math.max(floor, positionOf(Math.max(0, sumAt(end) - units))),
    units: (start, end) => count(text.slice(start, end)),
    measure: (start, end) => count(indexedText({ ...around, text: text.slice(start, end) })),
    size,
    room,
    tokens: true,
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
  return unit === 0x2c || unit === 0x2d || unit === 0x2e || unit === 0x3a || unit === 0x3b || unit === 0x3f || unit === 0x21;
}

function interpolate(x: number, xs: readonly number[], ys: readonly number[], index: number): number {
  const x1 = xs[index] ?? 0;
  const y1 = ys[index] ?? 0;
  const x0 = xs[index - 1] ?? 0;
  const y0 = ys[index - 1] ?? 0;
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/** The index of the first value at least `target` in an ascending list, or the last index. */
function firstAtLeast(values: readonly number[], target: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}
