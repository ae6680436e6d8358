import { isAnchor } from "./anchor.ts";
import type { Ruler } from "./ruler.ts";
import type { Stop } from "./stops.ts";

/** What a cut costs, by rank. The unit is that of a piece's length: the square of the logarithm of its excess. */
const COSTS = [8, 6, 3, 1, 0.5, 0.15, 0];
/** What an anchor is preferred by: little, so that it decides among equals only. */
const ANCHOR = 0.05;
/** How much more a piece costs that is too short: it says little by itself. */
const SHORT = 4;
/** Lengths are told apart by this part of the target, so that costs are looked up. */
const STEPS = 256;

const costs = Float64Array.from({ length: 8 * STEPS }, (_, step) => {
  const off = Math.log((step + 0.5) / STEPS);
  return off < 0 ? SHORT * off * off : off * off;
});

/** What a piece costs, by its length as a multiple of the target: half and double are off in the same way. */
export function costOfLength(multiple: number): number {
  return costs[Math.min(costs.length - 1, Math.floor(multiple * STEPS))] ?? 0;
}

export interface Lengths {
  /** The length at which a piece costs nothing. */
  readonly target: number;
  /** Units for text. */
  readonly room: number;
  readonly ruler: Pick<Ruler, "before" | "upTo">;
  /** Where the piece begins that goes on behind a stop, after a piece that begins at `previous`. Absent: where that ended. */
  readonly begin: ((previous: number, index: number) => number) | undefined;
  /** Where it begins if the piece is to reach `end` and room is short: at `position` at the latest. */
  beginLater(start: number, position: number, end: number): number;
}

export interface Cut {
  readonly start: number;
  readonly end: number;
  /** The index of the stop. */
  readonly stop: number;
  readonly units: number;
}

/**
 * The cuts of a stretch that cost least in all, by dynamic programming over its stops.
 *
 * Costs the squared logarithm of the length by the target, more of a shorter one, plus what the cut costs. Every two stops
 * in a row are within one piece.
 */
export function cheapestCuts(
  stops: readonly Stop[],
  place: { readonly start: number; readonly position: number },
  lengths: Lengths,
): readonly Cut[] {
  const { start } = place;
  const { target, room, ruler } = lengths;
  const count = stops.length;
  if (scratch.least.length <= count) scratch = scratchFor(2 * count);
  const { ends, costsOfCuts, least, previous, begins, before } = scratch;
  least[0] = 0;
  for (let index = 0; index < count; index++) {
    const { end, rank, mark } = stops[index] as Stop;
    ends[index] = ruler.upTo(end);
    costsOfCuts[index] = (COSTS[rank] ?? 0) - (isAnchor(mark) ? ANCHOR : 0);
    least[index + 1] = Infinity;
  }

  const scale = STEPS / target;
  for (let from = 0; from < count; from++) {
    const first = ends[from] as number;
    const position = from === 0 ? place.position : (stops[from - 1] as Stop).next;
    let begin = from === 0 ? start : position;
    if (lengths.begin && from > 0) begin = lengths.begin(begins[previous[from] as number] as number, from - 1);
    let units = ruler.before(begin);
    if (first - units > room && begin < position) {
      begin = lengths.beginLater(begin, position, (stops[from] as Stop).end);
      units = ruler.before(begin);
      if (first - units > room) {
        begin = position;
        units = ruler.before(begin);
      }
    }
    begins[from] = begin;
    before[from] = units;
    const cost = least[from] as number;
    for (let index = from; index < count; index++) {
      const length = (ends[index] as number) - units;
      if (length > room && index > from) break;
      const step = Math.min(costs.length - 1, (length * scale) | 0);
      const sum = cost + (costs[step] as number) + (costsOfCuts[index] as number);
      if (sum >= (least[index + 1] as number)) continue;
      least[index + 1] = sum;
      previous[index + 1] = from;
    }
  }

  const cuts: Cut[] = [];
  for (let index = count; index > 0;) {
    const stop = index - 1;
    index = previous[index] as number;
    cuts.push({
      start: begins[index] as number,
      end: (stops[stop] as Stop).end,
      stop,
      units: (ends[stop] as number) - (before[index] as number),
    });
  }
  return cuts.toReversed();
}

interface Scratch {
  /** Of each stop: units up to it, and what a cut there costs. */
  readonly ends: Int32Array;
  readonly costsOfCuts: Float64Array;
  /** Of each number of stops: the cheapest way to the last of them, and how many of them the way is behind a cut before. */
  readonly least: Float64Array;
  readonly previous: Int32Array;
  /** Where the piece begins behind so many stops, and the units before. */
  readonly begins: Int32Array;
  readonly before: Int32Array;
}

/**
 * What is worked with, kept from stretch to stretch. Positions are integers, so that they stay small ones wherever they go:
 * what was compiled for these is not for others.
 */
function scratchFor(count: number): Scratch {
  return {
    ends: new Int32Array(count),
    costsOfCuts: new Float64Array(count),
    least: new Float64Array(count + 1),
    previous: new Int32Array(count + 1),
    begins: new Int32Array(count),
    before: new Int32Array(count),
  };
}

let scratch = scratchFor(256);
