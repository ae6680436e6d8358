import { seededRandom } from "../src/testing/random.ts";

/** Vectors to search among, made from a seed: the same ones on every machine. All have length 1. */

export interface VectorSet {
  readonly name: string;
  readonly dimensions: number;
  readonly count: number;
  /** One after the other. */
  readonly values: Float32Array;
  /** The cluster of each row. */
  readonly clusters?: readonly number[];
}

export const setNames = ["clustered", "grouped", "copies", "uniform"] as const;
export type SetName = (typeof setNames)[number];

/** Uniform in 0…1. */
export function random(seed: number): () => number {
  return seededRandom(seed).next;
}

/** Rows of normal numbers: stretches of one table of a million (Box and Muller), because a row of fresh ones is slow. */
export function normals(next: () => number, dimensions: number): () => Float32Array {
  const table = Float32Array.from(
    { length: 1 << 20 },
    () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
  return () => {
    const start = Math.floor(next() * (table.length - dimensions));
    return table.subarray(start, start + dimensions);
  };
}

/**
 * `clustered`: a cluster for each hundred rows, of uneven sizes, around a mean that is not zero; the directions have a
 * decaying spectrum, 1 / √(1 + i / 24). `grouped`: the same, one cluster after the other. `copies`: half of the rows
 * are copies of a thousand others at cosines of .98 to .9999. `uniform`: no structure at all, the worst case.
 */
export function generated(name: SetName, count: number, dimensions: number, seed = 1): VectorSet {
  const next = random(seed);
  const row = normals(next, dimensions);
  const values = new Float32Array(count * dimensions);
  const spectrum = Float32Array.from({ length: dimensions }, (_, i) => 1 / Math.sqrt(1 + i / 24));
  const mean = row().slice();
  const centres = Array.from({ length: Math.max(10, Math.floor(count / 100)) }, () => {
    const own = row();
    return spectrum.map((scale, i) => scale * ((own[i] ?? 0) + 0.5 * (mean[i] ?? 0)));
  });
  const chosen = Array.from({ length: count }, () => Math.floor(next() ** 1.5 * centres.length));
  if (name === "grouped") chosen.sort((a, b) => a - b);
  for (let at = 0; at < count; at++) {
    const vector = values.subarray(at * dimensions, (at + 1) * dimensions);
    const noise = row();
    const centre = centres[chosen[at] ?? 0] ?? spectrum;
    if (name === "uniform") vector.set(noise);
    else if (name === "copies" && at >= count / 2) {
      const from = (at % Math.min(1000, count / 2)) * dimensions;
      // Noise of this length, against 1, gives cosines of .98 to .9999.
      const length = 0.2 * 0.07 ** next();
      for (let i = 0; i < dimensions; i++) {
        vector[i] = (values[from + i] ?? 0) + ((noise[i] ?? 0) * length) / Math.sqrt(dimensions);
      }
    } else
      for (let i = 0; i < dimensions; i++) vector[i] = (centre[i] ?? 0) + 0.45 * (spectrum[i] ?? 0) * (noise[i] ?? 0);
    normalise(vector);
  }
  return { name, dimensions, count, values, clusters: chosen };
}

export const queryKinds = ["rows", "noise", "negated"] as const;

/** `rows`: rows of the set with noise at a cosine of about .9; `noise`: of anything; `negated`: minus a row. */
export function queriesOf(set: VectorSet, kind: (typeof queryKinds)[number], count: number): readonly Float32Array[] {
  const next = random(77);
  const noise = normals(next, set.dimensions);
  return Array.from({ length: count }, () => {
    const at = Math.floor(next() * set.count) * set.dimensions;
    const vector = set.values.slice(at, at + set.dimensions);
    const added = noise();
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i] ?? 0;
      const more = (added[i] ?? 0) / Math.sqrt(set.dimensions);
      vector[i] = kind === "negated" ? -value : kind === "noise" ? more : value + 0.45 * more;
    }
    normalise(vector);
    return vector;
  });
}

function normalise(vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
}
