import { describe, expect, test } from "vitest";
import { cl100k } from "../../adapters/tokens.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { split } from "../../src/chunkers/split.ts";
import { ConfigError } from "../../src/errors.ts";
import { tokenSpans } from "../../src/tokens/token-spans.ts";
import { untyped } from "../untyped.ts";
import { paragraphs } from "../chunkers/prose.ts";

describe("tokenSpans", () => {
  test("has the tokens that have a character in the piece, special tokens apart", () => {
    const offsets = [
      [0, 0],
      [0, 3],
      [3, 7],
      [7, 9],
      [9, 9],
      [0, 0],
    ] as const;
    const pieces = [
      { start: 0, end: 3 },
      { start: 2, end: 8 },
      { start: 3, end: 7 },
      { start: 7, end: 9 },
      { start: 9, end: 12 },
    ];
    expect(tokenSpans(pieces, offsets)).toEqual([
      { start: 1, end: 2 },
      { start: 1, end: 4 },
      { start: 2, end: 3 },
      { start: 3, end: 4 },
      { start: 6, end: 6 },
    ]);
  });

  test("covers every character of every piece of a real document, and no token more", async () => {
    const text = paragraphs(40).join("\n\n");
    const { ends } = (await cl100k()).pretokens(text);
    const offsets = Array.from(ends, (end, index) => [ends[index - 1] ?? 0, end] as const);
    const pieces = await split(text, recursive());
    for (const [index, { start, end }] of tokenSpans(pieces, offsets).entries()) {
      const piece = pieces[index] ?? { start: 0, end: 0 };
      expect(offsets[start]?.[0]).toBeLessThanOrEqual(piece.start);
      expect(offsets[start]?.[1]).toBeGreaterThan(piece.start);
      expect(offsets[end - 1]?.[0]).toBeLessThan(piece.end);
      expect(offsets[end - 1]?.[1]).toBeGreaterThanOrEqual(piece.end);
    }
  });

  test.each<[string, unknown, RegExp]>([
    ["no number", [["0", 1]], /offsets\[0\].*"0"/u],
    ["an end before its start", [[3, 1]], /offsets\[0\]/u],
    [
      "an order that is none",
      [
        [4, 6],
        [0, 2],
      ],
      /offsets\[1\]/u,
    ],
  ])("refuses %s", (_, offsets, message) => {
    const call = (): unknown => tokenSpans([], untyped(offsets));
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });
});
