import { expect, test } from "vitest";
import { analyzerFlag } from "../../benchmarks/analyzers.ts";
import { readArguments } from "../../benchmarks/arguments.ts";
import { modelFlags } from "../../benchmarks/models.ts";
import { pastedBase } from "../../benchmarks/pasted.ts";

const flags = { analyzer: analyzerFlag, ...modelFlags };
const given = (...words: readonly string[]): Parameters<typeof pastedBase>[0] =>
  readArguments({ name: "tune", about: "", operand: "", flags }, words);

test("what a benchmark was asked for is code", async () => {
  expect(await pastedBase(given(), false)).toBe("");
  expect(await pastedBase(given("--analyzer", "de"), true)).toBe(`import { german } from "groundline/analyzers/de";
import { memory } from "groundline";

const base = {
  analyzer: german(),
  store: memory({ latent: true }),
};
`);
  expect(await pastedBase(given("--analyzer", "code", "--embedder-model", 'a"b'), false))
    .toBe(`import { codeTerms } from "groundline";
import { openaiEmbedder } from "groundline/openai";

const base = {
  analyzer: codeTerms(),
  embedder: openaiEmbedder({ model: "a\\"b" }),
};
`);
  const words = ["--embedder-model=m", "--embedder-url=http://x/v1", "--embedder-dimensions=3", "--embedder-key-env=K"];
  expect(await pastedBase(given(...words), false)).toContain(
    'openaiEmbedder({ model: "m", baseUrl: "http://x/v1", dimensions: 3, apiKey: process.env["K"] ?? "" })',
  );
});
