import { describe, test } from "vitest";
import { code } from "../../src/chunkers/code.ts";
import { fixed } from "../../src/chunkers/fixed.ts";
import { shownTags } from "../../src/chunkers/html/hidden.ts";
import { html } from "../../src/chunkers/html.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { semantic } from "../../src/chunkers/semantic.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { smallToBig } from "../../src/chunkers/small-to-big.ts";
import { chunkerSuite } from "../../src/testing/chunker.ts";
import type { Chunker, Embedder } from "../../src/types.ts";
import { quarters } from "./documents.ts";

const embedder: Embedder = {
  fingerprint: { provider: "test", model: "lengths", dimensions: 2 },
  embed: async (texts) => texts.map((text) => Float32Array.of(1, text.length % 5)),
};

const chunkers: readonly [string, () => Chunker][] = [
  ["recursive", () => recursive()],
  ["recursive by tokens", () => recursive({ size: 50, tokenizer: quarters })],
  ["sentences", () => sentences()],
  ["fixed", () => fixed()],
  ["markdown", () => markdown()],
  ["html", () => html()],
  ["code", () => code({ language: "ts" })],
  ["semantic", () => semantic({ embedder })],
  ["smallToBig", () => smallToBig({ parent: markdown({ size: 1200 }), child: sentences({ size: 200 }) })],
];

describe.each(chunkers)("%s passes the suite of chunkers:", (name, make) => {
  const options = name === "html" ? { omits: shownTags } : {};
  for (const check of chunkerSuite(make, options)) test(check.name, check.run);
});
