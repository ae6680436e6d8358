import type { Extents } from "../text/breaks.ts";
import type { Stop, Stops } from "./stops.ts";
import { DOUBTFUL } from "../text/rank.ts";

/** A part of a text that is cut by itself. */
export interface Stretch {
  /** Where pieces may end, the last one being the end of the stretch. None: nothing to cut at comes within one piece. */
  readonly stops: readonly Stop[];
  /** The text up to here decides it; Infinity: the end of the text does. */
  readonly seen: number;
}

export interface Measures extends Extents {
  /** The window in which the end of a stretch is the strongest stop, in characters. */
  readonly window: number;
  /** Stops nearer to each other than this are not all needed. */
  readonly grain: number;
}

/** Longest stretch, in windows: repetitive text may have no stop that is stronger than all around it. */
const LONGEST = 6;

/**
 * Finds the stretch that begins at a position.
 *
 * It ends at a stop that is the strongest within a window on either side, equals being told apart by the characters around
 * them (local maximum chunking: Bjørner, Blass, Gurevich 2010). That does not depend on where it begins, so that after an
 * edit the same stretches come again soon.
 */
export function stretchOf(position: number, source: Stops, measures: Measures): Stretch {
  const { window, grain } = measures;
  const longest = position + LONGEST * window;
  const stops: Stop[] = [];
  /** Stops of the last window, each weaker than the one before it. */
  const strongest: Stop[] = [];
  let head = 0;
  /** The length of the stretch that ends at the strongest stop so far. */
  let found = 0;
  let before = position;
  let last: Stop | undefined;
  /** Not needed, unless the next one is too far away. */
  let spare: Stop | undefined;

  const all = source.found;
  for (let index = source.startAt(position); ;) {
    let stop = index < all.length || source.readOn() ? all[index] : undefined;
    const isFit = stop !== undefined && measures.fits(before, stop.end);
    const isSpare = spare !== undefined && !isFit;
    index += isSpare ? 0 : 1;
    if (isSpare) stop = spare;
    if (!stop) break;
    if (!isSpare && !isFit) {
      return { stops, seen: measures.reach(measures.reach(before)) };
    }
    if (!isSpare && last) {
      const { end, next } = stop;
      const isFound = found > 0 && end > (stops[found - 1] ?? last).end + window;
      if (isFound || end > longest) {
        const count = isFound ? found : strongestLate(stops, longest - 3 * window) + 1;
        return { stops: stops.slice(0, count), seen: measures.reach(next) };
      }
      // One that a stretch may end at is there, wherever the stretch begins.
      if (end - last.end < grain && !isStronger(stop, last)) {
        spare = stop;
        continue;
      }
    }
    spare = undefined;
    stops.push(stop);
    last = stop;
    before = stop.next;
    if (stop.rank < DOUBTFUL) continue;
    while (head < strongest.length && (strongest[head] ?? stop).end < stop.end - window) head++;
    while (strongest.length > head && isStronger(stop, strongest[strongest.length - 1] ?? stop)) strongest.pop();
    if (strongest.length === head && stop.end >= position + window) found = stops.length;
    strongest.push(stop);
  }
  return { stops, seen: Infinity };
}

function isStronger(one: Stop, other: Stop): boolean {
  return one.rank === other.rank ? one.mark > other.mark : one.rank > other.rank;
}

/** The index of the strongest stop behind a position, or of the last one. */
function strongestLate(stops: readonly Stop[], position: number): number {
  let best = stops.length - 1;
  for (let index = best - 1; index >= 0; index--) {
    const [stop, strongest] = [stops[index], stops[best]];
    if (!stop || !strongest || stop.end <= position) break;
    if (isStronger(stop, strongest)) best = index;
  }
  return best;
}
