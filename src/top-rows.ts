/** The best rows of a scan, without sorting all of it: a binary heap whose root is the worst row kept. */
export interface TopRows {
  offer(row: number, score: number): void;
  /** A lower score is not kept. */
  readonly least: number;
  /** Best first; rows with the same score in the order of `precedes`. */
  take(): { readonly rows: Uint32Array; readonly scores: Float64Array };
}

export function topRows(limit: number, precedes: (rowA: number, rowB: number) => boolean): TopRows {
  const rows: number[] = [];
  const scores: number[] = [];
  const worse = (a: number, b: number): boolean => {
    const scoreA = scores[a] ?? 0;
    const scoreB = scores[b] ?? 0;
    return scoreA === scoreB ? precedes(rows[b] ?? 0, rows[a] ?? 0) : scoreA < scoreB;
  };
  const swap = (a: number, b: number): void => {
    [rows[a], rows[b]] = [rows[b] ?? 0, rows[a] ?? 0];
    [scores[a], scores[b]] = [scores[b] ?? 0, scores[a] ?? 0];
  };
  const sink = (from: number): void => {
    for (let parent = from; ;) {
      const left = 2 * parent + 1;
      if (left >= rows.length) return;
      const child = left + 1 < rows.length && worse(left + 1, left) ? left + 1 : left;
      if (!worse(child, parent)) return;
      swap(child, parent);
      parent = child;
    }
  };
  const rise = (from: number): void => {
    for (let child = from; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!worse(child, parent)) return;
      swap(child, parent);
      child = parent;
    }
  };

  return {
    offer(row, score) {
      if (rows.length < limit) {
        rows.push(row);
        scores.push(score);
        rise(rows.length - 1);
      } else if (limit > 0) {
        const least = scores[0] ?? 0;
        if (score < least || (score === least && !precedes(row, rows[0] ?? 0))) return;
        rows[0] = row;
        scores[0] = score;
        sink(0);
      }
    },
    get least() {
      return rows.length < limit ? Number.NEGATIVE_INFINITY : (scores[0] ?? Number.POSITIVE_INFINITY);
    },
    take() {
      const order = rows.map((_, index) => index).toSorted((a, b) => (worse(b, a) ? -1 : 1));
      return {
        rows: Uint32Array.from(order, (index) => rows[index] ?? 0),
        scores: Float64Array.from(order, (index) => scores[index] ?? 0),
      };
    },
  };
}
