import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { htmlBlocks } from "../../src/chunkers/html-blocks.ts";
import { tagsOf } from "../../src/chunkers/html-tags.ts";
import { html } from "../../src/chunkers/html.ts";
import { split } from "../../src/chunkers/split.ts";
import { htmlText } from "./documents.ts";

function tagNames(text: string): string[] {
  return Array.from(tagsOf(text), ({ name, kind, start, end }) => `${kind} ${name} ${text.slice(start, end)}`);
}

describe("tags", () => {
  test.each<[string, string, readonly string[]]>([
    ["elements", "<p>a</P >", ["open p <p>", "close p </P >"]],
    ["quoted values", `<a b="<p>" c='>' d>x`, [`open a <a b="<p>" c='>' d>`]],
    [
      "comments and declarations",
      "<!doctype html><!-- <p> --><?x?>",
      ["other  <!doctype html>", "other  <!-- <p> -->", "other  <?x?>"],
    ],
    ["scripts", "<script>'<p>'</Script><p>", ["open script <script>", "close script </Script>", "open p <p>"]],
    ["custom elements", "<my-tag/>", ["open my-tag <my-tag/>"]],
    ["nothing else", "a < b > c <3 </> <", []],
    ["none that is open at the end", "<p>x <a href='", ["open p <p>"]],
    ["those behind a comment without end", "<!-- <p>", ["open p <p>"]],
  ])("are %s", (_, text, expected) => {
    expect(tagNames(text)).toEqual(expected);
  });
});

describe("blocks of HTML", () => {
  function blocksOf(text: string): string[] {
    return htmlBlocks(text, [...tagsOf(text)]).map(({ start, end }) => text.slice(start, end));
  }

  test.each<[string, readonly string[]]>([
    ["paragraphs", ["<p>One</p>", "\n", "<p>Two", "<p>Three</p>"]],
    ["wrappers with what they wrap", ["<html><body><div><p>One</p>", "\n", "<p>Two</p></div>\n</body></html>"]],
    ["loose text", ["Text <b>bold</b> ", "<div>in a div</div>", " behind"]],
    ["lists", ["<p>Text", "<ul><li>One</li><li>Two</li></ul>", "<p>Text</p>"]],
    ["lists that close nothing", ["<ul><li>One<li>Two</ul>", "Text"]],
    ["code", ["<pre>a\n\nb</pre>", "<script>c</script>"]],
    ["tables", ["<table><tr><td>One<tr><td>Two</table>", "<p>Text"]],
  ])("are %s", (_, parts) => {
    expect(blocksOf(parts.join("")).map((block) => block.trim())).toEqual(
      parts.map((part) => part.trim()).filter(Boolean),
    );
  });

  test("have headings with their text, outside lists and tables", () => {
    const text = "<h1>One <b>&lt;two&gt;</b>&#33;</h1><h2></h2>text<ul><li><h3>no</h3></ul><H3 id=x>Three\n four</H3>";
    expect(htmlBlocks(text, [...tagsOf(text)]).flatMap(({ heading }) => heading ?? [])).toEqual([
      { depth: 1, text: "One <two>!" },
      { depth: 3, text: "Three four" },
    ]);
  });

  test("lie one behind the other and have all of the text, however the tags stand", () => {
    fc.assert(
      fc.property(htmlText, (text) => {
        let position = 0;
        for (const { start, end } of htmlBlocks(text, [...tagsOf(text)])) {
          expect(text.slice(position, start).trim()).toBe("");
          expect(start).toBeGreaterThanOrEqual(position);
          expect(end).toBeGreaterThan(start);
          position = end;
        }
        expect(text.slice(position).trim()).toBe("");
      }),
      { numRuns: 1000 },
    );
  });

  test("are found in time linear in what is nested and what is open", () => {
    for (const part of [
      "<ul><li>",
      "<div>",
      "</div>",
      "<table>",
      "<a b='",
      '<a b="',
      "<!--",
      "<",
      "<p",
      "<li>x",
      "</ul>",
      "<script>",
    ]) {
      const text = `<p>x${part.repeat(60_000)}`;
      const blocks = blocksOf(text);
      expect(blocks.join("").length).toBeGreaterThan(0);
    }
  });
});

describe("html", () => {
  const rows = Array.from({ length: 20 }, (_, row) => `<tr><td>name ${row}</td><td>value ${row}</td></tr>`).join("\n");
  const page = `<html><body><h1>Guide</h1>
<p>Before all.</p>
<h2>Install &amp; run</h2>
<p>Run <a href="https://example.com/a.very.long/address?with=many&amp;parameters=and#more">this</a>. Then rest.</p>
<pre><code>npm install
npm test</code></pre>
<h2>Limits</h2>
<table><thead><tr><th>Name</th><th>Value</th></tr></thead>
${rows}
</table></body></html>`;

  test("keeps sections apart, code whole, and repeats the header of a table", async () => {
    const pieces = await split(page, html({ size: 250 }));
    expect(pieces.slice(0, 2).map(({ headings, context }) => [headings, context])).toEqual([
      [["Guide"], "Guide"],
      [["Guide", "Install & run"], "Guide > Install & run"],
    ]);
    expect(pieces.some(({ text }) => text.includes("<pre><code>npm install\nnpm test</code></pre>"))).toBe(true);
    const rest = pieces.filter(({ context }) => context === "Guide > Limits\nName | Value");
    expect(rest.length).toBeGreaterThan(3);
    for (const { text } of rest) expect(text).toMatch(/^<tr>[^]*(<\/tr>|<\/html>)$/u);
  });

  test("cuts no tag that fits", async () => {
    const text = `<p>${'word <a href="a. b" title="c d. e">link</a> more. '.repeat(40)}</p>`;
    for (const size of [40, 60, 100]) {
      for (const { text: piece } of await split(text, html({ size, overlap: 0.3 }))) {
        expect(piece.replaceAll(/<[^<>]*>/gu, "")).not.toMatch(/[<>]/u);
      }
    }
  });
});
