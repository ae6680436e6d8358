import { expect, test } from "vitest";
import { fixed } from "../../src/chunkers/fixed.ts";
import { split } from "../../src/chunkers/split.ts";

test("fixed cuts at the size, wherever that is, and overlaps by exactly so much", async () => {
  const text = "One sentence. And another one follows. ".repeat(10).trim();
  const pieces = await split(text.replaceAll(" ", "_"), fixed({ size: 50, overlap: 10 }));
  expect(pieces.slice(0, -1).every(({ start, end }) => end - start === 50)).toBe(true);
  expect(pieces.slice(1).every(({ start }, index) => start === (pieces[index]?.end ?? 0) - 10)).toBe(true);
});

test("fixed takes care of clusters alone", async () => {
  const pieces = await split("ab👍🏽cd e\u0301f", fixed({ size: 4, overlap: 0 }));
  expect(pieces.map(({ text }) => text)).toEqual(["ab", "👍🏽", "cd", "e\u0301f"]);
});
