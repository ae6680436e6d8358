import { describe, expect, test } from "vitest";
import { cl100k } from "../../adapters/tokens.ts";
import { placesOf, precisionOmega, recursiveTokenText, tokenText } from "../../benchmarks/chroma-splitters.ts";

describe("precision omega", () => {
  const chunks = [
    { start: 0, end: 10 },
    { start: 10, end: 30 },
    { start: 30, end: 40 },
  ];

  test("is the share of truth in all chunks that touch it", () => {
    expect(precisionOmega([{ start: 12, end: 22 }], chunks)).toBe(0.5);
    expect(precisionOmega([{ start: 5, end: 15 }], chunks)).toBeCloseTo(10 / 30, 12);
    expect(precisionOmega([{ start: 12, end: 22 }], [{ start: 50, end: 60 }])).toBe(0);
  });

  test("counts a chunk that only ends where truth begins, as the published figures do", () => {
    expect(precisionOmega([{ start: 10, end: 30 }], chunks)).toBe(0.5);
  });

  test("counts truth that no chunk has", () => {
    expect(precisionOmega([{ start: 30, end: 50 }], chunks)).toBeCloseTo(10 / 40, 12);
  });
});

describe("the splitters that figures are published of", () => {
  test("split at the first separator there is and merge what fits", async () => {
    const tokenizer = await cl100k();
    const text = "One two three.\n\nFour five six. Seven eight nine ten.";
    expect(recursiveTokenText(text, { size: 8, overlap: 0, tokenizer })).toEqual([
      "One two three.",
      "Four five six",
      ". Seven eight nine ten.",
    ]);
  });

  test("take windows of tokens, and find them where they first are", () => {
    const text = "ab cd ab";
    const chunks = tokenText(text, { size: 2, overlap: 1, ends: [2, 5, 8] });
    expect(chunks).toEqual(["ab cd", " cd ab"]);
    expect(placesOf("a. b. a.", ["a.", "b."])).toEqual([
      { start: 0, end: 1 },
      { start: 3, end: 4 },
    ]);
  });
});
