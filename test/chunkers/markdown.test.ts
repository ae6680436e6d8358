import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexedText } from "../../src/chunkers/text/indexed-text.ts";
import { markdownBlocks } from "../../src/chunkers/markdown/blocks.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import { split } from "../../src/chunkers/split.ts";
import { ConfigError } from "../../src/errors.ts";
import { untyped } from "../untyped.ts";
import { expectContract } from "./contract.ts";
import { markdownText, quarters, wordish } from "./documents.ts";
import { paragraphs } from "./prose.ts";

const guide = `---
title: Guide
---

Before any heading.

# Guide

## Install

Run this:

\`\`\`sh
npm install

# not a heading
npm test
\`\`\`

### Windows

- one
- two

## Use

Text.
`;

describe("markdown", () => {
  test("keeps sections apart, with the path of their headings", async () => {
    const pieces = await split(guide, markdown());
    expect(pieces.map(({ headings, context, text }) => [headings, context, text])).toEqual([
      [undefined, undefined, "---\ntitle: Guide\n---\n\nBefore any heading."],
      [
        ["Guide", "Install"],
        "Guide > Install",
        "# Guide\n\n## Install\n\nRun this:\n\n```sh\nnpm install\n\n# not a heading\nnpm test\n```",
      ],
      [["Guide", "Install", "Windows"], "Guide > Install > Windows", "### Windows\n\n- one\n- two"],
      [["Guide", "Use"], "Guide > Use", "## Use\n\nText."],
    ]);
  });

  test("finds the same behind a byte order mark", async () => {
    for (const text of [guide, "# Install\n\nRun", "```\n# not a heading\n```\n\nText"]) {
      const plain = await split(text, markdown());
      const marked = await split(`\ufeff${text}`, markdown());
      expect(marked.map(({ headings, text: mine }) => [headings, mine.replace("\ufeff", "")])).toEqual(
        plain.map(({ headings, text: mine }) => [headings, mine]),
      );
    }
  });

  test("keeps marks that have nothing behind them", async () => {
    for (const text of ["- -\n- -", "  -  -", "10.", "> > >", "[^note]:"]) {
      for (const size of [1, 2, 3, 4]) {
        expectContract({ text }, await markdown({ size, overlap: 0 })({ text }), { size });
      }
    }
  });

  test("has no block twice that is whole below the end of its heading", async () => {
    const text = `## ${"heading ".repeat(8)}\n\n- one\n- two\n\n${"Text. ".repeat(9)}`;
    for (const overlap of [0, 0.25]) {
      const pieces = await split(text, markdown({ size: 42, overlap }));
      expect(pieces.filter((piece) => piece.text.includes("- one"))).toHaveLength(1);
    }
  });

  test("leaves the path out of what is indexed when told to, and keeps it for citations", async () => {
    const pieces = await split(guide, markdown({ headingPath: false }));
    expect(pieces[1]).toMatchObject({ headings: ["Guide", "Install"], context: "" });
    expect(markdown({ headingPath: false }).fingerprint).not.toBe(markdown().fingerprint);
    expect(() => markdown({ headingPath: untyped("yes") })).toThrow(ConfigError);
  });

  test("repeats the header of a table that is cut", async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `| name ${row} | value ${row} |`);
    const text = `# Limits\n\n| Name | Value |\n| ---- | ----- |\n${rows.join("\n")}\n\nText behind.\n`;
    const pieces = await split(text, markdown({ size: 200 }));
    expect(pieces[0]).toMatchObject({ context: "Limits" });
    expect(pieces[0]?.text).toMatch(/^# Limits\n\n\| Name \| Value \|\n\| ---- \| ----- \|\n\| name 0 \|/u);
    for (const piece of pieces.slice(1, -1)) {
      expect(piece.context).toBe("Limits\n| Name | Value |");
      for (const row of piece.text.split("\n")) expect(row).toMatch(/^\| name \d+ \| value \d+ \|$/u);
    }
    expect(pieces.at(-1)).toMatchObject({ text: "Text behind.", context: "Limits" });
  });

  test("narrows the header of a padded table rather than to do without", async () => {
    const wide = `| Name${" ".repeat(80)} | Value${" ".repeat(80)} |`;
    const text = `${wide}\n|---|---|\n${"| a | b |\n".repeat(60)}`;
    const pieces = await split(text, markdown({ size: 300 }));
    expect(new Set(pieces.slice(1).map(({ context }) => context))).toEqual(new Set(["| Name | Value |"]));
  });

  test("has as much of a path in the context as leaves half of the room", async () => {
    const long = "Long heading ".repeat(5).trim();
    const text = `# ${long}\n\n## Short\n\n${"Some text here. ".repeat(20)}`;
    for (const piece of await split(text, markdown({ size: 100 }))) {
      expect(piece).toMatchObject({ headings: [long, "Short"], context: "Short" });
    }
    const [piece] = await split(`# ${"x".repeat(200)}\n\nText.`, markdown({ size: 100 }));
    expect(piece).toMatchObject({ headings: ["x".repeat(200)], context: "" });
  });

  test("keeps a fence whole that fits, and its heading with some of it", async () => {
    const fence = `\`\`\`\n${"code line\n".repeat(8)}\`\`\``;
    const text = `# T\n\n## Example of a heading that takes some room\n\n${fence}\n\nText.`;
    const pieces = await split(text, markdown({ size: 150, overlap: 0, headingPath: false }));
    expect(pieces.some((piece) => piece.text.includes(fence))).toBe(true);
    expect(pieces[0]?.text).toMatch(/room\n\n```\ncode line/u);
  });

  test("cuts what does not fit between its items, then inside", async () => {
    const items = paragraphs(12, 5).map((paragraph) => `- ${paragraph.slice(0, 150).trim()}`);
    const pieces = await split(`${items.join("\n")}\n`, markdown({ size: 400, overlap: 0 }));
    for (const { text } of pieces) for (const item of text.split("\n")) expect(items).toContain(item);
  });

  test("tells code in a list from text", async () => {
    const text = `1. Do this:\n\n   \`\`\`sh\n${"   a command of some length\n".repeat(6)}   \`\`\`\n\n2. Then that.\n`;
    const pieces = await split(text, markdown({ size: 220, overlap: 0 }));
    expect(pieces.map((piece) => piece.text.split("\n")[0])).toEqual(["1. Do this:"]);
  });
});

test("markdown leaves the headings out of the context where the header of a table would not fit with them", async () => {
  const row = "| a value | another value | and a third one |\n";
  const header = "| Name | Value | More of it |";
  const text = `# Title\n\n## ${"Long heading ".repeat(7).trim()}\n\n${header}\n|---|---|---|\n${row.repeat(12)}`;
  for (const tokenizer of [undefined, wordish]) {
    const size = tokenizer ? 60 : 240;
    const pieces = await split(text, markdown({ size, overlap: 0, ...(tokenizer && { tokenizer }) }));
    expectContract({ text }, pieces, { size, tokenizer });
    const rest = pieces.filter((piece) => piece.text.startsWith("| a"));
    expect(rest.length).toBeGreaterThan(2);
    for (const { context, headings } of rest) {
      expect(context).toBe(header);
      expect(headings).toHaveLength(2);
    }
  }
});

describe("markdown with markup around text", () => {
  const words = (count: number): string => "some words ".repeat(count).trim();

  test.each([
    ["<details>\n<summary>More</summary>", "</details>"],
    ["<Tabs>\n  <Tab value='a'>", "</Tab></Tabs>"],
    [":::note[Mind this]", ":::"],
    ["::::{admonition} Mind this", "::::"],
  ])("ends no piece with %s", async (opener, closer) => {
    const text = `# Title\n\n${words(8)}\n\n${opener}\n\n${words(8)}\n\n${words(8)}\n\n${closer}\n\n${words(8)}\n`;
    for (const size of [120, 160, 200, 260]) {
      const pieces = await split(text, markdown({ size, overlap: 0 }));
      expect(pieces.length).toBeGreaterThan(2);
      for (const piece of pieces) expect(piece.text).not.toMatch(/(?:summary>|value='a'>|this\]?)$/u);
      if (closer.startsWith(":::")) for (const piece of pieces) expect(piece.text).not.toMatch(/^:+(?:\s|$)/u);
      expectContract({ text }, pieces, { size });
    }
  });

  test("may end a piece with tags that are closed", async () => {
    const text = `<p align="center">\n<img src="a.png"><br>\n</p>\n\n${words(12)}\n`;
    const [first] = await split(text, markdown({ size: 150, overlap: 0 }));
    expect(first?.text).toMatch(/<\/p>$/u);
  });
});

test.each([
  ["an unbroken word", "x".repeat(150)],
  ["words", "lorem ipsum ".repeat(12)],
  ["Chinese", "今天天气很好我们去公园".repeat(12)],
  ["a list", `- ${"y".repeat(120)}`],
  ["code", `\`\`\`\n${"z".repeat(150)}\n\`\`\``],
])("markdown ends no piece with a heading where a character of %s below it fits as well", async (_, body) => {
  for (const heading of ["# Heading of some words", "## H\n\n### Another one here"]) {
    const text = `${heading}\n\n${body}`;
    for (const tokenizer of [undefined, quarters, wordish]) {
      for (let size = 8; size < 60; size += 1) {
        for (const piece of await split(text, markdown({ size, ...(tokenizer && { tokenizer }) }))) {
          if (piece.end !== heading.length) continue;
          const longer = indexedText({ ...piece, text: text.slice(piece.start, heading.length + 3) });
          expect(tokenizer ? tokenizer.count(longer) : longer.length, piece.text).toBeGreaterThan(size);
        }
      }
    }
  }
});

test.each([
  [
    90,
    "It fetches what is asked for, |as a rule to have it at hand later on when it is needed. It answers with nothing.",
  ],
  [
    115,
    "It fetches what is asked for, as a rule to have it at hand later on when it is needed. |It answers with nothing.",
  ],
])("markdown cuts the text below the end of a heading larger than %d at a sentence or clause", async (size, body) => {
  const words =
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen";
  const text = `# ${words} eighteen\n\n${body.replace("|", "")}\n`;
  const pieces = await split(text, markdown({ size, overlap: 0, headingPath: false }));
  const below = pieces.slice(1).map((piece) => piece.text.split("\n\n").at(-1));
  expect(below.join(" |")).toBe(body);
});

test("markdown keeps every block whole that fits, ends with no heading, and gives right paths, on any Markdown", async () => {
  await fc.assert(
    fc.asyncProperty(
      markdownText,
      fc.constantFrom(40, 80, 160),
      fc.constantFrom(undefined, quarters),
      async (text, size, tokenizer) => {
        const pieces = await split(text, markdown({ size, ...(tokenizer && { tokenizer }) }));
        const units = (value: string): number => (tokenizer ? tokenizer.count(value) : value.length);
        const blocks = markdownBlocks(text);
        let path: { depth: number; text: string }[] = [];
        for (const [index, { start, end, heading, prose, lead }] of blocks.entries()) {
          const next = blocks[index + 1];
          if (heading) {
            path = path.filter(({ depth }) => depth < heading.depth);
            if (heading.text !== "") path.push(heading);
            const isAlone = next === undefined || next.heading || blocks[index - 1]?.heading;
            if (!isAlone && units(text.slice(start, next.start + 16)) <= size / 2) {
              expect(
                pieces.map((piece) => piece.end),
                "no piece ends with a heading",
              ).not.toContain(end);
            }
            continue;
          }
          const inside = pieces.filter((piece) => piece.start < end && piece.end > start);
          for (const piece of inside) expect(piece.headings ?? []).toEqual(path.map((outer) => outer.text));
          // What opens something is with what is in it, as a heading is.
          if (!prose && !lead && units(text.slice(start, end)) <= Math.floor(size / 2)) {
            // A piece has no blanks around it, those of other scripts included, which Markdown takes for text.
            const from = end - text.slice(start, end).trimStart().length;
            const to = start + text.slice(start, end).trimEnd().length;
            expect(
              from >= to || inside.some((piece) => piece.start <= from && piece.end >= to),
              text.slice(start, end),
            ).toBe(true);
          }
        }
      },
    ),
    { numRuns: 1500 },
  );
});
