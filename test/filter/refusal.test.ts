import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FilterError } from "../../src/errors.ts";
import { compileFilter } from "../../src/filter/compile.ts";
import { matches } from "../../src/filter/matches.ts";
import { createRetriever, type Metadata } from "../../src/index.ts";
import { untyped } from "../untyped.ts";
import { fields, filter } from "./arbitrary.ts";

const known = { fields, unlisted: "refuse" } as const;
const compile = (written: unknown) => compileFilter(written, known);
const nested = (levels: number): unknown => {
  let written: unknown = { year: 1 };
  for (let level = 1; level < levels; level++) written = { NOT: written };
  return written;
};
class Query {
  name = "a";
}

describe("outside the language", () => {
  test.each<[string, unknown, string]>([
    ["no object", "name", ""],
    ["null", null, ""],
    ["an array", [{ name: "a" }], ""],
    ["an instance of a class", new Query(), ""],
    ["a Date", new Date(), ""],
    ["a symbol as key", { [Symbol("name")]: 1 }, ""],
    ["an unknown field", { nmae: "a" }, "nmae"],
    ["__proto__", JSON.parse('{"__proto__": {"name": "a"}}'), "__proto__"],
    ["constructor", { constructor: "a" }, "constructor"],
    ["a path as field", { "name.first": "a" }, '"name.first"'],
    ["quotes as field", { "name' OR '1'='1": "a" }, "\"name' OR '1'='1\""],
    ["undefined as value", { name: undefined }, "name"],
    ["undefined as operand", { name: { eq: undefined } }, "name.eq"],
    ["undefined under AND", { AND: [{ name: undefined }] }, "AND[0].name"],
    ["a hole under AND", { AND: [, { name: "a" }] }, "AND[0]"], // oxlint-disable-line no-sparse-arrays
    ["nothing but holes under OR", { OR: Array(2) }, "OR[0]"],
    ["null as value", { name: null }, "name"],
    ["null in a list", { name: { in: ["a", null] } }, "name.in[1]"],
    ["a hole in a list", { name: { in: [, "a"] } }, "name.in[0]"], // oxlint-disable-line no-sparse-arrays
    ["an object as operand", { name: { eq: { $ne: null } } }, "name.eq"],
    ["a foreign operator", { name: { $ne: null } }, "name.$ne"],
    ["a misspelt operator", { year: { gte: 1, lessThan: 2 } }, "year.lessThan"],
    ["a function", { name: () => true }, "name"],
    ["NaN", { year: Number.NaN }, "year"],
    ["Infinity", { year: { lt: Infinity } }, "year.lt"],
    ["a bigint", { year: 1n }, "year"],
    ["a number for text", { name: 5 }, "name"],
    ["text for a number", { year: { gte: "2024" } }, "year.gte"],
    ["text for a Date", { at: { gte: "2024-01-01" } }, "at.gte"],
    ["an invalid Date", { at: new Date("soon") }, "at"],
    ["a Date of the year 10000", { at: new Date("+010000-01-01") }, "at"],
    ["a range on text", { name: { gt: "a" } }, "name.gt"],
    ["a range on a boolean", { draft: { gt: false } }, "draft.gt"],
    ["a value for an array", { tags: "a" }, "tags"],
    ["eq on an array", { tags: { eq: "a" } }, "tags.eq"],
    ["has on one value", { name: { has: "a" } }, "name.has"],
    ["a list that is none", { name: { in: "a" } }, "name.in"],
    ["exists with text", { name: { exists: "true" } }, "name.exists"],
    ["startsWith on a number", { year: { startsWith: "2" } }, "year.startsWith"],
    ["no operator", { year: {} }, "year"],
    ["AND with an object", { AND: { name: "a" } }, "AND"],
    ["OR with a value in it", { OR: ["a"] }, "OR[0]"],
    ["NOT with an array", { NOT: [{ name: "a" }] }, "NOT"],
    ["NUL", { name: "a\0b" }, "name"],
    ["a lone surrogate", { name: { in: ["a", "\uD800"] } }, "name.in[1]"],
    ["9 levels", nested(9), "NOT.NOT.NOT.NOT.NOT.NOT.NOT.NOT"],
    ["1,001 values", { year: { in: Array.from({ length: 1001 }, (_, i) => i) } }, "year.in"],
    ["257 conditions", { OR: Array.from({ length: 256 }, () => ({ year: 1 })) }, "OR[127].year"],
  ])("%s throws, with its path", (_, written, path) => {
    let error: unknown;
    try {
      compile(written);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FilterError);
    expect(error).toMatchObject({ code: "filter", path });
  });

  test("an undefined value says how to mean none", () => {
    expect(() => compile({ name: undefined })).toThrow(/received undefined; leave the key out instead/);
    expect(() => compile({ AND: undefined })).toThrow(/leave the key out instead/);
  });

  test("an unknown operator is answered with those of the field's kind", () => {
    expect(() => compile({ year: { between: [1, 2] } })).toThrow(
      /expected one of eq, ne, in, notIn, exists, gt, gte, lt, lte$/,
    );
    expect(() => compile({ name: { like: "a" } })).toThrow(/expected one of eq, ne, in, notIn, exists, startsWith$/);
  });

  test("10,000 levels throw instead of overflowing", () => {
    expect(() => compile(nested(10_000))).toThrow(FilterError);
    const around: Record<string, unknown> = {};
    around["NOT"] = around;
    expect(() => compile(around)).toThrow(FilterError);
  });

  test("the largest filters that are allowed compile", () => {
    expect(() => compile(nested(8))).not.toThrow();
    expect(() => compile({ year: { in: Array.from({ length: 1000 }, (_, i) => i) } })).not.toThrow();
    expect(() => compile({ OR: Array.from({ length: 127 }, () => ({ year: 1 })) })).not.toThrow();
  });

  test("a megabyte as a key is cut in the message", () => {
    expect(() => compile({ ["x".repeat(1_000_000)]: 1 })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,500}$/s) }),
    );
  });

  test("whatever comes throws a FilterError or compiles", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.object({ key: fc.constantFrom("name", "year", "tags", "AND", "OR", "NOT", "eq", "in", "__proto__") }),
        ),
        (written) => {
          try {
            compile(written);
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("a filter is left as it was", () => {
    fc.assert(
      fc.property(filter, (written) => {
        const before = structuredClone(written);
        compile(written);
        expect(written).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test("matches refuses metadata that could not be stored", () => {
    expect(() => matches({ year: 1 }, { year: Number.NaN })).toThrow(FilterError);
  });

  test.each([
    { at: new Date(5) },
    { at: { notIn: [new Date(6), new Date(5)] } },
    { at: { gte: new Date(5) } },
    { NOT: { at: { hasAll: [new Date(5)] } } },
  ])("a Date for a field of which nothing says that it has Dates: it would be compared as text", async (written) => {
    const field = { kind: "date", array: false } as const;
    const refused = /Filter at .*at.*: a Date needs a schema, or `fields`/;
    expect(() => compileFilter(written, { fields: {}, unlisted: "accept" })).toThrow(refused);
    expect(() =>
      compileFilter(written, { fields: { at: { ...field, array: "NOT" in written } }, unlisted: "accept" }),
    ).not.toThrow();
    const docs = createRetriever();
    await docs.index([{ id: "a", text: "one", metadata: { at: "1970-01-01T00:00:00.005Z" } }]);
    await expect(docs.count(untyped(written))).rejects.toThrow(refused);
  });

  test("a store without a schema counts what `matches` selects", async () => {
    const value = fc.constantFrom<Metadata[string]>("1970-01-01T00:00:00.005Z", "5", 5, true, ["5"], [5], [], null);
    const operand = fc.constantFrom("1970-01-01T00:00:00.005Z", "5", 5, true);
    const condition = fc.oneof(
      operand,
      fc.record({ ne: operand }),
      fc.record({ has: operand }),
      fc.record({ hasNone: fc.array(operand) }),
      fc.record({ startsWith: fc.constantFrom("", "5", "197") }),
      fc.record({ lte: fc.constantFrom(4, 5) }),
    );
    await fc.assert(
      fc.asyncProperty(value, condition, async (at, asked) => {
        const docs = createRetriever();
        await docs.index([{ id: "a", text: "one", metadata: { at } }]);
        const { documents } = await docs.count(untyped({ at: asked }));
        expect(documents === 1).toBe(matches(untyped({ at: asked }), { at }));
      }),
      { numRuns: 200 },
    );
  });
});
