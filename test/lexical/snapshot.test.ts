import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, FingerprintError, SnapshotError } from "../../src/errors.ts";
import { bm25, bm25FromBytes, type Bm25Index } from "../../src/lexical/bm25.ts";
import { byteWriter, plainWriter } from "../../src/bytes.ts";
import { termId } from "../../src/lexical/terms.ts";
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

  test("read as little as is asked for, in any order, and answer as before all the same", () => {
    const word = fc.constantFrom("a", "b", "c", "d");
    const operation = fc.oneof(
      fc.record({ search: word }),
      fc.record({ search: text, where: fc.array(fc.nat(29), { maxLength: 3 }) }),
      fc.record({ phrase: fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => words.join(" ")) }),
      fc.record({ search: text, without: word }),
      fc.record({ explain: fc.nat(29) }),
      fc.record({ suggest: fc.constantFrom("a", "b") }),
      fc.record({ add: text }),
      fc.record({ update: fc.nat(29), text }),
      fc.record({ remove: fc.nat(29) }),
      fc.constant({ save: true }),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.array(operation, { maxLength: 12 }), (texts, operations) => {
        const index = filled(texts, { positions: true, suggestions: true });
        const again = opened(index.toBytes());
        let added = 0;
        const run = (each: Bm25Index, step: (typeof operations)[number]): unknown => {
          const has = (number: number): boolean => each.explain("", `d${number}`) !== undefined;
          if ("where" in step) return each.search(step.search, { where: each.ids(step.where.map((n) => `d${n}`)) });
          if ("without" in step) return each.search({ text: step.search, without: [step.without] });
          if ("search" in step) return each.search(step.search);
          if ("phrase" in step) return each.search({ phrases: [step.phrase] });
          if ("explain" in step) return each.explain("a c d", `d${step.explain}`);
          if ("suggest" in step) return each.suggest(step.suggest);
          if ("add" in step) return each.add(`new${added}`, step.add);
          if ("update" in step) return has(step.update) && each.update(`d${step.update}`, step.text);
          if ("remove" in step) return each.delete(`d${step.remove}`);
          return each.toBytes();
        };
        for (const step of operations) {
          expect(run(again, step)).toEqual(run(index, step));
          added++;
        }
        expect(again.toBytes()).toEqual(index.toBytes());
      }),
    );
  });

  test("take no notice of what becomes of the bytes", () => {
    const index = filled(["a b", "b c", "c"], { positions: true, suggestions: true });
    const bytes = index.toBytes();
    const again = opened(bytes);
    bytes.fill(0);
    expect(again.search("b c")).toEqual(index.search("b c"));
    expect(again.toBytes()).toEqual(index.toBytes());
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
  const everything = { positions: true, suggestions: true };
  const bytes = filled(["a b b c", "b c d", "", `d ${"a ".repeat(300)}`], everything).toBytes();
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

  test("a stretch moved, put in the place of another, or made of zeros", () => {
    const stretch = fc.nat(bytes.length - 1);
    fc.assert(
      fc.property(stretch, stretch, fc.integer({ min: 1, max: 40 }), (from, to, size) => {
        const copied = bytes.slice();
        copied.copyWithin(to, from, from + size);
        const moved = Uint8Array.of(
          ...bytes.subarray(0, from),
          ...bytes.subarray(from + size),
          ...bytes.subarray(from, from + size),
        );
        const emptied = bytes.slice().fill(0, from, from + size);
        for (const broken of [copied, moved, emptied]) {
          if (broken.some((byte, at) => byte !== bytes[at])) refused(broken);
        }
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
    expect(() => opened(byteWriter("bm25", 3).seal())).toThrow(/of version 3; .* reads version 2/);
  });

  /** Bytes with a checksum that is right, of one document "a" with one term, where they are not told otherwise. */
  const written = ({
    parameters: [k1, b, flags] = [1.2, 0.75, 0],
    documents = 1,
    ids = [Uint32Array.of(1), "a"],
    lengths = Uint32Array.of(1),
    postings = 1,
    terms = 1,
    heads = [termId("a"), 0],
    list = [1, 1, 0],
    listBytes,
    more = [],
  }: {
    parameters?: readonly [number, number, number];
    documents?: number;
    ids?: readonly (Uint32Array | string | number)[];
    lengths?: Uint32Array;
    postings?: number;
    terms?: number;
    heads?: readonly number[];
    list?: readonly number[];
    listBytes?: number;
    more?: readonly number[];
  } = {}): Uint8Array => {
    const writer = byteWriter("bm25", 2);
    writer.text("spaces@1");
    writer.float(k1);
    writer.float(b);
    writer.number(flags);
    writer.number(documents);
    const section = (write: (into: ReturnType<typeof plainWriter>) => void): void => {
      const into = plainWriter();
      write(into);
      writer.number(into.length);
      writer.bytes(into.take());
    };
    section((into) => {
      for (const part of ids) {
        if (typeof part === "string") into.text(part);
        else if (typeof part === "number") into.number(part);
        else into.column(part);
      }
    });
    section((into) => {
      into.column(lengths);
      into.number(postings);
      into.number(terms);
      into.bytes(new Uint8Array(Uint32Array.from(heads).buffer));
      const listed = plainWriter();
      for (const number of list) listed.number(number);
      into.number(listBytes ?? listed.length);
      into.bytes(listed.take());
    });
    for (const number of more) writer.number(number);
    return writer.seal();
  };
  /** Everything that is read of a snapshot at some time or other. */
  const used = (bytesOfOne: Uint8Array): readonly string[] => {
    const index = opened(bytesOfOne);
    const found = index.search("a").map(({ id }) => id);
    index.add("other", "a");
    return found;
  };

  test("what is written so by hand is a snapshot", () => {
    expect(used(written())).toEqual(["a"]);
    const nothing = { documents: 0, ids: [new Uint32Array(0), ""], lengths: new Uint32Array(0), postings: 0, terms: 0 };
    expect(opened(written({ ...nothing, heads: [], list: [] })).size).toBe(0);
  });

  /** As only a program makes it: nothing may be built that answers wrongly. */
  test.each<[string, Parameters<typeof written>[0]]>([
    ["a document that is not there", { list: [1, 1, 2] }],
    ["a document far beyond the last", { list: [1, 5, 2 ** 32 - 2] }],
    ["a distance beyond 32 bits", { list: [1, 5, 2 ** 33] }],
    ["a term with more documents than there are", { list: [2, 2, 0, 0], postings: 2, lengths: Uint32Array.of(2) }],
    ["a term more than there are", { list: [1, 1, 0, 2, 1, 1, 0], terms: 3, lengths: Uint32Array.of(3), postings: 3 }],
    ["a term less than there are", { lengths: Uint32Array.of(2), postings: 2 }],
    ["documents with too few terms", { lengths: Uint32Array.of(2) }],
    ["documents with too many terms", { list: [1, 1, 0, 2, 1, 1, 0], terms: 2, postings: 2 }],
    ["more postings than there are", { postings: 2 }],
    ["a count of 0", { list: [1, 2, 1, 0], lengths: Uint32Array.of(0) }],
    ["a count beyond 32 bits", { list: [1, 6, 1, 2 ** 32] }],
    ["a count that is missing", { list: [1, 1, 1] }],
    ["a list longer than its bytes", { list: [1, 1, 128] }],
    ["a list shorter than its bytes", { list: [1, 2, 0, 0] }],
    ["a list beyond the last byte", { list: [1, 2, 0] }],
    ["a term beyond the largest", { heads: [1e9, 0] }],
    ["a term without documents", { list: [0, 0, 1, 1, 1, 0], terms: 2 }],
    ["a term that begins beyond the last byte", { heads: [termId("a"), 9] }],
    ["a head less than there are terms", { heads: [] }],
    ["lists longer than all bytes", { listBytes: 2 ** 31 }],
    ["an empty id", { documents: 2, ids: [Uint32Array.of(1, 0), "a"], lengths: Uint32Array.of(1, 0) }],
    ["ids longer than their text", { ids: [Uint32Array.of(2), "a"] }],
    ["ids shorter than their text", { ids: [Uint32Array.of(1), "ab"] }],
    ["ids that go on", { ids: [Uint32Array.of(1), "a", 0] }],
    ["more documents than bytes", { documents: 2 ** 40 }],
    ["more terms than bytes", { terms: 2 ** 40 }],
    ["a column of three bytes", { ids: [3, 0, 0, 1, "a"] }],
    ["a text longer than the bytes", { ids: [Uint32Array.of(1), 2 ** 31] }],
    ["a text that is no UTF-8", { ids: [Uint32Array.of(1), 1, 255] }],
    ["bytes after the end", { more: [0] }],
    ["k1 that is no number", { parameters: [Number.NaN, 0.75, 0] }],
    ["a negative k1", { parameters: [-1, 0.75, 0] }],
    ["b above 1", { parameters: [1.2, 1.5, 0] }],
    ["a setting that there is not", { parameters: [1.2, 0.75, 8] }],
  ])("%s", (_, wrong) => {
    expect(() => used(written(wrong))).toThrow(SnapshotError);
  });

  test("what is refused once is refused again, and harms no other term", () => {
    const [first, second] = ["a", "b"].toSorted((a, z) => termId(a) - termId(z)) as [string, string];
    const distance = termId(second) - termId(first) - 1;
    const list = [1, 2, 0, 0, distance, 1, 1, 0];
    const two = { heads: [termId(first), 0], list, terms: 2, postings: 2, lengths: Uint32Array.of(2) };
    const index = opened(written(two));
    for (let time = 0; time < 3; time++) {
      expect(() => index.search(first)).toThrow(SnapshotError);
      expect(() => index.add("other", "c")).toThrow(SnapshotError);
      expect(index.search(second).map(({ id }) => id)).toEqual(["a"]);
      expect(index.size).toBe(1);
    }
  });
});
