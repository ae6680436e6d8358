import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchesOf, excessOf, utf8Length } from "../../src/embed/batches.ts";
import { ConfigError } from "../../src/errors.ts";

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
);
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

describe("utf8Length", () => {
  test("law: what TextEncoder would make of it, lone surrogates included", () => {
    fc.assert(fc.property(anyText, (text) => utf8Length(text) === bytesOf(text)));
  });

  test.each(["", "a", "é", "的", "😀", "\ud83d", "\ude00\ud83d", "a\ud83dé"])("%j", (text) => {
    expect(utf8Length(text)).toBe(bytesOf(text));
  });
});

describe("batchesOf", () => {
  test("law: every position once, in order, within each limit unless alone, and no batch could take the next text", () => {
    const limit = fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 40 }), limit, limit, limit, (texts, items, tokens, bytes) => {
        const positions = [...texts.keys()].filter((position) => position % 5 !== 3);
        const limits = {
          ...(items !== undefined && { items }),
          ...(tokens !== undefined && { tokens }),
          ...(bytes !== undefined && { bytes }),
        };
        const batches = batchesOf(texts, positions, limits);
        expect(batches.flat()).toEqual(positions);
        const fits = (batch: readonly number[]): boolean => {
          const size = batch.reduce((sum, position) => sum + bytesOf(texts[position] ?? ""), 0);
          return (
            batch.length <= (items ?? 256) &&
            size <= (bytes ?? Infinity) &&
            size + 2 * batch.length <= (tokens ?? Infinity)
          );
        };
        batches.forEach((batch, index) => {
          expect(batch.length === 1 || fits(batch)).toBe(true);
          const next = batches[index + 1]?.[0];
          expect(next !== undefined && fits([...batch, next])).toBe(false);
        });
      }),
    );
  });

  test("a limit may be reached, not passed", () => {
    const texts = ["éé", "éé", "a"];
    const sizes = (limits: NonNullable<Parameters<typeof batchesOf>[2]>): number[] =>
      batchesOf(texts, [0, 1, 2], limits).map((batch) => batch.length);
    expect(sizes({ bytes: 9 })).toEqual([3]);
    expect(sizes({ bytes: 8 })).toEqual([2, 1]);
    expect(sizes({ bytes: 7 })).toEqual([1, 2]);
    // Two tokens for the markers of each text.
    expect(sizes({ tokens: 15 })).toEqual([3]);
    expect(sizes({ tokens: 14 })).toEqual([2, 1]);
    expect(sizes({ tokens: 11 })).toEqual([1, 2]);
  });

  test("256 texts at a time where the embedder names no limit", () => {
    const texts = Array.from({ length: 1001 }, (_, index) => `text ${index}`);
    expect(batchesOf(texts, [...texts.keys()]).map((batch) => batch.length)).toEqual([256, 256, 256, 233]);
    expect(batchesOf([], [])).toEqual([]);
  });

  test.each([0, -1, Number.NaN, 0.5, "8"])("refuses a limit of %o", (items) => {
    expect(() => batchesOf(["a"], [0], JSON.parse(JSON.stringify({ items })))).toThrow(ConfigError);
    expect(() => batchesOf(["a"], [0], JSON.parse(JSON.stringify({ items })))).toThrow(/^embedder\.limits\.items: /u);
  });
});

describe("excessOf", () => {
  test("only what is certain: more bytes than a request takes, more than the longest tokens could cover", () => {
    expect(excessOf("é".repeat(50), { bytes: 100 })).toBeUndefined();
    expect(excessOf("é".repeat(51), { bytes: 100 })).toContain("102 bytes");
    expect(excessOf(" ".repeat(128 * 8), { inputTokens: 8 })).toBeUndefined();
    expect(excessOf(" ".repeat(128 * 8 + 1), { inputTokens: 8 })).toContain("8 tokens");
    expect(excessOf("a".repeat(1e6))).toBeUndefined();
  });
});
