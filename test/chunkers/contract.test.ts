import * as fc from "fast-check";
import { get_encoding } from "tiktoken";
import { describe, expect, test } from "vitest";
import { cl100k } from "../../adapters/tokens.ts";
import { code } from "../../src/chunkers/code.ts";
import { fixed } from "../../src/chunkers/fixed.ts";
import { shownTags } from "../../src/chunkers/html/hidden.ts";
import { html } from "../../src/chunkers/html.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import type { ChunkerOptions } from "../../src/chunkers/options.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { semantic } from "../../src/chunkers/semantic.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { smallToBig } from "../../src/chunkers/small-to-big.ts";
import { split } from "../../src/chunkers/split.ts";
import { splitStream } from "../../src/chunkers/split-stream.ts";
import type { Chunker, Embedder, Piece, Span, Tokenizer } from "../../src/types.ts";
import { expectContract } from "./contract.ts";
import { codeText, framed, hostile, htmlText, markdownText, quarters, text, wordish } from "./documents.ts";
import { shapes } from "./shapes.ts";

const embedder: Embedder = {
  fingerprint: { provider: "test", model: "units", dimensions: 3 },
  embed: async (texts) => texts.map((value) => Float32Array.of(1, value.length % 7, value.charCodeAt(0) % 5)),
};

/** Counts by prefix sums of what it cuts by; tiktoken's own encoder is what it is held to. */
const exact = await cl100k();
const encoder = get_encoding("cl100k_base");
const oracle: Tokenizer = { name: "tiktoken", count: (value) => encoder.encode_ordinary(value).length };

const chunkers: readonly [string, (options: ChunkerOptions) => Chunker, fc.Arbitrary<string>][] = [
  ["recursive", recursive, text],
  ["sentences", sentences, text],
  ["fixed", fixed, text],
  ["code", (options) => code({ ...options, language: "ts" }), fc.oneof(codeText, text)],
  ["code in Python", (options) => code({ ...options, language: "python" }), fc.oneof(codeText, text)],
  ["html", html, fc.oneof(htmlText, text)],
  ["markdown", markdown, fc.oneof(markdownText, text)],
  ["semantic", (options) => semantic({ ...options, embedder }), text],
  ["smallToBig", (options) => smallToBig({ parent: markdown({ size: 4000 }), child: recursive(options) }), text],
];

/** So many documents in all, e.g. 100,000 once: GROUNDLINE_FUZZ=100000 GROUNDLINE_SEED=1 npx vitest run test/chunkers/contract. */
const { GROUNDLINE_FUZZ = "5000", GROUNDLINE_SEED } = process.env;
const campaign = {
  numRuns: Math.ceil(Number(GROUNDLINE_FUZZ) / chunkers.length),
  ...(GROUNDLINE_SEED !== undefined && { seed: Number(GROUNDLINE_SEED) }),
};
const timeout = 60_000 + Number(GROUNDLINE_FUZZ) * 30;

async function* inParts(value: string, length: number): AsyncGenerator<string, void, undefined> {
  for (let start = 0; start < value.length; start += length) yield value.slice(start, start + length);
}

/** All promises at once, for one document. */
async function check(
  chunker: (options: ChunkerOptions) => Chunker,
  document: { readonly text: string; readonly title?: string },
  options: ChunkerOptions & { readonly size: number },
  part: number,
  omitted: readonly Span[],
): Promise<void> {
  const cut = chunker(options);
  const pieces = await split(document, cut);
  expectContract(document, pieces, { ...options, ...(options.tokenizer === exact && { tokenizer: oracle }) }, omitted);
  expect(await split(document, chunker(options)), "the same again").toEqual(pieces);
  if (cut.stream === undefined || document.title !== undefined) return;
  const streamed: Piece[] = [];
  for await (const piece of splitStream(inParts(document.text, part), cut)) streamed.push(piece);
  expect(streamed, `the same in parts of ${part}`).toEqual(pieces);
}

const size = fc.oneof(fc.integer({ min: 8, max: 60 }), fc.constantFrom(100, 250, 600));
const overlap = fc.oneof(fc.constant(0.25), fc.constant(0), fc.double({ min: 0, max: 0.95, noNaN: true }));
const tokenizer = fc.constantFrom<(Tokenizer | undefined)[]>(undefined, exact, wordish, quarters, framed, hostile);
const title = fc.option(fc.constantFrom("T", "題", "On e\u0301"), { nil: undefined });

describe.each(chunkers)("%s", (name, chunker, texts) => {
  /** Tags, and references to white space, make no piece by themselves. */
  const omittedIn = (body: string): readonly Span[] => {
    if (name !== "html") return [];
    const blanks = Array.from(body.matchAll(/&nbsp;/gu), ({ index }) => ({ start: index, end: index + 6 }));
    return [...shownTags(body), ...blanks];
  };

  test(
    "keeps the contract on any text, at any size",
    async () => {
      const part = fc.integer({ min: 1, max: 300 });
      await fc.assert(
        fc.asyncProperty(
          texts,
          title,
          size,
          overlap,
          tokenizer,
          part,
          async (body, heading, units, share, counter, length) => {
            const document = { text: body, ...(heading !== undefined && { title: heading }) };
            const options = { size: units * (counter ? 2 : 1), overlap: share, ...(counter && { tokenizer: counter }) };
            await check(chunker, document, options, length, omittedIn(body));
          },
        ),
        campaign,
      );
    },
    timeout,
  );

  test.each(Object.entries(shapes))("keeps the contract on %s", async (_name, body) => {
    await check(chunker, { text: body }, { size: 800 }, 997, omittedIn(body));
    await check(chunker, { text: body, title: "A title" }, { size: 200, tokenizer: exact }, 997, omittedIn(body));
    await check(chunker, { text: body }, { size: 60, overlap: 0, tokenizer: exact }, 997, omittedIn(body));
  });
});
