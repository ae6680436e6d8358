import { queryMost, stepQuery, windowGroups, windowMost } from "./kernels/kernels.ts";
import type { Shape } from "./shape.ts";

/** What a search knows of its query, whatever segment it looks at. Ranks are scores before `scoreOf`. */
export interface Query {
  /** See `deviationsFor`. */
  readonly deviations: number;
  /** Rotated. Of length 1 for cosines, of the given length for distances, by a power of two for products. */
  readonly values: Float64Array;
  readonly length: number;
  /** The same as whole numbers, times `step`, as kernels take them, and their sum. */
  readonly short: Int16Array;
  readonly total: number;
  readonly step: number;
  /** What products are to be multiplied by. */
  readonly scale: number;
}

/** `rotated` is the query divided by `scale`, which is a power of two. */
export function queryOf({ metric, size }: Shape, rotated: Float32Array, scale: number, deviations: number): Query {
  const values = Float64Array.from(rotated);
  const length = lengthOf(values);
  const factor = metric === "cosine" ? 1 / length : metric === "euclidean" ? scale : 1;
  for (let i = 0; i < size; i++) values[i] = (values[i] as number) * factor;
  // Where all values are zero, any step does.
  const step = largest(values) / queryMost || Number.MIN_VALUE;
  const short = new Int16Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) {
    short[i] = Math.round((values[i] as number) / step);
    total += short[i] as number;
  }
  stepQuery(short);
  return { deviations, values, length: length * factor, short, total, step, scale };
}

/** How the codes of one segment are read for a query: what `Kernels.scan` takes. */
export interface Plan {
  /** For each four dimensions the sums of all sixteen combinations of signs. */
  readonly table: Uint8Array;
  /** Early ones first; the last one has all dimensions. */
  readonly stages: readonly Stage[];
  /** What a rank is multiplied by to be compared with the bounds of all dimensions. */
  readonly scale: number;
  /** Rank of the centre: the same for every row of the segment. */
  readonly base: number;
}

export interface Stage {
  /** How many dimensions have been looked at then. */
  readonly dimensions: number;
  /** A sum less `half` is that of the query's values with a row's signs, in a unit of its own, as all that follows. */
  readonly half: number;
  /** How much of the query lies along the centre. */
  readonly along: number;
  /** Deviations, times the length of what is estimated: of rows that are looked at first, and of all. */
  readonly near: number;
  readonly far: number;
  readonly scale: number;
}

/**
 * A row is worth a closer look when it may reach the bar, the score of the last row wanted, by so many standard deviations
 * of its estimate. Where scores are as dense as can be, a row is missed as often as a normal number is below that; where
 * the best stand out, less. Of queries that are noise, among 100,000 rows, 2.15 missed one row in 110, 2.3 one in 200, 2.35
 * one in 330, and 2.45 one in 450.
 *
 * A filter may exclude the query's own neighbourhood, so that scores are dense: there 2.4 missed one in 175, 2.5 one in
 * 200, 2.6 one in 300. Among few rows a closer look at more of them costs next to nothing.
 */
export function deviationsFor(rows: number, filtered: boolean): number {
  if (rows < 20_000) return 3;
  return filtered ? 2.5 : 2.35;
}

/** Those that are likely to be among the best are looked at first, so that the bar is high when the others come. */
const nearDeviations = 0.3;

/**
 * Where most rows are far from the query, a part of their codes is enough to see it: a block of rows is left when none of
 * them comes near the bar. So many deviations cost no recall that could be measured.
 */
const earlyDeviations = 3.5;
const leastForStages = 128;

/** Estimates products from signs (RaBitQ, Gao and Long 2024), with a table for four signs at once (André et al. 2015). */
export function planOf({ metric, size }: Shape, { values, deviations }: Query, centre: Float32Array): Plan {
  let product = 0;
  let square = 0;
  for (let i = 0; i < size; i++) {
    product += (centre[i] as number) * (values[i] as number);
    square += (centre[i] as number) ** 2;
  }
  // Only what is left of the query beside the centre has to be estimated; what lies along it is known of every row.
  const along = metric === "euclidean" || square === 0 ? 1 : product / square;
  const rest = new Float64Array(size);
  for (let i = 0; i < size; i++) rest[i] = (values[i] as number) - along * (centre[i] as number);
  const length = lengthOf(rest);
  const base = metric === "euclidean" ? -(length ** 2) / 2 : product;

  // The greatest sum of as many fours as are added in a byte.
  let most = 0;
  for (let from = 0; from < size; from += 16) {
    let sum = 0;
    const end = Math.min(from + windowGroups * 4, size);
    for (let i = from; i < end; i++) sum += Math.abs(rest[i] as number);
    most = Math.max(most, sum);
  }
  // What stands for 0 is rounded up, for each four.
  const step = (2 * most) / (windowMost - 2 * windowGroups) || 1;
  const table = new Uint8Array(size * 4);
  /** Of the fours so far, what a sum is when it stands for 0. */
  const halfs = new Int32Array(size / 4 + 1);
  const fine = 256;
  const fixed = new Int32Array(size);
  for (let i = 0; i < size; i++) fixed[i] = Math.round(((rest[i] as number) / step) * fine);
  for (let four = 0; four < size / 4; four++) {
    const from = four * 4;
    const [a, b] = [fixed[from] as number, fixed[from + 1] as number];
    const [c, d] = [fixed[from + 2] as number, fixed[from + 3] as number];
    const half = Math.ceil((Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d)) / fine);
    halfs[four + 1] = (halfs[four] as number) + half;
    for (let upper = 0; upper < 4; upper++) {
      // With the first two negative, the others as their bits say; rounded.
      const sum = (half + 0.5) * fine - a - b + ((upper & 1) === 1 ? c : -c) + (upper > 1 ? d : -d);
      const at = four * 16 + upper * 4;
      table[at] = sum / fine;
      table[at + 1] = (sum + 2 * a) / fine;
      table[at + 2] = (sum + 2 * b) / fine;
      table[at + 3] = (sum + 2 * a + 2 * b) / fine;
    }
  }
  // Rounding to levels adds its own variance, step²/12 for four dimensions. Signs alone leave 1 − 2/π of a square.
  const deviation = Math.sqrt(length ** 2 + (size * step ** 2) / 48 / (1 - 2 / Math.PI));
  const { fround } = Math;
  const stage = (share: number): Stage => {
    const dimensions = share === 1 ? size : Math.floor((share * size) / 16) * 16;
    const part = dimensions / size;
    const scale = part / step;
    // Signs of a part leave besides what they are of the whole, 1 + (π/2) / (π/2 − 1) · (1 − part) / part times the variance.
    const early = earlyDeviations * deviation * Math.sqrt(1 + (Math.PI / (Math.PI - 2)) * (1 / part - 1));
    return {
      dimensions,
      half: halfs[dimensions / 4] as number,
      along: fround(along * scale),
      near: fround((share === 1 ? nearDeviations * deviation : early) * scale),
      // What is left early is not looked at again.
      far: share === 1 ? fround(deviations * deviation * scale) : Number.NEGATIVE_INFINITY,
      scale: fround(scale),
    };
  };
  const stages = (size < leastForStages ? [1] : [0.25, 0.5, 1]).map(stage);
  return { table, stages, scale: fround(1 / step), base };
}

/** The least bound that a row may have: a little under the bar, because bounds are made in single precision. */
export function thresholdOf({ base }: Plan, bar: number): number {
  return Math.fround(bar - base - 1e-6 * (Math.abs(bar) + Math.abs(base)));
}

function lengthOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number));
  return most;
}
