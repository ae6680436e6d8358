import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldsOf } from "../../src/eval/folds.ts";
import { halving } from "../../src/eval/halving.ts";
import { randomBits, shuffled } from "../../src/eval/random.ts";

describe("successive halving", () => {
  const candidates = Array.from({ length: 60 }, (_, index) => index);
  const order = Array.from({ length: 300 }, (_, index) => index);

  test("finds what is better everywhere, at a seventh of the readings", async () => {
    let readings = 0;
    const { finalists, rungs } = await halving({
      candidates,
      order,
      score: async (candidate, query) => {
        readings++;
        return (candidate === 37 ? 0.3 : 0) + ((candidate * 31 + query * 17) % 10) / 20;
      },
    });
    expect(finalists[0]).toBe(37);
    expect(readings).toBeLessThan((candidates.length * order.length) / 7);
    expect(rungs.map(({ queries, candidates: alive }) => [queries, alive])).toEqual([
      [5, 60],
      [15, 31],
      [36, 17],
      [74, 10],
      [149, 6],
      [299, 4],
      [300, 3],
    ]);
  });

  test("reads the queries first on which the two ends differ", async () => {
    const next = randomBits(1);
    // One query in twenty tells candidates apart, by how far they are from the tenth; on the others it is all noise.
    const scores = candidates.map((candidate) =>
      order.map((query) => (query % 20 === 7 ? 1 - Math.abs(candidate - 10) / 60 : (next() % 100) / 300)),
    );
    const asked: number[] = [];
    const { finalists } = await halving({
      candidates,
      order,
      score: async (candidate, query) => {
        if (candidate === 30) asked.push(query);
        return scores[candidate]?.[query] ?? 0;
      },
    });
    expect(asked.slice(0, 15).every((query) => query % 20 === 7)).toBe(true);
    expect(Math.min(...finalists.map((candidate) => Math.abs(candidate - 10)))).toBeLessThanOrEqual(2);
  });

  test("keeps the first and the last to the end, reads a pair once, and prefers the earlier of equals", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 40 }), {
          minLength: 1,
          maxLength: 30,
        }),
        async (scores) => {
          const seen = new Set<string>();
          const { finalists } = await halving({
            candidates: [...scores.keys()],
            order: order.slice(0, 40),
            score: async (candidate, query) => {
              expect(seen.has(`${candidate} ${query}`)).toBe(false);
              seen.add(`${candidate} ${query}`);
              return scores[candidate]?.[query] ?? 0;
            },
          });
          expect(finalists).toContain(0);
          expect(finalists).toContain(scores.length - 1);
          const sumOf = (candidate: number): number => scores[candidate]?.reduce((sum, value) => sum + value, 0) ?? 0;
          for (const [rank, candidate] of finalists.entries()) {
            const after = finalists[rank + 1];
            if (after === undefined) continue;
            expect(sumOf(candidate)).toBeGreaterThanOrEqual(sumOf(after));
          }
        },
      ),
    );
    // The best of a rung may be an end.
    const end = await halving({ candidates, order, score: async (candidate) => (candidate === 0 ? 1 : 0) });
    expect(end.rungs.map(({ best }) => best)).toEqual(end.rungs.map(() => 1));
    const tied = await halving({ candidates: [0, 1, 2, 3, 4], order: order.slice(0, 20), score: async () => 1 });
    expect(tied.finalists).toEqual([0, 1, 4]);
  });

  test("reads a fifth of the grid at most, where there are twenty candidates and more than a few queries", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: 120 }),
        fc.integer({ min: 60, max: 300 }),
        fc.integer(),
        async (settings, queries, seed) => {
          const next = randomBits(seed);
          let readings = 0;
          await halving({
            candidates: candidates.concat(candidates.map((each) => each + 60)).slice(0, settings),
            order: order.slice(0, queries),
            score: async () => {
              readings++;
              return next() % 3;
            },
          });
          expect(readings).toBeLessThanOrEqual((settings * queries) / 5);
        },
      ),
    );
  });

  test("reads all of everything where it is asked to", async () => {
    const scoreOf = (candidate: number, query: number): number => ((candidate + 3) * (query + 5)) % 7;
    const { finalists, rungs } = await halving({
      candidates,
      order,
      whole: true,
      score: async (candidate, query) => scoreOf(candidate, query),
    });
    const sumOf = (candidate: number): number => order.reduce((sum, query) => sum + scoreOf(candidate, query), 0);
    expect(finalists).toEqual(candidates.toSorted((a, b) => sumOf(b) - sumOf(a)));
    expect(rungs).toEqual([{ queries: 300, candidates: 60, best: sumOf(finalists[0] ?? 0) / 300 }]);
  });
});

describe("folds", () => {
  const query = (...documentIds: string[]) => ({ judgments: documentIds.map((documentId) => ({ documentId })) });

  test("hold every query once, and no document twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 2 }), { minLength: 2, maxLength: 60 }),
        fc.integer(),
        (documents, seed) => {
          const queries = documents.map((ids) => query(...ids.map(String)));
          const { folds, apart } = foldsOf(queries, { count: 5, next: randomBits(seed) });
          expect(folds.flat().toSorted((a, b) => a - b)).toEqual([...queries.keys()]);
          expect(folds.length).toBeGreaterThan(1);
          expect(folds.every((fold) => fold.length > 0)).toBe(true);
          if (!apart) return;
          const foldOf = new Map<string, number>();
          for (const [number, fold] of folds.entries()) {
            for (const id of fold.flatMap((index) => documents[index] ?? []).map(String)) {
              expect(foldOf.get(id) ?? number).toBe(number);
              foldOf.set(id, number);
            }
          }
        },
      ),
    );
  });

  test("say so where documents cannot be kept apart", () => {
    const next = randomBits(1);
    const one = foldsOf([query("a"), query("a"), query("a")], { count: 5, next });
    expect(one.apart).toBe(false);
    expect(one.folds).toHaveLength(3);
    // A chain that ties all of them: grouped by the first document then.
    const chain = ["a", "b", "c", "d"].flatMap((id, index, all) => [query(id, all[index + 1] ?? "a"), query(id)]);
    const { folds, apart } = foldsOf(chain, { count: 5, next });
    expect(apart).toBe(false);
    expect(folds.map((fold) => fold.toSorted((a, b) => a - b)).toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
  });

  test("are dealt by the seed", () => {
    const queries = Array.from({ length: 40 }, (_, index) => query(`d${index}`));
    const of = (seed: number) => foldsOf(queries, { count: 5, next: randomBits(seed) }).folds;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(shuffled(5, randomBits(3)).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  });
});
