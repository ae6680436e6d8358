import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { measure, type Metric, type Qrels, type Run } from "../../src/eval/measure.ts";
import { untyped } from "../untyped.ts";

type Case = readonly [query: string, grades: Qrels[string], scores: Run[string] | null, expected: readonly number[]];
const fixture = JSON.parse(await readFile(new URL("../fixtures/trec-eval.json", import.meta.url), "utf8")) as {
  readonly metrics: readonly Metric[];
  readonly cases: readonly Case[];
};

const scored = (score: unknown) => () => measure({ q: { a: untyped<number>(score) } }, { q: { a: 1 } }, ["map"]);
const graded = (grade: number) => () => measure({ q: { a: 1 } }, { q: { a: grade } }, ["map"]);

describe("measure", () => {
  test("gives trec_eval's numbers, with heavy ties, hostile ids and empty rankings", () => {
    const { metrics, cases } = fixture;
    const qrels = Object.fromEntries(cases.map(([query, grades]) => [query, grades]));
    // A query without results is not in the run at all, as in a run file.
    const run = Object.fromEntries(cases.flatMap(([query, , scores]) => (scores === null ? [] : [[query, scores]])));
    const { mean, perQuery, unjudged } = measure(run, qrels, metrics);
    expect(Object.keys(perQuery)).toHaveLength(cases.length);
    for (const [query, , , expected] of cases) {
      for (const [index, metric] of metrics.entries()) {
        expect(perQuery[query]?.[metric], `${metric} of ${query}`).toBeCloseTo(expected[index] ?? NaN, 12);
      }
    }
    for (const [index, metric] of metrics.entries()) {
      const sum = cases.reduce((total, [, , , expected]) => total + (expected[index] ?? NaN), 0);
      expect(mean[metric]).toBeCloseTo(sum / cases.length, 12);
    }
    expect(unjudged).toEqual([]);
    // The fixture says something: no metric is the same everywhere.
    for (const index of metrics.keys()) {
      expect(new Set(cases.map(([, , , expected]) => expected[index])).size).toBeGreaterThan(1);
    }
  });

  test("counts a judged query without results as 0 and lists a query without judgments", () => {
    const { mean, perQuery, unjudged } = measure({ q1: { a: 1 }, stray: { a: 1 } }, { q1: { a: 1 }, q2: { a: 1 } }, [
      "ndcg@10",
      "mrr",
    ]);
    expect(mean).toEqual({ "ndcg@10": 0.5, mrr: 0.5 });
    expect(perQuery).toEqual({ q1: { "ndcg@10": 1, mrr: 1 }, q2: { "ndcg@10": 0, mrr: 0 } });
    expect(unjudged).toEqual(["stray"]);
  });

  test("does not take what every object inherits for results", () => {
    const { perQuery } = measure({}, { constructor: { toString: 1 }, q: { a: 1 } }, ["hit@1"]);
    expect(Object.keys(perQuery)).toEqual(["constructor", "q"]);
    expect(perQuery["constructor"]).toEqual({ "hit@1": 0 });
    expect(measure({ toString: { a: 1 } }, { q: { a: 1 } }, ["hit@1"]).unjudged).toEqual(["toString"]);
  });

  test("keeps __proto__ as the id of a query and of a document", () => {
    const run = JSON.parse('{"__proto__":{"__proto__":2,"a":1}}') as Run;
    const qrels = JSON.parse('{"__proto__":{"__proto__":1}}') as Qrels;
    const { perQuery } = measure(run, qrels, ["precision@1"]);
    expect(Object.entries(perQuery)).toEqual([["__proto__", { "precision@1": 1 }]]);
  });

  test("does not depend on the order in which anything is given", () => {
    const id = fc.constantFrom("a", "b", "c", "d", "\u{1f600}", "\uff5e", "__proto__");
    const scores = fc.array(fc.tuple(id, fc.constantFrom(0, 1, 2)), { minLength: 1 });
    const metrics: Metric[] = ["ndcg@3", "map", "bpref", "mrr@2", "rprecision"];
    fc.assert(
      fc.property(scores, scores, (found, grades) => {
        const unique = [...new Map(found)];
        const of = (list: readonly (readonly [string, number])[]) =>
          measure({ q: Object.fromEntries(list) }, { q: Object.fromEntries(grades) }, metrics).mean;
        expect(of(unique.toReversed())).toEqual(of(unique));
      }),
    );
  });

  test("stays between 0 and 1, is 1 for the perfect ranking and does not fall when a relevant document rises", () => {
    const grade = fc.integer({ min: -1, max: 3 });
    const grades = fc.array(grade, { minLength: 1, maxLength: 12 });
    const metrics: Metric[] = ["ndcg@4", "ndcg", "recall@4", "precision@2", "map@4", "map", "mrr@4", "hit@2", "bpref"];
    fc.assert(
      fc.property(grades, (list) => {
        const qrels = { q: Object.fromEntries(list.map((value, index) => [`d${index}`, value])) };
        const run = Object.fromEntries(list.map((_, index) => [`d${index}`, -index]));
        const before = measure({ q: run }, qrels, metrics).mean;
        for (const value of Object.values(before)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        const best = Math.max(...list);
        const index = list.indexOf(best);
        const after = measure({ q: { ...run, [`d${index}`]: 1 } }, qrels, metrics).mean;
        for (const metric of metrics) expect(after[metric]).toBeGreaterThanOrEqual((before[metric] ?? NaN) - 1e-12);
        const perfect = measure(qrels, qrels, ["ndcg@4", "ndcg", "map", "mrr", "rprecision", "bpref"]).mean;
        for (const value of Object.values(perfect)) expect(value).toBeCloseTo(best > 0 ? 1 : 0, 12);
      }),
    );
  });

  test.each([
    "ndcg@0",
    "ndcg@-1",
    "ndcg@1.5",
    "ndcg@1e1",
    "ndcg@",
    "ndcg@10@2",
    "recall",
    "precision",
    "hit",
    "bpref@5",
    "rprecision@1",
    "NDCG@10",
    "constructor",
    "__proto__",
    "constructor@5",
    "",
    7,
    null,
  ])("refuses the metric %j", (metric) => {
    expect(() => measure({}, { q: { a: 1 } }, [untyped<Metric>(metric)])).toThrow(ConfigError);
  });

  test("refuses scores and grades that are no numbers, naming the query and the document", () => {
    expect(scored(NaN)).toThrow('run: expected a number as the score of "a" for "q", received NaN');
    expect(scored("1")).toThrow(ConfigError);
    expect(graded(0.5)).toThrow('qrels: expected a whole number as the grade of "a" for "q", received 0.5');
    expect(graded(NaN)).toThrow(ConfigError);
    expect(() => measure({}, {}, ["map"])).toThrow("qrels: expected at least one query");
  });
});
