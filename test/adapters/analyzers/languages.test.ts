import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arabic } from "../../../adapters/analyzers/ar.ts";
import { german } from "../../../adapters/analyzers/de.ts";
import { greek } from "../../../adapters/analyzers/el.ts";
import { spanish } from "../../../adapters/analyzers/es.ts";
import { french } from "../../../adapters/analyzers/fr.ts";
import { hindi } from "../../../adapters/analyzers/hi.ts";
import { italian } from "../../../adapters/analyzers/it.ts";
import { dutch } from "../../../adapters/analyzers/nl.ts";
import { portuguese } from "../../../adapters/analyzers/pt.ts";
import { romanian } from "../../../adapters/analyzers/ro.ts";
import { russian } from "../../../adapters/analyzers/ru.ts";
import { swedish } from "../../../adapters/analyzers/sv.ts";
import { turkish } from "../../../adapters/analyzers/tr.ts";
import type { Analyzer } from "../../../src/types.ts";

const languages: readonly (readonly [name: string, create: () => Analyzer])[] = [
  ["arabic", arabic],
  ["dutch", dutch],
  ["french", french],
  ["german", german],
  ["greek", greek],
  ["hindi", hindi],
  ["italian", italian],
  ["portuguese", portuguese],
  ["romanian", romanian],
  ["russian", russian],
  ["spanish", spanish],
  ["swedish", swedish],
  ["turkish", turkish],
];

/** Words with their stems by Snowball's own implementation: see stems.py beside the files. */
function stemsOf(name: string): readonly (readonly [word: string, stem: string])[] {
  const text = readFileSync(new URL(`../../fixtures/stems/${name}.txt`, import.meta.url), "utf8");
  const lines = text.trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [, word = "", kept = "", end = ""] = /^(\S+) (\d+)(\S*)$/u.exec(line) ?? [];
    return [word, word.slice(0, Number(kept)) + end];
  });
}

describe.each(languages)("%s", (name, create) => {
  const { fingerprint, terms } = create();

  test("has a fingerprint of name and version", () => {
    expect(fingerprint).toBe(`${name}@1`);
  });

  const stems = stemsOf(name);

  test(`stems ${stems.length} words as Snowball does`, () => {
    expect(stems.length).toBeGreaterThan(2000);
    const wrong = stems.filter(([word, stem]) => terms(word).join(" ") !== stem);
    expect(wrong.map(([word, expected]) => ({ word, expected, received: terms(word) }))).toEqual([]);
  });

  test("reads other scripts as every analyzer does", () => {
    expect(terms("東京 2024 ภาษาไทย ٣")).toEqual(["東", "東京", "京", "2024", "ภาษา", "ไทย", "3"]);
  });

  test("has well-formed terms that are not empty, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
        for (const term of terms(text)) {
          expect(term).not.toBe("");
          expect(term.length).toBeLessThanOrEqual(255);
          expect(term.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test("takes a word of a megabyte", () => {
    const own = stems[0]?.[0] ?? "";
    expect(terms(own.repeat(Math.ceil(1_000_000 / own.length)))).toHaveLength(1);
  });
});

describe("stop words", () => {
  test.each([
    {
      create: german,
      text: "Das ist nicht die Straße, daß wir über sie gegangen wären",
      expected: "strass gegang war",
    },
    { create: french, text: "L'homme qu'il n'a pas vu jusqu’à l’été de cette année", expected: "homm vu été anné" },
    { create: spanish, text: "La casa de los niños que no está aquí", expected: "cas niñ" },
    {
      create: italian,
      text: "Nell’arte dell'Italia c'è una bellezza che non muore",
      expected: "arte ital bellezz muor",
    },
    { create: portuguese, text: "Às vezes a menina não está na casa dela", expected: "vez menin cas" },
    { create: dutch, text: "Het huis van de kinderen is niet groot", expected: "huis kinder grot" },
    { create: swedish, text: "Barnen är i huset och de ska inte åka", expected: "barn huset åka" },
    { create: russian, text: "Это не тот дом, что её ребёнок видел", expected: "дом ребенок видел" },
    { create: romanian, text: "Aceasta este cartea și nu îți aparține", expected: "cart aparţin" },
    { create: arabic, text: "هذا هو الكتاب الذي في المكتبة إلى الان", expected: "كتاب مكتب الان" },
    { create: hindi, text: "यह किताब मेरी नहीं है", expected: "किताब" },
    { create: greek, text: "ΤΟ ΣΠΙΤΙ και το σπίτι της γυναίκας", expected: "σπιτ σπιτ γυναικ" },
    { create: turkish, text: "Bu kitap ve o ev çok güzel", expected: "kitap ev güzel" },
  ])("$create.name leaves them out of $text", ({ create, text, expected }) => {
    expect(create().terms(text).join(" ")).toBe(expected);
  });
});

describe("letters", () => {
  test.each([
    ["Turkish i with and without dot", turkish, "İSTANBUL IŞIK KIZI", "istanbul ışık kızı"],
    ["decomposed Turkish İ", turkish, "I\u0307stanbul", "istanbul"],
    ["German sharp s", german, "STRASSE Straße", "Straße STRASSE"],
    ["Greek accents and final sigma", greek, "ΟΔΟΣ ΆΝΘΡΩΠΟΣ", "οδός άνθρωπος"],
    ["Russian yo", russian, "ёлка ЁЖИК", "елка ежик"],
    ["Romanian comma and cedilla", romanian, "științele țări", "ştiinţele ţări"],
    ["Arabic vowel signs, tatweel and hamza", arabic, "كِتَابٌ كتـــاب أحمد", "كتاب كتاب احمد"],
    ["Arabic and ahead of the article", arabic, "والمدرسة", "المدرسة"],
    ["Hindi nukta and candrabindu", hindi, "क़लम हिन्दी कहानियाँ", "कलम हिन्दी कहानियां"],
  ] as const)("%s", (_, create, text, same) => {
    const { terms } = create();
    expect(terms(text)).toEqual(terms(same));
    expect(terms(text)).not.toEqual([]);
  });

  test("a word that is all suffix stays", () => {
    expect(turkish().terms("leri ları")).toEqual(["leri", "ları"]);
    expect(greek().terms("ιών")).toEqual(["ιων"]);
  });

  test("Turkish endings after an apostrophe are left out, other words are not", () => {
    const { terms } = turkish();
    expect(terms("İstanbul'da Ankara’dan Türkiye'nin Atatürk'ün TBMM'ye 1990'larda Ali'lerinki")).toEqual(
      terms("İstanbul Ankara Türkiye Atatürk TBMM 1990 Ali"),
    );
    expect(terms("O'Neill Kur'an D’Artagnan")).toEqual(["neill", "kur", "an", "d", ...terms("Artagnan")]);
  });
});
