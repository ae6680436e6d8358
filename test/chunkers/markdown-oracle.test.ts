import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import type { Root } from "mdast";
import { describe, expect, test } from "vitest";
import type { MarkdownBlock } from "../../src/chunkers/markdown/draft.ts";
import { markdownBlocks } from "../../src/chunkers/markdown/blocks.ts";
import { markdown } from "../../src/chunkers/markdown.ts";
import { split } from "../../src/chunkers/split.ts";
import type { Piece, Span } from "../../src/types.ts";
import { headingsOf, parsed, structures } from "./mdast.ts";

/** Marks of what a block stands in: ours begins with them. */
const marks = /^(?:[\s>*+-]|\d+[.)]|\[\^[^\]]*\]:)*/u;

/** Where the content of a block is; nothing where it has marks alone. */
function content(text: string, { start, end }: Span): string | undefined {
  const from = start + (marks.exec(text.slice(start, end))?.[0].length ?? 0);
  let to = end;
  while (to > from && /[\s>]/u.test(text.charAt(to - 1))) to--;
  return from < to ? `${from}…${to}: ${text.slice(from, to)}` : undefined;
}

function trimmed(text: string, { start, end }: Span): readonly [number, number] {
  const slice = text.slice(start, end);
  return [end - slice.trimStart().length, start + slice.trimEnd().length];
}

function allBlocks(blocks: readonly MarkdownBlock[]): readonly MarkdownBlock[] {
  return blocks.flatMap((block) => [block, ...allBlocks(block.children ?? [])]);
}

function expectSameBlocks(text: string, tree: Root, name: string): void {
  const blocks = markdownBlocks(text);
  expect(
    blocks.flatMap(({ heading }) => heading ?? []),
    name,
  ).toEqual(headingsOf(tree).map(({ depth, text: words }) => ({ depth, text: words })));
  const ours = new Set(allBlocks(blocks).map((block) => content(text, block)));
  for (const found of structures(tree)) {
    const theirs = content(text, found);
    if (theirs !== undefined) expect(ours.has(theirs), `${found.type} of ${name}: ${theirs}`).toBe(true);
  }
}

const root = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Real Markdown, of every size up to where the other reader takes long. */
function realFiles(): ReadonlyMap<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /\.md$/iu.test(name));
  const texts = new Map<string, string>();
  for (const name of names.toSorted()) {
    const file = join(root, name);
    const { size } = statSync(file);
    if (size > 0 && size <= 64_000) texts.set(readFileSync(file, "utf8"), name);
  }
  return new Map([...texts].map(([text, name]) => [name, text]));
}

describe("real Markdown", () => {
  const files = [...realFiles()].map(([name, text]) => ({ name, text, tree: parsed(text) }));

  test("is that of many packages", () => {
    expect(files.length).toBeGreaterThanOrEqual(200);
  });

  test("has the headings and blocks that another reader finds", () => {
    for (const { name, text, tree } of files) expectSameBlocks(text, tree, name);
  });

  test.each([300, 800])("is cut into pieces of %d characters that keep its structure", async (size) => {
    const counts = { fitting: 0, cutTables: 0, pieces: 0, headings: 0 };
    for (const { name, text, tree } of files) {
      const pieces = await split(text, markdown({ size }));
      expectHeadings(pieces, { name, size, headings: headingsOf(tree), text });
      for (const found of structures(tree)) {
        const inside = pieces.filter(({ start, end }) => start < found.end && end > found.start);
        const frame = Math.max(...inside.map(({ context = "" }) => context.length + 1));
        const lineStart = text.lastIndexOf("\n", found.start) + 1;
        if (found.end - lineStart + frame <= size) {
          counts.fitting++;
          const [from, to] = trimmed(text, found);
          const whole = inside.some(({ start, end }) => start <= from && end >= to);
          expect(whole, `${name}: ${text.slice(found.start, found.end)}`).toBe(true);
        } else if (found.type === "table") {
          counts.cutTables++;
          const [header = ""] = text.slice(found.start, found.end).split(/\r?\n/u);
          for (const { start, context = "" } of inside) {
            if (start <= found.start || 2 * (header.length + frame) > size) continue;
            expect(context.replaceAll(/\s+/gu, " "), name).toContain(header.replaceAll(/\s+/gu, " ").trim());
          }
        }
      }
      counts.pieces += pieces.length;
      counts.headings += headingsOf(tree).length;
    }
    console.log(`${files.length} files, pieces of ${size}: ${JSON.stringify(counts)}`);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
  });
});

/** Each piece has the path of the last heading in it or above it, and none ends with a heading that text follows. */
function expectHeadings(
  pieces: readonly Piece[],
  of: {
    readonly name: string;
    readonly size: number;
    readonly text: string;
    readonly headings: ReturnType<typeof headingsOf>;
  },
): void {
  const { name, size, headings, text } = of;
  for (const piece of pieces) {
    const above = headings.filter(({ start }) => start < piece.end);
    const path: { depth: number; text: string }[] = [];
    for (const heading of above) {
      while ((path.at(-1)?.depth ?? 0) >= heading.depth) path.pop();
      if (heading.text !== "") path.push(heading);
    }
    expect(piece.headings ?? [], `${name} at ${piece.start}`).toEqual(path.map((heading) => heading.text));
    const last = above.at(-1);
    const follows = last && text.slice(last.end, headings[above.length]?.start).trim();
    const run = above.findLast((heading, index) => text.slice(above[index - 1]?.end ?? 0, heading.start).trim() !== "");
    const room = size - (piece.context ?? "").length - 1;
    // Headings that fill a piece by themselves leave none for the text.
    if (!follows || last.end - (run?.start ?? 0) > room - 60) continue;
    expect(piece.end, `${name} ends with ${last.text}`).toBeGreaterThan(last.end);
  }
}

/** Of what real files have little: every kind of block, in quotes and items, opened and closed or not. */
const parts = [
  ..."a|b c|\n|\n|\n|\n\n| |  |    |\t|\r\n|- |* |+ |1. |1) |> |>|-|1.|- [ ] x|# |## x #|---|***|===|=|```|~~~|````|<div>|</div>|<!-- |-->|<?x|?>|<!X|<pre>|</pre>x|[a]: /u|[a]: <u v> 'ti|tle'|[^1]: |[x]:|---\nt: x\n---\n|+++\n".split(
    "|",
  ),
  "| a | b |",
  "|---|---|",
  "a | b",
  "--|--",
  "|a|",
  ":-:",
  "\\|",
  "<![CDATA[",
  "]]>",
];

test("any Markdown has the headings and blocks that another reader finds", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 14 }), (some) => {
      const text = some.join("");
      // The other reader takes a `+++` without its like, and an item without text below a rule or indented code, for what
      // they are not, and each line of indented code behind an item or a quote without text for one of its own.
      fc.pre(!text.startsWith("+++") && !/---\r?\n[>\s]*(?:[-+*]|1[.)])[ \t]*\r?\n/u.test(text));
      fc.pre(!/(?:^|[\r\n])[>\s]*(?: {4}|\t)[^\r\n]*\r?\n[>\s]*(?:[-+*]|1[.)])[ \t]*\r?\n/u.test(text));
      fc.pre(!/(?:^|[\r\n])[>\s]*(?:[-+*]|1[.)])[ \t]*(?:\r?\n[> \t]*){2,}\t/u.test(text));
      fc.pre(!/>[ \t]*\r?\n[>\s]*(?: {4}|\t)/u.test(text));
      const tree = parsed(text);
      // It pairs three stars and more by those that are left of them, not by those that there were.
      fc.pre(!headingsOf(tree).some(({ start, end }) => text.slice(start, end).includes("***")));
      expectSameBlocks(text, tree, JSON.stringify(text));
    }),
    { numRuns: 4000 },
  );
});

test.each<[string, string]>([
  ["tags of any name", "<my-tag a='1' b=\"2\" c=d e>\ntext\n\n</my-tag>\n"],
  ["what is no tag", "<a b='>\n<1>\n</ b>\n<a b=>\n\n# H\n"],
  ["tags that end a paragraph, and those that do not", "a\n<p>\nb\n\na\n<i>\nb\n"],
  ["the end of one verbatim element by another", "<script>\n\n</pre>\n# H\n"],
  ["comments on one line", "<!-- a -->\n# H\n<!--> \n# I\n"],
  ["front matter", "+++\na = 1\n+++\n# H\n"],
  ["no front matter further down", "\n---\na: b\n---\n"],
  ["front matter without end", "---\na: b\n\n# H\n"],
  ["definitions above a heading", "[a]: /b 'c\nd'\n[e]:\n<f>\nTitle\n=====\n"],
  ["definitions alone", "[a]: /b\n===\n\n[a]: /b\n---\n"],
  [
    "quotes with all in them",
    "> # H\n>\n> - a\n>   ```\n>   x\n>\n>   ```\n> - b\n>\n> | a |\n> |---|\n> | b |\nlazy\n",
  ],
  ["tables whose header has no marks of what it stands in", "- a\n| b |\n  |---|\n\n> c\nd\n> :-:\n> e\n"],
  ["quotes in items in quotes", "> 1. > a\n>    > b\nlazy\n>    >\n>    > - c\n>\n> d\n"],
  ["tabs", "-\ta\n\n\t-\tb\n\n\t\t\tcode\n>\t\tcode\n\n1.\ta\n\n\tb\n"],
  ["footnotes with blocks", "[^a]: x\n\n    - b\n    - c\n\n    ```\n    d\n    ```\n\ne\n"],
  ["old line ends", "# H\r\rText\r---\r\r- a\r- b\r"],
])("%s", (name, text) => {
  expectSameBlocks(text, parsed(text), name);
});
