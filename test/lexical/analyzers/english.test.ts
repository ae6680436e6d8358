import { describe, expect, test } from "vitest";
import { ENGLISH_STOP_WORDS } from "../../../src/lexical/analyzers/english-stop-words.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";

const { terms } = english();

describe("english", () => {
  test("has a fingerprint of name and version", () => {
    expect(english().fingerprint).toBe("english@1");
  });

  test("gives stems in the order of the text, as often as they occur", () => {
    expect(terms("Running foxes run; the quick fox ran.")).toEqual(["run", "fox", "run", "quick", "fox", "ran"]);
  });

  test("knows 174 stop words, in any case", () => {
    const possessives = "he's she's it's that's who's what's here's there's when's where's why's how's".split(" ");
    const words = new Set([...ENGLISH_STOP_WORDS, ...possessives]);
    expect(words.size).toBe(174);
    const text = [...words].join(" ");
    expect(terms(text)).toEqual([]);
    expect(terms(text.toUpperCase())).toEqual([]);
    expect(terms(text.replaceAll("'", "’"))).toEqual([]);
  });

  test("keeps single letters that name something", () => {
    expect(terms("vitamin D, T cells, C")).toEqual(["vitamin", "d", "t", "cell", "c"]);
  });

  test.each([
    ["user_name first.last e-mail a/b", ["user", "name", "first", "last", "e", "mail", "b"]],
    ["3.14 1,000 v2.0.1 h2o", ["3", "14", "1", "000", "v2", "0", "1", "h2o"]],
    ["#hashtag @mention <tag> “quoted” (bracketed)…", ["hashtag", "mention", "tag", "quot", "bracket"]],
    ["end.Next\nline\tTab\u00a0space\u200bzero", ["end", "next", "line", "tab", "space", "zero"]],
  ])("splits %j at punctuation and spaces", (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  test.each([
    ["Ada's Ada’s ADA'S Ada＇s Adaʼs Ada‘s", ["ada", "ada", "ada", "ada", "ada", "ada"]],
    ["dogs' 'quoted' ''", ["dog", "quot"]],
    ["it's other's somebody's", ["somebodi"]],
    ["O'Neill's l'on rock'n'roll", ["o", "neill", "l", "rock", "n", "roll"]],
    ["don't isn’t they'll", []],
    ["needn't might've", ["needn't", "might'v"]],
    ["'s s' '", ["s", "s"]],
  ])("reads apostrophes in %j", (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  test("gives nothing for nothing", () => {
    for (const text of ["", " \n\t", "… — !?", "\0", "👩‍👩‍👧 ❤️", "\u0301\u200d\ufe0f"]) expect(terms(text)).toEqual([]);
  });
});
