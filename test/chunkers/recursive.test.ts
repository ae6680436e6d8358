import { describe, expect, test } from "vitest";
import { fromCount } from "../../adapters/tokens.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { settingsOf } from "../../src/chunkers/options.ts";
import { standardSettings } from "../../src/chunkers/standard.ts";
import { split } from "../../src/chunkers/split.ts";
import type { Chunker } from "../../src/types.ts";
import { quarters, wordish } from "./documents.ts";
import { paragraphs, random } from "./prose.ts";

async function textsOf(text: string, chunker: Chunker): Promise<string[]> {
  return (await split(text, chunker)).map((piece) => piece.text);
}

describe("recursive", () => {
  test("is the default of a retriever, which knows its settings without what checks them", () => {
    expect(settingsOf("recursive", {})).toEqual(standardSettings);
    expect(recursive().fingerprint).toBe(standardSettings.fingerprint);
  });

  test("leaves a text whole that fits", async () => {
    expect(await split("  A short text.\n\nOf two paragraphs. \n", recursive())).toEqual([
      { start: 2, end: 35, text: "A short text.\n\nOf two paragraphs." },
    ]);
  });

  test.each(["", "  \n\t\u3000 "])("gives no piece of the blank text %j", async (text) => {
    expect(await split(text, recursive())).toEqual([]);
  });

  test.each([
    ["paragraphs to lines", "\n\n", "\n", [2, 4, 6]],
    ["lines to sentences", "\n", " ", [2, 4, 6]],
    ["paragraphs to sentences", "\n\n", " ", [3, 4, 5]],
  ])("prefers %s", async (_, strong, weak, places) => {
    const sentence = "(These are five words.)";
    for (const first of places) {
      const parts = [first, 8 - first].map((count) => Array.from({ length: count }, () => sentence).join(weak));
      const pieces = await split(parts.join(strong), recursive({ size: 140, overlap: 0 }));
      expect(pieces.map(({ end }) => end)).toContain(parts[0]?.length);
    }
  });

  test("prefers sentences that have ended to those that may go on, and clauses to words", async () => {
    const sure = "It is 5 p.m. and late. But it is not too late for this one sentence.";
    expect(await textsOf(sure, recursive({ size: 60, overlap: 0 }))).toEqual([
      "It is 5 p.m. and late.",
      "But it is not too late for this one sentence.",
    ]);
    const doubtful = "all of it. is small and so. is this part of it. And This Is A Last One";
    expect(await textsOf(doubtful, recursive({ size: 60, overlap: 0 }))).toEqual([
      "all of it. is small and so. is this part of it.",
      "And This Is A Last One",
    ]);
    const options = { size: 60, overlap: 0 };
    expect(
      await textsOf("here is a sentence without an end, and it goes on for some more words", recursive(options)),
    ).toEqual(["here is a sentence without an end,", "and it goes on for some more words"]);
    expect(
      await textsOf("here is a sentence without an end or anything else to cut it at", recursive(options)),
    ).toEqual(["here is a sentence without an end or anything else to cut it", "at"]);
  });

  test("leaves no heading at the end of a piece", async () => {
    const text = paragraphs(60)
      .map((paragraph, index) => (index % 2 === 0 ? `Chapter ${index}\n\n${paragraph}` : paragraph))
      .join("\n\n");
    const pieces = await textsOf(text, recursive());
    expect(pieces.filter((piece) => /Chapter \d+$/u.test(piece))).toEqual([]);
  });

  test("leaves none that is underlined, nor parts it from its line", async () => {
    for (const [mark, lineEnd] of [
      ["=", "\n"],
      ["-", "\r\n"],
      ["~", "\r"],
    ] as const) {
      const blank = lineEnd.repeat(2);
      const text = paragraphs(60)
        .map((paragraph, index) => {
          const title = `Chapter ${index}`;
          return index % 2 === 0 ? [title, lineEnd, mark.repeat(title.length), blank, paragraph].join("") : paragraph;
        })
        .join(blank);
      const pieces = await textsOf(text, recursive({ overlap: 0 }));
      expect(pieces.filter((piece) => /Chapter \d+$|[=~-]{9}$/u.test(piece))).toEqual([]);
    }
    const listing = `${"-----\n".repeat(20)}done\n-----`;
    expect((await textsOf(`${listing}\n\n${"Words of prose. ".repeat(20)}`, recursive({ size: 200 })))[0]).toBe(
      listing,
    );
  });

  test("begins an overlap in text without spaces with no white space", async () => {
    const texts = ["検索 システム\n文書を 探す", "ภาษาไทย ไม่มี ช่องว่าง\nระหว่าง", "ប្រើ\u200b Office និង \u200b កែ"];
    for (const text of texts) {
      const pieces = await textsOf(text.repeat(40), recursive({ size: 12, overlap: 0.9 }));
      expect(pieces.filter((piece) => piece !== piece.trim())).toEqual([]);
    }
  });

  test("keeps a sentence whole that fits into a piece of its own", async () => {
    const long = `This sentence ${"goes on and ".repeat(6)}ends.`;
    expect(await textsOf(`Hi. ${long} Bye.`, recursive({ size: long.length, overlap: 0 }))).toEqual([
      "Hi.",
      long,
      "Bye.",
    ]);
  });

  test("cuts text without spaces between its words", async () => {
    const thai = "ภาษาไทยไม่มีช่องว่างระหว่างคำจึงต้องใช้พจนานุกรม".repeat(4);
    const words = new Set(
      Array.from(new Intl.Segmenter("th", { granularity: "word" }).segment(thai), ({ index }) => index),
    );
    const pieces = await split(thai, recursive({ size: 60, locale: "th" }));
    expect(pieces.length).toBeGreaterThan(3);
    for (const { start, end } of pieces)
      expect([words.has(start), words.has(end) || end === thai.length]).toEqual([true, true]);
  });

  test("fills its pieces where there is nothing to cut at, in characters and in tokens", async () => {
    const run = "x".repeat(10_000);
    const byCharacters = await split(run, recursive({ size: 200, overlap: 0 }));
    expect(byCharacters.map(({ start, end }) => end - start)).toEqual(Array.from({ length: 50 }, () => 200));
    for (const tokenizer of [quarters, wordish]) {
      const byTokens = await split(run, recursive({ size: 200, overlap: 0, tokenizer }));
      for (const { tokens } of byTokens.slice(0, -1)) expect(tokens).toBeGreaterThan(180);
    }
  });

  test("marks the one grapheme that is larger than the limit, and nothing else", async () => {
    const family = "👩‍👩‍👧‍👦";
    expect(await split(`ab ${family} cd`, recursive({ size: 5, overlap: 0 }))).toEqual([
      { start: 0, end: 2, text: "ab" },
      { start: 3, end: 14, text: family, oversize: true },
      { start: 15, end: 17, text: "cd" },
    ]);
  });

  test("overlaps nowhere without an overlap, be there no token in some of the text", async () => {
    const capitals = fromCount("capitals", (value) => value.replaceAll(/[^A-Z]/gu, "").length);
    const pieces = await split("One two ".repeat(9), recursive({ size: 1, overlap: 0, tokenizer: capitals }));
    expect(pieces.map(({ text }) => text)).toEqual(Array.from({ length: 9 }, () => "One two"));
  });

  test("overlaps at the start of a sentence, else of a word", async () => {
    const text = paragraphs(20).join("\n\n");
    const pieces = await split(text, recursive());
    for (const [index, { start }] of pieces.slice(1).entries()) {
      const before = pieces[index]?.end ?? 0;
      expect(before - start).toBeLessThanOrEqual(150);
      expect(start === 0 || /\s/u.test(text.charAt(start - 1))).toBe(true);
    }
    const overlapping = pieces.slice(1).filter(({ start }, index) => start < (pieces[index]?.end ?? 0));
    expect(overlapping.length).toBeGreaterThan(pieces.length * 0.8);
  });

  test("counts tokens once for the sizes and once for each piece", async () => {
    const text = paragraphs(300).join("\n\n");
    let counted = 0;
    let longest = 0;
    const tokenizer = {
      name: "counting",
      count(value: string): number {
        counted += value.length;
        longest = Math.max(longest, value.length);
        return wordish.count(value);
      },
    };
    const pieces = await split(text, recursive({ size: 150, tokenizer }));
    const measured = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(counted).toBeLessThan(text.length + 2 * measured);
    expect(longest).toBeLessThan(2000);
  });
});

/** The share of pieces that an edit changes is what it costs to embed a document again. */
describe.each<[string, Chunker]>([
  ["recursive", recursive()],
  ["recursive by tokens", recursive({ size: 150, tokenizer: quarters })],
  ["recursive without overlap", recursive({ size: 300, overlap: 0 })],
  ["sentences", sentences()],
])("an edit of one sentence under %s", (_, chunker) => {
  test.each(["\n\n", " "])("changes few pieces of a long text joined by %j", async (joint) => {
    const text = paragraphs(150).join(joint).slice(0, 50_000);
    const before = new Set(await textsOf(text, chunker));
    const next = random(7);
    const changed: number[] = [];
    for (let trial = 0; trial < 100; trial++) {
      const at = text.indexOf(". ", Math.floor(next() * (text.length - 500))) + 2;
      const behind = text.indexOf(". ", at) + 2;
      const kept = trial % 3 === 0 ? at : behind;
      const added = trial % 3 === 1 ? "" : `A new sentence, number ${trial}, stands here. `;
      const after = await textsOf(text.slice(0, at) + added + text.slice(kept), chunker);
      changed.push(after.filter((piece) => !before.has(piece)).length);
    }
    changed.sort((a, b) => a - b);
    expect(changed[50]).toBeLessThanOrEqual(3);
    expect(changed[98]).toBeLessThanOrEqual(12);
  });

  test("changes few pieces of short lines of one length", async () => {
    const next = random(3);
    const words = Array.from({ length: 8000 }, () => `${Math.floor(100_000 + next() * 900_000)}`);
    const before = new Set(await textsOf(words.join("\n"), chunker));
    const changed: number[] = [];
    for (let trial = 0; trial < 20; trial++) {
      const after = words.toSpliced(Math.floor(next() * words.length), 1);
      changed.push((await textsOf(after.join("\n"), chunker)).filter((piece) => !before.has(piece)).length);
    }
    changed.sort((a, b) => a - b);
    expect(changed[10]).toBeLessThanOrEqual(6);
    expect(changed[18]).toBeLessThanOrEqual(25);
  });
});
