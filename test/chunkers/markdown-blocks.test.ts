import { describe, expect, test } from "vitest";
import { markdownBlocks } from "../../src/chunkers/markdown/blocks.ts";

function blocksOf(text: string): string[] {
  return markdownBlocks(text).map(({ start, end }) => text.slice(start, end));
}

function headingsOf(text: string): string[] {
  return markdownBlocks(text).flatMap(({ heading }) => (heading ? [`${heading.depth} ${heading.text}`] : []));
}

describe("headings", () => {
  test.each<[string, string, readonly string[]]>([
    ["ATX headings", "# One\n## Two ##\n### Three #\n#### Four\\#\n", ["1 One", "2 Two", "3 Three", "4 Four#"]],
    ["at most six marks and a space", "####### seven\n#hashtag\n#\n#\ttab\n", ["1 ", "1 tab"]],
    ["up to three spaces", "   # three\n\n    # four\n", ["1 three"]],
    ["empty ones with closing marks", "## ##\n### a #b#\n", ["2 ", "3 a #b#"]],
    ["setext headings", "One\n===\n\nTwo\nlines\n---\n\nThree\n ==  \n", ["1 One", "2 Two lines", "1 Three"]],
    ["behind a paragraph", "Text\n# One\nmore\n", ["1 One"]],
    ["with Windows line ends", "# One\r\n\r\nTwo\r\n---\r\n", ["1 One", "2 Two"]],
    ["not an underline that is a rule", "- item\n---\n\n***\n", []],
    ["not in a fence", "```\n# no\n```\n~~~~\n# no\n~~~\n# no\n~~~~\n# yes\n", ["1 yes"]],
    ["not in an open fence", "```\n# no\n", []],
    ["not in indented code", "Text\n\n    # no\n", []],
    ["not in a quote", "> # no\n> text\nlazy\n\n# yes\n", ["1 yes"]],
    ["not in a list", "- item\n\n  # no\n\n  ```\n# ends the fence\n", ["1 ends the fence"]],
    ["not in an HTML block", "<div>\n# no\n</div>\n\n<!--\n\n# no\n\n-->\n# yes\n", ["1 yes"]],
    ["not in front matter", "---\ntitle: x\n# no\n---\n# yes\n", ["1 yes"]],
    ["not of a table", "| a |\n| - |\n| b |\n---\n# yes\n", ["1 yes"]],
  ])("%s", (_, text, headings) => {
    expect(headingsOf(text)).toEqual(headings);
  });
});

describe("blocks", () => {
  test.each<[string, readonly string[]]>([
    ["paragraphs", ["One\nparagraph.", "\n\n", "Another one."]],
    ["fences that hold fences", ["````md\n```\n````", "\n", "text"]],
    ["a fence that is not closed by its likes", ["```\n~~~\n``` x\n```", "\n", "text"]],
    ["a fence between paragraphs", ["text", "\n", "```\ncode\n\ncode\n```", "\n", "text"]],
    ["an inline fence is text", ["``` a ` b\ntext"]],
    ["a tight list", ["- a\n- b\n- c", "\n\n", "text"]],
    ["a loose list", ["- a\n\n- b\n\n  more\n- c", "\n\n", "text"]],
    ["lists of different marks", ["- a\n- b", "\n", "* c", "\n", "1. d\n2. e", "\n", "3) f"]],
    ["a list with lazy lines", ["- a\nlazy\n- b", "\n\n", "text"]],
    ["a number in a paragraph", ["text\n2. not a list"]],
    ["a list behind a paragraph", ["text", "\n", "1. a list"]],
    ["nested lists", ["- a\n  - b\n    - c\n\n      text\n- d", "\n\n", "text"]],
    ["fences in items", ["- a\n  ```\n  - no\n\n  ```\n- b", "\n", "```\nend\n```"]],
    ["rules", ["---", "\n", "***", "\n\n", "- - -"]],
    ["quotes", ["> a\n> b\nlazy", "\n\n", "> c", "\n", "- d"]],
    ["tables", ["| a | b |\n|---|:-:|\n| c | d |", "\n\n", "text"]],
    ["a table behind a paragraph", ["text", "\n", "| a | b |\n|---|---|\n| c"]],
    ["a table without outer pipes", ["a | b\n--|--\nc | d", "\n", "> quote"]],
    ["an escaped pipe", ["| a \\| b |\n|---|\n| c |"]],
    ["cells that do not match are text", ["| a | b |\n|---|\n| c |"]],
    ["HTML up to a blank line", ["<div class='a'>\ntext\n</div>", "\n\n", "text"]],
    ["HTML up to its end", ["<pre>\n\ncode\n\n</pre>", "\n", "text"]],
    ["comments", ["<!-- a\n\nb -->", "\n", "text"]],
    ["inline HTML is text", ["<b>bold</b> text\nmore"]],
    ["a tag alone", ["<custom-tag a='b'>\ntext", "\n\n", "text"]],
    ["front matter", ["---\na: b\n\nc: d\n---", "\n", "text"]],
    ["a rule that is no front matter", ["---", "\n", "text"]],
  ])("%s", (_, parts) => {
    expect(blocksOf(parts.join(""))).toEqual(parts.filter((part) => part.trim() !== ""));
  });

  test("of nested items lie inside one another", () => {
    const text = "- a\n  - b\n\n    text\n- c\n";
    const [list] = markdownBlocks(text);
    const items = list?.children ?? [];
    expect(items.map(({ start, end }) => text.slice(start, end))).toEqual(["- a\n  - b\n\n    text", "- c"]);
    const [paragraph, inner] = items[0]?.children ?? [];
    expect([paragraph, inner].map((block) => text.slice(block?.start, block?.end))).toEqual(["- a", "- b\n\n    text"]);
  });

  test("are found however deep lists go", () => {
    const text = Array.from({ length: 2000 }, (_, depth) => `${" ".repeat(2 * depth)}- a`).join("\n");
    expect(blocksOf(text)).toEqual([text]);
    expect(blocksOf("- ".repeat(100_000))).toHaveLength(1);
    expect(blocksOf("> ".repeat(100_000))).toHaveLength(1);
  });
});
