import { paragraphs } from "./prose.ts";

const table = `| name | value |\n| --- | --- |\n${Array.from({ length: 150 }, (_, row) => `| row ${row} | ${row * 37} |`).join("\n")}`;

/** Shapes that splitters were seen to break on: none of them may break a promise. */
export const shapes: Readonly<Record<string, string>> = {
  nothing: "",
  blank: " \n\t\r\n\u3000\ufeff ",
  "one character": "x",
  "one long word": "x".repeat(6_000),
  digits: "31415926".repeat(600),
  "unbroken Chinese": "检索系统把文件切成小块然后".repeat(300),
  Chinese: "今天天气很好，我们去公园。明天下雨！你说“怎么办？”我不知道。".repeat(120),
  Japanese: "これは本です。「そうですか。」はい！カタカナﾊﾟも。".repeat(120),
  Thai: "ภาษาไทยไม่มีช่องว่างระหว่างคำจึงต้องใช้พจนานุกรม".repeat(80),
  Hindi: "यह पहला वाक्य है। क्षत्रिय योद्धा था॥ ".repeat(100),
  "right to left": "هل هذا صحيح؟ نعم. \u200fשלום עולם\u200e and English. ".repeat(100),
  emoji: "😀".repeat(1_500),
  families: "👩‍👩‍👧‍👦".repeat(250),
  flags: "🇩🇪🇫🇷".repeat(500),
  "skin tones in prose": "A 👍🏽 and a 👩🏿‍🔬 at the café. ".repeat(120),
  "combining marks": `a${"\u0301\u0302".repeat(900)} b ${"e\u0301".repeat(900)}`,
  "Windows line ends": "One line here.\r\nAnd another\r\n\r\n".repeat(150),
  "blank lines": `start${"\n".repeat(5_000)}end`,
  spaces: `start${" ".repeat(5_000)}end`,
  "dots and dashes": `${".".repeat(2_000)}${"-".repeat(2_000)} a`,
  quotes: `"${"'\"".repeat(1_500)}`,
  "special tokens": "<|endoftext|> is text. <|im_start|>So is this<|im_end|> ".repeat(80),
  addresses: "https://example.com/a/very/long/path.html?b=c.d&e=%20f#g ".repeat(80),
  "one long line": paragraphs(60).join(" "),
  "one sentence again and again": "The keys are rotated every ninety days. ".repeat(150),
  "lone surrogates and NUL": "a\ud800b\udc00\u0000c ".repeat(500),
  "a table": table,
  "an open fence and open tags": `# T\n\n\`\`\`js\nconst a = "(((";\n${"<div><p>\n".repeat(300)}${"[".repeat(800)}`,
  "minified data": `{"a":[${"1,2,3,".repeat(900)}"${"QUJD".repeat(500)}"]}`,
};
