/** The best rows of a scan, without sorting all of it: a binary heap whose root is the worst row kept. */
export interface TopRows {
  /** Answers with what a score must have at least from now on to be kept. */
  offer(row: number, score: number): number;
  /** To be called once, after all were offered. Best first; rows with the same score in the order of `precedes`. */
  take(): { readonly rows: Uint32Array; readonly scores: Float64Array };
}

export function topRows(limit: number, precedes: (rowA: number, rowB: number) => boolean): TopRows {
  const rows: number[] = [];
  const scores: number[] = [];

  /** Whether the row at `place` is worse than the other. */
  const worse = (place: number, row: number, score: number): boolean => {
    const mine = scores[place] as number;
    return mine < score || (mine === score && precedes(row, rows[place] as number));
  };
  const put = (place: number, row: number, score: number): void => {
    rows[place] = row;
    scores[place] = score;
  };
  /** Fills the hole at the root of the first `length` rows: what is worse comes up. */
  const sink = (length: number, row: number, score: number): void => {
    let hole = 0;
    for (let child = 1; child < length; child = 2 * hole + 1) {
      if (child + 1 < length && worse(child + 1, rows[child] as number, scores[child] as number)) child++;
      if (!worse(child, row, score)) break;
      put(hole, rows[child] as number, scores[child] as number);
      hole = child;
    }
    put(hole, row, score);
  };
  /** Fills the new hole behind the last row: what is better comes down. */
  const rise = (row: number, score: number): void => {
    let hole = rows.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (worse(parent, row, score)) break;
      put(hole, rows[parent] as number, scores[parent] as number);
      hole = parent;
    }
    put(hole, row, score);
  };

  return {
    offer(row, score) {
      if (rows.length < limit) rise(row, score);
      else if (limit > 0 && worse(0, row, score)) sink(limit, row, score);
      return rows.length < limit ? Number.NEGATIVE_INFINITY : (scores[0] ?? Number.POSITIVE_INFINITY);
    },
    take() {
      for (let length = rows.length - 1; length > 0; length--) {
        const row = rows[length] as number;
        const score = scores[length] as number;
        put(length, rows[0] as number, scores[0] as number);
        sink(length, row, score);
      }
      return { rows: new Uint32Array(rows), scores: new Float64Array(scores) };
    },
  };
}
