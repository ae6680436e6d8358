import { describe, expect, test } from "vitest";
import type { Metric } from "../../src/dense/shape.ts";
import type { VectorRows } from "../../src/dense/rows.ts";
import { packedRow } from "../../src/dense/saved-rows.ts";
import { vectorRows } from "../../src/dense/vector-rows.ts";
import { finished } from "../../src/signal.ts";
import { normal, random } from "./generated.ts";

const dimensions = 24;

function filled(count: number, options: Parameters<typeof vectorRows>[0]): VectorRows {
  const gauss = normal(random(7));
  const held = vectorRows(options);
  for (let row = 0; row < count; row++) held.set(row, Float32Array.from({ length: dimensions }, gauss));
  return held;
}

/** The rows of another, in reverse, under the same numbers. */
function unpacked(from: VectorRows, options: Parameters<typeof vectorRows>[0]): VectorRows {
  const held = vectorRows(options);
  for (const row of [...from.rows()].toReversed()) {
    expect(held.unpack(row, packedRow(from, row) ?? new Uint8Array())).toBe(true);
  }
  return held;
}

describe("packed vectors", () => {
  const cases = (["cosine", "dot", "euclidean"] as const).flatMap((metric: Metric) =>
    ([100, 3000] as const).flatMap((count) =>
      (["balanced", "exact"] as const).map((profile) => ({ metric, count, profile })),
    ),
  );
  test.each(cases)("$count by $metric, $profile: unpacked they have the same scores", ({ metric, count, profile }) => {
    const options = { dimensions, metric, profile };
    const held = filled(count, options);
    for (let row = 0; row < count; row += 3) held.delete(row);
    const other = unpacked(held, options);
    expect(other.size).toBe(held.size);
    const gauss = normal(random(8));
    for (let query = 0; query < 10; query++) {
      const vector = Float32Array.from({ length: dimensions }, gauss);
      const search = (searched: VectorRows) =>
        finished(searched.search(vector, { limit: 5, precedes: (a, b) => a < b }));
      expect(search(other)).toEqual(search(held));
    }
    expect(packedRow(other, 1)).toEqual(packedRow(held, 1));
    expect(packedRow(held, 0)).toBeUndefined();
  });

  test("of more dimensions than codes have room for they stay as they were given", () => {
    const held = vectorRows({ dimensions: 4128, metric: "cosine" });
    for (let row = 0; row < 1030; row++) held.set(row, new Float32Array(4128).fill(1 + row, 0, 1 + row));
    expect(packedRow(held, 0)?.length).toBe(1 + 4 * 4128);
    const coded = packedRow(filled(2000, { dimensions, metric: "cosine" }), 1) ?? new Uint8Array();
    expect(held.unpack(0, coded)).toBe(false);
  });

  test("bytes that cannot be a vector are refused", () => {
    const options = { dimensions, metric: "cosine" } as const;
    const packed = packedRow(filled(2000, options), 1) ?? new Uint8Array();
    const held = vectorRows(options);
    expect(held.unpack(0, packed.subarray(1))).toBe(false);
    expect(held.unpack(0, packed.subarray(0, -1))).toBe(false);
    expect(held.unpack(0, new Uint8Array())).toBe(false);
    expect(vectorRows({ ...options, profile: "exact" }).unpack(0, packed)).toBe(false);
    expect(held.size).toBe(0);
    expect(held.unpack(0, packed)).toBe(true);
  });
});
