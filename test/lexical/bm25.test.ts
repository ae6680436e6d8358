import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, DocumentError } from "../../src/errors.ts";
import { bm25, type Bm25Index, type Bm25Options, type Bm25SearchOptions } from "../../src/lexical/bm25.ts";
import { lossyLength } from "../../src/lexical/lossy-length.ts";
import type { Analyzer } from "../../src/types.ts";
import { untyped } from "../untyped.ts";
import { expectRanking, naiveBm25, spaces } from "./naive-bm25.ts";

const filled = (documents: Readonly<Record<string, string>>, options: Bm25Options = {}): Bm25Index => {
  const index = bm25({ analyzer: spaces, ...options });
  for (const [id, text] of Object.entries(documents)) index.add(id, text);
  return index;
};
const idsOf = (index: Bm25Index, query: string, options?: Bm25SearchOptions): readonly string[] =>
  index.search(query, options).map(({ id }) => id);

describe("bm25", () => {
  test("is searchable from the first document on", () => {
    const index = bm25();
    expect(index.search("foxes")).toEqual([]);
    index.add("a", "The quick brown fox");
    expect(idsOf(index, "foxes")).toEqual(["a"]);
    index.update("a", "A lazy dog");
    expect(idsOf(index, "foxes")).toEqual([]);
    expect(idsOf(index, "lazy dogs")).toEqual(["a"]);
    expect(index.delete("a")).toBe(true);
    expect([index.search("dog"), index.size]).toEqual([[], 0]);
  });

  test("ids stay what they are: like numbers, like keys of objects, outside ASCII", () => {
    const ids = ["10", "9", "1", "01", "__proto__", "constructor", "é", "日本", "😀", " "];
    const index = filled({});
    for (const id of ids) index.add(id, "same text");
    expect(idsOf(index, "text", { topK: 20 })).toEqual(ids.toSorted());
  });

  test("ten by default, as many as asked for, and no more than there are", () => {
    const index = filled(Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`d${i}`, "a"])));
    expect(index.search("a")).toHaveLength(10);
    expect(index.search("a", { topK: 3 })).toHaveLength(3);
    expect(index.search("a", { topK: 1000 })).toHaveLength(15);
  });

  test("a document without terms is there, and weighs nothing", () => {
    const index = filled({ a: "x y", b: "x", blank: "" });
    expect(index.size).toBe(3);
    expect(index.search("x")).toEqual(filled({ a: "x y", b: "x" }).search("x"));
    index.update("blank", "x");
    expect(idsOf(index, "x")).toContain("blank");
    index.update("blank", "");
    expect(index.search("x")).toEqual(filled({ a: "x y", b: "x" }).search("x"));
    expect(index.delete("blank")).toBe(true);
  });

  test("hostile texts", () => {
    const index = bm25();
    const texts = [
      "\0 nul",
      "\ud800 lone",
      "__proto__ constructor",
      "'; drop table --",
      "x".repeat(1_000_000),
      "\u202e",
    ];
    texts.forEach((text, i) => index.add(`d${i}`, text));
    expect(idsOf(index, "nul")).toEqual(["d0"]);
    expect(idsOf(index, "lone")).toEqual(["d1"]);
    expect(idsOf(index, "__proto__")).toEqual(["d2"]);
    expect(idsOf(index, "x".repeat(1_000_000))).toEqual(["d4"]);
  });

  test("an analyzer that fails leaves the index as it was", () => {
    let failing = false;
    const analyzer: Analyzer = {
      fingerprint: "moody",
      terms(text) {
        if (failing) throw new Error("not now");
        return text.split(" ");
      },
    };
    const index = filled({ a: "x" }, { analyzer });
    failing = true;
    expect(() => index.add("b", "x")).toThrow("not now");
    expect(() => index.update("a", "y")).toThrow("not now");
    failing = false;
    expect([index.size, idsOf(index, "x y")]).toEqual([1, ["a"]]);
    index.add("b", "x");
  });
});

describe("what is refused", () => {
  test("a document twice, and one that is not there", () => {
    const index = filled({ a: "x" });
    expect(() => index.add("a", "y")).toThrow(DocumentError);
    expect(() => index.update("b", "y")).toThrow(DocumentError);
    expect(index.delete("b")).toBe(false);
    expect([index.size, idsOf(index, "x")]).toEqual([1, ["a"]]);
  });

  test.each([
    ["", "x"],
    ["\ud800", "x"],
    ["a\0b", "x"],
    [untyped<string>(1), "x"],
    ["a", untyped<string>(undefined)],
  ])("a document %j with text %j", (id, text) => {
    const index = bm25();
    expect(() => index.add(id, text)).toThrow(DocumentError);
    expect(index.size).toBe(0);
  });

  test.each([
    [{ k1: -1 }, /^bm25\.k1: expected a number of at least 0, received -1$/],
    [untyped<Bm25Options>({ k1: Symbol("k1") }), /^bm25\.k1: expected a number of at least 0, received a symbol$/],
    [untyped<Bm25Options>({ b: "0.7" }), /^bm25\.b: expected a number between 0 and 1, received "0\.7"$/],
    [{ b: 2 }, /^bm25\.b: expected a number between 0 and 1, received 2$/],
    [{ lossyLengths: untyped<boolean>("yes") }, /^bm25\.lossyLengths: expected true or false, received "yes"$/],
    [{ analyzer: untyped<Analyzer>({}) }, /^analyzer: expected/],
    [untyped<Bm25Options>({ K1: 1 }), /unknown option "K1"/],
  ])("options %o", (options, message) => {
    expect(() => bm25(options)).toThrow(message);
    expect(() => bm25(options)).toThrow(ConfigError);
  });

  test.each([
    [{ topK: 0 }, /^topK: expected a whole number of at least 1, received 0$/],
    [{ topK: 1.5 }, /^topK/],
    [untyped<Bm25SearchOptions>({ limit: 1 }), /unknown option "limit"/],
    [{ where: untyped<() => boolean>(null) }, /^where: expected/],
    [
      { where: untyped<() => boolean>(async () => false) },
      /^where: expected true or false, received a promise; await it$/,
    ],
    [{ where: untyped<() => boolean>(["a"]) }, /^where: expected/],
    [{ where: bm25().ids(["a"]) }, /^where: expected a set that ids\(\) of this very index made$/],
  ])("search options %o", (options, message) => {
    expect(() => filled({ a: "x" }).search("x", options)).toThrow(message);
    expect(() => filled({ a: "x" }).search("x", options)).toThrow(ConfigError);
  });

  test("a query that is no text, one id in place of several", () => {
    expect(() => bm25().search(untyped<string>(7))).toThrow(ConfigError);
    expect(() => bm25().ids("abc")).toThrow(ConfigError);
  });
});

describe("where", () => {
  const texts = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`d${i}`, `a b${i % 5} ${"c ".repeat(i % 7)}`]),
  );

  test("a set and a function take the same from the ranking, and change no score", () => {
    const index = filled(texts);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(320), { maxLength: 320 }),
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom("a", "b1", "c b2", "a b3 c"),
        (numbers, topK, query) => {
          const ids = new Set(numbers.map((number) => `d${number}`));
          const wanted = index.search(query, { topK: 1000 }).filter(({ id }) => ids.has(id));
          expect(index.search(query, { topK, where: index.ids(ids) })).toEqual(wanted.slice(0, topK));
          expect(index.search(query, { topK, where: (id) => ids.has(id) })).toEqual(wanted.slice(0, topK));
        },
      ),
    );
  });

  test("a function is asked about each document once at most, and not about those that do not matter", () => {
    const index = filled(texts);
    const asked: string[] = [];
    const where = (id: string): boolean => asked.push(id) > 0 && id.endsWith("7");
    expect(index.search("a", { topK: 300, where })).toHaveLength(30);
    expect(asked).toHaveLength(300);
    expect(new Set(asked).size).toBe(300);
    asked.length = 0;
    index.search("a", { topK: 1, where: (id) => asked.push(id) > 0 });
    expect(asked).toHaveLength(1);
  });

  test("a set counts its ids, follows the documents, and belongs to its index", () => {
    const index = filled({ a: "x", b: "x" });
    const set = index.ids(["a", "c", "c"]);
    expect(set.size).toBe(2);
    expect(idsOf(index, "x", { where: set })).toEqual(["a"]);
    index.add("c", "x");
    expect(idsOf(index, "x", { where: set })).toEqual(["a", "c"]);
    index.delete("a");
    index.add("d", "x");
    expect(idsOf(index, "x", { where: set })).toEqual(["c"]);
    index.add("a", "x");
    expect(idsOf(index, "x", { where: set })).toEqual(["a", "c"]);
    expect(() => filled({ a: "x" }).search("x", { where: set })).toThrow(ConfigError);
  });

  test("a set made of a generator, and an empty one", () => {
    const index = filled({ a: "x", b: "x" });
    const where = index.ids(new Map([["b", 1]]).keys());
    expect(idsOf(index, "x", { where })).toEqual(["b"]);
    expect(idsOf(index, "x", { where: index.ids([]) })).toEqual([]);
  });
});

describe("ten thousand random operations", () => {
  /** Up to ninety words, because lossy lengths are exact below forty. */
  const word = fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), fc.constantFrom(1, 1, 1, 2, 9));
  const text = fc
    .array(word, { maxLength: 10 })
    .map((words) => words.map(([each, times]) => `${each} `.repeat(times)).join(""));
  const id = fc.nat(24).map((number) => `d${number}`);
  const operation = fc.oneof(
    fc.record({ type: fc.constantFrom("write" as const, "write" as const, "delete" as const), id, text }),
    fc.record({ type: fc.constant("ids" as const), id, text }),
    fc.record({ type: fc.constantFrom("search" as const, "search" as const), id, text }),
  );
  const settings = fc.constantFrom<Bm25Options>(
    {},
    { k1: 0.9, b: 0.4 },
    { k1: 0, b: 0 },
    { k1: 2, b: 1 },
    { lossyLengths: true },
  );

  test("each search answers as the formula does, and bit for bit as an index built anew", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 100, maxLength: 100 }), settings, (operations, options) => {
        const index = filled({}, options);
        const documents = new Map<string, string>();
        let where = index.ids([]);
        let chosen = new Set<string>();
        operations.forEach((step, turn) => {
          if (step.type === "write") {
            if (documents.has(step.id)) index.update(step.id, step.text);
            else index.add(step.id, step.text);
            documents.set(step.id, step.text);
          } else if (step.type === "delete") {
            expect(index.delete(step.id)).toBe(documents.delete(step.id));
          } else if (step.type === "ids") {
            chosen = new Set([step.id, ...Array.from({ length: turn % 20 }, (_, i) => `d${i}`)]);
            where = index.ids(chosen);
          } else {
            const topK = 1 + (turn % 12);
            const lengthOf = options.lossyLengths === true ? { lengthOf: lossyLength } : {};
            const wanted = naiveBm25(documents, step.text, { ...options, analyzer: spaces, ...lengthOf });
            const found = index.search(step.text, { topK });
            expectRanking(found, wanted, topK);
            expect(filled(Object.fromEntries(documents), options).search(step.text, { topK })).toEqual(found);
            const all = index.search(step.text, { topK: 100 });
            const passing = all.filter((candidate) => chosen.has(candidate.id)).slice(0, topK);
            expect(index.search(step.text, { topK, where })).toEqual(passing);
          }
          expect(index.size).toBe(documents.size);
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe("explain", () => {
  const word = fc.constantFrom("a", "b", "c", "crix", "ddyh");
  const text = fc.array(word, { maxLength: 60, size: "max" }).map((words) => words.join(" "));

  test("the shares sum to the score, largest first", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 12 }), text, fc.boolean(), (texts, query, lossyLengths) => {
        const index = filled(Object.fromEntries(texts.map((given, i) => [`d${i}`, given])), { lossyLengths });
        const found = new Map(index.search(query, { topK: 100 }).map(({ id, score }) => [id, score]));
        texts.forEach((_, i) => {
          const shares = index.explain(query, `d${i}`) ?? [];
          const sum = shares.reduce((total, { score }) => total + score, 0);
          expect(sum).toBeCloseTo(found.get(`d${i}`) ?? 0, 9);
          expect(shares.every(({ score }) => score > 0)).toBe(true);
          expect(shares.map(({ score }) => score)).toEqual(shares.map(({ score }) => score).toSorted((a, b) => b - a));
        });
      }),
    );
  });

  test("names the terms and what makes the score", () => {
    const index = filled({ a: "x x y", b: "y" });
    const [x, y, ...none] = index.explain("y x x z", "a") ?? [];
    expect(none).toEqual([]);
    expect(x).toMatchObject({ term: "x", count: 2, queryCount: 2 });
    expect(y).toMatchObject({ term: "y", count: 1, queryCount: 1 });
    expect(x?.idf).toBeCloseTo(Math.log(1 + 1.5 / 1.5), 12);
    expect(x?.lengthNorm).toBeCloseTo(1.2 * (0.25 + (0.75 * 3) / 2), 12);
    expect(x?.score).toBeCloseTo((2 * Math.log(2) * 2 * 2.2) / (2 + (x?.lengthNorm ?? 0)), 12);
  });

  test("no such document, none of the terms, no terms at all", () => {
    const index = filled({ a: "x", blank: "" });
    expect(index.explain("x", "b")).toBeUndefined();
    expect(index.explain("y", "a")).toEqual([]);
    expect(index.explain("x", "blank")).toEqual([]);
  });
});
