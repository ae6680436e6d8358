import { expect, test } from "vitest";
import { choose } from "../../src/eval/tuning-choice.ts";

const order = Array.from({ length: 40 }, (_, query) => query);
const folds = Array.from({ length: 5 }, (_, fold) => order.filter((query) => query % 5 === fold));

test("the interval of the best one's gain is no point where the folds that could tell chose the default", async () => {
  // Better on two queries of forty: on the folds of both, one is too few to leave the default for.
  const better = new Set([3, 19]);
  const { best, apparent, heldOut, interval, significant } = await choose({
    combinations: [{ moves: 0 }, { moves: 1 }],
    order,
    folds,
    search: "halving",
    score: async (combination, query) => (combination === 1 && better.has(query) ? 1 : 0),
    seed: 1,
  });
  expect({ best, apparent, heldOut, significant }).toEqual({ best: 1, apparent: 0.05, heldOut: 0, significant: false });
  expect(interval[0]).toBeLessThan(-0.05);
  expect(interval[1]).toBeGreaterThan(0.05);
});

test("the interval is that of as many fresh queries around as many held-out ones", async () => {
  // Two queries for it and one against: not enough to leave the default for, but on the queries without that one.
  const scores = new Map([
    [3, 1],
    [19, 1],
    [0, -1],
  ]);
  const { best, heldOut, interval } = await choose({
    combinations: [{ moves: 0 }, { moves: 1 }],
    order,
    folds,
    search: "grid",
    score: async (combination, query) => (combination === 1 ? (scores.get(query) ?? 0) : 0),
    seed: 1,
  });
  const deviation = Math.sqrt((1 - 1 / 40) / 39);
  const reach = 1.96 * deviation * Math.sqrt(2 / 40);
  expect([best, heldOut]).toEqual([0, -1 / 40]);
  expect(interval).toEqual([expect.closeTo(-1 / 40 - reach, 12), expect.closeTo(-1 / 40 + reach, 12)]);
});

test("what is significantly worse on the queries that did not choose it is no reason to leave the default", async () => {
  // Each is good everywhere but in one fold: on the other four it is the best there is.
  const { best, heldOut, p, significant } = await choose({
    combinations: [0, 1, 1, 1, 1, 1].map((moves) => ({ moves })),
    order,
    folds,
    search: "grid",
    score: async (combination, query) => (combination === 0 ? 0 : query % 5 === combination - 1 ? -2 : 1),
    seed: 1,
  });
  expect([best, heldOut]).toEqual([1, -2]);
  expect(p).toBeLessThan(0.01);
  expect(significant).toBe(false);
});
