import type { Breaks, BreakScanner, BreakSink, Extents } from "../text/breaks.ts";
import { DOUBTFUL, NEVER, PARAGRAPH } from "../text/rank.ts";
import { firstBehind } from "../text/spans.ts";

/** A block that is not taken apart further. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly breaks: Breaks;
  /** Belongs to the part behind it: no piece ends with it. */
  readonly lead: boolean;
  /** No piece ends inside. */
  readonly whole: boolean;
  /** Of the break behind it. */
  readonly rank: number;
}

/** All have one shape, which spreading does not give them: what is compiled for some is so for all. */
export function partOf(
  start: number,
  end: number,
  whole: boolean,
  { breaks, lead, rank }: Pick<Part, "breaks" | "lead" | "rank">,
): Part {
  return { start, end, breaks, lead, whole, rank };
}

/** Where the parts begin that belong to what comes behind so many of them, and starts there. */
export function firstLead(parts: readonly Part[], start: number, count: number): number {
  const first = leadsFrom(parts, count);
  return first < count ? (parts[first] as Part).start : start;
}

/** The index of the first of those. */
export function leadsFrom(parts: readonly Part[], count: number): number {
  let first = count;
  while (first > 0 && (parts[first - 1] as Part).lead) first--;
  return first;
}

/** What is above a part and belongs to it takes some of its piece. */
interface ExtentsBelow extends Extents {
  readonly extents: Extents;
  readonly own: number;
  readonly above: number;
}

function fitsBelow(this: ExtentsBelow, start: number, end: number): boolean {
  return this.extents.fits(start === this.own ? this.above : start, end);
}

function reachBelow(this: ExtentsBelow, start: number): number {
  return this.extents.reach(start === this.own ? this.above : start);
}

/** The breaks between parts, and inside those that are not kept whole. */
export function breaksBetween(text: string, parts: readonly Part[], scannerOf: (of: Breaks) => BreakScanner): Breaks {
  const scan: BreakScanner = (from, to, extents, sink) => {
    const index = firstBehind(parts, from);
    const reading: Reading = { text, parts, scannerOf, from, to, extents, sink, index, readInside: undefined };
    return () => readPart(reading);
  };
  // What is above a part counts from where the reading began: elsewhere inside of that, something else is found.
  const firm = parts.some(({ lead, whole }) => lead && !whole) ? NEVER : PARAGRAPH;
  return { of: () => scan, firm, shared: NEVER };
}

interface Reading {
  readonly text: string;
  readonly parts: readonly Part[];
  readonly scannerOf: (of: Breaks) => BreakScanner;
  readonly from: number;
  readonly to: number;
  readonly extents: Extents;
  readonly sink: BreakSink;
  /** The part that is being read, and what reads inside it. */
  index: number;
  readInside: (() => boolean) | undefined;
}

function readPart(reading: Reading): boolean {
  const { text, parts, from, to, sink, index } = reading;
  if (index === parts.length) return false;
  const part = parts[index] as Part;
  if (part.start >= to) return false;
  if (!part.whole) {
    reading.readInside ??= reading.scannerOf(part.breaks)(
      Math.max(from, part.start),
      part.end,
      extentsIn(reading, part.start),
      sink,
    );
    if (reading.readInside()) return true;
    reading.readInside = undefined;
  }
  reading.index++;
  if (index + 1 === parts.length) return false;
  // What announces a list or a table stays with it where it can.
  const rank = text.charCodeAt(part.end - 1) === COLON ? Math.min(part.rank, DOUBTFUL) : part.rank;
  if (!part.lead) sink(part.end, (parts[index + 1] as Part).start, rank);
  return true;
}

function extentsIn({ parts, index, from, extents }: Reading, own: number): Extents {
  const above = Math.max(from, firstLead(parts, own, index));
  if (above >= own) return extents;
  const below: ExtentsBelow = { extents, own, above, fits: fitsBelow, reach: reachBelow };
  return below;
}

const COLON = 0x3a;

/** Whether a part ends here that belongs to what is behind it. */
export function isLeadEnd(parts: readonly Part[], end: number): boolean {
  const part = parts[firstBehind(parts, end - 1)];
  return part !== undefined && part.lead && part.end === end;
}
