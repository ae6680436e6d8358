import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { idf, saturate } from "../../src/lexical/terms.ts";
import { casesOf, expectFailures } from "../../src/testing/conformance.ts";
import { expectAbort, expectClose, expectEqual, expectRejection, expectThat } from "../../src/testing/expectation.ts";
import { filterFields, filterRows, filterTrees, randomTree, selected } from "../../src/testing/filter-rows.ts";
import { chunkerSuite, embedderSuite, lexicalSuite, rerankerSuite, storeSuite } from "../../src/testing/index.ts";
import { seededRandom } from "../../src/testing/random.ts";
import { lexicalRanking } from "../../src/testing/ranking.ts";
import { row, terms, uuid } from "../../src/testing/store-rows.ts";
import type { LexicalSpec } from "../../src/types.ts";
import { plainChunker, plainEmbedder, plainLexicalIndex, plainReranker } from "./reference-parts.ts";
import { referenceStore } from "./reference-store.ts";

const passing = { name: "passes", run: () => Promise.resolve() };
const failing = { name: "fails", run: () => Promise.reject(new Error("expected 1, received 2")) };

describe("expectFailures", () => {
  test("turns a known gap into a case that must fail", async () => {
    const [first, second] = expectFailures([passing, failing], { fails: "the engine cannot count" });
    await expect(first?.run()).resolves.toBeUndefined();
    await expect(second?.run()).resolves.toBeUndefined();
  });

  test("tells when a gap was mended", async () => {
    const [first] = expectFailures([passing], { passes: "the engine cannot count" });
    await expect(first?.run()).rejects.toThrow(/the engine cannot count; it passes, so take it out/);
  });

  test("refuses the name of no case", () => {
    expect(() => expectFailures([passing], { parses: "a slip" })).toThrow(ConfigError);
    expect(() => expectFailures([passing], { parses: "a slip" })).toThrow(/gaps: .* "parses"/);
  });

  test("takes names of object methods literally", async () => {
    const [first] = expectFailures([{ ...failing, name: "toString" }], {});
    await expect(first?.run()).rejects.toThrow("expected 1, received 2");
  });
});

describe("casesOf", () => {
  test("gives each case a part of its own and closes it, also after a failure", async () => {
    let made = 0;
    const closed: number[] = [];
    const checks = {
      keeps: () => undefined,
      breaks: (part: number) => expectEqual(part, 0, "part"),
    };
    const close = async (part: number): Promise<void> => void closed.push(part);
    const [keeps, breaks] = casesOf(() => ++made, [checks], close);
    await keeps?.run();
    await expect(breaks?.run()).rejects.toThrow("part: expected 0, received 2");
    await keeps?.run();
    expect(closed).toEqual([1, 2, 3]);
  });
});

describe("the suites", () => {
  const suites = {
    store: storeSuite(() => referenceStore()),
    lexical: lexicalSuite(() => plainLexicalIndex()),
    embedder: embedderSuite(plainEmbedder),
    reranker: rerankerSuite(() => plainReranker),
    chunker: chunkerSuite(() => plainChunker),
  };

  test.each(Object.entries(suites))("%s: every case has a name of its own", (_port, cases) => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test("making the cases makes no part", () => {
    const never = (): never => {
      throw new Error("a part was made");
    };
    const cases = [
      storeSuite(never),
      lexicalSuite(never),
      embedderSuite(never),
      rerankerSuite(never),
      chunkerSuite(never),
    ];
    expect(cases.flat().length).toBeGreaterThan(130);
  });
});

describe("expectations", () => {
  test("name what was expected and what came, and where", () => {
    const expected = [{ id: "a", tags: ["x"] }];
    expect(() => expectEqual([{ id: "a", tags: ["y"] }], expected, "rows")).toThrow(
      'rows[0].tags[0]: expected "x", received "y"',
    );
    expect(() => expectEqual([], expected, "rows")).toThrow(/^rows: expected 1 entries .*, received 0 \[\]$/);
    expect(() => expectEqual({ a: null }, {}, "row")).toThrow("row.a: expected undefined, received null");
    expect(() => expectEqual(Number.NaN, 0, "score")).toThrow("score: expected 0, received NaN");
    expect(() => expectEqual(Float32Array.of(1, 2), Float32Array.of(1, 3), "vector")).toThrow(/^vector\[1\]/);
    expect(() => expectEqual({ length: 0 }, [], "list")).toThrow(/^list: /);
    expect(() => expectThat(false, "a number above 0", new RangeError("too low"))).toThrow(
      "expected a number above 0, received RangeError: too low",
    );
  });

  test("take equal data for equal", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expectEqual(structuredClone(value), value, "value")));
    expectEqual({ a: undefined, b: 1 }, { b: 1 }, "row");
    expectEqual(Object.assign(Object.create(null), { a: 1 }), { a: 1 }, "row without a prototype");
    expectEqual(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'), "row with a hostile key");
    expect(() => expectEqual(JSON.parse('{"__proto__":1}'), {}, "row")).toThrow(/^row\.__proto__/);
  });

  test("take numbers within 1e-4 for close", () => {
    expectClose(1.00009, 1, "score");
    expectClose(-5000.4, -5000, "score");
    expectClose(1e-7, 0, "score");
    for (const [received, expected] of [
      [1.0002, 1],
      [Number.NaN, 1],
      ["1", 1],
      [undefined, 0],
      [1e-5, 0],
    ] as const) {
      expect(() => expectClose(received, expected, "score")).toThrow(/^score: expected/);
    }
  });

  test("demand a rejection, with the very reason", async () => {
    await expect(expectRejection(Promise.resolve(7), "call")).rejects.toThrow("call: expected a rejection, received 7");
    await expect(expectRejection(Promise.reject(new Error("x")), "call")).resolves.toEqual(new Error("x"));
    await expectAbort((signal) => Promise.reject(signal.reason), "call");
    await expectAbort((signal) => {
      signal.throwIfAborted();
      return Promise.resolve();
    }, "call");
    const copied = (signal: AbortSignal): Promise<never> => Promise.reject(structuredClone(signal.reason));
    await expect(expectAbort(copied, "call")).rejects.toThrow(/^call: expected the caller's own reason/);
  });
});

describe("what the cases are made of", () => {
  test("ids are UUIDs, each its own", () => {
    const ids = Array.from({ length: 2_000 }, (_, number) => uuid(`document ${number % 40} ${number}`));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("random numbers are the same in every run, and spread", () => {
    const [one, other] = [seededRandom(7), seededRandom(7)];
    const drawn = Array.from({ length: 10_000 }, () => one.next());
    expect(Array.from({ length: 10_000 }, () => other.next())).toEqual(drawn);
    expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 1);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(seededRandom(8).next()).not.toBe(drawn[0]);
  });

  test("metadata of the filter rows is what stores keep", () => {
    for (const metadata of Object.values(filterRows)) {
      for (const [field, value] of Object.entries(metadata)) {
        expect(Object.hasOwn(filterFields, field)).toBe(true);
        expect(Array.isArray(value)).toBe(filterFields[field]?.array);
        if (Array.isArray(value)) expect(value).not.toEqual([]);
      }
    }
  });

  test("filters tell the rows apart: most select some rows and not all", () => {
    const random = seededRandom(3);
    const trees = [...Object.values(filterTrees).flat(), ...Array.from({ length: 200 }, () => randomTree(random))];
    const count = Object.keys(filterRows).length;
    const telling = trees.map((tree) => selected(tree, filterRows).length).filter((size) => size > 0 && size < count);
    expect(telling.length).toBeGreaterThan(trees.length * 0.6);
  });

  test("expected BM25 scores agree with the encoder of terms", () => {
    const counts = fc.dictionary(fc.integer({ min: 0, max: 8 }).map(String), fc.integer({ min: 1, max: 9 }), {
      minKeys: 1,
    });
    const settings = fc.record({
      k1: fc.double({ min: 0, max: 3, noNaN: true }),
      b: fc.double({ min: 0, max: 1, noNaN: true }),
      averageLength: fc.double({ min: 1, max: 90, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 12 }), counts, settings, (documents, query, given: LexicalSpec) => {
        const live = documents.map((words, number) => row(`d${number}`, 0, { legs: { terms: terms(words) } }));
        const asked = terms(query);
        const scores = new Map(lexicalRanking(live, asked, given).map(({ id, score }) => [id, score]));
        documents.forEach((words, number) => {
          const held = terms(words);
          const weights = saturate(held, given);
          let score = 0;
          asked.ids.forEach((term, index) => {
            const frequency = documents.filter((other) => String(term) in other).length;
            const weight = weights[held.ids.indexOf(term)] ?? 0;
            score += (asked.counts[index] ?? 0) * idf(documents.length, frequency) * weight;
          });
          expect(scores.get(row(`d${number}`, 0).id) ?? 0).toBeCloseTo(score, 4);
        });
      }),
    );
  });
});
