/**
 * Texts with every construct that splitters know. What a process has not met is compiled again when it first comes: these
 * warm up with the rest, so that not the compiler is measured by what one half of some texts has and the other has not.
 */
export function constructs(): readonly string[] {
  const texts = [markdownText, proseText, wrappedText, htmlText];
  return [...texts, ...texts.map((text) => text.replaceAll("\n", "\r\n")), texts.join("\n\n").repeat(4)];
}

const sentence = "Some of it is said once, and some of it again, until there is more than one piece has room for. ";
const long = sentence.repeat(20).trim();
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

/** Sentences are looked for in what is larger than a piece. */
const rich = [
  "“He went to Washington, D.C., in Jan. 2020,” she said (see Fig. 3 and Eq. 4.5). “Did he?” 'No!' Mr. Smith of Yahoo! Inc. was there at 3.5 p.m. on the 3rd; e.g. i.e. cf. vs. U.S. law, No. 5, pp. 3-5, J. R. R. Tolkien's “Ring.”[1] It ends.[12][13] Or does it?¹ (So it is.) [Or not.] He did it.) They’re here, we've gone, I'd say: you'll don't can't it's re-do. . . . And so on… and on... Then what?! a small letter. iv. five, ",
  "(a) first; b) second. 1) One. 2) Two. ii. Two. 3. Three. See https://example.org/a.b?c=d#e, or mail a.b@example.org. C:\\dir\\file.txt v1.2.3 \"Quoted.\" 'So.' It is *so.* It is `so`. Is _it?_ [A link.](b) ",
  "Am 3. Oktober 2020 kam Dr. Müller, d. h. z. B. bzw. ca. 5 Mio. Euro, n. Chr. im 2. Stock. „Ja.“ »Nein!« ‚So.‘ EE. UU. г. Москва и т. д. Конец. Τι είναι; Αυτό. هل هذا؟ نعم۔ यह है। वह था॥ ",
  "これは「文」です。次の文！本当？ 中文句子。第二句，第三句；第四句！ 한국어 문장입니다. 다음. ",
  "Cafe\u0301 na\u0308ive \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7} e\u0301\u0302\u0303 กำ नि 각 ٣٫٥ １．５ x\u2028y\u2029z ",
].map((some) => some.repeat(6).trim());

const markdownText = `---
title: Every construct
tags: [a, b]
---

# A *title* with \`code\`, [a link](https://example.org "why"), ![an image](a.png) and <b>tags</b> &amp; \\* marks

Setext, [a reference][one], ~~gone~~ __strong__
===============================================

Under it, with two
-----------------

${long}

${rich.join("\n\n")}

### A heading above a large one

#### [1.2.3](https://example.org/compare/v1.2.2...v1.2.3) (2024-05-06)

- an item, **strong** and _not_
- [ ] a task with [one][] and [two] and [^note]
  going on
  * nested

    a second paragraph of it
    1. numbered
    2) otherwise
       > quoted in it

${lines(60, (i) => `* item ${i}: ${sentence}`)}

1. first
10. tenth

+ plus

| column | number | text |
|:-------|-------:|------|
${lines(60, (i) => `| row ${i} | ${i * 7} | ${sentence}|`)}

a | b
--|--
1 | 2

\`\`\`js
${lines(80, (i) => `const value${i} = call("${i}", { key: [${i}, ${i + 1}] });`)}
\`\`\`

~~~
short
~~~

    indented code

    and more

${lines(3, () => `> ${sentence}`)}
> > ${sentence}
lazily

<div align="center" class='a b' hidden data-n=1>
  <img src=a.png alt="An image"/>
  <P>A paragraph</P>
</div>

<!-- a comment
of two lines -->

<details><summary>More</summary>

${sentence}

</details>

<script>
const a = "<p>";
</script>
<?php echo 1 ?>
<!DOCTYPE html>
<![CDATA[ data ]]>
</custom-tag>

:::note
${sentence}
:::

***
_ _ _

A paragraph
<div>that is interrupted</div>

<br/>

<custom-tag attribute = "value" other=unquoted third='quoted' />

-

-
  behind an empty line

# Headings \t without   text

## of their own

### one below the other

${long}

##### And **more**

[one]: https://example.org 'A title'
[two\\]]: <https://example.org/a b>
    "Another"
[^note]: ${sentence}
    Its second line.

##
###### Six ######
####### seven
\tA tab, and a line\\
that breaks.
`;

const proseText = `A HEADING

${rich.join("\n\n")}

${rich.join("\n")}

${long}

${sentence.repeat(300)}

word ${"unbroken".repeat(300)} word ${"，句".repeat(900)}

- - -
${lines(40, (i) => `2024-05-06T07:08:${10 + i} INFO a line of a log, number ${i}`)}

${lines(60, (i) => `- an item (${i})\n  that goes on.`)}
`;

/** As mail and old books are. */
const wrappedText = lines(40, (i) =>
  i % 9 === 8
    ? ""
    : `${i % 3 === 0 ? "Here begins one of the lines that" : "are wrapped by hand near seventy"} characters a line, (so) it goes`,
);

const htmlText = `<!DOCTYPE html><html lang=en><head><title>A page</title><style>p{}</style></head><body>
<h1>A <em>title</em> &eacute;&#233;&#xe9;&nosuch;</h1><p>${long}<br>more</p><ul><li>one<li>two<ol><li>three</ol></ul>
<table><thead><tr><th>a<th>b</thead>${lines(40, (i) => `<tr><td>${i}<td>${sentence}</tr>`)}</table>
<pre>  kept
  as it is</pre><!-- hidden --><script>if (a < b) c();</script><h2></h2><h3>Below</h3><blockquote>quoted</blockquote></body></html>`;
