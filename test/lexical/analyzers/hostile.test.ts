import { describe, expect, test } from "vitest";
import { codeTerms } from "../../../src/lexical/analyzers/code-terms.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { LONGEST_TERM } from "../../../src/lexical/analyzers/folding.ts";
import { lucene } from "../../../src/lexical/analyzers/lucene.ts";
import { unicode } from "../../../src/lexical/analyzers/unicode.ts";
import { wordAnalyzer } from "../../../src/lexical/analyzers/words.ts";

const megabyte = (piece: string): string => piece.repeat(Math.ceil(1_000_000 / piece.length));

describe.each([english(), unicode(), lucene(), codeTerms()])("$fingerprint", ({ terms }) => {
  // Anything quadratic would outlast the test's time limit.
  test.each([
    ["one letter", "b", 1],
    ["digits", "7", 1],
    ["combining marks", "\u0301", 0],
    ["zero-width joiners", "\u200d", 0],
    ["lone surrogates", "\ud800", 0],
    ["NUL", "\0", 0],
  ])("reads a megabyte of %s", (_, piece, count) => {
    expect(terms(megabyte(piece))).toHaveLength(count);
  });

  test.each([
    ["marks in an order that has to be sorted", "\u0301\u0323"],
    ["half-width voicing marks between others", "\uff9e\u0301"],
    ["marks between joiners", "\u0301\u200d\u0323\u200d"],
    ["joiners", "\u200d"],
    ["variation selectors", "\u{e0100}"],
  ])("reads a letter with a megabyte of %s", (_, piece) => {
    const [term = "", ...others] = terms(`b${megabyte(piece)}`);
    expect(term.startsWith("b") || term.startsWith("ḅ")).toBe(true);
    expect(term.length).toBeLessThanOrEqual(31);
    expect(others).toEqual([]);
  });

  test.each([
    ["apostrophes", "x'"],
    ["dots", "x."],
    ["underscores", "x_"],
    ["colons", "x:"],
    ["case changes", "xY"],
    ["decimals", "1,"],
  ])("reads a megabyte without a space, of %s", (_, piece) => {
    for (const term of terms(megabyte(piece))) {
      if (term === "" || term.length > LONGEST_TERM) expect.fail(`a term of ${term.length}`);
    }
  });

  test.each(["ก", "ทำไมต้องเรียนภาษาไทย", "ພາສາລາວ", "ភាសា", "မြန်မာ"])("reads 100,000 letters of %s", (piece) => {
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    const found = terms(text);
    expect(found.join("").normalize("NFKC")).toBe(text.normalize("NFKC"));
  });

  test("has no empty term where a dictionary word is longer than a slice and a joiner begins the next", () => {
    const found = terms(`${"ກ".repeat(512)}\u200d${"ກ".repeat(9)}`);
    expect(found.map((term) => term.length)).toEqual([LONGEST_TERM, 9]);
  });

  test("reads a ligature that becomes four words, repeated", () => {
    expect(new Set(terms("ﷺ".repeat(100_000)))).toEqual(new Set(["صلى", "الله", "عليه", "وسلمصلى", "وسلم"]));
  });

  test("loses nothing of words that are joined beyond the length of a term", () => {
    const words = Array.from({ length: 2000 }, (_, index) => `w${index}`);
    for (const joiner of ["'", ".", "_", ":"]) {
      const found = new Set(terms(words.join(joiner)).flatMap((term) => term.split(joiner)));
      expect(words.filter((word) => !found.has(word))).toEqual([]);
    }
  });

  test("cuts a long word, and finds it by itself and by no shorter one", () => {
    for (const letter of ["b", "ß", "б", "𐐨", "𝐛", "ﬃ"]) {
      const [term = "", ...others] = terms(letter.repeat(400));
      expect(others).toEqual([]);
      expect(term.length).toBeLessThanOrEqual(LONGEST_TERM);
      expect(term.length).toBeGreaterThanOrEqual(LONGEST_TERM - 1);
      expect(term.isWellFormed()).toBe(true);
      expect(terms(letter.repeat(400))).toEqual([term]);
      expect(terms(letter.repeat(60))).not.toEqual([term]);
    }
  });

  test("is not fooled by names that objects have", () => {
    expect(terms("__proto__ constructor toString hasOwnProperty").length).toBeGreaterThanOrEqual(4);
    expect(terms("valueOf")).toEqual(terms("valueOf"));
    for (const term of terms("constructor __proto__ toString valueOf")) expect(typeof term).toBe("string");
  });
});

test.each([
  ["one ideograph", "的", 1_999_999],
  ["ideographs outside the basic plane", "𠮷", 999_999],
  ["conjoining jamo", "\u1100\u1161", 999_999],
])("reads a megabyte of %s, as every analyzer does", (_, piece, count) => {
  expect(english().terms(megabyte(piece))).toHaveLength(count);
});

test("keeps no more than 50,000 words in mind, then forgets them", () => {
  const asked: string[] = [];
  const { terms } = wordAnalyzer({
    fingerprint: "test@1",
    word: (word) => {
      asked.push(word);
      return word;
    },
  });
  const others = Array.from({ length: 50_000 }, (_, index) => `w${index}`).join(" ");
  expect(terms("word Word word")).toEqual(["word", "word", "word"]);
  expect(asked).toEqual(["word", "word"]);
  expect(terms(others)).toHaveLength(50_000);
  expect(asked).toHaveLength(50_002);
  expect(terms("word")).toEqual(["word"]);
  expect(asked).toHaveLength(50_003);
});
