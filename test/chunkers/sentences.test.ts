import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finderOf } from "../../src/chunkers/text/line-ends.ts";
import { sentenceEndsOf } from "../../src/chunkers/text/punctuation.ts";
import { textBreaks, textBreaksOf } from "../../src/chunkers/text/text-breaks.ts";
import { DOUBTFUL } from "../../src/chunkers/text/rank.ts";
import { sentences } from "../../src/chunkers/sentences.ts";
import { split } from "../../src/chunkers/split.ts";

function sentencesOf(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const { end, next, rank } of textBreaks(text, 0, text.length)) {
    if (rank < DOUBTFUL) continue;
    found.push(text.slice(start, end));
    start = next;
  }
  return [...found, text.slice(start)];
}

describe("sentence ends", () => {
  test.each<[string, readonly string[]]>([
    ["plain stops", ["One.", "Two!", "Three?", "Four"]],
    ["abbreviated titles", ["Dr. Smith met Mr. Brown.", "They talked."]],
    ["examples", ["Use a tool, e.g. a hammer, i.e. this one.", "Then stop."]],
    ["abbreviations that end a sentence", ["We sell nails, screws, etc.", "The rest is sold by Nails Inc. Ohio."]],
    ["cases", ["See Smith v. Jones.", "It was v.", "Then it was w."]],
    ["initials", ["J. R. R. Tolkien wrote it.", "So did I.", "He knew."]],
    [
      "dotted letters",
      ["He works in the U.S. Army.", "She lives in the U.S.", "The rest is abroad at 5 p.m. Paris time."],
    ],
    ["decimals", ["It costs 3.5 dollars.", "Version 2.0.1 is out."]],
    ["numbers of things", ["See Fig. 3 and No. 7.", "The answer is no.", "That is all."]],
    [
      "numbers of things in other languages",
      ["Siehe Abb. 3, § 5 Abs. 2.", "См. рис. 3 и pág. 5.", "It was (so).", "3 were."],
    ],
    [
      "numbers of letters",
      [
        "See Art. IV, Vol. XII of Bd. II in it.",
        "I saw a cat.",
        "I ran.",
        "It is in it.",
        "II. Next is this.",
        "VIPs came, i.e. all.",
      ],
    ],
    ["works that were named before", ["It is so [Goldman, Op. Cit., p. 5].", "It was a co-op.", "Cities had some."]],
    ["years", ["It began in 1999.", "Then it ended."]],
    ["quotes", ["“Stop!”", "He stopped."]],
    ["quotes in a sentence", ['"Really?" he said.', "Yes."]],
    ["brackets", ["It works (mostly).", "(It does not always.)", "Fine."]],
    ["ellipses", ["Well... maybe not.", "Wait…", "No."]],
    ["addresses", ["See https://example.com/a.html?b=c.d for more.", "Or write to a.b@example.com."]],
    ["file names", ["Open main.ts and index.html.", "Save."]],
    ["Yahoo", ["Yahoo! was a company.", "It was sold."]],
    [
      "German amounts, dates and titles",
      ["Das kostet 5 Mio. Euro.", "Es war 5 n. Chr. ein Dorf.", "Dr. med. Ott, Dipl.-Ing. Au."],
    ],
    ["abbreviations with spaces", ["Wir sehen d. h. Menschen, u. a. Kinder.", "Mehr nicht."]],
    ["Italian, Portuguese", ["Il sig. Rossi e la dott. Bianchi.", "Na Av. Paulista."]],
    ["Dutch", ["Dhr. Jansen en mevr. De Vries.", "Zo is het."]],
    ["Russian towns and years", ["Он живёт в г. Москва.", "Это было в 1999 г.", "Он уехал."]],
    ["Greek titles", ["Ο κ. Παπαδόπουλος.", "Ναι."]],
    ["Hindi, Arabic titles", ["डॉ. शर्मा आए।", "قال د. أحمد."]],
    ["wide numbers", ["距離は３．５キロです。", "１．はじめに。", "これは文．", "次の文．"]],
    ["many stops", ["What?!", "Never!!!", "Fine."]],
    ["German", ["Das gilt z.B. hier, d.h. überall.", "Über alles bzw. nichts."]],
    ["Spanish", ["¿Qué hora es?", "¡Son las dos!", "Vamos."]],
    ["Cyrillic", ["Это первое.", "Это второе."]],
    ["Greek", ["Ένα.", "Δύο.", "Τι κάνεις;", "Είμαι καλά· εσύ;", "Ναι."]],
    ["semicolons elsewhere", ["One; two; three."]],
    [
      "German with ordinals",
      [
        "Am 3. Oktober ist frei.",
        "Das war im 19. Jahrhundert.",
        "Der 1. FC spielt zum 2. Mal.",
        "Es sind 3.",
        "Dann 4.",
      ],
    ],
    ["Korean with dates", ["2023. 5. 3. 회의가 있었다.", "끝."]],
    ["Spanish with doubled letters", ["Viven en EE. UU. desde 2010.", "Los RR. HH. son felices."]],
    ["raised notes", ["It is so.¹", "It was so.²³", "It is² so.†", "So."]],
    ["companies with a mark", ["Yahoo! Inc. was sold.", "Yahoo!", "It was."]],
    ["enumerations", ["It is (a) one.", "(b) It is two.", "c) It is three.", "(iv) it goes on. (so) it ends."]],
    ["Arabic", ["هل هذا صحيح؟", "نعم۔", "جيد."]],
    ["Hindi", ["यह पहला है।", "यह दूसरा है॥", "बस"]],
    ["Armenian", ["Մեկ։", "Երկու։"]],
    ["Burmese", ["ဒါပါ။", "ဟုတ်တယ်။"]],
    ["spaced ellipses", ["Wait . . . . what . . .", "It is over."]],
    ["French quotes", ["« Oui ! » dit-il.", "« Non. » Il part."]],
    ["German quotes", ["Er sagte: „Ja.“", "Dann ging er.", "»Nein.«", "Er blieb."]],
    ["notes in brackets", ["It is so.[1]", "It was so.[2][13]", "It is (was) so [4] here.", "As in [5].", "So."]],
    ["abbreviations in two words", ["Das gilt z. B. hier, d. h. überall.", "И т. д.", "Да."]],
    ["streets and towns", ["Ул. Ленина.", "Đây là TP. Hồ Chí Minh.", "Đẹp."]],
  ])("of %s", (_, expected) => {
    expect(sentencesOf(expected.join(" "))).toEqual(expected);
  });

  test.each<[string, readonly string[]]>([
    ["Chinese", ["今天天气很好。", "明天下雨！", "你说“怎么办？”", "我不知道"]],
    ["Japanese", ["これは本です。", "「そうですか。」", "はい！"]],
    ["Chinese and English", ["我用TypeScript。", "Node很好。"]],
  ])("of %s, without white space", (_, expected) => {
    expect(sentencesOf(expected.join(""))).toEqual(expected);
  });

  test("of numbered lists", () => {
    const expected = ["1. First things first.", "2. Second things come next."];
    expect(sentencesOf(expected.join("\n"))).toEqual(expected);
  });

  test("of lists that are quoted, comments, headings or of several levels", () => {
    const marks = ["> 3.", ">> 12.", " * 3.", "// 3.", "## 3.", "# 3.", "1.2.", "1.2.3.", "  10.2.", "> 4.1."];
    const labels = ["Section 4.3.", "Figure 12.", "Глава 5.", "§ 5.", "## Step 2."];
    for (const mark of [...marks, ...labels]) {
      expect(sentencesOf(`First of all.\n${mark} Second things come next.\n${mark} So do these.`)).toHaveLength(3);
      expect(sentencesOf(`${mark} Second things come next. So do these.`)).toHaveLength(2);
    }
    const numbers = ["It is in version 2.", "The next is 3.5.", "It was section 4.3.", "All of it."];
    expect(sentencesOf(numbers.join(" "))).toEqual(numbers);
  });

  test("of text in lower case", () => {
    const expected = ["the tax was paid in 2017.", "the rest is due, e.g. next year.", "nothing else is known."];
    expect(sentencesOf(expected.join(" "))).toEqual(expected);
  });

  test("of items in running text and of lettered lists", () => {
    const running = ["Your right ends if you fail to comply.", "b. It is given back by us.", "c. It may end again."];
    expect(sentencesOf(running.join(" "))).toEqual(running);
    const numbered = [
      "It is granted by the licensor.",
      "2. Nothing else is.",
      "Plan b. We went home, and so did I.",
      "The end.",
    ];
    expect(sentencesOf(numbered.join(" "))).toEqual(numbered.flatMap((item) => item.split(/(?<=Plan b\.) /u)));
    const lines = ["a. First you rest.", "Then you sleep.", "iv. The fourth item.", "B. The last one."];
    expect(sentencesOf(lines.join("\n"))).toEqual(lines);
  });

  test("but none at the end of a wrapped line", () => {
    const text =
      "The first line of this paragraph was wrapped by hand at\nabout sixty characters, which Jane and many other people\nLike to do. Then it ends.\nAnd a new one begins.";
    expect(sentencesOf(text)).toEqual([
      "The first line of this paragraph was wrapped by hand at\nabout sixty characters, which Jane and many other people\nLike to do.",
      "Then it ends.",
      "And a new one begins.",
    ]);
  });

  test("nor of one that is quoted", () => {
    const expected = [
      "> Customers in the towns that were named in the first of the letters\n> have been calling for an hour or longer.",
      ">> It is all that anyone could say about it at the end of this long\n>> day.",
    ];
    expect(sentencesOf(expected.join("\n"))).toEqual(expected);
  });

  test("but at the end of each line of a list or log, be it as long", () => {
    for (const lines of [
      [
        "INFO session opened for user root by somebody",
        "WARN session of somebody else closed after a minute, which is long",
      ],
      [
        "Nov 27 21:00:01 host sshd[12]: Accepted publickey for root",
        "Nov 27 21:00:02 host sshd[13]: Connection closed by user",
      ],
    ]) {
      const text = lines.join("\n");
      expect(sentencesOf(text)).toEqual(lines);
    }
  });

  test("nor where something quoted goes on with a sentence", () => {
    const lines = [
      "The version of the module is compared with care (its format is",
      "``major.minor``, parts that are left out are zero), and with the",
      '"quoted" value of its name, which is `defined` elsewhere.',
      '"This" is another sentence that begins with what is quoted.',
    ];
    expect(sentencesOf(lines.join("\n"))).toEqual([lines.slice(0, 3).join("\n"), lines[3]]);
  });

  test("nor where a bracket follows that numbers nothing", () => {
    const line = "you can redistribute it under either version 2 of this License, or";
    expect(sentencesOf(`${line}\n(at your option) any later version.`)).toHaveLength(1);
    for (const number of ["(a)", "(ii)", "(3)"]) expect(sentencesOf(`${line}\n${number} any other.`)).toHaveLength(2);
  });

  test("and one at the end of a short line", () => {
    expect(sentencesOf("Heading\nText follows\n- item one\n- item two")).toEqual([
      "Heading",
      "Text follows",
      "- item one",
      "- item two",
    ]);
  });

  test("are the same where clauses are not looked for, from any break to any limit", () => {
    const marks =
      "a B 3 Ω; ; 12. ¹ (a) Yahoo! Inc EE. UU. . ! ? … 。 ， 」 ) ( “ » [1] ก e.g. Mr. z. 中文 \u{1f468}".split(" ");
    const lines = [
      "a line as long as those that are wrapped by hand\n",
      "and one more that nobody would call a short one\n",
    ];
    const parts = fc.constantFrom(...marks, ...lines, " ", "\n", "\r\n", "\n\n", "\u2029", "\u3000");
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), fc.nat(200), (list, limit) => {
        const text = `a${list.join("")}`;
        const { nextSentenceBreak } = textBreaksOf(text);
        for (const from of [0, ...Array.from(textBreaks(text, 0, text.length), ({ next }) => next)]) {
          const first = [...textBreaks(text, from, limit)].find(({ rank }) => rank >= DOUBTFUL);
          expect(nextSentenceBreak(from, limit)).toEqual(first);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("stops and line ends", () => {
  test("are found alike, each by itself or all at once", () => {
    const found = (text: string): number => sentenceEndsOf(text, finderOf(text, "\n"))(0);
    for (let unit = 0; unit <= 0xffff; unit++) {
      const text = `ab${String.fromCharCode(unit)} cd.`;
      // Has one that is not looked for by itself.
      expect([unit, found(text)]).toEqual([unit, found(`${text}\u3002`)]);
    }
  });
});

describe("sentences", () => {
  const text = Array.from({ length: 40 }, (_, index) => `Sentence ${index} has a few words.`).join(" ");

  test("packs whole sentences, and overlaps by whole sentences", async () => {
    const pieces = await split(text, sentences({ size: 100, overlap: 0.4 }));
    for (const piece of pieces) expect(piece.text).toMatch(/^Sentence [^]*\.$/u);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) expect(piece.start).toBeLessThan(pieces[index - 1]?.end ?? 0);
    }
  });

  test("has no overlap where no sentence fits into it", async () => {
    const pieces = await split(text, sentences({ size: 100, overlap: 0.2 }));
    expect(pieces.slice(1).every(({ start }, index) => start > (pieces[index]?.end ?? 0))).toBe(true);
  });

  test("cuts a sentence at its clauses and words where it is larger than a piece, and overlaps there", async () => {
    const long = `It goes on, ${"and on and on, ".repeat(30)}until it ends.`;
    const pieces = await split(long, sentences({ size: 100, overlap: 0.25 }));
    expect(pieces.length).toBeGreaterThan(4);
    for (const piece of pieces.slice(0, -1)) expect(piece.text).toMatch(/,$/u);
    for (const [index, { start }] of pieces.slice(1).entries()) {
      expect(start).toBeLessThan(pieces[index]?.end ?? 0);
      expect(long.charAt(start - 1)).toBe(" ");
    }
  });
});
