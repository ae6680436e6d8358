import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { symmetricEigen } from "../../src/latent/eigen.ts";
import { dot, unhurried } from "./naive.ts";

const symmetric = fc.integer({ min: 1, max: 14 }).chain((order) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 3 }), fc.double({ min: -10, max: 10, noNaN: true })), {
      minLength: order * order,
      maxLength: order * order,
    })
    .map((entries) => {
      const matrix = Float64Array.from(entries);
      for (let i = 0; i < order; i++) for (let j = 0; j < i; j++) matrix[i * order + j] = matrix[j * order + i] ?? 0;
      return { order, matrix };
    }),
);

async function expectDecomposed(matrix: Float64Array, order: number): Promise<Float64Array> {
  const { values, vectors } = await symmetricEigen(matrix.slice(), order, unhurried);
  const scale = Math.max(1, ...matrix.map(Math.abs)) * order;
  const vector = (i: number) => vectors.subarray(i * order, (i + 1) * order);
  for (let i = 0; i < order; i++) {
    if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1] ?? 0);
    for (let row = 0; row < order; row++) {
      const image = dot(matrix.subarray(row * order, (row + 1) * order), vector(i));
      expect(Math.abs(image - (values[i] ?? 0) * (vector(i)[row] ?? 0))).toBeLessThan(1e-12 * scale);
      expect(Math.abs(dot(vector(i), vector(row)) - (i === row ? 1 : 0))).toBeLessThan(1e-12);
    }
  }
  return values;
}

describe("eigenvalues and eigenvectors of a symmetric matrix", () => {
  test("A v = λ v, in descending order, the vectors orthonormal", async () => {
    await fc.assert(
      fc.asyncProperty(symmetric, async ({ order, matrix }) => void (await expectDecomposed(matrix, order))),
    );
  });

  test("of low rank, with many equal values, and far apart", async () => {
    const order = 40;
    const low = new Float64Array(order * order);
    for (let rank = 0; rank < 3; rank++) {
      for (let i = 0; i < order; i++) {
        for (let j = 0; j < order; j++) {
          low[i * order + j] = (low[i * order + j] ?? 0) + Math.cos(i * (rank + 1)) * Math.cos(j * (rank + 1));
        }
      }
    }
    const values = await expectDecomposed(low, order);
    expect(values[2]).toBeGreaterThan(1);
    expect(Math.max(...values.subarray(3).map(Math.abs))).toBeLessThan(1e-12);

    const same = new Float64Array(order * order);
    for (let i = 0; i < order; i++) same[i * order + i] = i % 2 === 0 ? 5 : 1e-9;
    expect([...(await expectDecomposed(same, order))].slice(18, 22)).toEqual([5, 5, 1e-9, 1e-9]);
    expect([...(await expectDecomposed(new Float64Array(order * order), order))]).toEqual(Array(order).fill(0));
  });

  test("of values whose squares are next to nothing", async () => {
    for (const tiny of [1.6e-162, 5e-324, 1e-150, 1e-140]) {
      const matrix = new Float64Array(25);
      matrix[3] = matrix[15] = tiny;
      await expectDecomposed(matrix, 5);
    }
  });

  test("of nothing", async () => {
    expect((await symmetricEigen(new Float64Array(0), 0, unhurried)).values).toHaveLength(0);
  });
});
