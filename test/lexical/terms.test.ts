import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bm25Parameters,
  encodeTerms,
  idf,
  murmur3,
  queryTerms,
  saturate,
  termId,
  termsLength,
} from "../../src/lexical/terms.ts";
import { spaces } from "./naive-bm25.ts";

const utf8 = new TextEncoder();
const words = fc.array(fc.constantFrom("a", "b", "c", "crix", "ddyh", "rotate", "日本", "é"), { maxLength: 12 });

describe("murmur3", () => {
  test.each([
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["hello", 0, 0x248bfa47],
    ["hello, world", 0, 0x149bbb7f],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
  ])("%j with seed %i", (text, seed, hash) => {
    expect(murmur3(utf8.encode(text), seed)).toBe(hash);
  });
});

describe("termId", () => {
  test.each([
    ["hello", 613153351],
    ["world", 74040069],
    ["café", 605818632],
    ["日本", 992347838],
    ["", 0],
  ])("of %j is what Qdrant and fastembed call the token", (term, id) => {
    expect(termId(term)).toBe(id);
  });

  test.each([
    ["rotate", 1714042720],
    ["😀", 1095487750],
    ["a".repeat(300), 1124864243],
  ])("of %j is theirs, brought below 1e9", (term, theirs) => {
    expect(termId(term)).toBe(theirs - 1_000_000_000);
  });

  test("a lone surrogate is U+FFFD, as in any UTF-8", () => {
    expect(termId("\ud800")).toBe(termId("\ufffd"));
  });

  test("is the hash of the UTF-8 bytes, however long the term", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 120 }), (term) => {
        const hash = murmur3(utf8.encode(term)) | 0;
        expect(termId(term)).toBe(Math.abs(hash) % 1_000_000_000);
      }),
    );
  });
});

describe("encodeTerms", () => {
  test("ids ascend, each once, with the counts beside them", () => {
    const terms = encodeTerms(spaces, "world hello world");
    expect(terms).toEqual({ ids: Uint32Array.of(74040069, 613153351), counts: Uint32Array.of(2, 1) });
  });

  test("two terms with one id are one", () => {
    expect(termId("crix")).toBe(termId("ddyh"));
    const terms = encodeTerms(spaces, "crix ddyh ddyh");
    expect(terms).toEqual({ ids: Uint32Array.of(748853238), counts: Uint32Array.of(3) });
  });

  test("nothing is lost: the length is the number of terms", () => {
    fc.assert(
      fc.property(words, (list) => {
        const terms = encodeTerms(spaces, list.join(" "));
        expect(termsLength(terms)).toBe(list.length);
        expect([...terms.ids]).toEqual([...new Set(terms.ids)].toSorted((a, b) => a - b));
        expect(new Set(terms.ids)).toEqual(new Set(list.map(termId)));
      }),
    );
  });
});

describe("queryTerms", () => {
  test("names stand beside the ids; of two with one id the first", () => {
    const { terms, names } = queryTerms(spaces, ["world ddyh", "crix hello ddyh"]);
    expect(terms).toEqual(encodeTerms(spaces, "world ddyh crix hello ddyh"));
    expect(names).toEqual(["world", "hello", "ddyh"]);
  });

  test("every id has a name that makes it", () => {
    fc.assert(
      fc.property(words, (list) => {
        const { terms, names } = queryTerms(spaces, list);
        expect(names.map(termId)).toEqual([...terms.ids]);
      }),
    );
  });
});

describe("the formula", () => {
  test("saturate: tf(k1+1) / (tf + k1(1 - b + b·length/averageLength))", () => {
    const terms = { ids: Uint32Array.of(1, 2), counts: Uint32Array.of(1, 3) };
    const weights = saturate(terms, { k1: 1.2, b: 0.75, averageLength: 8 });
    const norm = 1.2 * (0.25 + (0.75 * 4) / 8);
    expect(weights[0]).toBeCloseTo(2.2 / (1 + norm), 6);
    expect(weights[1]).toBeCloseTo(6.6 / (3 + norm), 6);
  });

  test("idf: Lucene's, positive even for a term that is everywhere", () => {
    expect(idf(10, 3)).toBeCloseTo(Math.log(1 + 7.5 / 3.5), 12);
    expect(idf(10, 10)).toBeGreaterThan(0);
  });
});

describe("bm25Parameters", () => {
  test("defaults", () => {
    expect(bm25Parameters("x", {}, [])).toEqual({ k1: 1.2, b: 0.75 });
    expect(bm25Parameters("x", { k1: 0, b: 1 }, [])).toEqual({ k1: 0, b: 1 });
  });

  test.each([
    { k1: -1 },
    { k1: Number.NaN },
    { k1: Number.POSITIVE_INFINITY },
    { b: -0.1 },
    { b: 1.1 },
    { b: Number.NaN },
  ])("refuses %o by name", (options) => {
    const [name] = Object.keys(options);
    expect(() => bm25Parameters("wink", options, [])).toThrow(new RegExp(`^wink\\.${name}: expected .*, received`));
  });
});
