import type { TopRows } from "../top-rows.ts";

/** Rows of a scan, all of them, to be taken best first for as long as somebody wants. */
export interface RowQueue extends Pick<TopRows, "offer" | "least"> {
  /** To be called once, after all were offered. */
  bestFirst(): Generator<{ readonly row: number; readonly score: number }, void, undefined>;
}

/** Among more rows a good one is looked for to divide them by: few are wanted, and few are soon in order. */
const MANY = 64;

/**
 * Put in order only as far as they are taken: incremental quicksort (Paredes and Navarro 2006).
 *
 * @param most So many rows are offered at most.
 */
export function rowQueue(most: number, precedes: (rowA: number, rowB: number) => boolean): RowQueue {
  const rows = new Uint32Array(most);
  const scores = new Float64Array(most);
  let count = 0;

  const swap = (a: number, b: number): void => {
    const row = rows[a] as number;
    const score = scores[a] as number;
    rows[a] = rows[b] as number;
    scores[a] = scores[b] as number;
    rows[b] = row;
    scores[b] = score;
  };
  const better = (a: number, b: number): boolean => {
    const scoreA = scores[a] as number;
    const scoreB = scores[b] as number;
    return scoreA > scoreB || (scoreA === scoreB && precedes(rows[a] as number, rows[b] as number));
  };
  /** Takes one of the rows from `from` to `end`, puts before it those that are better, and answers with its place then. */
  const divide = (from: number, end: number): number => {
    const last = end - 1;
    let chosen = last;
    for (let left = end - from > MANY ? 8 : 1; left > 0; left--) {
      const other = from + Math.floor(Math.random() * (end - from));
      if (chosen === last || better(other, chosen)) chosen = other;
    }
    swap(chosen, last);
    let place = from;
    for (let i = from; i < last; i++) if (better(i, last)) swap(i, place++);
    swap(place, last);
    return place;
  };

  return {
    least: Number.NEGATIVE_INFINITY,
    offer(row, score) {
      rows[count] = row;
      scores[count++] = score;
    },
    *bestFirst() {
      /** Places of rows that have all better ones before them, the nearest one last. */
      const places = [count];
      for (let next = 0; next < count; next++) {
        for (let place = places.at(-1) ?? next; place > next; places.push(place)) place = divide(next, place);
        places.pop();
        yield { row: rows[next] as number, score: scores[next] as number };
      }
    },
  };
}
