import fc from "fast-check";
import type { AnyFilter } from "../../src/filter/language.ts";
import type { Field, FieldValue } from "../../src/types.ts";

/** Rows and filters over a small schema, close enough together that they often meet. */

export const fields: Readonly<Record<string, Field>> = {
  name: { kind: "string", array: false },
  year: { kind: "number", array: false },
  draft: { kind: "boolean", array: false },
  at: { kind: "date", array: false },
  tags: { kind: "string", array: true },
  sizes: { kind: "number", array: true },
  days: { kind: "date", array: true },
};

const text = fc.constantFrom("", "a", "ab", "abc", "A", "5", "true", "ä", "a'\"\\%_", "2024-01-01T00:00:00.000Z", "😀");
const number = fc.constantFrom(-2, -0, 0, 0.1, 1, 4.7, 5, 10, 9, 1e21, 2024);
const date = fc
  .constantFrom("0000-01-01", "1999-12-31", "2024-01-01", "2024-01-02", "9999-12-31")
  .map((day) => new Date(day));
const values = { string: text, number, boolean: fc.boolean(), date } as const;

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

export const row: fc.Arbitrary<Record<string, FieldValue>> = fc.record({
  name: maybe(text),
  year: maybe(number),
  draft: maybe(fc.boolean()),
  at: maybe(date),
  tags: maybe(fc.array(text, { maxLength: 3 })),
  sizes: maybe(fc.array(number, { maxLength: 3 })),
  days: maybe(fc.array(date, { maxLength: 3 })),
});

function tests({ kind, array }: Field): fc.Arbitrary<unknown> {
  const value: fc.Arbitrary<unknown> = values[kind];
  const list = fc.array(value, { maxLength: 3 });
  const shared = { exists: fc.boolean(), ...(kind === "string" && { startsWith: text }) };
  const ordered = kind === "number" || kind === "date" ? { gt: value, gte: value, lt: value, lte: value } : {};
  const operators: Record<string, fc.Arbitrary<unknown>> = array
    ? { has: value, hasAny: list, hasAll: list, hasNone: list, ...shared, ...ordered }
    : { eq: value, ne: value, in: list, notIn: list, ...shared, ...ordered };
  const object = fc.record(operators, { requiredKeys: [] }).filter((made) => Object.keys(made).length > 0);
  const few = fc.subarray(Object.keys(operators), { minLength: 1, maxLength: 2 });
  const small = fc.tuple(object, few).map(([made, keep]) => {
    const kept = Object.entries(made).filter(([key]) => keep.includes(key));
    return kept.length === 0 ? made : Object.fromEntries(kept);
  });
  return array ? small : fc.oneof(value, small);
}

const condition: fc.Arbitrary<AnyFilter> = fc.oneof(
  ...Object.entries(fields).map(([name, field]) => tests(field).map((test) => ({ [name]: test }) as AnyFilter)),
);

export const filter: fc.Arbitrary<AnyFilter> = fc.letrec<{ filter: AnyFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    condition,
    fc.tuple(condition, condition).map(([a, b]) => ({ ...a, ...b })),
    fc.array(tie("filter"), { maxLength: 3 }).map((AND) => ({ AND })),
    fc.array(tie("filter"), { maxLength: 3 }).map((OR) => ({ OR })),
    tie("filter").map((NOT) => ({ NOT })),
    fc.tuple(condition, fc.array(tie("filter"), { maxLength: 2 })).map(([a, OR]) => ({ ...a, OR })),
    fc.constant({}),
  ),
})).filter;
