import { describe, expect, test } from "vitest";
import { openaiEmbedder } from "../adapters/embedders/openai.ts";
import { wink } from "../adapters/lexical/wink.ts";
import { cohereReranker } from "../adapters/rerankers/cohere.ts";
import { expectPart, type PartKind } from "../src/expected-part.ts";
import {
  code,
  ConfigError,
  convex,
  createRetriever,
  dbsf,
  english,
  fixed,
  html,
  markdown,
  memory,
  recursive,
  rrf,
  semantic,
  sentences,
  smallToBig,
} from "../src/index.ts";
import { fileStore } from "../src/node/index.ts";
import { paragraphs, wordEmbedder } from "./retriever/parts.ts";
import { untyped } from "./untyped.ts";

describe("a part that was not called", () => {
  test.each<[string, object, string]>([
    ["store", { store: memory }, "call it: memory()"],
    ["embedder", { embedder: openaiEmbedder }, "call it: openaiEmbedder()"],
    ["an embedder that is a bare function", { embedder: () => [] }, "call it: embedder()"],
    ["analyzer", { analyzer: english }, "call it: english()"],
    ["lexical", { lexical: wink }, "call it: wink()"],
    ...[recursive, sentences, fixed, markdown, html].map((chunker): [string, object, string] => [
      chunker.name,
      { chunker },
      `chunker: expected a Chunker, such as recursive(), received a function; call it: ${chunker.name}()`,
    ]),
    ["smallToBig", { chunker: smallToBig }, "call it: smallToBig()"],
    ...[convex, rrf, dbsf].map((fusion): [string, object, string] => [
      fusion.name,
      { fusion },
      `call it: ${fusion.name}()`,
    ]),
    ["reranker", { reranker: cohereReranker }, "call it: cohereReranker()"],
  ])("%s: createRetriever says to call it", (_, options, advice) => {
    expect(() => createRetriever(options)).toThrow(ConfigError);
    expect(() => createRetriever(options)).toThrow(advice);
  });

  test("and a store that was not awaited, to await it", () => {
    const store = fileStore("");
    store.catch(() => undefined);
    expect(() => createRetriever({ store: untyped(store) })).toThrow("received a promise; await it");
  });

  test("inside another part too", () => {
    expect(() => smallToBig({ parent: untyped(markdown), child: recursive() })).toThrow("call it: markdown()");
    expect(() => semantic({ embedder: untyped(openaiEmbedder) })).toThrow("call it: openaiEmbedder()");
  });

  test("every function of ours that makes a function is told by its name and arguments", () => {
    const made = [recursive, sentences, fixed, markdown, html, convex, rrf, dbsf, smallToBig, cohereReranker];
    expect(made.map(({ length }) => length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });
});

describe("an embedder that says nonsense of itself", () => {
  const fingerprint = (dimensions: number) => ({ provider: "a", model: "b", dimensions });
  test.each<[object, string]>([
    [{ fingerprint: fingerprint(0) }, "embedder.fingerprint.dimensions: expected a whole number of at least 1"],
    [{ fingerprint: fingerprint(1.5) }, "embedder.fingerprint.dimensions: expected a whole number"],
    [{ metric: "l2" }, 'embedder.metric: expected "cosine", "dot" or "euclidean", received "l2"'],
    [{ fusionWeight: 5 }, "embedder.fusionWeight: expected a number between 0 and 1, received 5"],
    [{ fusionWeight: "0.5" }, 'embedder.fusionWeight: expected a number between 0 and 1, received "0.5"'],
  ])("%o", (said, message) => {
    expect(() => createRetriever({ embedder: wordEmbedder(said) })).toThrow(ConfigError);
    expect(() => createRetriever({ embedder: wordEmbedder(said) })).toThrow(message);
  });
});

test("what is called, or is someone's own, passes", () => {
  const bare = paragraphs();
  const own = {
    recursive: (document: { readonly text: string }) => bare(document),
    mock: (...given: Parameters<typeof bare>) => bare(...given),
  };
  for (const chunker of [recursive(), code({ language: "ts" }), own.recursive, own.mock]) {
    expect(() => createRetriever({ chunker, embedder: wordEmbedder(), fusion: rrf() })).not.toThrow();
  }
});

describe("what is no such part", () => {
  test.each<[PartKind, unknown]>([
    ["metadata", { "~standard": null }],
    ["metadata", {}],
    ["store", { replace: () => undefined }],
    ["embedder", { embed: () => [] }],
    ["embedder", { embed: () => [], fingerprint: { provider: "a", model: "b" } }],
    ["analyzer", { terms: () => [] }],
    ["lexical", { replace: () => undefined }],
    ["chunker", {}],
    ["fusion", null],
    ["reranker", 5],
  ])("%s: %o is a ConfigError that names the option", (kind, part) => {
    expect(() => expectPart(kind, part)).toThrow(ConfigError);
    expect(() => expectPart(kind, part, "an option")).toThrow(/^an option: expected an? .* received /);
  });
});
