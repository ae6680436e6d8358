import type { RowSet } from "../row-set.ts";
import { coded } from "./coded.ts";
import { flat } from "./flat.ts";
import type { Place } from "./kernels/checksum.ts";
import type { KernelMemory } from "./kernels/memory.ts";
import type { Metric } from "./shape.ts";
import type { Unread } from "./unread-values.ts";

export interface RowQuery {
  readonly limit: number;
  readonly allowed?: RowSet;
  /** The order of rows with the same score. */
  readonly precedes: (rowA: number, rowB: number) => boolean;
}

export interface FoundRows {
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
}

/** The vectors of one scope by row: what a store or an index needs of them. */
export interface VectorRows {
  readonly size: number;
  /** Held for vectors and what is known of them. */
  readonly bytes: number;
  rows(): Iterable<number>;
  /** Replaces what the row had. */
  set(row: number, vector: Float32Array): void;
  delete(row: number): boolean;
  vectorOf(row: number): Float32Array | undefined;
  /** What is kept of a row, for `unpack` of another index of the same dimensions, metric and profile: scores stay the same. */
  packed(row: number): Uint8Array<ArrayBuffer> | undefined;
  /** False where the bytes cannot be a vector. */
  unpack(row: number, bytes: Uint8Array): boolean;
  /**
   * Higher is better: cosine, dot product, or the negative distance. Yields now and then, so that whoever drives it may
   * let others run; when rows have changed meanwhile, what it finds is worth nothing and it has to be begun again.
   */
  search(vector: Float32Array, query: RowQuery): Generator<void, FoundRows, undefined>;
  /** The vectors of these rows, which are all of them, to be rows 0, 1, 2 … again; views that the next write changes. */
  save(rows: readonly number[]): Saved;
  /** Takes what was saved, when there is nothing yet. False where the bytes cannot be so many vectors. */
  restore(saved: Pick<Saved, "plain" | "size">, bytes: SavedBytes): Generator<void, boolean, undefined>;
  /** Each takes some of what `restore` left where it was. */
  rest(): readonly (() => void)[];
}

/** What was saved, to be read from the front. */
export interface SavedBytes {
  readonly length: number;
  /** Fills `into` with the next ones; `place` tells of the memory it is a view of, where kernels can look at them too. */
  next(into: Uint8Array, place?: Place): void;
  /** Where they can be read as long as it is wanted: what leaves them there. */
  readonly unread: Unread | undefined;
  /** Passes so many over, to be read when they are wanted. */
  later(length: number): (from: number, into: Uint8Array) => void;
}

/** Little-endian, as every platform that runs JavaScript is. */
export interface Saved {
  /** As they were given, or as codes. */
  readonly plain: boolean;
  readonly size: number;
  /** One after the other they are the bytes. Of several, each is a multiple of 128 long. */
  readonly parts: readonly Uint8Array[];
}

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
    // The first byte tells vectors as they were given, 0, from those in 16 bits.
    packed(row) {
      const bytes = held.packed(row);
      if (bytes === undefined) return undefined;
      const marked = new Uint8Array(bytes.length + 1);
      marked[0] = plain ? 0 : 1;
      marked.set(bytes, 1);
      return marked;
    },
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
    save: (rows) => held.save(rows),
    *restore(saved, bytes) {
      if (!saved.plain) encode();
      return yield* held.restore(saved, bytes);
    },
    rest: () => held.rest(),
  };
}
