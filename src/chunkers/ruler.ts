import { ConfigError, quoted } from "../errors.ts";
import { isPairCut } from "./graphemes.ts";
import { frameLength, indexedText } from "./indexed-text.ts";
import type { Settings } from "./options.ts";
import { pretokenRuler } from "./pretoken-ruler.ts";
import { isSpace } from "./space.ts";
import { firstAtLeast, interpolate } from "./sums.ts";

/** Measures stretches of one text against the size, with the title and context that they are indexed with. */
export interface Ruler {
  /** How far a piece from `start` can go at most. Exact in characters, else about. */
  readonly reach: (start: number) => number;
  /** About where the last `units` before `end` begin, at least `floor`. */
  back(end: number, units: number, floor: number): number;
  /** About how many characters a full piece has. */
  readonly extent: number;
  /** Units of a stretch are `upTo(end) - before(start)`: exactly in characters, else about. */
  upTo(end: number): number;
  before(start: number): number;
  /** What `measure` counts, where a stretch is known to have these units by `upTo` and `before`. */
  sizeOf(start: number, end: number, units: number): number;
  /** Exactly whether a piece may be this stretch. */
  fits(start: number, end: number): boolean;
  /** The same, but what is well within the size is not counted again. */
  readonly mayFit: (start: number, end: number) => boolean;
  /** The units of this stretch alone. */
  units(start: number, end: number): number;
  /** Exactly what counts: the units of the indexed text. */
  measure(start: number, end: number): number;
  /** The last place up to a position from which the rest of the text measures alike by itself. */
  restart(position: number): number;
  /** Whether what is measured up to a position is the same whatever comes behind the text. */
  settled(position: number): boolean;
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

/** The units that title and context leave for text; below 1 there are none. */
export function roomOf({ size, count }: Settings, around: Surroundings): number {
  if (!count) return size - frameLength(around);
  const frame = indexedText({ ...around, text: "" });
  return size - (frame === "" ? count("") : Math.max(count(frame), count("")));
}

/** The overlap of pieces in so much room: title and context take their share of it, so that every piece goes on. */
export function overlapOf({ size, overlap }: Settings, { room }: Ruler): number {
  return Math.floor((overlap * room) / size);
}

/** Throws where title and context leave no room. What is before `from` is not asked for. */
export function rulerOf(name: string, text: string, settings: Settings, around: Surroundings, from = 0): Ruler {
  const { size, count, tokenSums } = settings;
  const room = roomOf(settings, around);
  if (room < 1) {
    const taken = `${size - room} ${count ? "tokens" : "characters"}`;
    const what = around.title ? `the title ${quoted(around.title)} takes ${taken}` : `an empty text takes ${taken}`;
    throw new ConfigError(`${name}: size ${size} leaves no room for text: ${what}.`);
  }
  if (count && tokenSums) return pretokenRuler({ text, count, tokenSums, size, room, around });
  if (count) return tokenRuler({ text, from, count, none: count(""), size, room, around });
  return characterRuler(size - room, { size, room });
}

function characterRuler(frame: number, { size, room }: { size: number; room: number }): Ruler {
  return {
    reach: (start) => start + room,
    extent: room,
    upTo: (end) => end,
    before: (start) => start,
    sizeOf: (_start, _end, units) => frame + units,
    back: (end, units, floor) => Math.max(floor, end - units),
    fits: (start, end) => end - start <= room,
    mayFit: (start, end) => end - start <= room,
    units: (start, end) => end - start,
    measure: (start, end) => frame + end - start,
    restart: (position) => position,
    settled: () => true,
    size,
    room,
    tokens: false,
  };
}

/** Longest stretch counted at once: keeps a tokenizer that is quadratic on unbroken runs linear. */
const BLOCK = 128;
/** Characters to a token, about. */
const CHARACTERS = 4;
/** What is estimated to take up to this share of the room fits. */
const SURELY = 0.9;
/** Sentences are looked for this much further than estimated, and measured: none that fits is missed. */
const SLACK = 1.04;

/**
 * Tokens are not additive: the parts of a text may have more than the whole. So blocks are counted once and summed for
 * an estimate, and every piece that is cut by it is measured as a whole.
 */
function tokenRuler(of: {
  readonly text: string;
  /** Nothing before is asked for. */
  readonly from: number;
  readonly count: (text: string) => number;
  /** Tokens of an empty text, which some encoders have. */
  readonly none: number;
  readonly size: number;
  readonly room: number;
  readonly around: Surroundings;
}): Ruler {
  const { text, count, none, size, room, around } = of;
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

  function measure(start: number, end: number): number {
    return count(indexedText({ ...around, text: text.slice(start, end) }));
  }

  return {
    reach: (start) => positionOf(sumAt(start) + Math.ceil(room * SLACK)),
    extent: CHARACTERS * room,
    upTo: sumAt,
    before: sumAt,
    sizeOf: measure,
    back: (end, units, floor) => Math.max(floor, positionOf(Math.max(0, sumAt(end) - units))),
    // What is far too long is not counted as a whole: a tokenizer may be slow on it.
    fits: (start, end) => {
      const about = sumAt(end) - sumAt(start);
      return about <= 2 * room && measure(start, end) <= size;
    },
    mayFit: (start, end) => {
      const about = sumAt(end) - sumAt(start);
      return about <= SURELY * room || (about <= 2 * room && measure(start, end) <= size);
    },
    units: (start, end) => count(text.slice(start, end)),
    measure,
    restart: (position) => ends[firstAtLeast(ends, position + 1) - 1] ?? of.from,
    settled: () => true,
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
  return (
    unit === 0x2c || unit === 0x2d || unit === 0x2e || unit === 0x3a || unit === 0x3b || unit === 0x3f || unit === 0x21
  );
}
