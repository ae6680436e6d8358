import { describe, expect, test } from "vitest";
import { fixed } from "../../src/chunkers/fixed.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { memory } from "../../src/stores/memory.ts";
import {
  chunkerSuite,
  type ConformanceCase,
  embedderSuite,
  lexicalSuite,
  rerankerSuite,
  storeSuite,
} from "../../src/testing/index.ts";
import { plainChunker, plainEmbedder, plainLexicalIndex, plainReranker } from "./reference-parts.ts";
import { referenceStore } from "./reference-store.ts";

/** Parts that are right pass their suite: without this, a suite that fails everything would bite best. */
const suites: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "memory()": storeSuite(() => memory()),
  "the reference store": storeSuite(() => referenceStore()),
  "the plain lexical index": lexicalSuite(() => plainLexicalIndex()),
  "the plain embedder": embedderSuite(plainEmbedder),
  "the plain reranker": rerankerSuite(() => plainReranker),
  "the plain chunker": chunkerSuite(() => plainChunker),
  "recursive()": chunkerSuite(() => recursive()),
  "recursive() without overlap": chunkerSuite(() => recursive({ size: 120, overlap: 0 })),
  "sentences()": chunkerSuite(() => sentences()),
  "fixed()": chunkerSuite(() => fixed()),
};

describe.each(Object.entries(suites))("%s", (_part, cases) => {
  test.each(cases)("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
