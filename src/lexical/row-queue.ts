import type { TopRows } from "../top-rows.ts";

/** Rows of a scan, all of them, to be looked at best first for as long as somebody wants. */
export interface RowQueue extends Pick<TopRows, "offer"> {
  /** To be called once, after all were offered. Ends as soon as `isEnough` says so. */
  bestFirst(isEnough: (row: number, score: number) => boolean): void;
}

/** So many rows have a range of scores to themselves, where scores are spread evenly. */
const SHARING = 2;
/** Of no more rows the best one is taken, and again the best one. */
const FEW = 8;

/**
 * Put in order only as far as they are looked at: by ranges of scores first, then what is in a range by incremental
 * quicksort (Paredes and Navarro 2006).
 *
 * @param most So many rows are offered at most.
 */
export function rowQueue(most: number, precedes: (rowA: number, rowB: number) => boolean): RowQueue {
  const rows = new Uint32Array(most);
  const scores = new Float64Array(most);
  let count = 0;
  let highest = 0;
  /** Which of them is at each place, once they are put in order. */
  let order: Uint32Array = new Uint32Array(0);

  /** Answers with where each range ends. */
  const divideByScore = (): Uint32Array => {
    const ranges = Math.ceil(count / SHARING);
    const rangeOf = (i: number): number => Math.floor((1 - (scores[i] as number) / highest) * (ranges - 1));
    const next = new Uint32Array(ranges + 1);
    for (let i = 0; i < count; i++) {
      const after = rangeOf(i) + 1;
      next[after] = (next[after] as number) + 1;
    }
    for (let range = 1; range <= ranges; range++) next[range] = (next[range] as number) + (next[range - 1] as number);
    order = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const range = rangeOf(i);
      const place = next[range] as number;
      order[place] = i;
      next[range] = place + 1;
    }
    return next.subarray(0, ranges);
  };

  const swap = (a: number, b: number): void => {
    const at = order[a] as number;
    order[a] = order[b] as number;
    order[b] = at;
  };
  const better = (placeA: number, placeB: number): boolean => {
    const a = order[placeA] as number;
    const b = order[placeB] as number;
    const scoreA = scores[a] as number;
    const scoreB = scores[b] as number;
    return scoreA > scoreB || (scoreA === scoreB && precedes(rows[a] as number, rows[b] as number));
  };
  /** Takes one of the rows from `from` to `end`, puts before it those that are better, and answers with its place then. */
  const divide = (from: number, end: number): number => {
    const last = end - 1;
    swap(from + Math.floor(Math.random() * (end - from)), last);
    let place = from;
    for (let i = from; i < last; i++) if (better(i, last)) swap(i, place++);
    swap(place, last);
    return place;
  };

  return {
    offer(row, score) {
      rows[count] = row;
      scores[count++] = score;
      if (score > highest) highest = score;
      return 0;
    },
    bestFirst(isEnough) {
      let next = 0;
      for (const rangeEnd of divideByScore()) {
        /** All rows before such a place are better than all behind it. */
        const ends = [rangeEnd];
        while (next < rangeEnd) {
          let end = ends.at(-1) as number;
          for (; end - next > FEW; end = ends.at(-1) as number) {
            const place = divide(next, end);
            if (place + 1 < end) ends.push(place + 1);
            if (place > next) ends.push(place);
          }
          let best = next;
          for (let i = next + 1; i < end; i++) if (better(i, best)) best = i;
          swap(best, next);
          const at = order[next] as number;
          if (isEnough(rows[at] as number, scores[at] as number)) return;
          if (++next === end) ends.pop();
        }
      }
    },
  };
}
