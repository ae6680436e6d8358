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
import type { Store } from "../../src/types.ts";
import { plainChunker, plainEmbedder, plainLexicalIndex, plainReranker } from "./reference-parts.ts";
import { referenceStore, right } from "./reference-store.ts";

/** Parts that are right pass their suite: without this, a suite that fails everything would bite best. */
const suites: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "memory()": storeSuite(() => memory()),
  "the reference store": storeSuite(() => referenceStore()),
  "a store of 32-bit floats": storeSuite(roughStore),
  "the plain lexical index": lexicalSuite(() => plainLexicalIndex()),
  "the plain embedder": embedderSuite(plainEmbedder),
  "the plain reranker": rerankerSuite(() => plainReranker),
  "the plain chunker": chunkerSuite(() => plainChunker),
  "recursive()": chunkerSuite(() => recursive()),
  "recursive() without overlap": chunkerSuite(() => recursive({ size: 120, overlap: 0 })),
  "sentences()": chunkerSuite(() => sentences()),
  "fixed()": chunkerSuite(() => fixed()),
};

/** Scores a few units in the last place off, alike for equal vectors and rows: no case may be decided by that. */
function roughStore(): Store {
  const off = (value: number): number => 1 + 5e-7 * Math.sin(1_000 * value);
  return referenceStore({
    similarity(a, b, metric) {
      const largest = Math.max(...a.map(Math.abs));
      const shape = a.reduce((sum, value, index) => sum + (value / largest) * (index + 1), 0);
      return Math.fround(right.similarity(a, b, metric) * off(shape));
    },
    weight: (count, length, ...rest) => Math.fround(right.weight(count, length, ...rest) * off(count / length)),
  });
}

describe.each(Object.entries(suites))("%s", (_part, cases) => {
  test.each(cases)("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
