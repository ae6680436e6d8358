import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../src/errors.ts";
import { convex, dbsf, rrf } from "../src/fusion.ts";
import type { Candidate, Fusion } from "../src/types.ts";
import { untyped } from "./untyped.ts";

const leg = (scores: Readonly<Record<string, number>>): readonly Candidate[] =>
  Object.entries(scores)
    .map(([id, score]) => ({ id, score }))
    .toSorted((a, b) => b.score - a.score);
const half = { dense: 0.5 };
const kinds: [string, Fusion][] = [
  ["convex", convex()],
  ["rrf", rrf()],
  ["dbsf", dbsf()],
];

describe("convex", () => {
  test("weighs min-max scores; what a leg did not find has 0 there", () => {
    const fused = convex()(
      { dense: leg({ a: 0.9, b: 0.5, c: 0.1 }), lexical: leg({ b: 12, c: 7, d: 2 }) },
      { dense: 0.3 },
    );
    expect(fused.map(({ id }) => id)).toEqual(["b", "c", "a", "d"]);
    const scores = Object.fromEntries(fused.map(({ id, score }) => [id, score]));
    expect(scores["a"]).toBeCloseTo(0.3, 12);
    expect(scores["b"]).toBeCloseTo(0.3 * 0.5 + 0.7, 12);
    expect(scores["c"]).toBeCloseTo(0.7 * 0.5, 12);
    expect(scores["d"]).toBe(0);
  });
  test("its own weight wins", () => {
    const legs = { dense: leg({ a: 2, b: 1 }), lexical: leg({ b: 2, a: 1 }) };
    expect(convex({ dense: 1 })(legs, { dense: 0 })).toEqual([
      { id: "a", score: 1 },
      { id: "b", score: 0 },
    ]);
  });
});

describe("rrf", () => {
  test("is the sum of the reciprocal ranks, half each", () => {
    const fused = rrf()({ dense: leg({ a: 9, b: 8 }), lexical: leg({ b: 2, c: 1 }) }, { dense: 0.9 });
    expect(fused[0]).toEqual({ id: "b", score: 0.5 / 62 + 0.5 / 61 });
    expect(fused[1]).toEqual({ id: "a", score: 0.5 / 61 });
  });
  test("k sets how fast ranks fade", () => {
    expect(rrf({ k: 1 })({ lexical: leg({ a: 1 }) }, half)).toEqual([{ id: "a", score: 1 / 2 }]);
  });
});

describe("dbsf", () => {
  test("is never clamped: a single strong hit stays ahead", () => {
    const outlier = leg({
      ...Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`d${n}`, 1 + n / 1000])),
      strong: 100,
    });
    const [best] = dbsf()({ lexical: outlier }, half);
    expect(best?.id).toBe("strong");
    expect(best?.score).toBeGreaterThan(1);
  });
});

describe.each(kinds)("%s", (_, fusion) => {
  test("one leg alone keeps its order, also where the other is empty", () => {
    const only = leg({ a: 3, b: 2, c: 1 });
    const order = (made: readonly Candidate[]) => made.map(({ id }) => id);
    expect(order(fusion({ dense: only }, half))).toEqual(["a", "b", "c"]);
    expect(order(fusion({ lexical: only }, half))).toEqual(["a", "b", "c"]);
    expect(order(fusion({ dense: only, lexical: [] }, half))).toEqual(["a", "b", "c"]);
    expect(fusion({ dense: [], lexical: [] }, half)).toEqual([]);
    expect(fusion({}, half)).toEqual([]);
  });
  test("ties break by id", () => {
    const same = [
      { id: "b", score: 1 },
      { id: "a", score: 1 },
    ];
    const fused = fusion({ dense: same, lexical: same.toReversed() }, half);
    expect(fused.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(fused[0]?.score).toBe(fused[1]?.score);
  });
  test("scores are finite and fall, each candidate comes once", () => {
    const scores = fc
      .dictionary(fc.constantFrom(..."abcdefgh"), fc.double({ noNaN: true, min: -1e6, max: 1e6 }))
      .map(leg);
    fc.assert(
      fc.property(
        fc.record({ dense: scores, lexical: scores }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (legs, dense) => {
          const fused = fusion(legs, { dense });
          expect(fused.map(({ score }) => score)).toEqual(fused.map(({ score }) => score).toSorted((a, b) => b - a));
          expect(fused.every(({ score }) => Number.isFinite(score))).toBe(true);
          const ids = new Set([...legs.dense, ...legs.lexical].map(({ id }) => id));
          expect(fused.map(({ id }) => id).toSorted()).toEqual([...ids].toSorted());
        },
      ),
    );
  });
});

describe("equal scores and single candidates", () => {
  test.each([
    ["convex", convex()],
    ["dbsf", dbsf()],
  ] as const)("are 1 under %s", (_, fusion) => {
    expect(fusion({ lexical: [{ id: "a", score: 5 }] }, half)).toEqual([{ id: "a", score: 1 }]);
    const equal = [
      { id: "a", score: -2 },
      { id: "b", score: -2 },
    ];
    expect(fusion({ dense: equal, lexical: leg({ c: 2, d: 1 }) }, half).find(({ id }) => id === "a")?.score).toBe(0.5);
  });
});

describe("options", () => {
  test.each<[() => unknown, string]>([
    [() => convex({ dense: 1.1 }), "convex.dense: expected a number between 0 and 1, received 1.1"],
    [() => convex({ dense: Number.NaN }), "convex.dense: expected a number between 0 and 1, received NaN"],
    [() => convex({ dense: untyped("0.5") }), 'convex.dense: expected a number between 0 and 1, received "0.5"'],
    [() => rrf({ k: -1 }), "rrf.k: expected a number of at least 0, received -1"],
    [() => rrf({ k: Infinity }), "rrf.k: expected a number of at least 0, received Infinity"],
    [() => dbsf({ dense: -0.1 }), "dbsf.dense: expected a number between 0 and 1, received -0.1"],
    [() => convex(untyped({ alpha: 0.5 })), 'convex: unknown option "alpha"; expected one of dense'],
    [() => rrf(untyped({ K: 10 })), 'rrf: unknown option "K"; expected one of dense, k'],
    [() => dbsf(untyped(null)), "dbsf: expected an object of options, received null"],
  ])("%s is refused", (make, says) => {
    expect(make).toThrow(new ConfigError(says));
  });
});
