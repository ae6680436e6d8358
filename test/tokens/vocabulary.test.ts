import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { bytePairs } from "../../src/tokens/byte-pairs.ts";
import { tokenTable } from "../../src/tokens/token-table.ts";
import { type Vocabulary, vocabulary } from "../../src/tokens/vocabulary.ts";
import { merging } from "./merging.ts";

const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
const line = (first: number, tokens: readonly string[]): string => `! ${first} ${tokens.map(btoa).join(" ")}`;

const tokensOf = (ranks: string): Vocabulary => vocabulary(tokenTable(ranks));

/** Tokens made by merging two that are there, as training does, of an alphabet so small that everything overlaps. */
const trained = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 })
  .map((pairs) => {
    const tokens = [..."ab"];
    for (const [left, right] of pairs) {
      const token = `${tokens[left % tokens.length] ?? ""}${tokens[right % tokens.length] ?? ""}`;
      if (token.length <= 60 && !tokens.includes(token)) tokens.push(token);
    }
    return tokens.slice(2);
  })
  .map((tokens) => reachable(tokens));

/** Those that merging makes of their own bytes; the others are in no encoding that training has made. */
function reachable(tokens: readonly string[]): string {
  const kept: string[] = [];
  for (const token of tokens) {
    const ranks = line(0, [...bytes, ...kept, token]);
    if (merging(ranks)(new TextEncoder().encode(token)).length === 1) kept.push(token);
  }
  return line(0, [...bytes, ...kept]);
}

/** Short ones are encoded otherwise than long ones. */
const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 80, size: "max" }), { maxLength: 10 });

describe("encoding by longest match", () => {
  test("is merging by ranks, on vocabularies of two letters", () => {
    fc.assert(
      fc.property(trained, texts, (ranks, some) => {
        const encode = bytePairs(tokensOf(ranks));
        const judge = merging(ranks);
        for (const text of some) {
          const utf8 = new TextEncoder().encode(text);
          const ids: number[] = [];
          expect(encode(utf8, 0, utf8.length, ids)).toBe(ids.length);
          expect(ids, text).toEqual(judge(utf8));
        }
      }),
      { numRuns: 400 },
    );
  });

  test("of a part of a buffer sees only that part", () => {
    const encode = bytePairs(tokensOf(line(0, [...bytes, "aa", "aaaa"])));
    const utf8 = new TextEncoder().encode("aaaaaaaaaa");
    expect(encode(utf8, 3, 7)).toBe(1);
    expect(encode(utf8, 3, 6)).toBe(2);
    expect(encode(utf8, 9, 10)).toBe(1);
  });

  test("takes ids with gaps", () => {
    const ids: number[] = [];
    const encode = bytePairs(tokensOf(`${line(0, [...bytes, "ab"])}\n${line(300, ["abab"])}`));
    encode(new TextEncoder().encode("ababab"), 0, 6, ids);
    expect(ids).toEqual([300, 256]);
  });
});

describe("a rank table", () => {
  test("without a byte is refused", () => {
    const ranks = line(
      0,
      bytes.filter((byte) => byte !== "z"),
    );
    expect(() => tokensOf(ranks)).toThrow(ConfigError);
    expect(() => tokensOf(ranks)).toThrow(/no token for the byte 122/);
  });

  test("with a token that is not base64 is refused", () => {
    expect(() => tokenTable("! 0 YWI= Y*Q=")).toThrow(ConfigError);
    expect(() => tokenTable("! 0 YWI= Y*Q=")).toThrow(/not base64: "Y\*Q="/);
    expect(() => tokenTable("! 0 YWI= Y\u0416Q=")).toThrow(/not base64/);
  });

  test("with ids that are too large is refused", () => {
    expect(() => tokensOf(`${line(0, bytes)}\n${line(2 ** 18, ["ab"])}`)).toThrow(ConfigError);
    expect(() => tokensOf(`${line(0, bytes)}\n${line(2 ** 18 - 1, ["ab"])}`)).not.toThrow();
  });

  test("is read as atob reads it", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1 }), (tokens) => {
        const table = tokenTable(
          line(
            0,
            tokens.map((token) => String.fromCharCode(...token)),
          ),
        );
        expect(table.size).toBe(tokens.length);
        for (const [id, token] of tokens.entries()) {
          expect(table.bytes.slice(table.starts[id], table.starts[id + 1])).toEqual(token);
        }
      }),
    );
  });

  test("with a token twice is refused", () => {
    expect(() => tokensOf(line(0, [...bytes, "ab", "ab"]))).toThrow(/Token 25[67]/);
  });

  test("that is empty is refused", () => {
    expect(() => tokensOf("")).toThrow(/no token for the byte 0/);
  });

  test("with a token that merging does not make is refused", () => {
    expect(() => tokensOf(line(0, [...bytes, "abc"]))).toThrow(/Token 256 .* is not what merging makes/);
    expect(() => tokensOf(line(0, [...bytes, "ab", "bc", "abcd"]))).toThrow(/Token 258/);
    expect(() => tokensOf(line(0, [...bytes, "bc", "ab", "abc"]))).not.toThrow();
    expect(() => tokensOf(line(0, [...bytes, "bc", "ab", "cd", "abcd"]))).toThrow(/Token 259/);
  });
});
