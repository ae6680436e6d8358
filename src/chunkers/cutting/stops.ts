import { markOf } from "./anchor.ts";
import type { Break, Breaks, Extents } from "../text/breaks.ts";
import { LF } from "../text/line-ends.ts";
import { DOUBTFUL, PARAGRAPH } from "../text/rank.ts";

/** A place where a piece may end. */
export interface Stop extends Break {
  /** What equals are told apart by. */
  readonly mark: number;
}

/** The stops of a text in order, found once however often they are asked for. */
export interface Stops {
  /** What was found. */
  readonly found: readonly Stop[];
  /** The index of the first stop behind a position. What is before it may be forgotten. */
  startAt(position: number): number;
  /** Finds more; false where there are no more. */
  readOn(): boolean;
}

/** How many are forgotten at once. */
const FORGOTTEN = 256;

/** Of the breaks up to the `last` one, which is the end of the text, those are stops that are clean. */
export function stopsOf(of: {
  readonly text: string;
  readonly breaks: Breaks;
  readonly last: number;
  readonly extents: Extents;
  readonly isClean: (end: number, next: number) => boolean;
}): Stops {
  const { text, breaks, last, extents, isClean } = of;
  const scan = breaks.of(text);
  const found: Stop[] = [];
  let read = (): boolean => false;
  let first = 0;

  function sink(end: number, next: number, rank: number): void {
    if (next >= last) return;
    // Line feeds never are in one grapheme with what is beside them.
    if ((text.charCodeAt(end) !== LF || text.charCodeAt(next - 1) !== LF) && !isClean(end, next)) return;
    found.push({ end, next, rank, mark: rank < DOUBTFUL ? 1 : markOf(text, end, next) });
  }

  /** Whether reading from a position would find the same as what was found behind it. */
  function goesOn(position: number): boolean {
    const before = first > 0 ? found[first - 1] : undefined;
    if (before?.next === position && before.rank >= breaks.firm) return true;
    const behind = first < found.length ? found[first] : undefined;
    // What is near decides what is whole; here nothing is, whatever is measured otherwise from another place.
    return behind !== undefined && behind.end > extents.reach(extents.reach(position));
  }

  function forget(count: number): void {
    if (count > 0) found.splice(0, count);
    first = 0;
  }

  return {
    found,
    startAt(position) {
      while (first < found.length && (found[first]?.end ?? 0) <= position) first++;
      if (!goesOn(position)) readFrom(position);
      else if (first > FORGOTTEN) forget(first);
      return first;
    },
    readOn,
  };

  /** Reads again as far as something else is found than before: from a line that both have on, the same is. */
  function readFrom(position: number): void {
    const before = found.slice(first);
    const readBefore = read;
    forget(found.length);
    read = scan(position, last, extents, sink);
    if (before.length === 0 || !readOn()) return;
    const { end, next, rank } = found[0] as Stop;
    const same = before.findIndex((stop) => stop.end >= end);
    const other = before[same];
    if (other?.end !== end || other.next !== next || other.rank !== rank || rank < breaks.shared) return;
    found.length = 1;
    for (let index = same + 1; index < before.length; index++) found.push(before[index] as Stop);
    read = readBefore;
  }

  function readOn(): boolean {
    const { length } = found;
    if (length > 0 && found[length - 1]?.next === last) return false;
    while (found.length === length) {
      if (!read()) found.push({ end: last, next: last, rank: PARAGRAPH, mark: 1 });
    }
    return true;
  }
}
