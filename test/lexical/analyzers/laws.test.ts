import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeTerms } from "../../../src/lexical/analyzers/code-terms.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { lucene } from "../../../src/lexical/analyzers/lucene.ts";
import { unicode } from "../../../src/lexical/analyzers/unicode.ts";
import { termId, termIds } from "../../../src/lexical/terms.ts";
import type { Analyzer } from "../../../src/types.ts";

const parts: readonly Readonly<{ name: string; create: () => Analyzer }>[] = [
  { name: "english", create: english },
  { name: "unicode", create: unicode },
  { name: "lucene", create: lucene },
  { name: "codeTerms", create: codeTerms },
];

/** Characters that take part in words in a way of their own, among all others. */
const character = fc.oneof(
  fc.constantFrom(..."aZ9é _.'’-\n", "\u0301", "\u0307", "\u0323", "\u200b", "\u200d", "\u00ad", "\u0640", "\ufe0f"),
  fc.constantFrom(..."İıIißẞΣσς½ﬁﷺ㎏㈱™ｶﾞ가かゔ々ーกำ่ກຳမြက្", "\u3099", "\u1100", "\u1161", "𠮷", "𝐀", "👨‍👩‍👧"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { maxLength: 60 }).map((characters) => characters.join(""));
/** Lone surrogates too. */
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((each) => /[\p{L}\p{N}\p{M}\p{S}\p{Cf}]/u.test(each) && !/[\p{sc=Han}\p{sc=Hang}]/u.test(each));
const inPairs = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}]/u;

describe.each(parts)("$name", ({ create }) => {
  const analyzer = create();

  test("terms are well-formed, not empty, not long and hold no space", () => {
    fc.assert(
      fc.property(fc.oneof(text, units), (any) => {
        for (const term of analyzer.terms(any)) {
          expect(term.length).toBeGreaterThan(0);
          expect(term.length).toBeLessThanOrEqual(255);
          expect(term.isWellFormed()).toBe(true);
          expect(term).not.toMatch(/[\s\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}]/u);
        }
      }),
    );
  });

  test("the same text has the same terms, whatever was read before", () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(analyzer.terms(any)).toEqual(create().terms(any));
        expect(analyzer.terms(any)).toEqual(analyzer.terms(any));
      }),
    );
  });

  test("ids are those of the terms, in their order", () => {
    fc.assert(
      fc.property(fc.oneof(text, units), (any) => {
        expect(termIds(analyzer, any)).toEqual(create().terms(any).map(termId));
      }),
    );
  });

  test("a text's terms are those of its lines", () => {
    fc.assert(
      fc.property(text, text, (first, second) => {
        expect(analyzer.terms(`${first}\n${second}`)).toEqual([...analyzer.terms(first), ...analyzer.terms(second)]);
      }),
    );
  });

  test("composed and decomposed text have the same terms", () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(analyzer.terms(any.normalize("NFD"))).toEqual(analyzer.terms(any.normalize("NFC")));
      }),
    );
  });

  test("no character of Unicode leaves an empty term or a space in one", () => {
    for (const each of everyCharacter) {
      for (const term of analyzer.terms(`a${each}b ${each} ${each}c`)) {
        if (term === "" || /[\s\p{Z}]/u.test(term))
          expect.fail(`${JSON.stringify(each)} gives ${JSON.stringify(term)}`);
      }
    }
  });
});

describe("folding", () => {
  const { terms } = unicode();

  test("is idempotent: a term is its own term, for every character of Unicode", () => {
    for (const each of everyCharacter) {
      if (inPairs.test(each.normalize("NFKC"))) continue;
      const once = terms(`x${each}y ${each}z`);
      if (once.join(" ") !== terms(once.join(" ")).join(" "))
        expect.fail(`${JSON.stringify(each)} gives ${once.join(" ")}`);
    }
  });

  test("is idempotent over any words", () => {
    const spaced = text.map((any) => [...any].filter((each) => !inPairs.test(each.normalize("NFKC"))).join(""));
    fc.assert(
      fc.property(spaced, (any) => {
        const once = terms(any).filter((term) => !/[\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/u.test(term));
        expect(terms(once.join(" "))).toEqual(once);
      }),
    );
  });

  test("forgets the case of letters that have one capital each", () => {
    const letters = fc.constantFrom(..."abcxyzäöñçøłđğşабвёжіїґαβγσωάћљ 1");
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 40 }), (written) => {
        const any = written.join("");
        expect(terms(any.toUpperCase())).toEqual(terms(any));
        expect(english().terms(any.toUpperCase())).toEqual(english().terms(any));
      }),
    );
  });
});

test("more words than are kept change nothing", () => {
  const words = Array.from({ length: 50_010 }, (_, number) => `w${number}`);
  const analyzer = unicode();
  const long = "x".repeat(70);
  for (const list of [words, [long, ...words.slice(-20), long, "w0", long]]) {
    expect(analyzer.terms(list.join(" "))).toEqual(list);
    expect(termIds(analyzer, list.join(" "))).toEqual(list.map(termId));
  }
});
