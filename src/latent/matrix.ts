/** Tall matrices by row, and the products over their rows that the fit spends its time in. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row after row, and rows of zeros up to a multiple of four. */
  readonly values: Float32Array;
}

/** Square and small, in double precision. */
export type Square = Float64Array;

/** Between two rows of work: see `breather`. */
export type Breathe = () => Promise<void>;

export function matrix(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float32Array(upToFour(rows) * columns) };
}

/** Products take four at a time; sizes are rounded up instead of having a loop for what is left. */
export function upToFour(count: number): number {
  return (count + 3) & ~3;
}

/** AᵀB where that is symmetric, up to rounding: the upper half is computed. */
export async function symmetricProduct(a: Matrix, b: Matrix, breathe: Breathe): Promise<Square> {
  const sum = new Float64Array(a.columns * a.columns);
  for (let row = 0; row < a.rows; row += 4) {
    addOuter(sum, a.columns, a.values, b.values, row * a.columns);
    await breathe();
  }
  for (let i = 0; i < a.columns; i++) {
    for (let j = 0; j < i; j++) sum[i * a.columns + j] = sum[j * a.columns + i] ?? 0;
  }
  return sum;
}

/** Adds the outer products of four rows. */
function addOuter(sum: Square, columns: number, a: Float32Array, b: Float32Array, row0: number): void {
  const row1 = row0 + columns;
  const row2 = row1 + columns;
  const row3 = row2 + columns;
  for (let i = 0; i < columns; i++) {
    const a0 = a[row0 + i] ?? 0;
    const a1 = a[row1 + i] ?? 0;
    const a2 = a[row2 + i] ?? 0;
    const a3 = a[row3 + i] ?? 0;
    const at = i * columns;
    for (let j = i; j < columns; j++) {
      sum[at + j] =
        (sum[at + j] ?? 0) +
        a0 * (b[row0 + j] ?? 0) +
        a1 * (b[row1 + j] ?? 0) +
        a2 * (b[row2 + j] ?? 0) +
        a3 * (b[row3 + j] ?? 0);
    }
  }
}

/** AR in place of A, for a square R. */
export async function turn(a: Matrix, by: Square, breathe: Breathe): Promise<void> {
  const turned = new Float64Array(a.columns);
  for (let row = 0; row < a.rows; row++) {
    const values = a.values.subarray(row * a.columns, (row + 1) * a.columns);
    values.set(rowTimes(values, by, turned));
    await breathe();
  }
}

/** A row times a matrix that is as wide as `product`, which it is written to. */
export function rowTimes(row: Float32Array | Float64Array, by: Float64Array, product: Float64Array): Float64Array {
  const width = product.length;
  product.fill(0);
  for (let i = 0; i < row.length; i += 4) {
    const value0 = row[i] ?? 0;
    const value1 = row[i + 1] ?? 0;
    const value2 = row[i + 2] ?? 0;
    const value3 = row[i + 3] ?? 0;
    const at0 = i * width;
    const at1 = at0 + width;
    const at2 = at1 + width;
    const at3 = at2 + width;
    for (let j = 0; j < width; j++) {
      product[j] =
        (product[j] ?? 0) +
        value0 * (by[at0 + j] ?? 0) +
        value1 * (by[at1 + j] ?? 0) +
        value2 * (by[at2 + j] ?? 0) +
        value3 * (by[at3 + j] ?? 0);
    }
  }
  return product;
}
