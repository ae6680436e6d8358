import * as fc from "fast-check";

/** Parts that chunkers have broken on: scripts with and without spaces, clusters, surrogates, line ends, runs. */
const parts: readonly string[] = [
  "The quick brown fox jumps over the lazy dog. ",
  "Dr. Smith paid $3.50, e.g. for tea… ",
  '"Really?" he said. ',
  "See https://example.com/a.b?c=d&e=f#g. ",
  "U.S. growth was 2.5%. ",
  "word ",
  "a",
  ".",
  " ",
  "   ",
  "\t",
  "\n",
  "\n\n",
  "\r\n",
  "\r\n\r\n",
  "\r",
  "\u2028",
  "\u2029",
  "\u00a0",
  "\u3000",
  "\ufeff",
  "\u200b",
  "\u0000",
  "今日は天気がいい。明日は雨です！",
  "漢字漢字漢字漢字",
  "カタカナﾊﾟ",
  "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
  "กำลังน้ำ ",
  "ភាសាខ្មែរ",
  "हिन्दी में वाक्य। क्षत्रिय ",
  "العربية؟ نعم. ",
  "\u0600١٢",
  "한국어 문장입니다. ",
  "\u1100\u1161\u11a8",
  "e\u0301",
  "\u0301",
  " \u0308",
  "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
  "👩‍👩‍👧‍👦",
  "👍🏽",
  "😀",
  "🇩🇪🇫🇷🇯",
  "❤️",
  "\u200d",
  "\ud800",
  "\udc00",
  "𠮷野家",
  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  "# Heading\n\n",
  "- item\n- item two\n",
  "1. one\n2. two\n",
];

/** Most parts are rare in one text, so that runs and ordinary prose come up too. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((chosen) => chosen.join("")) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.subarray([...parts], { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3), { maxLength: 120 }))
      .map(([few, picks]) => picks.map((pick) => few[pick % few.length]).join("")),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\n", " \r\n\t\u3000 ") },
);

const markdownParts: readonly string[] = [
  "# Title\n\n",
  "## Section *one* ##\n",
  "###### Deep\n\n",
  "#\n",
  "#hashtag\n",
  "Setext\n======\n\n",
  "Two\nlines\n---\n",
  "---\n",
  "---\ntitle: x\n---\n",
  "* * *\n",
  "A paragraph of text. It has sentences,\nand lines.\n\n",
  "A list follows:\n",
  "- one\n- two\n  more of two\n- three\n\n",
  "- outer\n  - inner\n    - innermost\n\n      with text\n- last\n",
  "1. first\n2. second\n\n   ```js\n   # not a heading\n   ```\n\n",
  "lazy\n",
  "```ts\n# not a heading\n\nconst x = 1;\n```\n\n",
  "~~~\nunclosed\n",
  "    indented code\n\n    more of it\n",
  "> quoted\n> # not a heading\nlazy\n\n",
  "| Name | Value |\n| --- | ---: |\n| a | 1 |\n| b \\| c | 2 |\n| d | 3 |\n\n",
  "<div>\n# html\n</div>\n\n",
  "<!-- a\n\n# comment -->\n",
  "<script>\n\nx\n</script>\n",
  "[ref]: https://example.com\n\n",
  ":::note Mind this\n\n",
  ":::\n",
  "<details>\n<summary>More</summary>\n\n",
  "</details>\n\n",
  "\t- tab\n",
  "漢字。漢字。\n\n",
  "e\u0301 \u0308\n",
  "👩‍👩‍👧‍👦\r\n\r\n",
  "\n",
  " ",
];

/** Markdown of all kinds of blocks in any order, closed or not. */
export const markdownText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...markdownParts), { maxLength: 30 }).map((some) => some.join("")) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...markdownParts, ...parts), { maxLength: 30 }).map((some) => some.join("")),
  },
);

const htmlParts: readonly string[] = [
  "<!doctype html><html><body>",
  "<h1>Title</h1>",
  "<h2 class='a > b'>Part <i>two</i></h2>\n",
  '<p>A paragraph. With <a href="x. y">a link</a> in it.</p>\n',
  "<p>never closed ",
  "<ul><li>one<li>two</ul>",
  "<ol>\n<li>one <ul><li>inner</li></ul></li>\n<li>two</li>\n</ol>",
  "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
  "<tr><td>stray",
  "<pre><code>line one\n  line two\n</code></pre>",
  "<script>if (a < b) document.write('<p>');</script>",
  "<style>p { color: red }",
  "<!-- a comment\n<p> -->",
  "<!-- never closed ",
  "<div><div></div></div></div>",
  "</p></li></table></nothing>",
  "<h3><a href='#x'>¶</a> Linked</h3>",
  "<figure><figcaption><h4>Shown</h4>",
  "<div class='wrapper'><div class='wrapper'><div class='wrapper'>",
  "&nbsp;",
  "<br/><img src='a.png' alt=x>",
  "text &amp; more text. ",
  "a < b > c ",
  '<a href="',
  "<",
  ">",
  "</",
  "漢字<b>漢字</b>。",
  "e<i>\u0301</i> ",
  "👩‍👩‍👧‍👦",
  "\n\n",
  " ",
];

/** HTML with its tags in any order, closed or not. */
export const htmlText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...htmlParts), { maxLength: 30 })
  .map((some) => some.join(""));

const codeParts: readonly string[] = [
  'import { a } from "b";\n',
  "/** A comment.\n *  More. */\n",
  "// note\n",
  "@decorated(\n  x,\n)\n",
  "export class Store {\n  #items = new Map();\n\n  /** Gets. */\n  get(key) {\n    return this.#items.get(key);\n  }\n}\n\n",
  "function one(\n  a,\n  b,\n) {\n  if (a) {\n    return b;\n  } else {\n    return a;\n  }\n}\n",
  "const text = `\nnot { code\n`;\n",
  "const open = `never closed\n",
  "/* never closed\n",
  'let quote = "\n',
  "  stray\n",
  "}\n})\n",
  'def two(a):\n    """Doc.\n\nString.\n    """\n    for x in a:\n        yield x\n    else:\n        pass\n\n',
  "\tif tab\n\t\tdo\n\tend\n",
  "x = 1\ny = 2\n",
  "namespace a {\nclass B\n: public C {\npublic:\n",
  "#if A\nvoid f(\n#else\n",
  'r#"{"# R"x(`${\n',
  "<<~END\n  END\n",
  "\n",
  "\r\n",
  "e\u0301 = '👩‍👩‍👧‍👦'\n",
  "minified(){return a.b.c(d,e,f)}function(){x()};".repeat(3),
];

/** Programs of no language in particular. */
export const codeText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...codeParts), { maxLength: 30 })
  .map((some) => some.join(""));

/** Counts as byte pairs do: the parts of a text may have more tokens than the whole, and never fewer. */
export const wordish = {
  name: "wordish",
  count(value: string): number {
    let tokens = 0;
    for (const run of value.match(/\s?[a-z]+|\s?[^\sa-z]|\s+/giu) ?? []) tokens += Math.ceil(run.length / 4);
    return tokens;
  },
};
/** Rounds once, over the whole text. */
export const quarters = { name: "quarters", count: (value: string): number => Math.ceil(value.length / 4) };
/** Adds two tokens of its own, as encoders with a classifier token do. */
export const framed = { name: "framed", count: (value: string): number => 2 + new TextEncoder().encode(value).length };
/** The whole may have more tokens than its parts. */
export const hostile = { name: "hostile", count: (value: string): number => Math.ceil(value.length ** 1.2) };
