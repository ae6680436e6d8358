import { describe, expect, test } from "vitest";
import { german } from "../adapters/analyzers/de.ts";
import { turkish } from "../adapters/analyzers/tr.ts";
import { vectors, vectorsFromBytes } from "../src/dense/vectors.ts";
import { sentenceQueries, titleQueries } from "../src/eval/index.ts";
import { codeTerms, ConfigError, createRetriever, english, lucene, memory, recursive, unicode } from "../src/index.ts";
import { vietnamese } from "../src/lexical/analyzers/languages/vi.ts";
import { wordEmbedder } from "./retriever/parts.ts";
import { untyped } from "./untyped.ts";

describe("options that nobody reads", () => {
  const bytes = vectors({ dimensions: 2 }).toBytes();
  test.each<[string, (options: unknown) => unknown]>([
    ["english", untyped(english)],
    ["unicode", untyped(unicode)],
    ["lucene", untyped(lucene)],
    ["code", untyped(codeTerms)],
    ["german", untyped(german)],
    ["turkish", untyped(turkish)],
    ["vietnamese", untyped(vietnamese)],
    ["titleQueries", untyped(titleQueries)],
    ["sentenceQueries", untyped(sentenceQueries)],
    ["vectorsFromBytes", (options) => untyped<(...given: unknown[]) => unknown>(vectorsFromBytes)(bytes, options)],
  ])("%s has none, and says so", (name, call) => {
    expect(() => call({ stopWords: [] })).toThrow(ConfigError);
    expect(() => call({ stopWords: [] })).toThrow(new RegExp(`^${name}.*: unknown option "stopWords"; expected none$`));
    expect(() => call(undefined)).not.toThrow();
    expect(() => call({})).not.toThrow();
  });

  test.each<[string, unknown]>([
    ["a promise; await it", Promise.resolve({ store: memory() })],
    ["an object", new Map([["store", memory()]])],
    ["an object", new Set()],
    ["an array of 0", []],
  ])("what has no options is none: %s", (what, options) => {
    const message = `expected an object of options, received ${what}`;
    expect(() => createRetriever(untyped<object>(options))).toThrow(`createRetriever: ${message}`);
    expect(() => memory(untyped(options))).toThrow(message);
    expect(() => recursive(untyped(options))).toThrow(message);
  });

  test.each<[unknown, string]>([
    [5, "embedder.limits: expected an object of options, received 5"],
    [{ maxItems: 5 }, 'embedder.limits: unknown option "maxItems"; expected one of items, tokens, bytes, inputTokens'],
  ])("an embedder's limits are limits: %j", (limits, message) => {
    expect(() => createRetriever({ embedder: wordEmbedder({ limits: untyped(limits) }) })).toThrow(message);
    const reranker = Object.assign(async () => [], { limits: untyped<{}>(limits) });
    expect(() => createRetriever({ reranker })).toThrow("reranker.limits: ");
  });

  test("discard takes those of a call", async () => {
    let asked = 0;
    const store = memory();
    const docs = createRetriever({
      store: {
        ...store,
        async retire(generation, options) {
          if (asked++ > 0) return store.retire(generation, options);
          return new Promise(() => undefined);
        },
      },
    });
    const staged = await docs.stage();
    await staged.index([{ id: "a", text: "one" }]);
    await expect(staged.discard(untyped({ wait: 5 }))).rejects.toThrow('discard: unknown option "wait"');
    await expect(staged.discard({ signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
    expect(asked).toBe(0);
    await expect(staged.discard({ timeout: 5 })).rejects.toThrow("discard took longer than the 5 ms it was given.");
    await staged.discard();
    await expect(staged.search("one")).resolves.toMatchObject({ hits: [] });
  });
});
