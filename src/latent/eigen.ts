import type { Breathe, Square } from "./matrix.ts";

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** One row each, in the same order, of length 1. */
  readonly vectors: Square;
}

/** What is smaller counts as zero: its square has few bits or none, so it has no direction and gets no smaller. */
const smallest = 1e-150;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix, which is used up: Householder's tridiagonal form, then QL with
 * implicit shifts (Golub and Van Loan, 8.3). Vectors are kept as rows, so that every inner loop runs along memory.
 */
export async function symmetricEigen(a: Square, order: number, breathe: Breathe): Promise<Eigen> {
  const { diagonal, beside } = await tridiagonal(a, order, breathe);
  const vectors = await implicitQl(diagonal, beside, breathe);
  for (let row = 0; row < order; row++) {
    for (let step = order - 3; step >= 0; step--) reflect(vectors, row * order, a, step * order, step + 1, order);
    await breathe();
  }
  const inOrder = Array.from(diagonal.keys()).toSorted((i, j) => (diagonal[j] ?? 0) - (diagonal[i] ?? 0) || i - j);
  const sorted = new Float64Array(order * order);
  inOrder.forEach((from, to) => sorted.set(vectors.subarray(from * order, (from + 1) * order), to * order));
  return { values: Float64Array.from(inOrder, (i) => diagonal[i] ?? 0), vectors: sorted };
}

/** Leaves in row `step` of `a`, from `step + 1` on, the unit vector that was reflected along. */
async function tridiagonal(
  a: Square,
  order: number,
  breathe: Breathe,
): Promise<{ readonly diagonal: Float64Array; readonly beside: Float64Array }> {
  const diagonal = new Float64Array(order);
  const beside = new Float64Array(order);
  const product = new Float64Array(order);
  for (let step = 0; step < order; step++) {
    const row = step * order;
    diagonal[step] = a[row + step] ?? 0;
    if (step === order - 2) beside[step] = a[row + step + 1] ?? 0;
    if (step >= order - 2) continue;
    const first = a[row + step + 1] ?? 0;
    const measured = Math.sqrt(dot(a, row, a, row, step + 1, order));
    const length = measured < smallest ? 0 : measured;
    const reflected = first > 0 ? -length : length;
    beside[step] = reflected;
    // v = x - reflected·e, |v|² = 2·length·(length + |first|)
    a[row + step + 1] = first - reflected;
    const norm = Math.sqrt(2 * length * (length + Math.abs(first)));
    for (let i = step + 1; i < order; i++) a[row + i] = norm === 0 ? 0 : (a[row + i] ?? 0) / norm;
    // H A H = A - 2 v wᵀ - 2 w vᵀ with p = A v, w = p - (vᵀp) v
    for (let i = step + 1; i < order; i++) product[i] = dot(a, i * order, a, row, step + 1, order);
    const along = dot(product, 0, a, row, step + 1, order);
    for (let i = step + 1; i < order; i++) product[i] = (product[i] ?? 0) - along * (a[row + i] ?? 0);
    for (let i = step + 1; i < order; i++) {
      const v = 2 * (a[row + i] ?? 0);
      const w = 2 * (product[i] ?? 0);
      for (let j = step + 1; j < order; j++) {
        a[i * order + j] = (a[i * order + j] ?? 0) - v * (product[j] ?? 0) - w * (a[row + j] ?? 0);
      }
    }
    await breathe();
  }
  return { diagonal, beside };
}

/** Turns the diagonal into the eigenvalues of the tridiagonal matrix; answers with its eigenvectors as rows. */
async function implicitQl(diagonal: Float64Array, beside: Float64Array, breathe: Breathe): Promise<Square> {
  const order = diagonal.length;
  const vectors = new Float64Array(order * order);
  for (let i = 0; i < order; i++) vectors[i * order + i] = 1;
  // Measured against the whole matrix: the small eigenvalues of a matrix without full rank are rounding anyway.
  const largest = diagonal.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(beside[i] ?? 0)), 0);
  const negligible = Math.max(largest * Number.EPSILON, smallest);
  for (let first = 0; first < order; first++) {
    for (;;) {
      let last = first;
      while (last < order - 1 && Math.abs(beside[last] ?? 0) > negligible) last++;
      if (last === first) break;
      sweep(diagonal, beside, vectors, first, last);
      await breathe();
    }
  }
  return vectors;
}

/** One implicit QL step on the block from `first` to `last`, with Wilkinson's shift. */
function sweep(diagonal: Float64Array, beside: Float64Array, vectors: Square, first: number, last: number): void {
  const order = diagonal.length;
  const corner = beside[first] ?? 0;
  const half = ((diagonal[first + 1] ?? 0) - (diagonal[first] ?? 0)) / (2 * corner);
  const root = Math.sqrt(half * half + 1);
  let bulge = (diagonal[last] ?? 0) - (diagonal[first] ?? 0) + corner / (half + (half < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const turned = sine * (beside[i] ?? 0);
    const kept = cosine * (beside[i] ?? 0);
    const length = Math.sqrt(turned * turned + bulge * bulge);
    beside[i + 1] = length;
    if (length === 0) {
      // The block falls apart here.
      diagonal[i + 1] = (diagonal[i + 1] ?? 0) - shift;
      beside[last] = 0;
      return;
    }
    sine = turned / length;
    cosine = bulge / length;
    const before = (diagonal[i + 1] ?? 0) - shift;
    const mixed = ((diagonal[i] ?? 0) - before) * sine + 2 * cosine * kept;
    shift = sine * mixed;
    diagonal[i + 1] = before + shift;
    bulge = cosine * mixed - kept;
    rotate(vectors, i * order, order, sine, cosine);
  }
  diagonal[first] = (diagonal[first] ?? 0) - shift;
  beside[first] = bulge;
  beside[last] = 0;
}

/** The row at `at` and the one after it. */
function rotate(vectors: Square, at: number, order: number, sine: number, cosine: number): void {
  for (let i = at; i < at + order; i++) {
    const upper = vectors[i] ?? 0;
    const lower = vectors[i + order] ?? 0;
    vectors[i + order] = sine * upper + cosine * lower;
    vectors[i] = cosine * upper - sine * lower;
  }
}

/** x - 2 v (vᵀx), in place. */
function reflect(x: Float64Array, xAt: number, v: Float64Array, vAt: number, from: number, to: number): void {
  const twice = 2 * dot(x, xAt, v, vAt, from, to);
  for (let i = from; i < to; i++) x[xAt + i] = (x[xAt + i] ?? 0) - twice * (v[vAt + i] ?? 0);
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (a[aAt + i] ?? 0) * (b[bAt + i] ?? 0);
  return sum;
}
