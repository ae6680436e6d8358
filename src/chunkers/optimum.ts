import { isAnchor } from "./anchor.ts";
import type { Ruler } from "./ruler.ts";
import type { Stop } from "./stops.ts";

/** What a cut costs, by rank. The unit is that of a piece's length: the square of the logarithm of its excess. */
const COSTS = [8, 6, 3, 1, 0.5, 0.15, 0];
/** What an anchor is preferred by: little, so that it decides among equals only. */
const ANCHOR = 0.05;

export interface Lengths {
  /** The length at which a piece costs nothing. */
  readonly target: number;
  /** Units for text. */
  readonly room: number;
  readonly ruler: Pick<Ruler, "before" | "upTo">;
  /** Where the piece begins that goes on behind a stop, after a piece that begins at `previous`. */
  begin(previous: number, index: number): number;
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
 * Costs the squared logarithm of the length by the target, so that half and double are equally far off, plus what the cut
 * costs. Every two stops in a row are within one piece.
 */
export function cheapestCuts(
  stops: readonly Stop[],
  { start, position }: { readonly start: number; readonly position: number },
  lengths: Lengths,
): readonly Cut[] {
  const { target, room, ruler } = lengths;
  // Plain arrays: most stretches have a dozen stops.
  const ends: number[] = [];
  const costs: number[] = [];
  const least: number[] = [0];
  const previous: number[] = [0];
  const starts: number[] = [start];
  const units: number[] = [0];
  for (const { end, rank, mark } of stops) {
    ends.push(ruler.upTo(end));
    costs.push((COSTS[rank] ?? 0) - (isAnchor(mark) ? ANCHOR : 0));
    least.push(Infinity);
    previous.push(0);
    starts.push(0);
    units.push(0);
  }

  for (let node = 0; node < stops.length; node++) {
    let begin = node === 0 ? start : lengths.begin(starts[node] ?? 0, node - 1);
    let before = ruler.before(begin);
    const base = least[node] ?? 0;
    for (let index = node; index < stops.length; index++) {
      let length = (ends[index] ?? 0) - before;
      if (length > room) {
        if (index > node) break;
        const end = stops[index]?.end ?? 0;
        begin = lengths.beginLater(begin, node === 0 ? position : (stops[node - 1]?.next ?? 0), end);
        before = ruler.before(begin);
        length = (ends[index] ?? 0) - before;
        if (length > room) {
          begin = node === 0 ? position : (stops[node - 1]?.next ?? 0);
          before = ruler.before(begin);
          length = (ends[index] ?? 0) - before;
        }
      }
      // The logarithm takes longest, and most beginnings are beaten without it.
      const costOfCut = costs[index] ?? 0;
      if (base + costOfCut > (least[index + 1] ?? 0) + 1e-9) continue;
      const off = Math.log(Math.max(1, length) / target);
      const cost = base + off * off + costOfCut;
      if (cost < (least[index + 1] ?? 0)) {
        least[index + 1] = cost;
        previous[index + 1] = node;
        starts[index + 1] = begin;
        units[index + 1] = length;
      }
    }
  }

  const cuts: Cut[] = [];
  for (let node = stops.length; node > 0; node = previous[node] ?? 0) {
    cuts.push({ start: starts[node] ?? 0, end: stops[node - 1]?.end ?? 0, stop: node - 1, units: units[node] ?? 0 });
  }
  return cuts.toReversed();
}
