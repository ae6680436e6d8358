import { hasRow } from "../row-set.ts";
import { topRows } from "../top-rows.ts";
import type { Metric } from "./shape.ts";
import type { VectorRows } from "./rows.ts";

/** Rows scanned one by one between breaks: a few milliseconds of them. */
const slice = 4096;

/** Vectors as they were given, scanned one by one: exact, and the meaning of every faster way. */
export function flat({ dimensions, metric }: { readonly dimensions: number; readonly metric: Metric }): VectorRows {
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
  const set = (row: number, vector: Float32Array): void => {
    reserve(row + 1);
    if (!has(row)) size++;
    values.set(vector, row * dimensions);
    norms[row] = Math.sqrt(dot(vector, vector));
  };

  return {
    get size() {
      return size;
    },
    get bytes() {
      return values.byteLength + norms.byteLength;
    },
    *rows() {
      for (let row = 0; row < norms.length; row++) if (has(row)) yield row;
    },
    set,
    delete(row) {
      if (!has(row)) return false;
      norms[row] = Number.NaN;
      size--;
      return true;
    },
    vectorOf: (row) => (has(row) ? at(row).slice() : undefined),
    packed: (row) => (has(row) ? new Uint8Array(at(row).slice().buffer) : undefined),
    unpack(row, bytes) {
      if (bytes.length !== dimensions * values.BYTES_PER_ELEMENT) return false;
      set(row, new Float32Array(bytes.slice().buffer));
      return true;
    },
    *search(vector, { limit, allowed, precedes }) {
      const best = topRows(limit, precedes);
      const length = Math.sqrt(dot(vector, vector));
      for (let row = 0; row < norms.length; row++) {
        if (row % slice === slice - 1) yield;
        const norm = norms[row] ?? Number.NaN;
        if (Number.isNaN(norm) || (allowed !== undefined && !hasRow(allowed, row))) continue;
        if (metric === "euclidean") best.offer(row, -distance(at(row), vector));
        else if (metric === "dot") best.offer(row, dot(at(row), vector));
        else best.offer(row, dot(at(row), vector) / (norm * length));
      }
      return best.take();
    },
    save(rows) {
      const all = new Float32Array(rows.length * dimensions);
      for (const [index, row] of rows.entries()) all.set(at(row), index * dimensions);
      return { plain: true, size: rows.length, parts: [new Uint8Array(all.buffer)] };
    },
    *restore({ size: rows }, bytes) {
      if (bytes.length !== rows * dimensions * values.BYTES_PER_ELEMENT) return false;
      reserve(rows);
      bytes.next(new Uint8Array(values.buffer, 0, bytes.length));
      yield;
      for (size = 0; size < rows; size++) norms[size] = Math.sqrt(dot(at(size), at(size)));
      return true;
    },
    rest: () => [],
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
