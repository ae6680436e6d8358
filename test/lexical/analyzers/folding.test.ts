import { describe, expect, test } from "vitest";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { unicode } from "../../../src/lexical/analyzers/unicode.ts";

const { terms } = unicode();

describe("unicode", () => {
  test("has no stop words and no stems", () => {
    expect(unicode().fingerprint).toBe("unicode@1");
    expect(terms("The running don't l'été")).toEqual(["the", "running", "don", "t", "l", "été"]);
  });

  test.each([
    ["Größe façade Łódź Ærø", ["grösse", "façade", "łódź", "ærø"]],
    ["Быстрая Лиса ЁЖ п'ять пʼять", ["быстрая", "лиса", "ёж", "п", "ять", "п", "ять"]],
    ["हिन्दी में क़लम", ["हिन्दी", "में", "क\u093cलम"]],
    ["தமிழ் తెలుగు বাংলা", ["தமிழ்", "తెలుగు", "বাংলা"]],
    ["שלום ქართული Հայերեն አማርኛ", ["שלום", "ქართული", "հայերեն", "አማርኛ"]],
    ["Tiếng Việt", ["tiếng", "việt"]],
  ])("keeps the words of %j whole, with their marks", (text, expected) => {
    expect(terms(text)).toEqual(expected.map((term) => term.normalize("NFKC")));
  });
});

describe("folding", () => {
  test.each([
    ["full and half width", "ＡＢＣ１２３ ｶﾞｰﾄﾞ", "abc123 ガード"],
    ["ligatures and letter-like symbols", "ﬁne ㎏ №5 ℌello x² Ⅷ", "fine kg no 5 hello x2 viii"],
    ["composed and decomposed marks", "cafe\u0301 n\u0303", "café ñ"],
    ["a joiner between a letter and its mark", "cafe\u200d\u0301", "café"],
    ["digits of another script after letters", "v๑๒ a٣", "v12 a3"],
    ["Arabic presentation forms", "ﻣﺮﺣﺒﺎ ﷲ", "مرحبا الله"],
    ["vowel points of Hebrew", "שָׁלוֹם בְּרֵאשִׁית \ufb2a", "שלום בראשית ש"],
    ["vowel signs of Arabic", "مُحَمَّد مَرْحَبًا بِكُمْ هٰذا", "محمد مرحبا بكم هذا"],
    ["Arabic stretched by tatweel", "مـــرحـبا", "مرحبا"],
    ["digits of any script", "٢٠٢٠ ۲۰۲۰ २०२० ๒๐๒๐ ２０２０", "2020 2020 2020 2020 2020"],
    [
      "soft hyphens, joiners, variation selectors",
      "na\u00adive نمی\u200cخواهم a\ufe0fb a\u2060b",
      "naive نمیخواهم ab ab",
    ],
    ["final sigma", "ΟΔΟΣ οδος οδοσ", "οδοσ οδοσ οδοσ"],
    ["sharp s", "STRASSE straße STRAẞE", "strasse strasse strasse"],
    ["dotted capital I", "İSTANBUL I\u0307stanbul İ\u0307stanbul", "istanbul istanbul istanbul"],
  ])("%s", (_, text, same) => {
    expect(terms(text)).toEqual(terms(same));
    expect(english().terms(text)).toEqual(english().terms(same));
  });

  test("a dotless i stays one, whatever the locale", () => {
    expect(terms("ISI ısı")).toEqual(["isi", "ısı"]);
  });

  test("symbols that become letters do not grow onto words", () => {
    expect(terms("5㎏ Windows™10 ㈱日立")).toEqual(["5", "kg", "windows", "tm", "10", "株", "日", "日立", "立"]);
  });

  test("the decimal digits of every numbering system are ASCII", () => {
    const systems = Intl.supportedValuesOf("numberingSystem");
    const written = systems
      .map((system) => new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false }).format(9876543210))
      .filter((digits) => /^\p{Nd}+$/u.test(digits));
    expect(written.length).toBeGreaterThan(50);
    for (const digits of written) expect(terms(digits)).toEqual(["9876543210"]);
  });
});
