import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { htmlBlocks } from "../../src/chunkers/html/blocks.ts";
import { hiddenIn, shownTags } from "../../src/chunkers/html/hidden.ts";
import { tagsOf } from "../../src/chunkers/html/tags.ts";
import { html } from "../../src/chunkers/html.ts";
import { split } from "../../src/chunkers/split.ts";
import { expectContract } from "./contract.ts";
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
    ["values with blanks before them", `<a b = ">" c= '>'>x`, [`open a <a b = ">" c= '>'>`]],
    ["what opens a marked section", "<![CDATA[<p>a]]>", ["other  <![CDATA[", "open p <p>"]],
    ["none that is open at the end", "<p>x <a href='", ["open p <p>"]],
    ["those behind a comment without end", "<!-- <p>", ["open p <p>"]],
  ])("are %s", (_, text, expected) => {
    expect(tagNames(text)).toEqual(expected);
  });
});

describe("blocks of HTML", () => {
  function blocksOf(text: string): string[] {
    return htmlBlocks(text, shownTags(text)).map(({ start, end }) => text.slice(start, end));
  }

  test.each<[string, readonly string[]]>([
    ["paragraphs", ["<p>One</p>", "\n", "<p>Two", "<p>Three</p>"]],
    ["wrappers with what they wrap", ["<html><body><div><p>One</p>", "\n", "<p>Two</p></div>\n</body></html>"]],
    ["loose text", ["Text <b>bold</b> ", "<div>in a div</div>", " behind"]],
    ["lists", ["<p>Text", "<ul><li>One</li><li>Two</li></ul>", "<p>Text</p>"]],
    ["lists that close nothing", ["<ul><li>One<li>Two</ul>", "Text"]],
    ["code", ["<pre>a\n\nb</pre>", "<div>c</div>"]],
    ["tables", ["<table><tr><td>One<tr><td>Two</table>", "<p>Text"]],
  ])("are %s", (_, parts) => {
    expect(blocksOf(parts.join("")).map((block) => block.trim())).toEqual(
      parts.map((part) => part.trim()).filter(Boolean),
    );
  });

  function headingsOf(text: string): readonly unknown[] {
    return htmlBlocks(text, shownTags(text)).flatMap(({ heading }) => (heading ? [heading.text] : []));
  }

  test("have headings with their text and depth", () => {
    const text = "<h1>One <b>&lt;two&gt;</b>&#33;</h1><h2></h2>text<H3 id=x>Three\n four</H3>";
    expect(htmlBlocks(text, shownTags(text)).flatMap(({ heading }) => heading ?? [])).toEqual([
      { depth: 1, text: "One <two>!" },
      { depth: 3, text: "Three four" },
    ]);
  });

  test("have headings with references that lack their semicolon", () => {
    expect(
      headingsOf("<h1>1 &lt 2 &copy2020 &#39a&#x27 AT&T R&D &notit; &apos &rarr x &bogus; &#0; &#xd800;</h1>"),
    ).toEqual(["1 < 2 ©2020 'a' AT&T R&D ¬it; &apos &rarr x &bogus; &#0; &#xd800;"]);
  });

  test("have headings without the marks that link to them", () => {
    const mark = '<a class="headerlink" href="#x" title="Permalink">¶</a>';
    expect(
      headingsOf(
        `<h1>One${mark}</h1>text<h2><a href="page.html#y">#</a> C#<a name=z></a></h2>text<h3><a href="#three">Three</a> ¶</h3>text<h2><button title="x">Copy <b>it</b></button>Four <a href="#4"><i>§</i></a> b</h2>`,
      ),
    ).toEqual(["One", "C#", "Three ¶", "Four b"]);
  });

  test.each<[string, string | undefined]>([
    ["<tr><th>a<th>b", "a | b"],
    ["<tr><td></td><th>a</th><th>b</th></tr>", "a | b"],
    ["<thead><tr><td>a</td><td>b</td></tr></thead>", "a | b"],
    ["<tr><th>Name:</th><td>a</td></tr>", undefined],
    ["<tr><td>a</td><td>b</td></tr>", undefined],
  ])("have what heads the columns of a table as label: %s", (row, label) => {
    const table = `<table>${row}<tr><td>c</td><td>d</td></tr></table>`;
    expect(htmlBlocks(table, shownTags(table))[0]?.label).toBe(label);
  });

  test("have headings with blocks inside, where they are closed", () => {
    expect(headingsOf("<h2><div>1.1</div> <p>One</p><!-- no --></h2><p>Text<h3>Two<p>Text")).toEqual([
      "1.1 One",
      "Two",
    ]);
    expect(blocksOf("<h2><div>One</div>\n<div></div></h2><p>Text")).toEqual([
      "<h2><div>One</div>\n<div></div></h2>",
      "<p>Text",
    ]);
  });

  test("have headings in lists and tables that lay out, and none in quotes and headers", () => {
    const list =
      "<ul class=list><li><section><h2>Methods</h2><ul><li><h3>get</h3><p>Gets.</p></li></ul></section></li></ul>";
    expect(headingsOf(`<h1>Class</h1>${list}<table><tr><td><h2>Cell</h2>text</td></tr></table>`)).toEqual([
      "Class",
      "Methods",
      "get",
      "Cell",
    ]);
    const headed = "<table><tr><th><h4>Name</h4></th><th>Value</th></tr><tr><td>a</td><td>b</td></tr></table>";
    expect(headingsOf(`<blockquote><h2>no</h2></blockquote><figure><h3>no</h3>x</figure>${headed}`)).toEqual([]);
    expect(htmlBlocks(headed, shownTags(headed))[0]?.label).toBe("Name | Value");
    expect(headingsOf(`<table><tr><td>${headed}<h2>Around</h2>text</td></tr></table>`)).toEqual(["Around"]);
    expect(blocksOf(list).map((block) => block.trim())).toEqual([
      "<ul class=list><li><section><h2>Methods</h2>",
      "<ul><li><h3>get</h3>",
      "<p>Gets.</p></li></ul></section></li></ul>",
    ]);
  });

  test("lie one behind the other and have all that is shown of the text, however the tags stand", () => {
    fc.assert(
      fc.property(htmlText, (text) => {
        const tags = shownTags(text);
        const hides = hiddenIn(tags);
        const covered = new Uint8Array(text.length);
        for (const { start, end } of tags) covered.fill(1, start, end);
        let position = 0;
        for (const { start, end, children } of htmlBlocks(text, tags)) {
          expect(start).toBeGreaterThanOrEqual(position);
          expect(end).toBeGreaterThan(start);
          expect(hides(start, end) && !children).toBe(false);
          covered.fill(1, start, end);
          position = end;
        }
        const lost = Array.from(covered, (mark, index) => (mark === 0 ? text.charAt(index) : "")).join("");
        expect(lost.trim()).toBe("");
      }),
      { numRuns: 1000 },
    );
  });

  test("have headings in spite of what is hidden in them", () => {
    const text = "<h1>One<!-- no --> two <script>no</script></h1><p>Text<h2><!-- no -->Three</h2>text";
    expect(htmlBlocks(text, shownTags(text)).flatMap(({ heading }) => heading ?? [])).toEqual([
      { depth: 1, text: "One two" },
      { depth: 2, text: "Three" },
    ]);
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
      "<template>",
      "<template></noscript>",
      "<!-- a -->",
      "<li>x<!-- a -->",
      "<![CDATA[",
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

  test("begins and ends no piece with white space, between tags either", async () => {
    const text = '<div>\n\n  <a href="#backers">\n\n   <img src="https://a/b" alt="x"></a>\n   words </div>\n'.repeat(
      20,
    );
    for (const size of [40, 60, 100]) {
      for (const { text: piece } of await split(text, html({ size, overlap: 0.9 }))) expect(piece).toBe(piece.trim());
    }
  });

  test("leaves out what is above a heading where it would be with tags alone", async () => {
    const words = (count: number): string => "some words ".repeat(count).trim();
    const tags = `<div class="${"x".repeat(60)}">`;
    const above = `<h1>${words(3)}</h1><p>${words(10)}</p><h2>${words(2)}</h2><p>${words(10)}</p>`;
    for (const below of [`<ul>${tags}<li>${words(4)}</li><li>${words(40)}</li></ul>`, `${tags}<p>${words(60)}</p>`]) {
      const text = `${above}<h3>${words(6)}</h3>${below}`;
      const pieces = await split(text, html({ size: 200, overlap: 0 }));
      const heading = pieces.find((piece) => piece.text.startsWith("<h3>"));
      expect(heading?.text).toMatch(/<\/h3>.*<[a-z]+>some words/u);
      expect(heading).toMatchObject({ context: "", headings: [words(3), words(2), words(6)] });
      expectContract({ text }, pieces, { size: 200 }, shownTags(text));
      // Not even that is enough: the heading is alone, and no tag is cut.
      const small = await split(text, html({ size: 148, overlap: 0 }));
      const alone = small.find((piece) => piece.text.startsWith("<h3>"));
      expect(alone?.text).toBe(`<h3>${words(6)}</h3>`);
      expectContract({ text }, small, { size: 148 }, shownTags(text));
    }
  });

  test("has no piece of nothing but white space, however it is written", async () => {
    const cells = "<tr><td>&nbsp;</td>\n<td>&#160;&#xA0;&emsp;</td></tr>";
    const pieces = await split(
      `<table>${cells.repeat(20)}<tr><td>one &nbsp; two</td></tr></table>`,
      html({ size: 120 }),
    );
    expect(pieces.map((piece) => piece.text.includes("one &nbsp; two"))).toEqual([true]);
  });

  test("ends no piece with a heading in a figure", async () => {
    const text = `<figure><figcaption><h2>What is shown</h2><p>${"It says more. ".repeat(20)}</p></figcaption></figure>`;
    for (const size of [80, 120, 300]) {
      const [first] = await split(text, html({ size, overlap: 0 }));
      expect(first?.text).toMatch(/<\/h2><p>It/u);
    }
  });

  test("ends no piece with a heading and the tags of what is below it", async () => {
    const words = "<span class='x'>Some words</span> of a sentence that says more. ".repeat(12);
    const tags = '<div class="section">\n<div class="titlepage">\n<a id="part"></a>\n';
    const text = `<h2>Above</h2></div>${tags}<p>\n   ${words}</p><br>\n<h2>Below</h2><br>\n\n<br>\n${words}`;
    for (const size of [200, 300, 600]) {
      const pieces = await split(text, html({ size, overlap: 0 }));
      expect(pieces.length).toBeGreaterThan(3);
      for (const { text: piece } of pieces) {
        expect(piece.replaceAll(/<[^>]*>/gu, "").trim()).not.toMatch(/^(?:Above|Below|)$/u);
      }
    }
  });

  test("goes on where a piece ends that has a heading and the beginning of what is below it", async () => {
    const text = `<h2>Version</h2><p>${"word ".repeat(12)}</p>`;
    const textsOf = async (size: number): Promise<string[]> =>
      (await split(text, html({ size, overlap: 0 }))).slice(0, 2).map((piece) => piece.text);
    expect(await textsOf(31)).toEqual(["<h2>Version</h2><p>word", "word word word word"]);
    // A word that is cut is whole in the next, where that is more.
    expect(await textsOf(30)).toEqual(["<h2>Version</h2><p>wor", "<p>word word word word"]);
    const family = { text: "<figure><figcaption><h4>Shown</h4>>👩‍👩‍👧‍👦" };
    expectContract(family, await html({ size: 8 })(family), { size: 8 }, shownTags(family.text));
  });

  test("leaves out pieces of tags that say nothing, and none that say what an image shows", async () => {
    const link = '<link rel="stylesheet" href="some/where/a-style.css" media="screen">\n';
    const icon =
      '<svg viewBox="0 0 24 24"><path d="M15.5 14h-.79l-.28-.27a6.5 6.5 0 001.48-5.34c-.47-2.78-2.79"/></svg>';
    const text = `<head>${link.repeat(9)}</head><h1>Icons</h1>${icon.repeat(9)}<p>Words.</p><img src="a" alt="A cat">`;
    for (const size of [100, 200]) {
      const found = (await split(text, html({ size }))).map((piece) => piece.text).join("");
      expect(found.match(/link|path/gu)?.length ?? 0).toBeLessThan(9);
      for (const shown of ["Icons</h1>", "Words.", 'alt="A cat"']) expect(found).toContain(shown);
    }
    expect(await split(link.repeat(20), html({ size: 100 }))).toEqual([]);
  });

  test("reads the references of headings and of the headers of tables", async () => {
    const text = `<h1>&Uuml;ber&shy;sicht&nbsp;&para; caf&eacute; &amp;Auml; &rarr;&ldquo;&ouml;&rdquo;&ensp;&#8364;&bogus;</h1><p>x`;
    const [piece] = await split(text, html());
    expect(piece?.headings).toEqual(["Über\u00adsicht ¶ café &Auml; →“ö” €&bogus;"]);
  });

  const whole = "<p>Seen one.</p>%<p>Seen two.</p>";
  test.each<[string, string]>([
    ["scripts", "<script async>if (1 < 2) unseen('</p>')</SCRIPT >"],
    ["styles", "<style>.unseen > p {}</style>"],
    ["templates in templates", "<template><p>unseen</p><template>unseen</template>unseen</template>"],
    ["what stands in for scripts", "<noscript><p>unseen</p></noscript>"],
    ["comments", "<!-- <p>unseen</p> -->"],
    ["declarations", "<!unseen><?unseen?>"],
    ["one in the other", "<template>unseen<noscript>unseen</noscript>unseen</template>"],
  ])("leaves out %s", async (_, hidden) => {
    const text = whole.replace("%", hidden);
    for (const size of [20, 60, 600]) {
      const pieces = (await split(text, html({ size }))).map((piece) => piece.text);
      expect(pieces.join(""), `size ${size}`).not.toContain("unseen");
      for (const seen of ["one", "two"]) expect(pieces.join("")).toContain(seen);
    }
    expect(await split(`${hidden}\n<div>${hidden}</div>`, html())).toEqual([]);
  });

  test.each([
    ["marks without a letter", "<!-- --><!--[--><!---->"],
    ["marked sections", "<![CDATA[Seen too.]]>"],
  ])("leaves nothing out for %s", async (_, mark) => {
    const text = whole.replace("%", mark);
    expect((await split(text, html())).map((piece) => piece.text)).toEqual([text]);
  });

  test.each(["<script>", "<style>", "<template>", "<noscript>", "<!-- "])(
    "hides nothing by %s without end",
    async (tag) => {
      const text = whole.replace("%", tag);
      expect((await split(text, html())).map((piece) => piece.text)).toEqual([text]);
    },
  );

  // A mark makes one grapheme with the end of the tag before it, which ends another block.
  test("comes to an end where a block begins with a mark", async () => {
    const part = fc.constantFrom("<p>", "</p>", "<ul><li>", "</ul>", "<h2>a</h2>", "\u0301", "e\u0301", "-", "word ");
    const texts = fc.array(part, { minLength: 1, maxLength: 16 }).map((parts) => `a ${parts.join("")}`);
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 24 }), async (text, size) => {
        expectContract({ text }, await html({ size, overlap: 0 })({ text }), { size }, shownTags(text));
      }),
      { numRuns: 500 },
    );
  });

  test("goes on behind what is hidden in a table with its header, and with the code that it stands in", async () => {
    const text = `<h1>T</h1><p>x</p><table><tr><th>A</th><th>B</th></tr><!-- unseen --><tr><td>1</td><td>2</td></tr></table><p>y</p><pre>a;
<!-- unseen -->b;</pre>`;
    expect((await split(text, html())).map((piece) => [piece.context, piece.text])).toEqual([
      ["T", "<h1>T</h1><p>x</p><table><tr><th>A</th><th>B</th></tr>"],
      ["T\nA | B", "<tr><td>1</td><td>2</td></tr></table>"],
      ["T", "<p>y</p><pre>a;"],
      ["T", "b;</pre>"],
    ]);
  });
});
