import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { porter } from "../../../src/lexical/analyzers/porter.ts";
import { porter2 } from "../../../src/lexical/analyzers/porter2.ts";

function pairs(name: string): readonly (readonly [word: string, stem: string])[] {
  const text = readFileSync(new URL(`../../fixtures/${name}.txt`, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const [word = "", stem = ""] = line.split(" ");
      return [word, stem] as const;
    });
}

describe.each([
  { name: "porter2", stem: porter2 },
  { name: "porter", stem: porter },
])("$name", ({ name, stem }) => {
  const vocabulary = pairs(name);

  test(`stems ${vocabulary.length} words as the reference does`, () => {
    expect(vocabulary.length).toBeGreaterThan(3000);
    const wrong = vocabulary.filter(([word, expected]) => stem(word) !== expected);
    expect(wrong.map(([word, expected]) => ({ word, expected, received: stem(word) }))).toEqual([]);
  });

  test("leaves what is no English as it is, but for English endings", () => {
    for (const word of ["", "a", "日本語", "привет", "ß", "42", "h2o", "\ud800"]) expect(stem(word)).toBe(word);
    expect(stem("cafés")).toBe("café");
  });
});

describe("porter's departures from the paper of 1980, as in Lucene", () => {
  test("words of two letters stay", () => {
    expect(["as", "us", "by", "ay"].map(porter)).toEqual(["as", "us", "by", "ay"]);
  });

  test("bli becomes ble, logi becomes log", () => {
    expect(porter("reassembly")).toBe("reassembl");
    expect(porter("negligibly")).toBe("neglig");
    expect(porter("archaeology")).toBe("archaeolog");
    expect(porter("geology")).toBe("geologi"); // too short a stem before the suffix
  });

  test("any doubled consonant is undoubled", () => {
    expect(porter("trekked")).toBe("trek");
    expect(porter("falling")).toBe("fall");
  });
});
