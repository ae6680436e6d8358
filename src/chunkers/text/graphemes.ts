import { CR, LF } from "./line-ends.ts";

/** Grapheme clusters of one text, as `Intl.Segmenter` has them, asked for by position. */
export interface Graphemes {
  /** The nearest boundary at or before. */
  before(position: number): number;
  /** The nearest boundary at or after. */
  after(position: number): number;
  isBoundary(position: number): boolean;
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** `Intl.Segmenter` copies its input for every segment: whole texts would take quadratic time, so it sees windows. */
const WINDOW = 256;

/**
 * Units between two of which UAX #29 always breaks, CR LF apart: no combining mark, joiner, modifier, prepended mark,
 * conjoining jamo, Indic consonant, regional indicator or surrogate is among them.
 */
const plain = new Uint8Array(0x10000)
  .fill(1, 0, 0x300)
  .fill(1, 0x370, 0x483)
  .fill(1, 0x48a, 0x589)
  .fill(1, 0x5d0, 0x5eb)
  .fill(1, 0x620, 0x64b)
  .fill(1, 0xe01, 0xe31)
  .fill(1, 0xe40, 0xe47)
  .fill(1, 0x1e00, 0x2000)
  .fill(1, 0x2010, 0x20d0)
  .fill(1, 0x2100, 0x2cef)
  .fill(1, 0x2e00, 0x302a)
  .fill(1, 0x3041, 0x3097)
  .fill(1, 0x309b, 0xa000)
  .fill(1, 0xac00, 0xd7a4)
  .fill(1, 0xff01, 0xff9e);

function isPlain(unit: number): boolean {
  return plain[unit] === 1;
}

/** Marks on the letter before them: in front of a plain unit a cluster ends that ends with one. */
function isMark(unit: number): boolean {
  return (
    (unit >= 0x300 && unit < 0x370) ||
    (unit >= 0x64b && unit <= 0x65f) ||
    (unit >= 0xe31 && unit <= 0xe4e && !isPlain(unit))
  );
}

/** A stretch between two certain boundaries, with every boundary in it. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly boundaries: readonly number[];
}

export function graphemes(text: string): Graphemes {
  const recent: Run[] = [];

  function isCertain(position: number): boolean {
    if (position <= 0 || position >= text.length) return true;
    const before = text.charCodeAt(position - 1);
    const after = text.charCodeAt(position);
    return isPlain(after) && (isPlain(before) ? before !== CR || after !== LF : isMark(before));
  }

  /**
   * Where the cluster begins that `position` is inside of, or where it ends; `position` where that is a boundary.
   *
   * All in one, which is too large to be compiled into what asks: clusters are rare in most texts, and what is compiled
   * before the first comes is compiled again then.
   */
  function edge(position: number, isEnd: boolean): number {
    if (isCertain(position)) return position;
    const known = recent.find((run) => run.start < position && position < run.end);
    if (known) return within(known, position, isEnd);
    let start = position;
    do start--;
    while (!isCertain(start));
    let end = position;
    do end++;
    while (!isCertain(end));
    const run = { start, end, boundaries: boundariesOf(text, start, end) };
    recent.unshift(run);
    // A window of text touches few long runs; more than these need not be kept.
    if (recent.length > 4) recent.pop();
    return within(run, position, isEnd);
  }

  return {
    before: (position) => edge(position, false),
    after: (position) => edge(position, true),
    isBoundary: (position) => edge(position, false) === position,
  };
}

function within({ boundaries }: Run, position: number, isEnd: boolean): number {
  let low = 0;
  let high = boundaries.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((boundaries[middle] ?? Infinity) <= position) low = middle;
    else high = middle - 1;
  }
  const start = boundaries[low] ?? position;
  return isEnd && start < position ? (boundaries[low + 1] ?? position) : start;
}

/** Every boundary from `start` to `end`, which are boundaries themselves. Linear, however long one cluster is. */
function boundariesOf(text: string, start: number, end: number): number[] {
  const boundaries = [start];
  let position = start;
  while (position < end) {
    const from = position;
    const stop = wholePair(text, Math.min(from + WINDOW, end));
    for (const { index } of segmenter.segment(text.slice(from, stop))) {
      if (index > 0) boundaries.push((position = from + index));
    }
    // The last cluster of a window may go on behind it, so it is the first one of the next window.
    if (stop === end) position = end;
    else if (position === from) position = firstCluster(text, from, end);
    else continue;
    boundaries.push(position);
  }
  return boundaries;
}

/** The end of the cluster at `from`, for clusters longer than a window. */
function firstCluster(text: string, from: number, end: number): number {
  for (let width = 2 * WINDOW; ; width *= 2) {
    const stop = wholePair(text, Math.min(from + width, end));
    const length = segmenter.segment(text.slice(from, stop)).containing(0)?.segment.length ?? 0;
    if (stop === end || from + length < stop) return from + length;
  }
}

function wholePair(text: string, position: number): number {
  return isPairCut(text, position) ? position + 1 : position;
}

/** Whether a cut here would part the two halves of a surrogate pair. */
export function isPairCut(text: string, position: number): boolean {
  return (text.charCodeAt(position - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(position) & 0xfc00) === 0xdc00;
}
