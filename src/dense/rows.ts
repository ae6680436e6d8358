import type { RowSet } from "../row-set.ts";
import type { Codes } from "./codes.ts";

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
  /** What `packedRow` made of a row of the same dimensions, metric and profile: scores stay the same. False where it cannot be one. */
  unpack(row: number, bytes: Uint8Array): boolean;
  /**
   * Higher is better: cosine, dot product, or the negative distance. Yields now and then, so that whoever drives it may
   * let others run; when rows have changed meanwhile, what it finds is worth nothing and it has to be begun again.
   */
  search(vector: Float32Array, query: RowQuery): Generator<void, FoundRows, undefined>;
  /** What they are held in; undefined while that is the vectors as they were given. `begin`: codes from now on. */
  codes(begin?: boolean): Codes | undefined;
}
