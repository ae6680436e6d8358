import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cl100k, fromCount } from "../../adapters/tokens.ts";
import { fixed } from "../../src/chunkers/fixed.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import type { ChunkerOptions } from "../../src/chunkers/options.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { splitStream } from "../../src/chunkers/split-stream.ts";
import { split } from "../../src/chunkers/split.ts";
import { AdapterError, ConfigError, TimeoutError, UnsupportedError } from "../../src/errors.ts";
import type { Chunker, Piece, Tokenizer } from "../../src/types.ts";
import { untyped } from "../untyped.ts";
import { framed, hostile, quarters, text, wordish } from "./documents.ts";
import { paragraphs, random } from "./prose.ts";

async function* streamOf(parts: Iterable<string>): AsyncGenerator<string, void, undefined> {
  yield* parts;
}

function* cutAt(value: string, sizes: readonly number[]): Generator<string, void, undefined> {
  let position = 0;
  for (let index = 0; position < value.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield value.slice(position, position + size);
    position += size;
  }
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const exact = await cl100k();

const FOX = "The quick brown fox jumps over the lazy dog. ";
const TEA = "Dr. Smith paid $3.50, e.g. for tea… ".repeat(2);

const chunkers: readonly [string, (options: ChunkerOptions) => Chunker][] = [
  ["recursive", recursive],
  ["sentences", sentences],
  ["fixed", fixed],
];

describe.each(chunkers)("a stream under %s", (_, chunker) => {
  test("has the pieces of the whole text, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 12 }),
        fc
          .array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 5 })
          .filter((sizes) => sizes.some(Boolean)),
        fc.oneof(fc.integer({ min: 3, max: 40 }), fc.constantFrom(10, 60, 200)),
        fc.constantFrom(0, 0.25, 0.9),
        fc.constantFrom(undefined, quarters, wordish, framed, hostile, exact),
        async (some, times, sizes, size, overlap, tokenizer) => {
          const whole = some.join(" ").repeat(times);
          const cutter = chunker({ size, overlap, ...(tokenizer && { tokenizer }) });
          const streamed = await collect(splitStream(streamOf(cutAt(whole, sizes)), cutter));
          expect(streamed).toEqual(await split(whole, cutter));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("of a long text gives it back in pieces", async () => {
    const whole = paragraphs(200).join("\n\n");
    const streamed = await collect(splitStream(streamOf(cutAt(whole, [1000, 1, 7])), chunker({})));
    expect(streamed).toEqual(await split(whole, chunker({})));
  });

  test.each<[string, string, number, Tokenizer]>([
    ["tokens are estimated far off", 'ภาษาไทยไม่มีช่องว่างระหว่างคำa\r"Really?" he said. '.repeat(7), 0, wordish],
    [
      "a separator of paragraphs is beside a line end",
      `${FOX}\u2029\r\n- item\n- item two\n \n ${TEA} `.repeat(5),
      0.25,
      quarters,
    ],
    [
      "a cluster begins with a space",
      `${FOX} \u03081. one\n2. two\n${FOX}${"😀".repeat(7)} \u0600١٢ `.repeat(4),
      0.25,
      framed,
    ],
  ])("has the pieces of the whole text where %s", async (_name, whole, overlap, tokenizer) => {
    const cutter = chunker({ size: 10, overlap, tokenizer });
    const pieces = await split(whole, cutter);
    for (let size = 5; size <= whole.length; size += 5) {
      expect(await collect(splitStream(streamOf(cutAt(whole, [size])), cutter))).toEqual(pieces);
    }
  });

  test("has the pieces of the whole text where a part of a text has more tokens than all of it", async () => {
    const endsCostly = fromCount("ends", (value) => Math.ceil(value.length / 4) + (value.endsWith(",") ? 20 : 0));
    const cutter = chunker({ size: 15, tokenizer: endsCostly });
    const line = `${"word ".repeat(20)}words, i\nAnother line of ${"words ".repeat(3)}. `;
    const whole = line.repeat(12);
    expect(await collect(splitStream(streamOf(cutAt(whole, [9])), cutter))).toEqual(await split(whole, cutter));
  });

  test("leaves a text whole that fits though its beginning does not", async () => {
    const ends = fromCount("ends", (value) => (value === "" ? 0 : 1 + (value.endsWith(".") ? 0 : 30)));
    const whole = `${"word ".repeat(19)}end. `.repeat(4).trim();
    const cutter = chunker({ size: 8, tokenizer: ends });
    expect(await split(whole, cutter)).toHaveLength(1);
    expect(await collect(splitStream(streamOf(cutAt(whole, [7])), cutter))).toEqual(await split(whole, cutter));
  });

  test("leaves a text whole that fits, however much white space stands before it", async () => {
    const whole = `${" \n".repeat(15_000)}${`${"One paragraph. ".repeat(6)}\n\n`.repeat(6)}`;
    const streamed = await collect(splitStream(streamOf(cutAt(whole, [997])), chunker({})));
    expect(streamed).toHaveLength(1);
    expect(streamed).toEqual(await split(whole, chunker({})));
  });

  test.each([
    ["flags", "🇩🇪🇫🇷", 5000],
    ["families", "👩‍👩‍👧‍👦", 3000],
    ["one cluster", "\u0301", 50_000],
    ["white space", " \n", 20_000],
    ["words of spaces", `word${" ".repeat(999)}`, 60],
    ["Thai", "ภาษาไทยไม่มีช่องว่างระหว่างคำ", 500],
    ["Devanagari", "क्षत्रिय", 3000],
    ["one word", "x", 60_000],
    ["lone surrogates", "\ud800", 20_000],
    ["line ends", "a\r\n", 10_000],
  ])("of %s, without end", async (_name, unit, times) => {
    const whole = `a${unit.repeat(times)}`;
    const cutter = chunker({ size: 50 });
    expect(await collect(splitStream(streamOf(cutAt(whole, [997])), cutter))).toEqual(await split(whole, cutter));
  });
});

describe("splitStream", () => {
  test.each<[string, Chunker, number]>([
    ["recursive", recursive(), 50_000],
    ["sentences", sentences(), 50_000],
    ["fixed", fixed(), 50_000],
    ["recursive by tokens", recursive({ size: 150, tokenizer: exact }), 50_000],
    ["recursive by any tokenizer", recursive({ size: 150, tokenizer: quarters }), 50_000],
  ])("holds no more than it needs under %s, and gives pieces while the text comes in", async (_, chunker, most) => {
    const paragraph = `${paragraphs(1).join("")}\n\n`;
    let given = 0;
    let behind = 0;
    async function* endless(): AsyncGenerator<string, void, undefined> {
      for (;;) {
        given += paragraph.length;
        yield paragraph;
      }
    }
    let count = 0;
    for await (const { end } of splitStream(endless(), chunker)) {
      behind = Math.max(behind, given - end);
      if (++count === 2000) break;
    }
    expect(behind).toBeLessThan(most);
  });

  test("closes its source when it is left early", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<string, void, undefined> {
      try {
        for (;;) yield "Some text. ".repeat(100);
      } finally {
        closed = true;
      }
    }
    for await (const piece of splitStream(source(), recursive())) {
      expect(piece.text).not.toBe("");
      break;
    }
    await new Promise((resolve) => setTimeout(resolve));
    expect(closed).toBe(true);
  });

  test("refuses a chunker that needs the whole text, and parts that are none", async () => {
    expect(() => splitStream(streamOf(["a"]), markdown())).toThrow(UnsupportedError);
    expect(() => splitStream(streamOf(["a"]), () => [])).toThrow(UnsupportedError);
    expect(() => splitStream(untyped("text"), recursive())).toThrow(ConfigError);
    await expect(collect(splitStream(streamOf(untyped([7])), recursive()))).rejects.toThrow(/strings.*7/u);
  });

  test("rejects with the caller's reason, with a source that hangs too", async () => {
    const reason = new Error("mine");
    expect(() => splitStream(streamOf([]), recursive(), { timeout: -1 })).toThrow(ConfigError);
    await expect(
      collect(splitStream(streamOf(["a"]), recursive(), { signal: AbortSignal.abort(reason) })),
    ).rejects.toBe(reason);
    const hanging: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    const controller = new AbortController();
    const collecting = collect(splitStream(hanging, recursive(), { signal: controller.signal }));
    controller.abort(reason);
    await expect(collecting).rejects.toBe(reason);
    const late = collect(splitStream(hanging, recursive(), { timeout: 10 }));
    await expect(late).rejects.toThrow(TimeoutError);
    await expect(late).rejects.toThrow("10 ms");
  });

  test("passes on what the source throws", async () => {
    const error = new Error("source");
    // oxlint-disable-next-line require-yield -- it fails at once
    async function* failing(): AsyncGenerator<string, void, undefined> {
      throw error;
    }
    await expect(collect(splitStream(failing(), recursive()))).rejects.toBe(error);
  });

  test.each<[string, unknown, RegExp]>([
    ["a negative start", { start: -1, end: 1, text: "ab" }, /piece 0.*-1…1/u],
    ["no text", { start: 0, end: 1 }, /piece 0.*text.*undefined/u],
    ["the text of another span", { start: 0, end: 1, text: "ab" }, /piece 0.*0…1.*"ab"/u],
  ])("refuses a piece with %s", async (_, piece, message) => {
    async function* stream(): AsyncGenerator<Piece & { readonly text: string }, void, undefined> {
      yield untyped(piece);
    }
    const chunker: Chunker = Object.assign(() => [], { stream });
    const collecting = collect(splitStream(streamOf([]), chunker));
    await expect(collecting).rejects.toThrow(AdapterError);
    await expect(collecting).rejects.toThrow(message);
  });

  test("gives random prose in random parts whole again", async () => {
    const next = random(3);
    const whole = paragraphs(400, 9).join("\n\n");
    const sizes = Array.from({ length: 50 }, () => Math.floor(next() * 4000));
    for (const tokenizer of [undefined, wordish]) {
      const cutter = recursive({ size: 100, ...(tokenizer && { tokenizer }) });
      expect(await collect(splitStream(streamOf(cutAt(whole, sizes)), cutter))).toEqual(await split(whole, cutter));
    }
  });
});
