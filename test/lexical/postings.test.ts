import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { type Postings, postings, type PostingsQuery } from "../../src/lexical/postings.ts";
import { encodeTerms, idf, saturate } from "../../src/lexical/terms.ts";
import { hasRow, rowSet } from "../../src/row-set.ts";
import type { LexicalSpec, Terms } from "../../src/types.ts";
import { expectRanking, naiveBm25, spaces } from "./naive-bm25.ts";

const spec: LexicalSpec = { k1: 1.2, b: 0.75, averageLength: 8 };
const precedes = (a: number, b: number): boolean => a < b;
const termsOf = (text: string): Terms => encodeTerms(spaces, text);
const filled = (texts: readonly string[]): Postings => {
  const lists = postings();
  texts.forEach((text, row) => lists.set(row, termsOf(text)));
  return lists;
};
const search = (lists: Postings, text: string, options: Partial<PostingsQuery> = {}) => {
  const { rows, scores } = lists.search(termsOf(text), { limit: 10, spec, precedes, ...options });
  return Array.from(rows, (row, rank) => ({ row, score: scores[rank] ?? 0 }));
};
/** The same rows given to postings that have seen nothing else. */
const rebuilt = (lists: Postings, rows: Iterable<number>): Postings => {
  const fresh = postings();
  for (const row of rows) {
    const terms = lists.termsOf(row);
    if (terms !== undefined) fresh.set(row, terms);
  }
  return fresh;
};

describe("search", () => {
  test("scores: idf × count in the query × saturated count in the row", () => {
    const lists = filled(["a b b c", "a", "c c d"]);
    const terms = termsOf("a b b c");
    const weights = saturate(terms, spec);
    const at = (term: string): number => weights[terms.ids.indexOf(termsOf(term).ids[0] ?? 0)] ?? 0;
    const wanted = idf(3, 2) * at("a") + 2 * idf(3, 1) * at("b");
    const [best] = search(lists, "a b b");
    expect(best?.row).toBe(0);
    expect(best?.score).toBeCloseTo(wanted, 6);
  });

  test("only rows that share a term; equal scores in the order of precedes", () => {
    const lists = filled(["x y", "z", "y x", "x y"]);
    expect(search(lists, "x").map(({ row }) => row)).toEqual([0, 2, 3]);
    const backwards = { precedes: (a: number, b: number) => a > b };
    expect(search(lists, "x", backwards).map(({ row }) => row)).toEqual([3, 2, 0]);
    expect(search(lists, "x", { ...backwards, limit: 2 }).map(({ row }) => row)).toEqual([3, 2]);
  });

  test("nothing to search, to find, or to give back", () => {
    expect(search(postings(), "a")).toEqual([]);
    const lists = filled(["a"]);
    expect(search(lists, "")).toEqual([]);
    expect(search(lists, "b")).toEqual([]);
    expect(search(lists, "a", { limit: 0 })).toEqual([]);
    expect(search(lists, "a", { allowed: rowSet(1) })).toEqual([]);
  });

  test("a filter takes rows away and leaves every score as it was", () => {
    const row = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", " "), maxLength: 30 });
    const spaced = row.map((text) => [...text].join(" "));
    fc.assert(
      fc.property(
        fc.array(spaced, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(59), { maxLength: 60 }),
        fc.constantFrom("a", "a b", "d c c"),
        fc.integer({ min: 1, max: 70 }),
        (texts, rows, query, limit) => {
          const lists = filled(texts);
          const allowed = rowSet(60, rows);
          const all = search(lists, query, { limit: 100 });
          const wanted = all.filter((found) => hasRow(allowed, found.row)).slice(0, limit);
          expect(search(lists, query, { limit, allowed })).toEqual(wanted);
        },
      ),
    );
  });

  test.each([1, 30, 120, 400])("a filter of %d rows of 500, whichever way it is applied", (size) => {
    const texts = Array.from(
      { length: 500 },
      (_, row) => `common ${"filler ".repeat(row % 7)}w${row % 61} w${row % 3}`,
    );
    const lists = filled(texts);
    const allowed = rowSet(
      500,
      Array.from({ length: size }, (_, i) => (i * 7) % 500),
    );
    for (const query of ["common", "common w1", "w1", "w50 common w2 w2", "w20 w35 w60"]) {
      const wanted = search(lists, query, { limit: 500 }).filter(({ row }) => hasRow(allowed, row));
      expect(search(lists, query, { limit: 500, allowed })).toEqual(wanted);
      expect(search(lists, query, { limit: 5, allowed })).toEqual(wanted.slice(0, 5));
    }
  });

  test("a filter of one row, for each of many terms", () => {
    const lists = filled(Array.from({ length: 500 }, (_, row) => `common w${row % 61}`));
    for (let row = 0; row < 500; row++) {
      const query = `w${row % 61}`;
      const wanted = search(lists, query, { limit: 500 }).filter((found) => found.row === row);
      expect(wanted).toHaveLength(1);
      expect(search(lists, query, { allowed: rowSet(500, [row]) })).toEqual(wanted);
    }
  });

  test("terms that are not in order, or count nothing, are refused", () => {
    const lists = filled(["a"]);
    const broken = [
      { ids: Uint32Array.of(2, 1), counts: Uint32Array.of(1, 1) },
      { ids: Uint32Array.of(1, 1), counts: Uint32Array.of(1, 1) },
      { ids: Uint32Array.of(1), counts: Uint32Array.of(0) },
      { ids: Uint32Array.of(1), counts: Uint32Array.of() },
    ];
    for (const terms of broken) {
      expect(() => lists.set(0, terms)).toThrow(ConfigError);
      expect(() => lists.search(terms, { limit: 1, spec, precedes })).toThrow(ConfigError);
    }
    expect(search(lists, "a")).toHaveLength(1);
  });

  test("a search within a search, or an error from it, spoils neither", () => {
    const lists = filled(["a b", "a b", "a c", "a"]);
    const wanted = search(lists, "a b");
    let inner: unknown;
    const nested = (a: number, b: number): boolean => {
      inner = search(lists, "a b");
      return precedes(a, b);
    };
    expect(search(lists, "a b", { precedes: nested })).toEqual(wanted);
    expect(inner).toEqual(wanted);
    const failing = (): boolean => {
      throw new Error("no order");
    };
    expect(() => search(lists, "a b", { precedes: failing, limit: 1 })).toThrow("no order");
    expect(search(lists, "a b")).toEqual(wanted);
  });
});

describe("counts beyond a byte", () => {
  const counts = [1, 254, 255, 256, 70_000, 4_000_000_000];

  test("are kept, scored and given back exactly, after updates as well", () => {
    const lists = postings();
    const terms = (count: number): Terms => ({ ids: Uint32Array.of(5, 9), counts: Uint32Array.of(count, 1) });
    for (const before of [3, 300]) {
      counts.forEach((count, row) => {
        lists.set(row, terms(before));
        lists.set(row, terms(count));
      });
      counts.forEach((count, row) => expect(lists.termsOf(row)).toEqual(terms(count)));
      expect(lists.totalLength).toBe(counts.reduce((sum, count) => sum + count + 1, 0));
      const query = { ids: Uint32Array.of(5), counts: Uint32Array.of(1) };
      const found = lists.search(query, { limit: 10, spec, precedes });
      found.rows.forEach((row, rank) => {
        const wanted = idf(counts.length, counts.length) * (saturate(terms(counts[row] ?? 0), spec)[0] ?? 0);
        expect(found.scores[rank]).toBeCloseTo(wanted, 6);
      });
      const alone = lists.search(query, { limit: 10, spec, precedes, allowed: rowSet(6, [4]) });
      expect([...alone.rows]).toEqual([4]);
    }
  });
});

describe("writes", () => {
  const word = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const text = fc.array(word, { maxLength: 12 }).map((list) => list.join(" "));
  const step = fc.oneof(
    fc.record({ type: fc.constant("set" as const), row: fc.nat(20), text }),
    fc.record({ type: fc.constant("delete" as const), row: fc.nat(20), text }),
  );

  test("after any of them, everything is as the formula has it, and as built anew", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), text, fc.integer({ min: 1, max: 25 }), (steps, query, limit) => {
        const lists = postings();
        const texts = new Map<string, string>();
        for (const { type, row, text: given } of steps) {
          const id = String.fromCharCode(65 + row);
          if (type === "set") {
            lists.set(row, termsOf(given));
            texts.set(id, given);
          } else {
            expect(lists.delete(row)).toBe(texts.has(id) && texts.get(id) !== "");
            texts.delete(id);
          }
        }
        const held = [...texts].filter(([, given]) => given !== "");
        expect(lists.rows).toBe(held.length);
        const lengths = held.map(([, given]) => given.split(" ").length);
        expect(lists.totalLength).toBe(lengths.reduce((sum, length) => sum + length, 0));
        for (const term of ["a", "f", "z"]) {
          const frequency = held.filter(([, given]) => given.split(" ").includes(term)).length;
          expect(lists.frequency(termsOf(term).ids[0] ?? 0)).toBe(frequency);
        }
        for (let row = 0; row <= 20; row++) {
          const given = texts.get(String.fromCharCode(65 + row)) ?? "";
          expect(lists.termsOf(row)).toEqual(given === "" ? undefined : termsOf(given));
        }
        const live = { ...spec, averageLength: lists.totalLength / Math.max(1, lists.rows) };
        const found = search(lists, query, { limit, spec: live });
        expectRanking(
          found.map(({ row, score }) => ({ id: String.fromCharCode(65 + row), score })),
          naiveBm25(texts, query),
          limit,
        );
        expect(search(rebuilt(lists, Array.from({ length: 21 }).keys()), query, { limit, spec: live })).toEqual(found);
      }),
    );
  });

  /** So many rows of so few terms that dead postings are cleared over many writes, and meet every kind of step half-done. */
  const bulk = fc.record({
    type: fc.constantFrom("set" as const, "set" as const, "delete" as const),
    from: fc.nat(1500),
    length: fc.integer({ min: 1, max: 1200 }),
    seed: fc.nat(1000),
  });

  test("the dead are cleared a few at a time, and never found", () => {
    fc.assert(
      fc.property(fc.array(bulk, { minLength: 1, maxLength: 8 }), (steps) => {
        const lists = postings();
        const rows = new Map<number, Terms>();
        for (const { type, from, length, seed } of steps) {
          for (let row = from; row < from + length; row++) {
            if (type === "delete") {
              expect(lists.delete(row)).toBe(rows.delete(row));
              continue;
            }
            const terms = termsOf(`all t${(row * seed) % 5} u${(row + seed) % 17} v${row % 400}`);
            lists.set(row, terms);
            rows.set(row, terms);
          }
          expect(lists.rows).toBe(rows.size);
          const fresh = rebuilt(lists, rows.keys());
          for (const query of ["all", "t1 u3", "v7 v8 all"]) {
            expect(search(lists, query)).toEqual(search(fresh, query));
          }
        }
        for (const [row, terms] of rows) expect(lists.termsOf(row)).toEqual(terms);
      }),
      { numRuns: 30 },
    );
  });

  test("an index that lost everything starts again", () => {
    const lists = filled(Array.from({ length: 3000 }, (_, row) => `all w${row % 50}`));
    for (let row = 0; row < 3000; row++) expect(lists.delete(row)).toBe(true);
    expect([lists.rows, lists.totalLength]).toEqual([0, 0]);
    expect(search(lists, "all")).toEqual([]);
    lists.set(7, termsOf("all w1"));
    expect(search(lists, "all w1")).toEqual(search(rebuilt(lists, [7]), "all w1"));
  });

  test("what was given is not held on to", () => {
    const lists = postings();
    const terms = termsOf("a b");
    lists.set(0, terms);
    terms.counts.fill(9);
    lists.termsOf(0)?.counts.fill(9);
    expect(lists.termsOf(0)).toEqual(termsOf("a b"));
  });
});
