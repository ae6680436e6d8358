import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { code } from "../../src/chunkers/code.ts";
import { fixed } from "../../src/chunkers/fixed.ts";
import { shownTags } from "../../src/chunkers/html-hidden.ts";
import { html } from "../../src/chunkers/html.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import type { ChunkerOptions } from "../../src/chunkers/options.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { split } from "../../src/chunkers/split.ts";
import type { Chunker, Tokenizer } from "../../src/types.ts";
import { expectContract } from "./contract.ts";
import { codeText, framed, hostile, htmlText, markdownText, quarters, text, wordish } from "./documents.ts";

const chunkers: readonly [string, (options: ChunkerOptions) => Chunker, fc.Arbitrary<string>][] = [
  ["recursive", recursive, text],
  ["sentences", sentences, text],
  ["fixed", fixed, text],
  ["code", (options) => code({ ...options, language: "ts" }), fc.oneof(codeText, text)],
  ["code in Python", (options) => code({ ...options, language: "python" }), fc.oneof(codeText, text)],
  ["html", html, fc.oneof(htmlText, text)],
  ["markdown", markdown, fc.oneof(markdownText, text)],
];

const size = fc.oneof(fc.integer({ min: 8, max: 60 }), fc.constantFrom(100, 250, 600));
const overlap = fc.oneof(fc.constant(0.25), fc.constant(0), fc.double({ min: 0, max: 0.95, noNaN: true }));
const tokenizer = fc.constantFrom<(Tokenizer | undefined)[]>(undefined, undefined, wordish, quarters, framed, hostile);
const title = fc.option(fc.constantFrom("T", "題", "On e\u0301"), { nil: undefined });

describe.each(chunkers)("%s", (name, chunker, texts) => {
  test("keeps the contract on any text, at any size", async () => {
    await fc.assert(
      fc.asyncProperty(texts, title, size, overlap, tokenizer, async (body, heading, units, share, counter) => {
        const document = { text: body, ...(heading !== undefined && { title: heading }) };
        const options = { size: units * (counter ? 2 : 1), overlap: share, ...(counter && { tokenizer: counter }) };
        const pieces = await split(document, chunker(options));
        expectContract(document, pieces, options, name === "html" ? shownTags(body) : []);
        expect(await split(document, chunker(options))).toEqual(pieces);
      }),
      { numRuns: 2000 },
    );
  });
});
