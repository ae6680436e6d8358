import { hasRow, type RowSet } from "../row-set.ts";
import { topRows } from "../top-rows.ts";

export type Metric = "cosine" | "dot" | "euclidean";

export interface FlatQuery {
  readonly limit: number;
  readonly allowed?: RowSet;
  /** The order of rows with the same score. */
  readonly precedes: (rowA: number, rowB: number) => boolean;
}

/** The vectors of one scope by row, scanned one by one: exact, and the meaning of every faster way. */
export interface Flat {
  readonly size: number;
  /** Held for vectors and their lengths. */
  readonly bytes: number;
  /** Replaces what the row had. */
  set(row: number, vector: Float32Array): void;
  delete(row: number): boolean;
  vectorOf(row: number): Float32Array | undefined;
  /** Higher is better: cosine, dot product, or the negative distance. */
  search(vector: Float32Array, query: FlatQuery): { readonly rows: Uint32Array; readonly scores: Float64Array };
}

export function flat(options: { readonly dimensions: number; readonly metric: Metric }): Flat {
  const { dimensions, metric } = options;
  let values = new Float32Array(0);
  /** Length of each row's vector; NaN where a row has none. */
  let norms = new Float64Array(0);
  let size = 0;

  const reserve = (rows: number): void => {
    if (rows <= norms.length) return;
    const capacity = Math.max(rows, norms.length * 2, 16);
    const grown = new Float32Array(capacity * dimensions);
    grown.set(values);
    values = grown;
    const lengths = new Float64Array(capacity).fill(Number.NaN);
    lengths.set(norms);
    norms = lengths;
  };
  const has = (row: number): boolean => row < norms.length && !Number.isNaN(norms[row]);
  const at = (row: number): Float32Array => values.subarray(row * dimensions, (row + 1) * dimensions);

  return {
    get size() {
      return size;
    },
    get bytes() {
      return values.byteLength + norms.byteLength;
    },
    set(row, vector) {
      reserve(row + 1);
      if (!has(row)) size++;
      values.set(vector, row * dimensions);
      norms[row] = Math.sqrt(dot(vector, vector));
    },
    delete(row) {
      if (!has(row)) return false;
      norms[row] = Number.NaN;
      size--;
      return true;
    },
    vectorOf: (row) => (has(row) ? at(row).slice() : undefined),
    search(vector, { limit, allowed, precedes }) {
      const best = topRows(limit, precedes);
      const length = Math.sqrt(dot(vector, vector));
      for (let row = 0; row < norms.length; row++) {
        const norm = norms[row] ?? Number.NaN;
        if (Number.isNaN(norm) || (allowed !== undefined && !hasRow(allowed, row))) continue;
        if (metric === "euclidean") best.offer(row, -distance(at(row), vector));
        else if (metric === "dot") best.offer(row, dot(at(row), vector));
        else best.offer(row, dot(at(row), vector) / (norm * length));
      }
      return best.take();
    },
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
