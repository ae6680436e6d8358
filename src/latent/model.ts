import type { Terms } from "../types.ts";
import { symmetricEigen } from "./eigen.ts";
import { type LogEntropy, logEntropy, logEntropyCounts } from "./log-entropy.ts";
import {
  type Breathe,
  matrix,
  type Matrix,
  rowTimes,
  type Square,
  symmetricProduct,
  turn,
  upToFour,
} from "./matrix.ts";
import { termMatrix, type TermMatrix } from "./term-matrix.ts";

/** Latent semantic analysis (Deerwester et al. 1990): terms that stand in the same texts point the same way. */
export interface LatentModel {
  /** As many as were asked for, or as the texts have. */
  readonly dimensions: number;
  /** What `latentModel` makes it of again. */
  readonly parts: ModelParts;
  /**
   * Where a text stands among those that were fitted, as a vector of length 1; the same for a text of the fit, a new one
   * and a query. undefined where no term of it tells anything.
   */
  project(terms: Terms): Float32Array | undefined;
}

export interface ModelParts {
  readonly ids: Uint32Array;
  readonly weights: Float64Array;
  /** A row of columns for each id. */
  readonly basis: Float32Array;
  /** Columns × dimensions. */
  readonly turnBy: Float64Array;
  readonly columns: number;
}

/** More columns than dimensions, so that what the last dimensions lack is small (Halko, Martinsson and Tropp 2011, 4.2). */
const oversampling = 10;
/** Times that the range is refined: two come close to the exact decomposition, each takes a quarter of the whole time. */
const refinements = 2;
/** At most so many texts decide the directions, evenly spread over all of them; all count for the weights of terms. */
const mostTexts = 20_000;
/** Eigenvalues below this share of the largest are rounding of float32. */
const leastShare = 1e-6;
/** The same for the columns of a sketch, whose sums are exact to double precision. */
const leastSketchShare = 1e-10;

/**
 * Randomised truncated singular value decomposition of the weighted term matrix. What is random is made from the term
 * ids, so that the same texts give the same bytes, in every run; another engine's `Math.log` may differ in the last bit.
 */
export async function fitLatent(
  texts: Iterable<Terms>,
  { dimensions, breathe }: { readonly dimensions: number; readonly breathe: Breathe },
): Promise<LatentModel> {
  const counts = logEntropyCounts();
  let sample: Terms[] = [];
  let [stride, seen] = [1, 0];
  for (const terms of texts) {
    counts.add(terms);
    if (seen++ % stride === 0) sample.push(terms);
    if (sample.length > mostTexts) {
      sample = sample.filter((_, index) => index % 2 === 0);
      stride *= 2;
    }
    await breathe();
  }
  const weights = counts.weights();
  const terms = await termMatrix(sample, weights, breathe);
  const columns = upToFour(Math.min(dimensions + oversampling, terms.rows));
  const basis = matrix(terms.columns, columns);

  // Q spans what the rows of A span, nearly; X = AᵀQ, and the eigenvectors of XᵀX = Qᵀ(AX) turn X into the right
  // singular vectors.
  let range = await start(terms, basis, weights, breathe);
  await terms.transposedTimes(range, basis);
  let image = await terms.times(basis);
  for (let round = 0; round < refinements && columns < terms.rows; round++) {
    range = await orthonormal(image, breathe);
    await terms.transposedTimes(range, basis);
    image = await terms.times(basis);
  }
  const { values, vectors } = await symmetricEigen(await symmetricProduct(range, image, breathe), columns, breathe);
  const least = (values[0] ?? 0) * leastShare;
  const kept = values.subarray(0, dimensions).filter((value) => value > least).length;
  const turnBy = inverseRoots(values, vectors, columns, kept);
  return latentModel({ ids: weights.ids, weights: weights.global, basis: basis.values, turnBy, columns });
}

export function latentModel(parts: ModelParts): LatentModel {
  const { basis, turnBy, columns } = parts;
  const weights = logEntropy(parts.ids, parts.weights);
  const dimensions = columns === 0 ? 0 : turnBy.length / columns;
  const sum = new Float64Array(columns);
  const product = new Float64Array(dimensions);
  return {
    dimensions,
    parts,
    project({ ids, counts }) {
      sum.fill(0);
      for (let i = 0; i < ids.length; i++) {
        const column = weights.columnOf(ids[i] ?? 0);
        if (column === -1) continue;
        const weight = weights.weightAt(column, counts[i] ?? 0);
        const at = column * columns;
        for (let j = 0; j < columns; j++) sum[j] = (sum[j] ?? 0) + weight * (basis[at + j] ?? 0);
      }
      rowTimes(sum, turnBy, product);
      const length = Math.sqrt(product.reduce((squares, value) => squares + value * value, 0));
      return length === 0 ? undefined : Float32Array.from(product, (value) => value / length);
    },
  };
}

/** An orthonormal range to start from: all rows where they are few, else random combinations of columns. */
async function start(terms: TermMatrix, basis: Matrix, weights: LogEntropy, breathe: Breathe): Promise<Matrix> {
  const { columns } = basis;
  if (columns >= terms.rows) {
    const identity = matrix(terms.rows, columns);
    for (let row = 0; row < terms.rows; row++) identity.values[row * columns + row] = 1;
    return identity;
  }
  for (let row = 0; row < terms.columns; row++) {
    const seed = Math.imul(weights.idAt(row), 0x9e3779b1);
    for (let column = 0; column < columns; column++) {
      const bits = mixed(seed + (column >>> 5));
      basis.values[row * columns + column] = (bits >>> (column & 31)) & 1 ? 1 : -1;
    }
    await breathe();
  }
  return orthonormal(await terms.times(basis), breathe);
}

/** The same range with orthonormal columns, or columns of zeros where it has fewer dimensions (Stathopoulos and Wu 2002). */
async function orthonormal(range: Matrix, breathe: Breathe): Promise<Matrix> {
  const { columns } = range;
  const { values, vectors } = await symmetricEigen(await symmetricProduct(range, range, breathe), columns, breathe);
  const least = (values[0] ?? 0) * leastSketchShare;
  for (let i = 0; i < columns; i++) {
    if ((values[i] ?? 0) <= least) values[i] = Number.POSITIVE_INFINITY;
  }
  await turn(range, inverseRoots(values, vectors, columns, columns), breathe);
  return range;
}

/** E Λ^(-½), the first `kept` columns. */
function inverseRoots(values: Float64Array, vectors: Square, order: number, kept: number): Float64Array {
  const scaled = new Float64Array(order * kept);
  for (let column = 0; column < kept; column++) {
    const scale = 1 / Math.sqrt(values[column] ?? 0);
    for (let row = 0; row < order; row++) scaled[row * kept + column] = (vectors[column * order + row] ?? 0) * scale;
  }
  return scaled;
}

/** A number's bits stirred well (lowbias32 of Chris Wellons, public domain). */
function mixed(number: number): number {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}
