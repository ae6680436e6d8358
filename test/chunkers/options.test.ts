import { describe, expect, test } from "vitest";
import { code } from "../../src/chunkers/code.ts";
import { fixed } from "../../src/chunkers/fixed.ts";
import type { ChunkerOptions } from "../../src/chunkers/options.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { semantic } from "../../src/chunkers/semantic.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { smallToBig } from "../../src/chunkers/small-to-big.ts";
import { split } from "../../src/chunkers/split.ts";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import type { Chunker, Tokenizer } from "../../src/types.ts";
import { untyped } from "../untyped.ts";
import { quarters } from "./documents.ts";

const chunkers = { recursive, sentences, fixed };

test.each<[string, (options: never) => Chunker]>([
  ["code", code],
  ["semantic", semantic],
  ["smallToBig", smallToBig],
])("%s without its options is a ConfigError that says so", (name, chunker) => {
  for (const options of [undefined, null, 5]) {
    const make = (): unknown => chunker(untyped(options));
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(`${name}: expected an object of options, received ${String(options)}`);
  }
});

describe.each(Object.entries(chunkers))("%s", (name, chunker) => {
  test.each<[string, unknown, RegExp]>([
    ["size 0", { size: 0 }, /size.*0/u],
    ["size NaN", { size: Number.NaN }, /size.*NaN/u],
    ["a fraction of a size", { size: 10.5 }, /size.*10\.5/u],
    ["a size of text", { size: "600" }, /size.*"600"/u],
    ["an endless size", { size: Infinity }, /size.*Infinity/u],
    ["a negative overlap", { overlap: -0.1 }, /overlap.*-0\.1/u],
    ["overlap NaN", { overlap: Number.NaN }, /overlap.*NaN/u],
    ["a fraction of units", { overlap: 1.5 }, /overlap.*1\.5/u],
    ["an overlap as large as the size", { size: 100, overlap: 100 }, /overlap.*100/u],
    ["an overlap larger than the size", { size: 100, overlap: 150 }, /overlap.*150/u],
    ["an overlap of text", { overlap: "0.25" }, /overlap.*"0\.25"/u],
    ["no overlap at all", { overlap: null }, /overlap.*null/u],
    ["a tokenizer that is a function", { tokenizer: () => 1 }, /tokenizer.*function/u],
    ["a tokenizer without a name", { tokenizer: { count: () => 1 } }, /tokenizer/u],
    ["no tokenizer at all", { tokenizer: null }, /tokenizer.*null/u],
    ["a locale that is none", { locale: "not a locale" }, /locale.*"not a locale"/u],
    ["no locale at all", { locale: null }, /locale.*null/u],
    ["a locale that is no text", { locale: 5 }, /locale.*5/u],
    ["an overlap of another kind", { overlap: Symbol("half") }, /overlap.*symbol/u],
    ["an option nobody reads", { chunkSize: 100 }, /chunkSize/u],
  ])("refuses %s at construction", (_, options, message) => {
    const make = (): unknown => chunker(untyped(options));
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
    expect(make).toThrow(name);
  });

  test("tells its settings by its fingerprint", () => {
    const variants: ChunkerOptions[] = [
      {},
      { size: 601 },
      { overlap: 0 },
      { tokenizer: quarters },
      { tokenizer: { ...quarters, name: "other" } },
      { locale: "th" },
    ];
    const fingerprints = variants.map((options) => chunker(options).fingerprint);
    expect(new Set(fingerprints).size).toBe(variants.length);
    expect(fingerprints[0]).toContain(name);
    expect(fingerprints[3]).toContain("quarters");
    expect(chunker({ size: 600, overlap: 150 }).fingerprint).toBe(chunker().fingerprint);
  });

  test.each<[string, Tokenizer["count"], RegExp]>([
    ["a fraction", () => 1.5, /1\.5/u],
    ["NaN", () => Number.NaN, /NaN/u],
    ["a negative number", () => -1, /-1/u],
    ["no number", untyped(() => "7"), /"7"/u],
    ["nothing", untyped(() => undefined), /undefined/u],
  ])("refuses a tokenizer that answers %s", async (_, count, message) => {
    const splitting = split("Some text.", chunker({ tokenizer: { name: "broken", count } }));
    await expect(splitting).rejects.toThrow(AdapterError);
    await expect(splitting).rejects.toThrow(message);
    await expect(splitting).rejects.toMatchObject({ adapter: "tokenizer broken", retryable: false });
  });

  test("says so when a tokenizer throws, and keeps the cause", async () => {
    const cause = new Error("no such encoding");
    const count = (): number => {
      throw cause;
    };
    const splitting = split("Some text.", chunker({ tokenizer: { name: "broken", count } }));
    await expect(splitting).rejects.toMatchObject({ name: "AdapterError", adapter: "tokenizer broken", cause });
  });

  test.each<[string, (text: string) => unknown, RegExp]>([
    ["do not end with the text", () => ({ ends: [0, 1], sums: [0, 1] }), /pretokens\(\).*10 characters/u],
    ["do not begin with 0", () => ({ ends: [4, 10], sums: [1, 2] }), /begin with 0/u],
    ["have no sum for each end", () => ({ ends: [0, 4, 10], sums: [0, 1] }), /one sum for each end/u],
    ["cannot be had", () => untyped(undefined), /pretokens\(\)/u],
  ])("refuses pretokens that %s", async (_, pretokens, message) => {
    const broken = { ...quarters, name: "broken", pretokens };
    const splitting = split("Some text.", chunker({ tokenizer: broken }));
    await expect(splitting).rejects.toThrow(AdapterError);
    await expect(splitting).rejects.toThrow(message);
  });

  test.each([undefined, quarters])("refuses a title that leaves no room, naming both", async (tokenizer) => {
    const title = "A title of more than twenty characters, which is a lot for so small a size";
    const splitting = split({ title, text: "Text." }, chunker({ size: 15, ...(tokenizer && { tokenizer }) }));
    await expect(splitting).rejects.toThrow(ConfigError);
    await expect(splitting).rejects.toThrow(/size 15.*"A title of more/u);
  });

  test("scales the overlap with the room that a title leaves", async () => {
    const title = "T".repeat(80);
    const text = "word ".repeat(200);
    const pieces = await split({ title, text }, chunker({ size: 100, overlap: 0.9 }));
    expect(pieces.every(({ start, end }) => end - start <= 19)).toBe(true);
    expect(pieces.at(-1)?.end).toBe(text.trimEnd().length);
  });
});
