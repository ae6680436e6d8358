/** The least of the `count` best scores offered so far; minus infinity before there are as many. */
export interface ScoreBar {
  readonly height: number;
  offer(score: number): void;
}

/** A binary heap with the least at its root. */
export function scoreBar(count: number): ScoreBar {
  const heap = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  return {
    get height() {
      return heap[0] ?? Number.NEGATIVE_INFINITY;
    },
    offer(score) {
      if (!(score > (heap[0] as number))) return;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= count) break;
        if (child + 1 < count && (heap[child + 1] as number) < (heap[child] as number)) child++;
        if ((heap[child] as number) >= score) break;
        heap[at] = heap[child] as number;
        at = child;
      }
      heap[at] = score;
    },
  };
}
