import { coded } from "./coded.ts";
import { flat } from "./flat.ts";
import type { KernelMemory } from "./kernels/memory.ts";
import type { VectorRows } from "./rows.ts";
import type { Metric } from "./shape.ts";

/**
 * `exact`: as they were given, in 4 bytes a dimension. `balanced`: exact up to 1,024 vectors; beyond, about 2.2 bytes a
 * dimension, 16 bits of each value, searched by codes. Of more than 4,096 dimensions, as `exact`.
 */
export type Profile = "balanced" | "exact";

export interface VectorRowsOptions {
  readonly dimensions: number;
  readonly metric: Metric;
  readonly profile?: Profile;
  /** Where the codes are kept. Default: WebAssembly, or plain arrays where there is none. */
  readonly memoryOf?: (bytes: number) => KernelMemory;
}

/** What the codes' sums have room for. */
export const codedDimensions = 4096;

/** A plain scan of as many takes a fraction of a millisecond. */
const plainly = 1024;

export function vectorRows({ profile = "balanced", ...options }: VectorRowsOptions): VectorRows {
  const isCoded = profile === "balanced" && options.dimensions <= codedDimensions;
  let held = flat(options);
  let plain = true;
  const encode = (): void => {
    const before = held;
    held = coded(options);
    for (const row of before.rows()) held.set(row, before.vectorOf(row) as Float32Array);
    plain = false;
  };
  const set = (row: number, vector: Float32Array): void => {
    if (plain && isCoded && held.size >= plainly) encode();
    held.set(row, vector);
  };
  return {
    get size() {
      return held.size;
    },
    get bytes() {
      return held.bytes;
    },
    rows: () => held.rows(),
    set,
    delete: (row) => held.delete(row),
    vectorOf: (row) => held.vectorOf(row),
    unpack(row, bytes) {
      const values = bytes.subarray(1);
      if (bytes[0] === 1) {
        if (!isCoded) return false;
        if (plain) encode();
        return held.unpack(row, values);
      }
      if (bytes[0] !== 0 || values.length !== options.dimensions * 4) return false;
      set(row, new Float32Array(values.slice().buffer));
      return true;
    },
    search: (vector, query) => held.search(vector, query),
    codes(begin = false) {
      if (begin) encode();
      return held.codes();
    },
  };
}
