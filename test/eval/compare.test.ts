import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { compare, holm } from "../../src/eval/compare.ts";
import { randomBits } from "../../src/eval/random.ts";
import { untyped } from "../untyped.ts";

const evaluation = (values: readonly number[], metric = "ndcg@10") => ({
  mean: { [metric]: values.reduce((sum, value) => sum + value, 0) / values.length },
  perQuery: Object.fromEntries(values.map((value, index) => [`q${index}`, { [metric]: value }])),
});
const random = (seed: number): (() => number) => {
  const next = randomBits(seed);
  return () => next() / 2 ** 32;
};

describe("compare", () => {
  test("says how far apart, how surely, and what could have been seen", () => {
    // Exact: of the 2⁸ sign flips of eight equal differences, two reach the observed mean.
    const a = evaluation(Array.from({ length: 8 }, () => 0.5));
    const b = evaluation(Array.from({ length: 8 }, () => 0.4));
    const { metric, n, difference, interval, p, detectable } = compare(a, b);
    expect(metric).toBe("ndcg@10");
    expect(n).toBe(8);
    expect(difference).toBeCloseTo(0.1, 12);
    expect(interval[0]).toBeCloseTo(0.1, 12);
    expect(interval[1]).toBeCloseTo(0.1, 12);
    expect(p).toBeGreaterThan(2 / 256 - 0.003);
    expect(p).toBeLessThan(2 / 256 + 0.003);
    expect(detectable).toBeCloseTo(0, 12);
  });

  test("agrees with the exact randomisation distribution of a small sample", () => {
    const differences = [0.3, -0.1, 0.2, 0, 0.4, -0.2, 0.1, 0.05, 0.25, -0.05];
    const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
    let extreme = 0;
    for (let signs = 0; signs < 2 ** differences.length; signs++) {
      const sum = differences.reduce((total, value, bit) => total + ((signs >> bit) & 1 ? value : -value), 0);
      if (Math.abs(sum) >= observed - 1e-12) extreme++;
    }
    const exact = extreme / 2 ** differences.length;
    const { p } = compare(evaluation(differences), evaluation(differences.map(() => 0)));
    expect(Math.abs(p - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 10_000));
  });

  test.each([
    [0, 31],
    [31, 32],
    [32, 65],
  ])("flips every query by itself, beyond 32 of them too: %i and %i", (first, second) => {
    // Two large differences decide, and agree in sign half of the time.
    const a = Array.from({ length: 66 }, (_, index) => (index === first || index === second ? 1 : -1e-9));
    expect(compare(evaluation(a), evaluation(a.map(() => 0))).p).toBeCloseTo(0.5, 1);
  });

  test("takes 2.8 standard errors as what is detectable, and inverts it to the queries needed", () => {
    const a = [0.9, 0.4, 0.7, 0.2, 0.6];
    const b = [0.5, 0.5, 0.4, 0.3, 0.1];
    const differences = a.map((value, index) => value - (b[index] ?? 0));
    const mean = differences.reduce((sum, value) => sum + value, 0) / 5;
    const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4);
    const { detectable, needed, difference } = compare(evaluation(a), evaluation(b));
    expect(detectable).toBeCloseTo((2.8 * deviation) / Math.sqrt(5), 12);
    expect(needed).toBe(Math.ceil(((2.8 * deviation) / difference) ** 2));
  });

  test("is mirrored when the two change places, and the same for the same seed", () => {
    const scores = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 2,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(scores, fc.integer(), (pairs, seed) => {
        const a = evaluation(pairs.map(([value]) => value));
        const b = evaluation(pairs.map(([, value]) => value));
        const forth = compare(a, b, { seed });
        const back = compare(b, a, { seed });
        expect(back.difference).toBeCloseTo(-forth.difference, 12);
        expect(back.p).toBe(forth.p);
        expect(forth.interval[0]).toBeLessThanOrEqual(forth.difference + 1e-12);
        expect(forth.interval[1]).toBeGreaterThanOrEqual(forth.difference - 1e-12);
        expect(compare(a, b, { seed })).toEqual(forth);
      }),
      { numRuns: 10 },
    );
  });

  test("rejects a true difference of nothing about one time in twenty", () => {
    const next = random(7);
    let rejected = 0;
    for (let trial = 0; trial < 200; trial++) {
      const draw = (): number[] => Array.from({ length: 25 }, () => next());
      if (compare(evaluation(draw()), evaluation(draw()), { seed: trial }).p < 0.05) rejected++;
    }
    // 5 % of 200 within three standard deviations.
    expect(rejected).toBeLessThanOrEqual(19);
    expect(rejected).toBeGreaterThan(0);
  });

  // 1,000 of each by GROUNDLINE_TRIALS=1000.
  const trials = Number(process.env["GROUNDLINE_TRIALS"] ?? 60);

  test("two halves of one evaluation differ significantly in 6 of 100 splits at most", { timeout: 300_000 }, () => {
    const next = random(11);
    // Skewed, as scores are: many zeros, many ones.
    const scores = Array.from({ length: 120 }, () => Math.min(1, Math.max(0, next() * 2 - 0.5)));
    let rejected = 0;
    for (let trial = 0; trial < trials; trial++) {
      const order = scores.map((score) => ({ score, key: next() })).toSorted((a, b) => a.key - b.key);
      const halves = [order.slice(0, 60), order.slice(60)].map((half) => evaluation(half.map(({ score }) => score)));
      const [a, b] = [halves[0] ?? evaluation([]), halves[1] ?? evaluation([])];
      if (compare(a, b, { seed: trial }).p < 0.05) rejected++;
    }
    // Three standard deviations above 5 % where there are few trials.
    expect(rejected / trials).toBeLessThanOrEqual(Math.max(0.06, 0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials)));
  });

  test.each(trials < 1000 ? [20, 50] : [20, 50, 200])(
    "the interval of %i queries holds the true difference in 19 of 20 cases",
    { timeout: 300_000 },
    (n) => {
      const next = random(n);
      const truth = 0.1;
      let held = 0;
      for (let trial = 0; trial < trials; trial++) {
        // Mean .1, most of them 0.
        const scores = Array.from({ length: n }, () => (next() < 0.6 ? 0 : 0.25 + (next() - 0.5)));
        const { interval } = compare(evaluation(scores), evaluation(scores.map(() => 0)), { seed: trial });
        if (interval[0] <= truth && truth <= interval[1]) held++;
      }
      const slack = trials < 1000 ? 3 * Math.sqrt((0.05 * 0.95) / trials) : 0.02;
      expect(held / trials).toBeGreaterThanOrEqual(0.95 - slack);
      expect(held / trials).toBeLessThanOrEqual(Math.min(1, 0.95 + slack));
    },
  );

  test("no difference at all is p = 1", () => {
    const same = evaluation([0.1, 0.5, 0.9]);
    expect(compare(same, same)).toMatchObject({
      difference: 0,
      p: 1,
      interval: [0, 0],
      detectable: 0,
      needed: Infinity,
    });
    expect(compare(evaluation([0.1]), evaluation([0.9]))).toMatchObject({ n: 1, p: 1, detectable: Infinity });
  });

  test("compares only queries that both have, under a metric that both have", () => {
    const a = evaluation([0.1, 0.2]);
    expect(() => compare(a, evaluation([0.1]))).toThrow('1 are in one of them only, e.g. "q1"');
    expect(() => compare(a, evaluation([0.1, 0.2], "mrr"))).toThrow(
      "expected one that both evaluations have (ndcg@10, mrr)",
    );
    expect(() => compare(a, a, { metric: "toString" })).toThrow(ConfigError);
    expect(() => compare(a, a, untyped({ metrics: "mrr" }))).toThrow('compare: unknown option "metrics"');
    expect(() => compare(a, a, { seed: 0.5 })).toThrow("seed: expected a whole number, received 0.5");
  });

  test("keeps to the queries that have the metric", () => {
    const spans = { mean: { full: 1 }, perQuery: { q1: { full: 1, map: 0.5 }, q2: { map: 0.5 } } };
    expect(compare(spans, spans).n).toBe(1);
    expect(compare(spans, spans, { metric: "map" }).n).toBe(2);
  });
});

describe("holm", () => {
  test("multiplies the smallest by how many there are, and never lets a larger p overtake", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.5, 0.6])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
    expect(holm([0.2])).toEqual([0.2]);
  });

  test("keeps the order of the p values and lies between them and Bonferroni", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (p) => {
        const adjusted = holm(p);
        for (const [index, value] of p.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(value);
          expect(adjusted[index]).toBeLessThanOrEqual(Math.min(1, value * p.length));
          const overtaken = p.filter(
            (larger, other) => larger > value && (adjusted[other] ?? NaN) < (adjusted[index] ?? NaN),
          );
          expect(overtaken).toEqual([]);
        }
      }),
    );
  });
});

describe("randomBits", () => {
  test("gives the same well spread numbers for the same seed", () => {
    expect(Array.from({ length: 4 }, randomBits(42))).toEqual(Array.from({ length: 4 }, randomBits(42)));
    expect(randomBits(1)()).not.toBe(randomBits(2)());
    const next = randomBits(0);
    const ones = Array.from({ length: 32 }, () => 0);
    for (let round = 0; round < 10_000; round++) {
      const bits = next();
      expect(Number.isInteger(bits) && bits >= 0 && bits < 2 ** 32).toBe(true);
      for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((bits >>> bit) & 1);
    }
    for (const count of ones) expect(Math.abs(count - 5000)).toBeLessThan(250);
  });
});
