import { hasRow } from "../row-set.ts";
import { roomFor } from "../room.ts";
import { topRows } from "../top-rows.ts";
import type { Metric } from "./shape.ts";
import type { VectorRows } from "./rows.ts";

/** Rows scanned one by one between breaks: a few milliseconds of them. */
const slice = 4096;

/** Vectors as they were given, scanned one by one: exact, and the meaning of every faster way. */
export function flat({ dimensions, metric }: { readonly dimensions: number; readonly metric: Metric }): VectorRows {
  let values = new Float32Array(0);
  /** Length of each row's vector, 1 where it is 0, which no cosine is taken of; 0 where a row has none. */
  let norms = new Float64Array(0);
  let size = 0;

  const has = (row: number): boolean => (norms[row] ?? 0) > 0;
  const at = (row: number): Float32Array => values.subarray(row * dimensions, (row + 1) * dimensions);
  const set = (row: number, vector: Float32Array): void => {
    values = roomFor(values, (row + 1) * dimensions);
    norms = roomFor(norms, row + 1);
    if (!has(row)) size++;
    values.set(vector, row * dimensions);
    norms[row] = lengthOf(vector);
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
      norms[row] = 0;
      size--;
      return true;
    },
    vectorOf: (row) => (has(row) ? at(row).slice() : undefined),
    unpack(row, bytes) {
      if (bytes.length !== dimensions * values.BYTES_PER_ELEMENT) return false;
      set(row, new Float32Array(bytes.slice().buffer));
      return true;
    },
    *search(vector, { limit, allowed, precedes }) {
      const best = topRows(limit, precedes);
      const length = lengthOf(vector);
      for (let row = 0; row < norms.length; row++) {
        if (row % slice === slice - 1) yield;
        if (!has(row) || (allowed !== undefined && !hasRow(allowed, row))) continue;
        if (metric === "euclidean") best.offer(row, -distance(at(row), vector));
        else if (metric === "dot") best.offer(row, dot(at(row), vector));
        else best.offer(row, dot(at(row), vector) / ((norms[row] as number) * length));
      }
      return best.take();
    },
    codes: () => undefined,
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(dot(vector, vector)) || 1;
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
