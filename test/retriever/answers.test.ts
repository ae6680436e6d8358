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
    message: expect.stringContaining("expected search() to answer with chunks by id"),
  });
});
