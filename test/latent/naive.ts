import type { Terms } from "../../src/types.ts";

/** The meaning of the latent leg, written without a thought for time. */

export async function unhurried(): Promise<void> {}

/** Words between spaces, each with an id of its own: the letters as digits of base 27. */
export function termsOf(text: string): Terms {
  const counts = new Map<number, number>();
  for (const word of text.split(" ").filter((each) => each !== "")) {
    const id = [...word].reduce((sum, letter) => (sum * 27 + letter.charCodeAt(0) - 96) % 1e9, 0);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const ids = Uint32Array.from(counts.keys()).toSorted();
  return { ids, counts: ids.map((id) => counts.get(id) ?? 0) };
}

/** Log-entropy weights as the formula has them, rows of unit length. */
export function weightedRows(texts: readonly Terms[]): readonly (readonly number[])[] {
  const vocabulary = [...new Set(texts.flatMap(({ ids }) => [...ids]))].toSorted((a, b) => a - b);
  const table = texts.map(({ ids, counts }) => vocabulary.map((id) => counts[ids.indexOf(id)] ?? 0));
  const entropy = vocabulary.map((_, column) => {
    const total = table.reduce((sum, row) => sum + (row[column] ?? 0), 0);
    const spread = table.reduce((sum, row) => {
      const share = (row[column] ?? 0) / total;
      return share === 0 ? sum : sum + share * Math.log(share);
    }, 0);
    return Math.max(0, 1 + spread / Math.log(texts.length));
  });
  return table.map((row) => unit(row.map((count, column) => Math.log(1 + count) * (entropy[column] ?? 0))));
}

export function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length < 1e-9 ? vector.map(() => 0) : vector.map((value) => value / length);
}

/**
 * Singular values, descending, and rows times right singular vectors, by one-sided Jacobi rotations (Hestenes): pairs of
 * rows of the transposed matrix are turned until all are orthogonal.
 */
export function singularValues(rows: readonly (readonly number[])[]): {
  readonly values: readonly number[];
  /** Per row, one number per dimension, in the order of `values`. */
  readonly projected: readonly (readonly number[])[];
} {
  // The columns of U Σ, found by turning the rows of A against each other: A = (U Σ) Vᵀ, Aᵀ = V (Σ Uᵀ).
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? 0));
  for (let sweep = 0; sweep < 60; sweep++) {
    let turned = false;
    for (let i = 0; i < columns.length; i++) {
      for (let j = i + 1; j < columns.length; j++) {
        const [a, b] = [columns[i] ?? [], columns[j] ?? []];
        const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
        if (Math.abs(ab) <= 1e-14 * Math.sqrt(aa * bb) || ab === 0) continue;
        turned = true;
        const zeta = (bb - aa) / (2 * ab);
        const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        const sine = cosine * tangent;
        columns[i] = a.map((value, k) => cosine * value - sine * (b[k] ?? 0));
        columns[j] = a.map((value, k) => sine * value + cosine * (b[k] ?? 0));
      }
    }
    if (!turned) break;
  }
  const sorted = columns.toSorted((a, b) => dot(b, b) - dot(a, a));
  return {
    values: sorted.map((column) => Math.sqrt(dot(column, column))),
    projected: rows.map((_, row) => sorted.map((column) => column[row] ?? 0)),
  };
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
