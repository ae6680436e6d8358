import { blockRows, columnBytes, pageRows, stageBytes } from "./kernels/kernels.ts";
import { rotation, type Rotation } from "./rotation.ts";

/** How vectors are scored: higher is better for all, a euclidean score is the negative distance. */
export type Metric = "cosine" | "dot" | "euclidean";

/** Where things stand in the memory of a segment: what a call needs first, then page after page. In bytes. */
export interface Shape {
  readonly dimensions: number;
  readonly metric: Metric;
  /** Dimensions after padding with zeros. */
  readonly size: number;
  readonly rotation: Rotation;
  readonly vector: number;
  readonly centre: number;
  readonly signs: number;
  readonly table: number;
  readonly query: number;
  readonly mask: number;
  readonly stages: number;
  readonly bounds: number;
  readonly found: number;
  readonly products: number;
  readonly sums: number;
  readonly pages: number;
  readonly pageBytes: number;
  /** Within a page, after the codes. */
  readonly columns: number;
  readonly upper: number;
  readonly middle: number;
  readonly low: number;
}

/** The columns of a page. */
export const column = {
  /** Turns the sum over a row's signs into an estimate of its product with the query. */
  slope: 0,
  /** What is known of that product without the signs: with the centre, or of the distance to it. */
  offset: 1,
  /** How far the estimate may be off, as a standard deviation for a query of length 1. */
  spread: 2,
  /** 16-bit values times this are the vector at length 1. */
  unit: 3,
  /** The root mean square of the vector's values. */
  magnitude: 4,
} as const;

const columns = Object.keys(column).length;

/** Pages of a segment: about 50 MB of 384 dimensions in one memory, with one centre. */
export const segmentPages = 32;

/** At most so many blocks are looked at in one call: a few microseconds of them with WebAssembly. */
export const blocksAtOnce = 128;

export function shapeOf(dimensions: number, metric: Metric): Shape {
  const size = Math.ceil(dimensions / 32) * 32;
  const turned = rotation(size);
  let end = 0;
  const take = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const codes = (pageRows * size) / 8;
  const upper = codes + columns * columnBytes;
  return {
    dimensions,
    metric,
    size,
    rotation: turned,
    vector: take(size * 4),
    centre: take(size * 4),
    signs: take(turned.signs.byteLength),
    table: take(size * 4),
    query: take(size * 2),
    mask: take((segmentPages * pageRows) / 8),
    stages: take(3 * stageBytes),
    bounds: take(segmentPages * pageRows * 4),
    found: take(blocksAtOnce * blockRows * 4 + 4),
    products: take(blocksAtOnce * blockRows * 4),
    sums: take(16),
    pages: end,
    pageBytes: upper + 2 * pageRows * size,
    columns: codes,
    upper,
    middle: upper + (pageRows * size) / 2,
    low: upper + pageRows * size,
  };
}
