import { describe, expect, test } from "vitest";
import { bm25 } from "../../src/lexical/bm25.ts";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import {
  createRetriever,
  memory,
  withTermFilter,
  type Analyzer,
  type LexicalIndex,
  type Store,
} from "../../src/index.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";

/** What parts of someone's own may answer instead of what their port says. */

const documents = [{ id: "a", text: "one two" }];

describe("an analyzer's terms", () => {
  test.each<[string, (text: string) => unknown, string]>([
    [
      "a promise",
      async (text) => text.split(" "),
      "terms() to return an array of strings, received a promise; await it",
    ],
    ["a set", (text) => new Set(text.split(" ")), "terms() to return an array of strings, received an object"],
    ["a text", (text) => text, 'terms() to return an array of strings, received "one two"'],
    ["nothing", () => undefined, "terms() to return an array of strings, received undefined"],
    ["numbers", () => [1, 2], "strings in the array that terms() returns, received 1"],
    ["holes", () => Array.from({ length: 1 }), "strings in the array that terms() returns, received undefined"],
  ])("must be an array of strings: %s", async (_, terms, expected) => {
    const analyzer = untyped<Analyzer>({ fingerprint: "own", terms });
    const message = `analyzer: expected ${expected}`;
    const error = await rejection(createRetriever({ analyzer }).index(documents));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toHaveProperty("message", message);
    expect(() => bm25({ analyzer }).add("a", "one two")).toThrow(message);
    expect(() => bm25({ analyzer }).search("one two")).toThrow(message);
    expect(() => withTermFilter(analyzer, "all", () => true).terms("one two")).toThrow(message);
  });

  test("fail for a document, and the others are done", async () => {
    const terms = (text: string): readonly string[] => {
      if (text.includes("bad")) throw new Error("no terms");
      return text.split(" ");
    };
    const docs = createRetriever({ analyzer: { fingerprint: "own", terms } });
    const given = ["bad one", "good one", "bad two", "good two"].map((text) => ({ id: text, text }));
    expect(String(await rejection(docs.index(given.slice(0, 1))))).toBe("Error: no terms");
    for (const added of [2, 0]) {
      const report = await docs.index(given, { onFailure: "collect" });
      expect(report.documents.added).toBe(added);
      expect(report.failed.map(({ documentId }) => documentId)).toEqual(["bad one", "bad two"]);
    }
  });

  test("are looked at in a query too", async () => {
    let asked = false;
    const analyzer: Analyzer = { fingerprint: "own", terms: (text) => untyped(asked ? new Set() : text.split(" ")) };
    const docs = createRetriever({ analyzer });
    await docs.index(documents);
    asked = true;
    await expect(docs.search("one")).rejects.toThrow("analyzer: expected terms() to return an array of strings");
  });
});

describe("a lexical index's candidates", () => {
  const index = (answer: unknown): LexicalIndex => ({
    fingerprint: "own",
    durable: true,
    replace: async () => undefined,
    search: async () => untyped(answer),
  });

  test.each<[string, unknown, string]>([
    ["no array", { hits: [] }, "lexical: expected it to return candidates, received an object"],
    ["nothing", undefined, "lexical: expected it to return candidates, received undefined"],
    ["no candidates", ["a"], "lexical: it returned undefined, which is no candidate"],
    ["one twice", [1, 2].map((score) => ({ id: "a", score })), 'lexical: it returned "a" twice'],
    ["no number", [{ id: "a", score: Number.NaN }], 'lexical: it gave "a" the score NaN'],
  ])("must be candidates: %s", async (_, answer, message) => {
    const docs = createRetriever({ lexical: index(answer) });
    await docs.index(documents);
    const error = await rejection(docs.search("one"));
    expect(error).toBeInstanceOf(AdapterError);
    expect(error).toHaveProperty("message", message);
  });

  test("come with a fingerprint", () => {
    const lexical = { ...index([]), fingerprint: untyped<string>(undefined) };
    expect(() => createRetriever({ lexical })).toThrow("lexical: expected a LexicalIndex");
  });
});

test.each([undefined, null, {}, []])("a store that answers a search with %j is at fault", async (answer) => {
  const store: Store = { ...memory(), search: async () => untyped(answer) };
  const docs = createRetriever({ store });
  await docs.index(documents);
  const error = await rejection(docs.search("one"));
  expect(error).toBeInstanceOf(AdapterError);
  expect(error).toMatchObject({
    adapter: "memory",
    message: expect.stringContaining("search(): expected chunks by id, received"),
  });
});

describe("a store's answers", () => {
  const over = async (calls: Partial<Record<keyof Store, (answer: unknown) => unknown>>) => {
    const inner = memory();
    const wrapped = Object.entries(calls).map(([name, change]) => [
      name,
      async (...given: unknown[]) =>
        change(await untyped<(...all: unknown[]) => unknown>(Object(inner)[name])(...given)),
    ]);
    const docs = createRetriever({ store: { ...inner, ...Object.fromEntries(wrapped) } });
    await createRetriever({ store: inner }).index(documents);
    return docs;
  };
  type Answer = { readonly lexical: readonly { readonly id: string; readonly score: number }[] };
  const changed = (change: (leg: Answer["lexical"]) => unknown) => (answer: unknown) => ({
    ...Object(answer),
    lexical: change((answer as Answer).lexical),
  });

  test.each<[string, (answer: unknown) => unknown, RegExp]>([
    ["no leg that was asked for", changed(() => undefined), /expected it to return candidates, received undefined$/],
    ["NaN", changed(([one]) => [{ ...one, score: Number.NaN }]), /it gave ".+" the score NaN$/],
    ["a candidate twice", changed(([one]) => [one, one]), /it returned ".+" twice$/],
    [
      "a candidate without its chunk",
      (answer) => ({ ...Object(answer), chunks: new Map() }),
      /it returned ".+", which is no candidate$/,
    ],
  ])("to a search are candidates with their chunks: %s", async (_, change, fault) => {
    const error = await rejection((await over({ search: change })).search("one"));
    expect(error).toBeInstanceOf(AdapterError);
    expect(error).toHaveProperty("message", expect.stringMatching(fault));
    expect(error).toHaveProperty("message", expect.stringMatching(/^memory: search\(\): lexical leg and its chunks: /));
  });

  test("to a search that explains have statistics", async () => {
    const docs = await over({ search: (answer) => ({ ...Object(answer), statistics: undefined }) });
    expect((await docs.search("one")).hits).toHaveLength(1);
    const error = await rejection(docs.search("one", { explain: true }));
    expect(error).toBeInstanceOf(AdapterError);
    expect(error).toHaveProperty("message", "memory: search(): expected statistics, received undefined");
  });

  test.each<[string, (answer: unknown) => unknown]>([
    ["nothing", () => undefined],
    ["a chunk twice", (rows) => [rows, rows].flat()],
    ["no chunk", () => [null]],
  ])("to a read are chunks, each once: %s", async (_, change) => {
    const docs = await over({ read: change });
    for (const call of [docs.get(["a"]), docs.delete(["a"]), docs.index(documents)]) {
      const error = await rejection(call);
      expect(error).toBeInstanceOf(AdapterError);
      expect(error).toHaveProperty(
        "message",
        expect.stringContaining("expected read() to answer with chunks, each once"),
      );
    }
  });

  test("to a list lead on: a page that leads to itself is not asked for again and again", async () => {
    const docs = await over({ list: () => ({ documents: [{ id: "a", hash: "" }], next: "a" }) });
    await expect(docs.clear()).rejects.toThrow('memory: list() goes on behind "a" again');
  });
});
