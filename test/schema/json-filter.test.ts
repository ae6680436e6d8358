import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FilterError } from "../../src/errors.ts";
import { matches } from "../../src/filter/matches.ts";
import { parseFilter } from "../../src/schema/json-filter.ts";

const schema = z.object({ name: z.string(), year: z.number(), at: z.date(), days: z.array(z.date()) });

describe("a filter that came as JSON", () => {
  test("gets its dates, at any depth and in any operator", () => {
    const json = JSON.parse(
      '{"at": "2024-01-01", "OR": [{"NOT": {"at": {"gte": "2024-01-01T10:00:00Z", "in": ["2024-01-01T10:00+02:00"]}}}, {"days": {"hasAny": ["2024-02-29"]}}], "name": "2024-01-01"}',
    );
    expect(parseFilter(schema, json)).toEqual({
      at: new Date("2024-01-01"),
      OR: [
        { NOT: { at: { gte: new Date("2024-01-01T10:00:00Z"), in: [new Date("2024-01-01T08:00:00Z")] } } },
        { days: { hasAny: [new Date("2024-02-29")] } },
      ],
      name: "2024-01-01",
    });
  });

  test.each([
    "2024-02-30",
    "2024-1-1",
    "2024-01-01T10:00:00",
    "yesterday",
    "2024",
    "01/02/2024",
    "2024-01-01T25:00:00Z",
    "+012024-01-01",
    "",
  ])("%j is no date that means the same everywhere", (text) => {
    expect(() => parseFilter(schema, { at: { gte: text } })).toThrow(FilterError);
    expect(() => parseFilter(schema, { at: { gte: text } })).toThrow(/at\.gte/);
  });

  test.each<[string, unknown]>([
    ["an unknown field", { nmae: "a" }],
    ["an unknown operator", { year: { $gt: 5 } }],
    ["text for a number", { year: "2024" }],
    ["a number for a date", { at: 1704067200000 }],
    ["__proto__", JSON.parse('{"__proto__": {"year": 1}}')],
    ["__proto__ inside a field", JSON.parse('{"at": {"__proto__": "2024-01-01"}}')],
    ["9 levels", { NOT: { NOT: { NOT: { NOT: { NOT: { NOT: { NOT: { NOT: { year: 1 } } } } } } } } }],
    ["no object", "year = 5"],
    ["null", null],
  ])("%s throws", (_, json) => {
    expect(() => parseFilter(schema, json)).toThrow(FilterError);
  });

  test("10,000 levels throw instead of overflowing", () => {
    expect(() => parseFilter(schema, JSON.parse(`${'{"NOT":'.repeat(10_000)}{}${"}".repeat(10_000)}`))).toThrow(
      FilterError,
    );
  });

  test("works where kinds are listed", () => {
    const transformed = z.object({ at: z.string().transform((text) => new Date(text)) });
    const parsed = parseFilter(transformed, { at: { lt: "2024-01-01" } }, { at: { kind: "date", array: false } });
    expect(matches(parsed, { at: new Date("2023-01-01") })).toBe(true);
  });
});
