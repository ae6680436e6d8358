import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SemanticOptions } from "../../src/chunkers/semantic.ts";
import { semantic } from "../../src/chunkers/semantic.ts";
import { split } from "../../src/chunkers/split.ts";
import { distances, percentile } from "../../src/chunkers/topics.ts";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import type { Embedder } from "../../src/types.ts";
import { untyped } from "../untyped.ts";
import { expectContract } from "./contract.ts";
import { quarters, text } from "./documents.ts";

const topicWords = ["harbor", "violin", "glacier", "kitchen"];

/** One dimension for each topic, by its word, and a little of everything. */
const embedder: Embedder = {
  fingerprint: { provider: "test", model: "topics", dimensions: topicWords.length },
  limits: { items: 3 },
  async embed(texts) {
    return texts.map((value) => Float32Array.from(topicWords, (word) => 0.1 + value.split(word).length - 1));
  },
};

function about(word: string, sentences: number): string {
  return Array.from({ length: sentences }, (_, index) => `Sentence ${index} is about the ${word}.`).join(" ");
}

describe("semantic", () => {
  test("cuts where the topic changes, wherever that is", async () => {
    const parts = [about("harbor", 5), about("violin", 9), about("glacier", 6)];
    for (const setting of [{}, { percentile: 40 }, { threshold: 0.6 }, { threshold: 0.2 }]) {
      const pieces = await split(parts.join(" "), semantic({ embedder, overlap: 0, ...setting }));
      expect(pieces.map((piece) => piece.text)).toEqual(parts);
    }
  });

  test("joins a topic that is too small to the next one, and the last one to the one before", async () => {
    const parts = [about("harbor", 1), about("violin", 9), about("glacier", 1)];
    const options = { embedder, threshold: 0.3, overlap: 0 };
    expect(await split(parts.join(" "), semantic({ ...options, minSize: 100 }))).toHaveLength(1);
    const small = await split(parts.join(" "), semantic({ ...options, minSize: 0 }));
    expect(small.length).toBeGreaterThan(2);
  });

  test("cuts a topic that is larger than the size at its sentences, and overlaps there", async () => {
    const parts = [about("harbor", 40), about("violin", 40)];
    const whole = parts.join(" ");
    const pieces = await split(whole, semantic({ embedder, threshold: 0.6, size: 300, overlap: 0.25 }));
    const border = parts[0]?.length ?? 0;
    expect(pieces.some(({ end }) => end === border)).toBe(true);
    for (const { start, end, text: passage } of pieces) {
      expect(end - start).toBeLessThanOrEqual(300);
      expect(start >= border || end <= border, "no piece has both topics").toBe(true);
      expect(passage).toMatch(/^Sentence [^]*\.$/u);
    }
  });

  test("embeds every sentence once, and none of a text of one sentence", async () => {
    const seen: string[] = [];
    const watching: Embedder = {
      ...embedder,
      async embed(texts, options) {
        expect(options.role).toBe("document");
        seen.push(...texts);
        return embedder.embed(texts, options);
      },
    };
    await split("Only one sentence here", semantic({ embedder: watching }));
    expect(seen).toEqual([]);
    await split("One. Two. Three three.", semantic({ embedder: watching }));
    expect(seen).toEqual(["One.", "Two.", "Three three."]);
  });

  test("fails with what the embedder fails with", async () => {
    const failing: Embedder = {
      ...embedder,
      embed: async () => {
        throw new AdapterError("test", "no such model", { retryable: false, status: 404 });
      },
    };
    await expect(split("One. Two.", semantic({ embedder: failing }))).rejects.toThrow("no such model");
    const short: Embedder = { ...embedder, embed: async () => [] };
    await expect(split("One. Two.", semantic({ embedder: short }))).rejects.toThrow(AdapterError);
    const reason = new Error("mine");
    const controller = new AbortController();
    const hanging: Embedder = { ...embedder, embed: () => new Promise(() => {}) };
    const splitting = split("One. Two.", semantic({ embedder: hanging }), { signal: controller.signal });
    controller.abort(reason);
    await expect(splitting).rejects.toBe(reason);
  });

  test.each<[string, unknown, RegExp]>([
    ["no embedder", {}, /embedder.*undefined/u],
    ["a percentile beyond 100", { embedder, percentile: 101 }, /percentile.*101/u],
    ["a threshold of text", { embedder, threshold: "0.5" }, /threshold.*"0\.5"/u],
    ["both", { embedder, threshold: 0.5, percentile: 80 }, /expected percentile or threshold, received both/u],
    ["a least size beyond the size", { embedder, minSize: 601 }, /minSize.*601/u],
    ["no least size at all", { embedder, minSize: null }, /minSize.*null/u],
    ["an option nobody reads", { embedder, maxSize: 600 }, /maxSize/u],
  ])("refuses %s", (_, options, message) => {
    expect(() => semantic(untyped(options))).toThrow(ConfigError);
    expect(() => semantic(untyped(options))).toThrow(message);
  });

  test("tells its settings by its fingerprint", () => {
    const other = { ...embedder, fingerprint: { ...embedder.fingerprint, model: "other" } };
    const variants: SemanticOptions[] = [
      { embedder },
      { embedder: other },
      { embedder, percentile: 90 },
      { embedder, threshold: 0.5 },
      { embedder, minSize: 10 },
    ];
    expect(new Set(variants.map((options) => semantic(options).fingerprint)).size).toBe(variants.length);
  });

  test("keeps the contract on any text", async () => {
    const anything: Embedder = {
      fingerprint: { provider: "test", model: "units", dimensions: 4 },
      embed: async (texts) =>
        texts.map((value) => Float32Array.of(1, value.length % 7, value.charCodeAt(0) % 5, value.length % 3)),
    };
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom(20, 60, 200),
        fc.constantFrom(0, 50, 80, 100),
        fc.constantFrom(undefined, quarters),
        async (body, size, percent, tokenizer) => {
          const limit = { size, ...(tokenizer && { tokenizer }) };
          const pieces = await split(body, semantic({ ...limit, embedder: anything, percentile: percent }));
          expectContract({ text: body }, pieces, limit);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("topics", () => {
  test("are as far apart as their vectors", () => {
    const [a, b] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    // Of (1, 0) and (2, 1), (2, 0) and (1, 2), (3, 0) and (0, 3), and so on.
    const expected = [1 - 2 / Math.sqrt(5), 1 - 1 / Math.sqrt(5), 1, 1 - 1 / Math.sqrt(5), 1 - 2 / Math.sqrt(5)];
    expect(distances([a, a, a, b, b, b])).toEqual(expected.map((distance) => expect.closeTo(distance, 12)));
    expect(distances([a])).toEqual([]);
    expect(distances([Float32Array.of(0, 0), a])).toEqual([1]);
  });

  test("have percentiles between two values", () => {
    expect(percentile([3, 1, 2], 50)).toBe(2);
    expect(percentile([4, 2], 25)).toBe(2.5);
    expect(percentile([1], 99)).toBe(1);
    expect(percentile([], 80)).toBe(0);
  });
});
