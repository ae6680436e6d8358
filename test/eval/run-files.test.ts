import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { measure } from "../../src/eval/measure.ts";
import { formatQrels, formatRun, parseQrels, parseRun } from "../../src/eval/run-files.ts";
import { createRetriever } from "../../src/index.ts";
import { untyped } from "../untyped.ts";

const run = { q1: { a: 1, b: 2.5, c: 1 }, q2: { a: -1e-7 } };
const qrels = { q1: { a: 2, b: 0 }, q2: { z: -1 } };

describe("run files", () => {
  test.each(["trec", "jsonl"] as const)("a byte order mark and line ends of Windows are no part of %s", (format) => {
    const lines = formatRun(run, { format }).replaceAll("\n", "\r\n");
    expect(parseRun(`\uFEFF${lines}`, { format })).toEqual(run);
  });

  test("are written as trec_eval reads them, best first", () => {
    expect(formatRun(run, { tag: "mine" })).toBe(
      ["q1 Q0 b 1 2.5 mine", "q1 Q0 c 2 1 mine", "q1 Q0 a 3 1 mine", "q2 Q0 a 1 -1e-7 mine", ""].join("\n"),
    );
    expect(formatQrels(qrels)).toBe("q1 0 a 2\nq1 0 b 0\nq2 0 z -1\n");
    expect(formatRun({}, {})).toBe("");
  });

  test("are read with tabs, blank lines and Windows line ends, and with any rank column", () => {
    expect(
      parseRun("q1\tQ0\ta\t9\t1.5\ttag\r\n\n  q1 Q0 b 9 2e-3 tag\nq2 Q0 a 1 inf x\nq2 Q0 b 1 -Infinity x"),
    ).toEqual({
      q1: { a: 1.5, b: 0.002 },
      q2: { a: Infinity, b: -Infinity },
    });
    expect(parseQrels("q1 Q0 a +2\nq1 0 b -1\n")).toEqual({ q1: { a: 2, b: -1 } });
  });

  const id = fc.string({ unit: "grapheme", minLength: 1 });
  const hostile = fc.oneof(id, fc.constantFrom("__proto__", "constructor", "", "a b", '"', "\n", "\u2028"));
  const tables = (key: fc.Arbitrary<string>, value: fc.Arbitrary<number>) =>
    fc
      .array(fc.tuple(key, fc.array(fc.tuple(key, value), { minLength: 1 })))
      .map((rows) => Object.fromEntries(rows.map(([query, cells]) => [query, Object.fromEntries(cells)])));
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

  test("come back as they were written: JSON lines with any ids, TREC with ids that have no white space", () => {
    fc.assert(
      fc.property(tables(hostile, finite), (table) => {
        expect(parseRun(formatRun(table, { format: "jsonl" }), { format: "jsonl" })).toEqual(table);
      }),
    );
    const plain = fc.oneof(id, fc.constant("__proto__")).filter((text) => !/\s/.test(text));
    fc.assert(
      fc.property(tables(plain, finite), tables(plain, fc.integer()), (scores, grades) => {
        expect(parseRun(formatRun(scores))).toEqual(scores);
        expect(parseQrels(formatQrels(grades))).toEqual(grades);
        expect(parseQrels(formatQrels(grades, { format: "jsonl" }), { format: "jsonl" })).toEqual(grades);
      }),
    );
  });

  test.each([
    ["q1 Q0 a 1 1.5", "line 1: expected 6 columns with a number as score"],
    ["q1 Q0 a 1 1.5 tag more", "line 1: expected 6 columns"],
    ["q1 Q0 a 1 1.5 tag\nq1 Q0 b 1 one tag", "line 2: expected 6 columns"],
    ["q1 Q0 a 1 nan tag", "line 1: expected 6 columns"],
    ["q1 Q0 a 1 1.5.2 tag", "line 1: expected 6 columns"],
    ["q1 Q0 a 1 0x10 tag", "line 1: expected 6 columns"],
    ["q1 Q0 a 1 1 tag\nq1 Q0 a 2 2 tag", 'line 2: "a" stands there twice for "q1".'],
  ])("are refused by line: %j", (text, message) => {
    expect(() => parseRun(text)).toThrow(message);
    expect(() => parseRun(text)).toThrow(ConfigError);
  });

  test.each([
    "[]",
    "7",
    "{",
    '{"query":"q","document":"d"}',
    '{"query":1,"document":"d","grade":1}',
    '{"query":"q","document":"d","grade":0.5}',
  ])("are refused by line: JSON %s", (line) => {
    expect(() => parseQrels(`${line}\n`, { format: "jsonl" })).toThrow(
      'line 1: expected {"query", "document", "grade"}',
    );
  });

  test("refuse what their format has no room for", () => {
    expect(() => formatRun({ "two words": { a: 1 } })).toThrow('format: "trec" has no room for "two words"');
    expect(() => formatQrels({ q: { "": 1 } })).toThrow(ConfigError);
    expect(() => formatRun({ q: { a: NaN } })).toThrow("run: expected a number");
    expect(() => formatRun(run, { format: untyped("csv") })).toThrow(
      'format: expected "trec" or "jsonl", received "csv"',
    );
    expect(() => formatRun(run, untyped({ name: "x" }))).toThrow('formatRun: unknown option "name"');
    expect(() => parseRun(untyped(7))).toThrow("parseRun: expected a text, received 7");
  });

  test("carry an evaluation to other tools and back with the same numbers", async () => {
    const retriever = createRetriever();
    await retriever.index([
      { id: "a", text: "keys and locks" },
      { id: "b", text: "locks and doors and keys" },
    ]);
    const queries = [{ id: "q1", text: "locks", judgments: [{ documentId: "b" }] }];
    const { run: found, mean } = await evaluate(retriever, queries, { metrics: ["mrr", "ndcg@5"] });
    expect(measure(parseRun(formatRun(found)), { q1: { b: 1 } }, ["mrr", "ndcg@5"]).mean).toEqual(mean);
  });
});
