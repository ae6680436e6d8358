import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, FingerprintError, SnapshotError } from "../../src/errors.ts";
import { bm25, bm25FromBytes, type Bm25Index } from "../../src/lexical/bm25.ts";
import { type ByteWriter, byteWriter, crc32c } from "../../src/bytes.ts";
import type { Analyzer } from "../../src/types.ts";
import { untyped } from "../untyped.ts";
import { spaces } from "./naive-bm25.ts";

const analyzer = spaces;
const filled = (texts: readonly string[], options = {}): Bm25Index => {
  const index = bm25({ analyzer, ...options });
  texts.forEach((text, i) => index.add(`d${i}`, text));
  return index;
};
const opened = (bytes: Uint8Array): Bm25Index => bm25FromBytes(bytes, { analyzer });

describe("toBytes and bm25FromBytes", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 60, size: "max" })
    .map((words) => words.join(" "));
  const settings = fc.constantFrom({}, { k1: 0.9, b: 0.4 }, { lossyLengths: true });

  test("give back an index that answers the same, can be written to, and makes the same bytes", () => {
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 30 }),
        fc.array(fc.nat(29)),
        settings,
        text,
        (texts, gone, options, query) => {
          const index = filled(texts, options);
          for (const number of gone) index.delete(`d${number}`);
          const again = opened(index.toBytes());
          expect(again.size).toBe(index.size);
          expect(again.search(query, { topK: 50 })).toEqual(index.search(query, { topK: 50 }));
          expect(again.toBytes()).toEqual(index.toBytes());
          for (const each of [index, again]) {
            each.add("new", "a b b");
            each.delete("d1");
            if (each.explain("", "d0") !== undefined) each.update("d0", "c");
          }
          expect(again.search(query, { topK: 50 })).toEqual(index.search(query, { topK: 50 }));
        },
      ),
    );
  });

  test("ids of every script, a byte order mark, counts beyond a byte", () => {
    const ids = ["\ufeffmarked", "日本", "😀", "__proto__", "x".repeat(1000)];
    const index = bm25({ analyzer });
    ids.forEach((id, i) => index.add(id, "a ".repeat(1 + i * 200)));
    const again = opened(index.toBytes());
    expect(again.search("a")).toEqual(index.search("a"));
    expect(again.search("a").map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  });

  test("documents without terms keep their place, and can get some", () => {
    const index = filled(["", "a b", "", "b"]);
    const again = opened(index.toBytes());
    for (const each of [index, again]) {
      each.update("d0", "b c");
      each.delete("d2");
      each.add("new", "c");
    }
    expect(again.search("b c")).toEqual(index.search("b c"));
    expect(again.toBytes()).toEqual(index.toBytes());
  });

  test("bytes that are a part of a larger buffer", () => {
    const bytes = filled(["a b", "b"]).toBytes();
    const larger = new Uint8Array(bytes.length + 20).fill(7);
    larger.set(bytes, 9);
    expect(opened(larger.subarray(9, 9 + bytes.length)).search("b")).toHaveLength(2);
  });

  test("take little room: a byte and a half a posting", () => {
    const texts = Array.from({ length: 2000 }, (_, i) =>
      Array.from({ length: 20 }, (_1, j) => `w${(i * 31 + j * j * 17) % 300}`).join(" "),
    );
    expect(filled(texts).toBytes().length).toBeLessThan(2000 * 20 * 1.5 + 2000 * 8);
  });
});

describe("another analyzer", () => {
  test("is a FingerprintError that names both", () => {
    const bytes = filled(["a"]).toBytes();
    const other: Analyzer = { ...spaces, fingerprint: "spaces@2" };
    expect(() => bm25FromBytes(bytes, { analyzer: other })).toThrow(FingerprintError);
    expect(() => bm25FromBytes(bytes, { analyzer: other })).toThrow(/"spaces@1".*"spaces@2"/);
    expect(() => bm25FromBytes(bytes)).toThrow(FingerprintError);
  });
});

describe("bytes that are not what was written", () => {
  const bytes = filled(["a b b c", "b c d", "", `d ${"a ".repeat(300)}`]).toBytes();
  const refused = (broken: Uint8Array): void => {
    expect(() => opened(broken)).toThrow(SnapshotError);
  };

  test("any bit of any byte the other way round", () => {
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ (1 << bit);
        refused(broken);
      }
    }
  });

  test("any byte set to any other", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ change;
        refused(broken);
      }),
    );
  });

  test("cut off anywhere, or longer", () => {
    for (let end = 0; end < bytes.length; end++) refused(bytes.subarray(0, end));
    for (let start = 1; start < bytes.length; start++) refused(bytes.subarray(start));
    refused(Uint8Array.of(...bytes, 0));
    refused(Uint8Array.of(...bytes, ...bytes));
  });

  test("something else altogether", () => {
    refused(new Uint8Array(0));
    refused(new TextEncoder().encode(JSON.stringify({ some: "other file that is long enough to be one" })));
    refused(untyped<Uint8Array>("text"));
    refused(untyped<Uint8Array>(bytes.buffer));
    expect(() => bm25FromBytes(bytes, untyped({ k1: 1 }))).toThrow(ConfigError);
  });

  test("a version to come is named", () => {
    expect(() => opened(byteWriter("bm25", 2).seal())).toThrow(/of version 2; .* reads version 1/);
  });

  const begun = (k1: number, b: number, lossy: number): ByteWriter => {
    const writer = byteWriter("bm25", 1);
    writer.text("spaces@1");
    writer.float(k1);
    writer.float(b);
    writer.number(lossy);
    return writer;
  };

  test("a snapshot of nothing is one", () => {
    const writer = begun(1.2, 0.75, 0);
    writer.number(0);
    writer.text("");
    writer.number(0);
    expect(opened(writer.seal()).size).toBe(0);
  });

  /** With a checksum that is right, as only a program makes it: nothing may be built that answers wrongly. */
  test.each<[string, readonly (number | string)[]]>([
    ["a document that is not there", [1, 1, "a", 1, 1, 5, 1, 2]],
    ["a document far beyond the last", [1, 1, "a", 1, 1, 5, 1, 2 ** 32 - 2]],
    ["a document beyond the last", [2, 1, 1, "ab", 1, 1, 1, 5, 2, 0, 2]],
    ["a term with more documents than there are", [1, 1, "a", 2, 1, 5, 2, 0, 0]],
    ["a term more than there are", [1, 1, "a", 1, 1, 5, 1, 0, 5, 1, 0]],
    ["a term less than there are", [1, 1, "a", 1, 2, 5, 1, 0]],
    ["documents with too few terms", [1, 1, "a", 2, 1, 5, 1, 0]],
    ["documents with too many terms", [1, 1, "a", 1, 2, 5, 1, 0, 5, 1, 0]],
    ["a count of 0", [1, 1, "a", 0, 1, 5, 1, 1, 0]],
    ["a count beyond 32 bits", [1, 1, "a", 1, 1, 5, 1, 1, 2 ** 32]],
    ["a count that is missing", [1, 1, "a", 1, 1, 5, 1, 1]],
    ["a term beyond the largest", [1, 1, "a", 1, 1, 1e9, 1, 0]],
    ["a term without documents", [1, 1, "a", 1, 2, 5, 0, 0, 1, 0]],
    ["an empty id", [2, 1, 0, "a", 0, 0, 0]],
    ["ids longer than their text", [1, 2, "a", 0, 0]],
    ["ids shorter than their text", [1, 1, "ab", 0, 0]],
    ["more documents than bytes", [2 ** 40]],
    ["more terms than bytes", [1, 1, "a", 1, 2 ** 40]],
    ["a length beyond 32 bits", [1, 1, "a", 2 ** 40]],
    ["a distance beyond 32 bits", [1, 1, "a", 1, 1, 5, 1, 2 ** 33]],
    ["a text longer than the bytes", [1, 1, 2 ** 31]],
    ["a text that is no UTF-8", [1, 1, 1, 255, 0, 0]],
  ])("%s", (_, values) => {
    const writer = begun(1.2, 0.75, 0);
    for (const value of values) {
      if (typeof value === "string") writer.text(value);
      else writer.number(value);
    }
    expect(() => opened(writer.seal())).toThrow(SnapshotError);
  });

  test.each([
    [Number.NaN, 0.75, 0],
    [-1, 0.75, 0],
    [1.2, 1.5, 0],
    [1.2, 0.75, 8],
  ])("k1 %d, b %d, lossy lengths %d", (k1, b, lossy) => {
    const writer = begun(k1, b, lossy);
    writer.number(0);
    writer.text("");
    writer.number(0);
    expect(() => opened(writer.seal())).toThrow(SnapshotError);
  });

  test("the checksum is CRC-32C", () => {
    const utf8 = new TextEncoder();
    expect(crc32c(utf8.encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  });
});
