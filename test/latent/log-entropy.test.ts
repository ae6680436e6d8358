import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logEntropyCounts } from "../../src/latent/log-entropy.ts";
import type { Terms } from "../../src/types.ts";
import { termsOf, unit, weightedRows } from "./naive.ts";

function weightsOf(texts: readonly Terms[]) {
  const counts = logEntropyCounts();
  for (const terms of texts) counts.add(terms);
  return counts.weights();
}

describe("log-entropy weights", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 12 })
    .map((words) => words.join(" "));

  test("are those of the formula", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 8 }), (given) => {
        const texts = given.map(termsOf);
        const weights = weightsOf(texts);
        const vocabulary = [...new Set(texts.flatMap(({ ids }) => [...ids]))].toSorted((a, b) => a - b);
        const rows = texts.map(({ ids, counts }) =>
          unit(
            vocabulary.map((id) => {
              const at = ids.indexOf(id);
              return at === -1 ? 0 : weights.weightAt(weights.columnOf(id), counts[at] ?? 0);
            }),
          ),
        );
        for (const [row, expected] of weightedRows(texts).entries()) {
          for (const [column, weight] of expected.entries()) expect(rows[row]?.[column]).toBeCloseTo(weight, 6);
        }
      }),
    );
  });

  test("1 for a term of one text, exactly 0 for one that is everywhere alike", () => {
    for (const count of [2, 3, 7, 50, 1000]) {
      const texts = Array.from({ length: count }, (_, i) => termsOf(i === 0 ? "same same own" : "same same"));
      const weights = weightsOf(texts);
      const [same, own] = [termsOf("same").ids[0] ?? 0, termsOf("own").ids[0] ?? 0];
      expect(weights.weightAt(weights.columnOf(same), 5)).toBe(0);
      expect(weights.weightAt(weights.columnOf(own), 1)).toBeCloseTo(Math.log(2), 12);
      expect(weights.idAt(weights.columnOf(own))).toBe(own);
      expect(weights.columnOf(123_456_789)).toBe(-1);
      expect(weights.terms).toBe(2);
    }
  });

  test("of one text, and of none", () => {
    const weights = weightsOf([termsOf("one text")]);
    expect(weights.weightAt(0, 1)).toBeCloseTo(Math.log(2), 12);
    expect(weightsOf([]).terms).toBe(0);
  });
});
