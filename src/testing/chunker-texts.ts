import { seededRandom } from "./random.ts";
import { hostileTexts } from "./texts.ts";

/** Long enough that every sensible size cuts them, and full of what must not be cut or lost. */
export function chunkerTexts(): Readonly<Record<string, string>> {
  return {
    "a character": "a",
    "a word in white space": "\n\n \t word \r\n\n ",
    prose: prose(6_000),
    repetition: "The keys are rotated every ninety days. Nobody has to be told.\n\n".repeat(100),
    "Windows line ends": "one line\r\nand two\r\n\r\n".repeat(200),
    "short lines": "ab\r\n".repeat(1_000),
    "one long word": "x".repeat(5_000),
    dots: ".".repeat(4_000),
    "white space": `start${" \n\t".repeat(2_000)}end`,
    Chinese: "\u6aa2\u7d22\u7684\u7cfb\u7d71\u628a\u6587\u4ef6\u5207\u6210\u5c0f\u584a\u3002".repeat(220),
    emoji: "\u{1f642}".repeat(1_800),
    families: "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}".repeat(300),
    flags: "\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}".repeat(400),
    accents: "e\u0301a\u0308\u0323".repeat(700),
    "emoji among words":
      "A smile \u{1f642} and a scientist \u{1f469}\u200d\u{1f52c} at caf\u00e9 or cafe\u0301. ".repeat(60),
    markdown: markdown(20),
    unclosed: `# Title\n\n\`\`\`js\nconst a = "(((";\n\n${"<div><p>\n".repeat(400)}\n| a | b\n|---\n| 1`,
    html: html(20),
    hostile: Object.values(hostileTexts).join("\n\n"),
  };
}

function prose(length: number): string {
  const words =
    "harbor lantern copper the of a ridge window slowly bridge and garden Mr. 3.5 e.g. telescope under".split(" ");
  const random = seededRandom(600);
  let text = "";
  while (text.length < length) {
    const sentence = Array.from({ length: 4 + random.below(20) }, () => words[random.below(words.length)] ?? "the");
    text += `${sentence.join(" ")}${random.pick([". ", "? ", "! ", ".\n", ".\n\n", "; "])}`;
  }
  return text;
}

function markdown(sections: number): string {
  return Array.from(
    { length: sections },
    (_, number) =>
      `${"#".repeat(1 + (number % 3))} Section ${number}\n\nA paragraph *with* a [link](https://example.org/${number}) in it, ` +
      `and a second sentence.\n\n- first item\n- second item\n  - nested item\n\n\`\`\`ts\nconst answer = ${number};\n\`\`\`\n\n` +
      `| name | value |\n| --- | --- |\n| row ${number} | ${number * 7} |\n`,
  ).join("\n");
}

function html(sections: number): string {
  const parts = Array.from(
    { length: sections },
    (_, number) =>
      `<h2 class="a > b">Section ${number}</h2>\n<p>A paragraph <i>with</i> a <a href="/${number}">link</a> in it, ` +
      `and a <!-- hidden --> second sentence.</p>\n<script>if (1 < ${number}) document.write("<p>");</script>\n` +
      `<table><tr><th>name</th><th>value</th></tr>\n<tr><td>row</td><td>${number} &lt; ${number * 7}</td></tr></table>\n`,
  );
  return `<!doctype html><html><body>\n${parts.join("")}</body></html>`;
}
