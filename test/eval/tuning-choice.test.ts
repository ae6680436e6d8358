import { expect, test } from "vitest";
import { choose } from "../../src/eval/tuning-choice.ts";

test("the interval of the best one's gain is no point where the folds that could tell chose the default", async () => {
  const order = Array.from({ length: 40 }, (_, query) => query);
  // Better on two queries of forty: on the folds of both, one is too few to leave the default for.
  const better = new Set([3, 19]);
  const { best, apparent, heldOut, interval, significant } = await choose({
    combinations: [{ moves: 0 }, { moves: 1 }],
    order,
    folds: Array.from({ length: 5 }, (_, fold) => order.filter((query) => query % 5 === fold)),
    search: "halving",
    score: async (combination, query) => (combination === 1 && better.has(query) ? 1 : 0),
    seed: 1,
  });
  expect({ best, apparent, heldOut, significant }).toEqual({ best: 1, apparent: 0.05, heldOut: 0, significant: false });
  expect(interval[0]).toBeLessThan(-0.05);
  expect(interval[1]).toBeGreaterThan(0.05);
});
