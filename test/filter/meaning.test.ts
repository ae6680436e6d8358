import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FilterError } from "../../src/errors.ts";
import { compileFilter } from "../../src/filter/compile.ts";
import { evaluateFilter } from "../../src/filter/evaluate.ts";
import type { AnyFilter } from "../../src/filter/language.ts";
import { matches } from "../../src/filter/matches.ts";
import { metadataShape } from "../../src/schema/schema.ts";
import { storeMetadata } from "../../src/schema/stored-metadata.ts";
import { fields, filter, row } from "./arbitrary.ts";
import { oracle } from "./oracle.ts";

const shape = { ...metadataShape(undefined, fields), unlisted: "refuse" } as const;

/** As of a library that keeps a zone with its dates. */
class ZonedDate extends Date {
  override toISOString(): string {
    return "2024-01-01T08:00:00.000+08:00";
  }
  override getUTCFullYear(): number {
    return 10_000;
  }
}
const zoned = new ZonedDate("2024-01-01");

describe("the meaning of a filter", () => {
  test("is the oracle's, on 20,000 random pairs of filter and row", async () => {
    await fc.assert(
      fc.asyncProperty(filter, row, async (written, metadata) => {
        const stored = await storeMetadata(undefined, shape, "d", metadata);
        const expected = oracle(written, metadata);
        expect(evaluateFilter(compileFilter(written, shape), stored)).toBe(expected);
        expect(matches(written, metadata)).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
  });

  test("NOT is the exact complement, and De Morgan holds", () => {
    fc.assert(
      fc.property(filter, filter, row, (a, b, metadata) => {
        const holds = (written: AnyFilter): boolean => matches(written, metadata);
        expect(holds({ NOT: a })).toBe(!holds(a));
        expect(holds({ AND: [a, b] })).toBe(holds(a) && holds(b));
        expect(holds({ OR: [a, b] })).toBe(holds(a) || holds(b));
        expect(holds({ NOT: { AND: [a, b] } })).toBe(holds({ OR: [{ NOT: a }, { NOT: b }] }));
        expect(holds({ NOT: { OR: [a, b] } })).toBe(holds({ AND: [{ NOT: a }, { NOT: b }] }));
        expect(holds({ NOT: { NOT: a } })).toBe(holds(a));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["in [] never", { name: { in: [] } }, { name: "a" }, false],
    ["notIn [] always", { name: { notIn: [] } }, {}, true],
    ["hasAny [] never", { tags: { hasAny: [] } }, { tags: ["a"] }, false],
    ["hasAll [] always", { tags: { hasAll: [] } }, {}, true],
    ["hasNone [] always", { tags: { hasNone: [] } }, { tags: ["a"] }, true],
    ["AND [] always", { AND: [] }, {}, true],
    ["OR [] never", { OR: [] }, {}, false],
    ["ne on a missing field", { name: { ne: "a" } }, {}, true],
    ["ne on null", { name: { ne: "a" } }, { name: null }, true],
    ["hasNone on []", { tags: { hasNone: ["a"] } }, { tags: [] }, true],
    ["exists on []", { tags: { exists: true } }, { tags: [] }, false],
    ["exists on the empty string", { name: { exists: true } }, { name: "" }, true],
    ["exists on false", { draft: { exists: true } }, { draft: false }, true],
    ["both bounds on one element", { sizes: { gt: 2, lt: 4 } }, { sizes: [1, 5] }, false],
    [
      "bounds of two objects on two elements",
      { AND: [{ sizes: { gt: 2 } }, { sizes: { lt: 4 } }] },
      { sizes: [1, 5] },
      true,
    ],
    ["no number from text", { name: { eq: "5" } }, { name: "5" }, true],
    ["a number is not its text", { year: 5 }, { year: "5" }, false],
    ["a Date that writes its own zone is its instant", { at: { lte: new Date(zoned) } }, { at: zoned }, true],
    ["and so is one to compare with", { at: zoned }, { at: new Date(zoned) }, true],
    ["-0 is 0", { year: { eq: -0 } }, { year: 0 }, true],
    ["a Date is not its text", { at: { eq: new Date("2024-01-01") } }, { at: "2024-01-01T00:00:00.000Z" }, false],
    ["text is not its Date", { at: { startsWith: "2024" } }, { at: new Date("2024-01-01") }, false],
    ["a prefix is no pattern", { name: { startsWith: "a%" } }, { name: "abc" }, false],
    ["a prefix keeps case", { name: { startsWith: "A" } }, { name: "abc" }, false],
  ])("%s", (_, written, metadata, expected) => {
    expect(matches<Record<string, never>>(written as never, metadata as never)).toBe(expected);
  });

  test("an inherited name is no field, neither written nor compiled", () => {
    expect(() => matches({ toString: { exists: true } } as never, {})).toThrow(FilterError);
    expect(evaluateFilter({ op: "exists", field: "toString" }, {})).toBe(false);
  });
});
