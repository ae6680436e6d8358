import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { code } from "../../src/chunkers/code.ts";
import { fixed } from "../../src/chunkers/fixed.ts";
import { html } from "../../src/chunkers/html.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import { recursive } from "../../src/chunkers/recursive.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { smallToBig } from "../../src/chunkers/small-to-big.ts";
import type { Chunker } from "../../src/types.ts";
import { drawn } from "./drawing.ts";

const page = readFileSync("docs/chunking.md", "utf8");

/** The block behind a heading's first fence of a language. */
function blockOf(heading: string, language: string): string {
  const section = page.slice(page.indexOf(`## ${heading}`));
  const [, fence = "", block = ""] = new RegExp(`\\n(\`{3,})${language}\\n([^]*?)\\n\\1\\n`, "u").exec(section) ?? [];
  expect(fence, `a block of ${language} under ${heading}`).not.toBe("");
  return block;
}

const guide = blockOf("The document", "markdown");
const size = 240;
const chunkers: readonly [string, Chunker, string][] = [
  ["recursive", recursive({ size }), guide],
  ["sentences", sentences({ size, overlap: 0 }), guide],
  ["fixed", fixed({ size, overlap: 0 }), guide],
  ["markdown", markdown({ size: 180 }), guide],
  ["smallToBig", smallToBig({ parent: markdown({ size: 400 }), child: sentences({ size: 120, overlap: 0 }) }), guide],
  ["html", html({ size: 120 }), blockOf("html", "html")],
  ["code", code({ language: "python", size: 160 }), blockOf("code", "python")],
];

test.each(chunkers)("the page draws what %s does", async (name, chunker, text) => {
  const drawing = drawn(await chunker({ text }), text);
  const shown = blockOf(name, "text");
  if (process.env["GROUNDLINE_REDRAW"] === "1") {
    const before = readFileSync("docs/chunking.md", "utf8");
    const at = before.indexOf(shown, before.indexOf(`## ${name}`));
    writeFileSync("docs/chunking.md", before.slice(0, at) + drawing + before.slice(at + shown.length));
  } else expect(shown, "GROUNDLINE_REDRAW=1 draws the page anew").toBe(drawing);
});
