import type { TopRows } from "../top-rows.ts";

/** Rows of a scan, all of them, to be taken best first for as long as somebody wants: a heap that is put in order on the way. */
export interface RowQueue extends TopRows {
  /** To be called once, after all were offered. */
  bestFirst(): Generator<{ readonly row: number; readonly score: number }, void, undefined>;
}

export function rowQueue(precedes: (rowA: number, rowB: number) => boolean): RowQueue {
  const rows: number[] = [];
  const scores: number[] = [];
  /** Places among the rows; the best one is first. */
  let heap = new Uint32Array(0);

  const better = (a: number, b: number): boolean => {
    const scoreA = scores[a] as number;
    const scoreB = scores[b] as number;
    return scoreA === scoreB ? precedes(rows[a] as number, rows[b] as number) : scoreA > scoreB;
  };
  const sink = (from: number, size: number): void => {
    const moved = heap[from] as number;
    let place = from;
    for (let child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && better(heap[child + 1] as number, heap[child] as number)) child++;
      if (!better(heap[child] as number, moved)) break;
      heap[place] = heap[child] as number;
      place = child;
    }
    heap[place] = moved;
  };

  return {
    least: Number.NEGATIVE_INFINITY,
    offer(row, score) {
      rows.push(row);
      scores.push(score);
    },
    take: () => ({ rows: Uint32Array.from(rows), scores: Float64Array.from(scores) }),
    *bestFirst() {
      heap = Uint32Array.from(rows.keys());
      for (let place = (heap.length >> 1) - 1; place >= 0; place--) sink(place, heap.length);
      for (let size = heap.length; size > 0;) {
        const first = heap[0] as number;
        yield { row: rows[first] as number, score: scores[first] as number };
        heap[0] = heap[--size] as number;
        sink(0, size);
      }
    },
  };
}
