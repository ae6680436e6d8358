import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, SnapshotError } from "../../src/errors.ts";
import { bm25, bm25FromBytes, type Bm25Index } from "../../src/lexical/bm25.ts";
import { vocabulary } from "../../src/lexical/vocabulary.ts";
import { unicode } from "../../src/lexical/analyzers/unicode.ts";
import { untyped } from "../untyped.ts";

const analyzer = unicode();

/** From all documents, on every call. */
function naive(documents: ReadonlyMap<string, string>, prefix: string, limit: number) {
  const counts = new Map<string, number>();
  for (const text of documents.values()) {
    for (const word of new Set(analyzer.terms(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .filter(([word]) => word.startsWith(prefix))
    .map(([word, count]) => ({ word, documents: count }))
    .toSorted((a, b) => b.documents - a.documents || (a.word < b.word ? -1 : 1))
    .slice(0, limit);
}

describe("suggest", () => {
  /** So many different words that they are put in order several times. */
  const text = fc
    .array(fc.tuple(fc.constantFrom("a", "ab", "b", "ba"), fc.nat(700)), { maxLength: 300, size: "max" })
    .map((words) => words.map(([start, end]) => `${start}${end}`).join(" "));
  const step = fc.record({ type: fc.constantFrom("write", "write", "delete"), id: fc.nat(9).map(String), text });

  test("words that begin so, those of most documents first, whatever was written before", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom("a", "ab", "b1", "ba5", "zz"),
        fc.integer({ min: 1, max: 30 }),
        (steps, prefix, limit) => {
          const index = bm25({ analyzer, suggestions: true });
          const documents = new Map<string, string>();
          for (const { type, id, text: given } of steps) {
            if (type === "delete") expect(index.delete(id)).toBe(documents.delete(id));
            else if (documents.has(id)) index.update(id, given);
            else index.add(id, given);
            if (type !== "delete") documents.set(id, given);
          }
          const wanted = naive(documents, prefix, limit);
          expect(index.suggest(prefix, { topK: limit })).toEqual(wanted);
          const again = bm25FromBytes(index.toBytes(), { analyzer });
          expect(again.suggest(prefix, { topK: limit })).toEqual(wanted);
          expect(again.toBytes()).toEqual(index.toBytes());
          again.add("new", "ab1 zz1");
          documents.set("new", "ab1 zz1");
          expect(again.suggest(prefix, { topK: limit })).toEqual(naive(documents, prefix, limit));
        },
      ),
      { numRuns: 60 },
    );
  });

  const filled = (...texts: readonly string[]): Bm25Index => {
    const index = bm25({ suggestions: true });
    texts.forEach((given, i) => index.add(`d${i}`, given));
    return index;
  };

  test("whole words, not stems, in lower case; the last word of what was typed", () => {
    const index = filled("Universities of the world", "University libraries", "the universities");
    expect(index.suggest("Univ")).toEqual([
      { word: "universities", documents: 2 },
      { word: "university", documents: 1 },
    ]);
    expect(index.suggest("the university lib")).toEqual([{ word: "libraries", documents: 1 }]);
    expect(index.suggest("")).toEqual([]);
    expect(index.suggest("…")).toEqual([]);
  });

  test("pairs of Chinese characters", () => {
    expect(
      filled("向量数据库")
        .suggest("数")
        .map(({ word }) => word),
    ).toEqual(["数", "数据"]);
    expect(filled("向量数据库").suggest("数据")).toEqual([{ word: "数据", documents: 1 }]);
  });

  test("is refused where words were not kept, and with other options", () => {
    expect(() => bm25().suggest("a")).toThrow(/^suggest: this index was not made with suggestions: true$/);
    expect(() => filled("a").suggest(untyped<string>(1))).toThrow(ConfigError);
    expect(() => filled("a").suggest("a", { topK: 0 })).toThrow(/^topK: expected a whole number/);
    expect(() => filled("a").suggest("a", untyped({ limit: 1 }))).toThrow(/unknown option "limit"/);
    expect(() => bm25({ suggestions: untyped<boolean>(1) })).toThrow(/^bm25\.suggestions: expected true or false/);
  });
});

test("words that are gone are forgotten", () => {
  const words = vocabulary();
  for (let round = 0; round < 50; round++) {
    words.set(0, Array.from({ length: 500 }, (_, i) => `w${round}x${i}`).join(" "));
    expect(words.held).toBeLessThan(2500);
  }
  words.delete(0);
  expect(words.suggest("w", 10)).toEqual([]);
});

test("so are those of a deleted document that was there for long", () => {
  const words = vocabulary();
  words.set(0, Array.from({ length: 5000 }, (_, i) => `old${i}`).join(" "));
  for (let row = 1; row < 20; row++) words.set(row, "new");
  words.delete(0);
  expect(words.held).toBeLessThan(1500);
  expect(words.suggest("new", 1)).toEqual([{ word: "new", documents: 19 }]);
});

test("a snapshot with positions and words is refused with any bit changed, and cut anywhere", () => {
  const index = bm25({ analyzer, positions: true, suggestions: true });
  index.add("a", "x y x");
  index.add("b", "y é");
  index.add("c", "");
  const bytes = index.toBytes();
  const refused = (broken: Uint8Array): void => {
    expect(() => bm25FromBytes(broken, { analyzer })).toThrow(SnapshotError);
  };
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) refused(bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit)));
    refused(bytes.subarray(0, at));
  }
});
