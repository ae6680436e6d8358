import { describe, expect, test } from "vitest";
import { codeTerms } from "../../../src/lexical/analyzers/code-terms.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { lucene } from "../../../src/lexical/analyzers/lucene.ts";
import { unicode } from "../../../src/lexical/analyzers/unicode.ts";

describe.each([english(), unicode(), lucene(), codeTerms()])("$fingerprint", ({ terms }) => {
  test.each([
    ["Chinese", "北京大学", ["北", "北京", "京", "京大", "大", "大学", "学"]],
    [
      "Japanese, across its three scripts",
      "東京タワへ",
      ["東", "東京", "京", "京タ", "タ", "タワ", "ワ", "ワへ", "へ"],
    ],
    ["half-width kana with voicing marks", "ｶﾞﾄﾞ", ["ガ", "ガド", "ド"]],
    ["kana with combining voicing marks", "か\u3099き\u3099", ["が", "がぎ", "ぎ"]],
    ["Korean", "안녕하세", ["안", "안녕", "녕", "녕하", "하", "하세", "세"]],
    ["Korean in conjoining jamo", "안녕".normalize("NFD"), ["안", "안녕", "녕"]],
    ["ideographs outside the basic plane", "𠮷野家", ["𠮷", "𠮷野", "野", "野家", "家"]],
    ["ideographs with variation selectors", "葛\u{e0100}城", ["葛", "葛城", "城"]],
    ["one character", "猫", ["猫"]],
  ])("reads %s as characters and pairs", (_, text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  test.each([
    ["Thai", "ภาษาไทย", ["ภาษา", "ไทย"]],
    ["Thai with AM, which NFKC takes apart", "ทำงาน น้ำแข็ง", ["ทำงาน", "น้ำ", "แข็ง"]],
    ["Lao", "ພາສາລາວ", ["ພາສາ", "ລາວ"]],
    ["Khmer", "ភាសាខ្មែរ", ["ភាសាខ្មែរ"]],
    ["Burmese", "မြန်မာစာ", ["မြန်မာ", "စာ"]],
  ])("cuts %s into dictionary words", (_, text, expected) => {
    expect(terms(text)).toEqual(expected.map((word) => word.normalize("NFKC")));
  });

  test("reads mixed text by script, without spaces between", () => {
    expect(terms("GPT4は日本語OK、iPhone値段ไทยabcслово")).toEqual([
      ..."gpt4 は は日 日 日本 本 本語 語 ok".split(" "),
      ...terms("iPhone"),
      ..."値 値段 段 ไทย abcслово".split(" "),
    ]);
    expect(terms("2024年")).toEqual(["2024", "年"]);
  });

  test("a long Thai text is cut into the words of its phrases", () => {
    const phrase = "ทำไมต้องเรียนภาษาไทย";
    const words = terms(phrase);
    expect(words).toHaveLength(5);
    expect(terms(phrase.repeat(200))).toEqual(Array.from({ length: 200 }, () => words).flat());
  });
});
