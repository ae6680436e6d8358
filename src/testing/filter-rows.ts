import { evaluateFilter } from "../filter/evaluate.ts";
import type { Field, FieldKind, FilterTree, StoredMetadata, StoredValue } from "../types.ts";
import type { Random } from "./random.ts";

/**
 * Metadata and filters on which engines disagree: missing against false, 0 and "", numbers as text, patterns, Unicode,
 * arrays, names that a store or a prototype has already.
 */

export const filterFields: Readonly<Record<string, Field>> = {
  product: { kind: "string", array: false },
  tags: { kind: "string", array: true },
  year: { kind: "number", array: false },
  scores: { kind: "number", array: true },
  draft: { kind: "boolean", array: false },
  flags: { kind: "boolean", array: true },
  published: { kind: "date", array: false },
  revisions: { kind: "date", array: true },
  "release-line": { kind: "string", array: false },
  toString: { kind: "string", array: false } as const, // not the method of every object
  id: { kind: "number", array: false },
  text: { kind: "string", array: false },
  tenant: { kind: "string", array: false },
};

const newYear = "2024-01-01T00:00:00.000Z";
const justAfter = "2024-01-01T00:00:00.001Z";
const longAgo = "0099-12-31T23:59:59.999Z";

/** By label, so that a failure can say which row it is about. */
export const filterRows: Readonly<Record<string, StoredMetadata>> = {
  "without metadata": {},
  plain: { product: "api", tags: ["a", "b"], year: 2024, scores: [1, 10], draft: false, published: newYear },
  "upper case": { product: "API", tags: ["A"], year: 9, scores: [5], draft: true },
  "trailing blank": { product: "api ", tags: ["a "], year: 10 },
  "longer word": { product: "apis", tags: ["ab"], year: 100 },
  "empty text": { product: "", tags: [""], year: 0, scores: [0] },
  "text of zero": { product: "0", year: -1, scores: [-1] },
  "text of false": { product: "false", draft: false, flags: [false] },
  "text of null": { product: "null", tags: ["null"], flags: [true, false] },
  "text of an array": { product: '["a","b"]', flags: [true] },
  percent: { product: "100%", tags: ["%"], year: -10 },
  "percent matched": { product: "100 per cent", tags: ["%%"] },
  underscore: { product: "a_b", year: 0.1 },
  "underscore matched": { product: "axb", year: 0.30000000000000004 },
  "regular expression": { product: "^a.*$", tags: ["."] },
  backslash: { product: "a\\b", tags: ["\\"] },
  quotes: { product: `o'rei"lly`, tags: ["'; drop table chunks; --", '"'] },
  prototype: { product: "__proto__", tags: ["constructor"] },
  composed: { product: "caf\u00e9", tags: ["\u00e9"] },
  decomposed: { product: "cafe\u0301", tags: ["e\u0301"] },
  "sharp s": { product: "stra\u00dfe", tags: ["STRASSE"] },
  astral: { product: "\u{1f642}", tags: ["\u{1f642}\u{1f643}"], year: 1e21 },
  "other astral": { product: "\u{1f643}", year: Number.MAX_SAFE_INTEGER },
  "largest but one": { year: Number.MAX_SAFE_INTEGER - 1, scores: [2.5, -7, 1e21] },
  "between the bounds": { scores: [5, 6], published: justAfter, revisions: [newYear, justAfter] },
  "around the bounds": { scores: [-100, 100], published: longAgo, revisions: [longAgo, "2030-06-01T12:00:00.000Z"] },
  "names of its own": { "release-line": "x", toString: "x", id: 7, text: "x", tenant: "acme" },
};

// ── filters

export const all = (...parts: readonly FilterTree[]): FilterTree => ({ op: "and", parts });
export const any = (...parts: readonly FilterTree[]): FilterTree => ({ op: "or", parts });
export const not = (part: FilterTree): FilterTree => ({ op: "not", part });
export const exists = (field: string): FilterTree => ({ op: "exists", field });
const prefix = (field: string, value: string): FilterTree => ({ op: "prefix", field, value });
export const among = (field: string, ...values: readonly StoredValue[]): FilterTree => ({
  op: "in",
  field,
  kind: kindOf(field),
  values,
});
const range = (
  field: string,
  bounds: { gt?: StoredValue; gte?: StoredValue; lt?: StoredValue; lte?: StoredValue },
): FilterTree => ({ op: "range", field, kind: kindOf(field) === "date" ? "date" : "number", ...bounds });
const always: FilterTree = { op: "always" };
const never: FilterTree = { op: "never" };

function kindOf(field: string): FieldKind {
  return filterFields[field]?.kind ?? "string";
}

/** By what a group of filters is about. */
export const filterTrees: Readonly<Record<string, readonly FilterTree[]>> = {
  "equality of texts": [
    among("product", "api"),
    among("product", "API", "", "absent"),
    among("product", "0"),
    among("product", "__proto__", "null", '["a","b"]'),
    among("product", "caf\u00e9"),
    among("product", `o'rei"lly`, "a\\b", "\u{1f643}"),
  ],
  "equality of numbers": [
    among("year", 0),
    among("year", 10, 100),
    among("year", -1, 0.1, 0.3),
    among("year", 1e21, Number.MAX_SAFE_INTEGER),
  ],
  "equality of booleans and dates": [
    among("draft", false),
    among("draft", true, false),
    among("published", newYear),
    among("published", justAfter, longAgo),
  ],
  "any value of an array": [
    among("tags", "a"),
    among("tags", "", "A", "b"),
    among("tags", "'; drop table chunks; --", "\\", "%"),
    among("scores", 0, 10),
    among("scores", 1, 1e21),
    among("flags", false),
    among("revisions", justAfter),
    all(among("tags", "a"), among("tags", "b")),
  ],
  "no value is among none": [
    among("product"),
    among("tags"),
    not(among("year")),
    any(among("product"), among("year", 9)),
  ],
  "missing is not false, 0 or empty": [
    exists("product"),
    exists("year"),
    exists("draft"),
    exists("tags"),
    exists("revisions"),
    not(exists("scores")),
    not(exists("flags")),
  ],
  prefixes: [
    prefix("product", "api"),
    prefix("product", "a"),
    prefix("product", "100%"),
    prefix("product", "a_"),
    prefix("product", "^a"),
    prefix("product", "a\\"),
    prefix("product", "caf\u00e9"),
    prefix("product", "\u{1f642}"),
    prefix("product", ""),
    prefix("tags", "a"),
    prefix("tags", "%"),
  ],
  "ranges of numbers": [
    range("year", { gt: 9 }),
    range("year", { gte: 9, lt: 100 }),
    range("year", { lt: 0 }),
    range("year", { lte: 0.1, gt: -10 }),
    range("year", { gt: 0.1, lt: 1 }),
    range("year", { gte: Number.MAX_SAFE_INTEGER }),
    range("year", { gt: 100, lt: 10 }),
  ],
  "ranges of dates": [
    range("published", { gt: newYear }),
    range("published", { gte: newYear, lt: justAfter }),
    range("published", { lt: newYear }),
    range("revisions", { gt: newYear, lte: justAfter }),
  ],
  "one element meets both bounds": [
    range("scores", { gt: 2, lt: 9 }),
    range("scores", { gte: -1, lte: 0 }),
    all(range("scores", { gt: 2 }), range("scores", { lt: 9 })),
    range("revisions", { gt: "2025-01-01T00:00:00.000Z", lt: "2026-01-01T00:00:00.000Z" }),
    not(range("scores", { gt: 2, lt: 9 })),
  ],
  "not is the exact complement": [
    not(among("product", "api")),
    not(among("year", 0, 9)),
    not(among("draft", false)),
    not(among("tags", "a")),
    not(prefix("product", "a")),
    not(range("year", { gte: 0 })),
    not(range("published", { lt: justAfter })),
    not(not(among("product", "api"))),
    not(all(exists("product"), exists("year"))),
    not(any(among("draft", true), among("tags", "a"))),
  ],
  "and, or and their nesting": [
    all(),
    any(),
    not(all()),
    not(any()),
    all(any(among("product", "api"), among("product", "API")), among("year", 9)),
    any(all(among("product", "api"), among("year", 9)), all(among("product", "API"), among("draft", true))),
    all(any(among("product", "api"), among("draft", true)), any(among("year", 9), among("tags", "b"))),
    all(among("year", 2024), any(among("tags", "absent"), not(exists("tags")))),
    any(not(exists("product")), not(any(exists("year"), exists("draft")))),
    not(all(among("product", "api"), not(all(among("year", 2024), not(among("tags", "a")))))),
  ],
  "always and never": [
    always,
    never,
    not(always),
    not(never),
    all(always, among("year", 9)),
    any(never, among("year", 9)),
    any(always, among("year", 9)),
    all(never, among("year", 9)),
  ],
  "names that are taken elsewhere": [
    among("release-line", "x"),
    exists("toString"),
    not(among("toString", "x")),
    among("id", 7),
    among("text", "x"),
    not(exists("text")),
    among("tenant", "acme"),
    prefix("tenant", "ac"),
  ],
};

/** The labels of the rows that a filter selects. */
export function selected(tree: FilterTree, given: Readonly<Record<string, StoredMetadata>>): readonly string[] {
  return Object.entries(given).flatMap(([label, metadata]) => (evaluateFilter(tree, metadata) ? [label] : []));
}

// ── random filters and rows over few values, so that they meet

const pools: Readonly<Record<FieldKind, readonly [StoredValue, ...StoredValue[]]>> = {
  string: ["", "a", "A", "ab", "a%", "a_", "b", "\u{1f642}", "10", "9"],
  number: [0, -1, 1, 9, 10, 100, 0.5, -10],
  boolean: [true, false],
  date: [newYear, justAfter, longAgo, "2030-06-01T12:00:00.000Z"],
};
const randomFields = ["product", "tags", "year", "scores", "draft", "flags", "published", "revisions"] as const;

export function randomMetadata(random: Random): StoredMetadata {
  const entries = randomFields.flatMap((field): (readonly [string, StoredValue | readonly StoredValue[]])[] => {
    if (random.next() < 0.4) return [];
    const value = (): StoredValue => random.pick(pools[kindOf(field)]);
    const array = filterFields[field]?.array === true;
    return [[field, array ? Array.from({ length: 1 + random.below(3) }, value) : value()]];
  });
  return Object.fromEntries(entries);
}

export function randomTree(random: Random, depth = 3): FilterTree {
  if (depth > 0 && random.next() < 0.6) {
    const parts = Array.from({ length: random.below(4) }, () => randomTree(random, depth - 1));
    return random.pick([all(...parts), any(...parts), not(randomTree(random, depth - 1))]);
  }
  const field = random.pick(randomFields);
  const kind = kindOf(field);
  const value = (): StoredValue => random.pick(pools[kind]);
  const tests: [FilterTree, ...FilterTree[]] = [
    exists(field),
    among(field, ...Array.from({ length: random.below(4) }, value)),
  ];
  if (kind === "string") tests.push(prefix(field, String(value())));
  if (kind === "number" || kind === "date") {
    tests.push(
      range(field, { gt: value() }),
      range(field, { lte: value() }),
      range(field, { gte: value(), lt: value() }),
    );
  }
  return random.pick(tests);
}
