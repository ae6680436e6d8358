import type { RowSet } from "../row-set.ts";
import type { Place } from "./kernels/checksum.ts";
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
