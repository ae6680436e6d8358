import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphemes } from "../../src/chunkers/text/graphemes.ts";
import { text } from "./documents.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function boundariesOf(value: string): number[] {
  return [...Array.from(segmenter.segment(value), ({ index }) => index), value.length];
}

function expectSame(value: string, positions: Iterable<number>): void {
  const boundaries = boundariesOf(value);
  const clusters = graphemes(value);
  for (const position of positions) {
    const before = boundaries.findLast((boundary) => boundary <= position);
    const after = boundaries.find((boundary) => boundary >= position);
    expect([clusters.before(position), clusters.after(position)], `${JSON.stringify(value)} at ${position}`).toEqual([
      before,
      after,
    ]);
    expect(clusters.isBoundary(position)).toBe(before === position);
  }
}

describe("graphemes", () => {
  test("are those of Intl.Segmenter, in any order of questions", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (value, picks) => {
        expectSame(value, value === "" ? [0] : picks.map((pick) => pick % (value.length + 1)));
      }),
      { numRuns: 2000 },
    );
  });

  test.each(["a", "\r", "\u0301", "\u200d", "\u0600", "\u0915", "\u1100", "가"])(
    "are those of Intl.Segmenter for every unit of the basic plane next to %j",
    (neighbour) => {
      const wrong: string[] = [];
      for (let first = 0; first < 0x10000; first += 64) {
        const units = Array.from({ length: 64 }, (_, index) => String.fromCharCode(first + index));
        const value = units.map((unit) => unit + neighbour).join("");
        const found = graphemes(value);
        const expected = new Set(boundariesOf(value));
        for (let position = 0; position <= value.length; position++) {
          if (found.isBoundary(position) !== expected.has(position)) wrong.push(`${first.toString(16)}+${position}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  test.each([
    ["one cluster of a megabyte of marks", `a${"\u0301".repeat(1 << 20)}b`, [0, (1 << 20) + 1]],
    ["one cluster of joined emoji", `a${"👩\u200d".repeat(200_000)}b`, [0, 1, 600_001]],
    ["marks behind marks", `a${"\u0301".repeat(700)}b${"\u0301".repeat(700)}c`, [0, 701, 1402]],
  ])("find %s", (_, value, starts) => {
    const clusters = graphemes(value);
    const seen = new Set<number>();
    for (let position = 0; position < value.length; position += 97) seen.add(clusters.before(position));
    seen.add(clusters.after(value.length - 2));
    expect([...seen].toSorted((a, b) => a - b)).toEqual(starts);
  });

  test("of long runs are found in windows, also where a pair or a flag lies across two of them", () => {
    for (const [character, offset] of [
      ["🇩", 0],
      ["🇩", 1],
      ["👩‍👩‍👧‍👦", 0],
      ["👩‍👩‍👧‍👦", 5],
      ["क्ष", 2],
      ["각", 0],
    ] as const) {
      const value = "x".repeat(offset) + character.repeat(400);
      expectSame(
        value,
        [255, 256, 257, 511, 512, 513, 700, 1000, 255, 513].filter((at) => at <= value.length),
      );
    }
  });
});
