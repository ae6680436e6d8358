/** A filter as it comes in, read into a closed tree or refused as the server refuses it. */
import type { Bounds } from "./bounds.ts";
import { kindOf, readCount, readString } from "./body.ts";
import { parseDate } from "./dates.ts";
import { parsePointId, type PointId } from "./ids.ts";
import { asFloat, asInteger, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { type Path, readPath } from "./paths.ts";
import { invalid, malformed, notEmulated } from "./refusal.ts";

export interface Filter {
  readonly must: readonly Condition[];
  /** An empty list is no constraint, except inside `nested`, where it matches nothing. */
  readonly should: readonly Condition[] | undefined;
  readonly mustNot: readonly Condition[];
  readonly minShould: { readonly conditions: readonly Condition[]; readonly count: number } | undefined;
}

export type Condition =
  | { readonly kind: "filter"; readonly filter: Filter }
  | ({ readonly kind: "field" } & FieldCondition)
  | { readonly kind: "empty" | "null"; readonly key: string; readonly path: Path }
  | { readonly kind: "ids"; readonly ids: readonly PointId[] }
  | { readonly kind: "vector"; readonly name: string }
  | { readonly kind: "nested"; readonly key: string; readonly path: Path; readonly filter: Filter };

export interface FieldCondition {
  readonly key: string;
  readonly path: Path;
  readonly match?: Match | undefined;
  readonly range?: Range | undefined;
  readonly count?: NumberRange | undefined;
  readonly empty?: boolean | undefined;
  readonly null?: boolean | undefined;
}

type Integer = number | bigint;
export type Match =
  | { readonly kind: "value"; readonly value: string | boolean | Integer }
  | { readonly kind: "any" | "except"; readonly values: readonly string[] | readonly Integer[] }
  | { readonly kind: "text" | "text_any" | "phrase" | "prefix"; readonly text: string };

export type NumberRange = Bounds<number>;
/** Dates in microseconds. */
export type Range =
  | { readonly kind: "number"; readonly bounds: NumberRange }
  | { readonly kind: "date"; readonly bounds: Bounds<bigint> };

const everything: Filter = { must: [], should: undefined, mustNot: [], minShould: undefined };

/** `at` is where the filter stands in the request, for the words of a refusal. */
export function readFilter(value: Json | undefined, at: string): Filter | undefined {
  if (value === undefined || value === null) return undefined;
  if (isList(value)) throw malformed("invalid length, expected struct Filter with 4 elements");
  if (!isObject(value)) throw malformed(`invalid type: ${kindOf(value)}, expected struct Filter`);
  for (const key of Object.keys(value)) {
    if (!["should", "min_should", "must", "must_not"].includes(key)) {
      throw malformed(`unknown field \`${key}\`, expected one of \`should\`, \`min_should\`, \`must\`, \`must_not\``);
    }
  }
  return {
    must: readConditions(value["must"], `${at}.must`),
    should: optional(value["should"], (list) => readConditions(list, `${at}.should`)),
    mustNot: readConditions(value["must_not"], `${at}.must_not`),
    minShould: readMinShould(value["min_should"], `${at}.min_should`),
  };
}

function readConditions(value: Json | undefined, at: string): Condition[] {
  if (value === undefined || value === null) return [];
  return (isList(value) ? value : [value]).map((item, index) => readCondition(item, `${at}[${index}]`));
}

function readMinShould(value: Json | undefined, at: string): Filter["minShould"] {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw malformed(`invalid type: ${kindOf(value)}, expected struct MinShould`);
  for (const field of ["conditions", "min_count"]) {
    if (value[field] === undefined) throw malformed(`missing field \`${field}\``);
  }
  const count = readCount(value["min_count"]) ?? 0;
  if (count === 0) throw invalid(`${at}.min_count`, "min_count must be greater than 0");
  return { conditions: readConditions(value["conditions"], `${at}.conditions`), count };
}

const noCondition =
  'Expected some form of condition, which can be a field condition (like {"key": ..., "match": ... }), or some other ' +
  "mentioned in the documentation: https://qdrant.tech/documentation/concepts/filtering/#filtering-conditions";

function readCondition(value: Json, at: string): Condition {
  if (!isObject(value)) throw malformed(noCondition);
  if ("key" in value) return readField(value, at);
  if ("is_empty" in value) return { kind: "empty", ...readKey(value["is_empty"]) };
  if ("is_null" in value) return { kind: "null", ...readKey(value["is_null"]) };
  if ("has_id" in value) return { kind: "ids", ids: readIds(value["has_id"]) };
  if ("has_vector" in value) return { kind: "vector", name: readString(value["has_vector"], "has_vector") };
  if ("nested" in value) return readNested(value["nested"], at);
  if ("slice" in value) throw notEmulated("the slice condition");
  if (!["must", "should", "must_not", "min_should"].some((key) => key in value)) throw malformed(noCondition);
  return { kind: "filter", filter: readFilter(value, at) ?? everything };
}

function readKey(value: Json | undefined): { key: string; path: Path } {
  if (!isObject(value) || typeof value["key"] !== "string") throw malformed(noCondition);
  return { key: value["key"], path: readPath(value["key"]) };
}

function readIds(value: Json | undefined): PointId[] {
  if (!isList(value)) throw malformed(noCondition);
  return value.map((item) => {
    const id = parsePointId(item);
    if (id === undefined) throw malformed(noCondition);
    return id;
  });
}

function readNested(value: Json | undefined, at: string): Condition {
  const { key } = readKey(value);
  const { filter } = value as JsonObject;
  const inner = readFilter(filter, `${at}.nested.filter`);
  if (inner === undefined) throw malformed(noCondition);
  const each = key.endsWith("[]") ? key : `${key}[]`;
  return { kind: "nested", key: each, path: readPath(each), filter: inner };
}

function readField(value: JsonObject, at: string): Condition {
  const key = readString(value["key"], "key");
  const condition = {
    key,
    path: readPath(key),
    match: optional(value["match"], readMatch),
    range: optional(value["range"], readRange),
    count: optional(value["values_count"], readCounts),
    empty: optional(value["is_empty"], readTruth),
    null: optional(value["is_null"], readTruth),
  };
  for (const geo of ["geo_bounding_box", "geo_radius", "geo_polygon"]) {
    if (value[geo] !== undefined && value[geo] !== null) throw notEmulated("geo conditions");
  }
  if (condition.match ?? condition.range ?? condition.count ?? condition.empty ?? condition.null)
    return { kind: "field", ...condition };
  if (condition.empty === undefined && condition.null === undefined) {
    throw invalid(`${at}.__all__`, "Validation error: At least one field condition must be specified [{}]");
  }
  return { kind: "field", ...condition };
}

function optional<T>(value: Json | undefined, read: (value: Json) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function readTruth(value: Json): boolean {
  if (typeof value === "boolean") return value;
  throw malformed(`invalid type: ${kindOf(value)}, expected a boolean`);
}

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

function integer64(value: Json): Integer | undefined {
  const integer = asInteger(value);
  return integer !== undefined && BigInt(integer) >= smallest && BigInt(integer) <= largest ? integer : undefined;
}

/** The first form that fits, in the order in which the server tries them. */
function readMatch(value: Json): Match {
  if (isObject(value)) {
    const one = value["value"];
    if (typeof one === "string" || typeof one === "boolean") return { kind: "value", value: one };
    const integer = one === undefined ? undefined : integer64(one);
    if (integer !== undefined) return { kind: "value", value: integer };
    for (const kind of ["text", "text_any", "phrase"] as const) {
      const text = value[kind];
      if (typeof text === "string") return { kind, text };
    }
    for (const kind of ["any", "except"] as const) {
      const list = value[kind];
      if (!isList(list)) continue;
      if (list.every((item) => typeof item === "string")) return { kind, values: list };
      const integers = list.map(integer64);
      if (integers.every((item) => item !== undefined)) return { kind, values: integers };
    }
    const prefix = value["prefix"];
    if (typeof prefix === "string") return { kind: "prefix", text: prefix };
  }
  throw malformed("data did not match any variant of untagged enum MatchInterface");
}

const boundNames = ["gt", "gte", "lt", "lte"] as const;

function readBounds<Bound>(value: JsonObject, read: (value: Json) => Bound): Bounds<Bound> {
  return Object.fromEntries(boundNames.map((name) => [name, optional(value[name], read)]));
}

function readRange(value: Json): Range {
  if (!isObject(value)) throw malformed("data did not match any variant of untagged enum RangeInterfaceUntagged");
  if (boundNames.some((name) => typeof value[name] === "string")) {
    return { kind: "date", bounds: readBounds(value, readDate) };
  }
  return { kind: "number", bounds: readBounds(value, readNumber) };
}

function readNumber(value: Json): number {
  const float = asFloat(value);
  if (float === undefined) throw malformed("data did not match any variant of untagged enum RangeInterfaceUntagged");
  return float;
}

function readDate(value: Json): bigint {
  const text = typeof value === "string" ? value : undefined;
  if (text === undefined) throw malformed(`invalid type: ${kindOf(value)}, expected a string`);
  const date = parseDate(text);
  if (date === undefined) {
    throw malformed(`'${text}' does not match accepted datetime format (RFC3339). Example: 2014-01-01T00:00:00Z`);
  }
  return date;
}

function readCounts(value: Json): NumberRange {
  if (!isObject(value)) throw malformed(`invalid type: ${kindOf(value)}, expected struct ValuesCount`);
  return readBounds(value, (item) => readCount(item) ?? 0);
}

/** Two filters on one request become one: lists are joined, so two `should` are one OR, not two of them. */
export function joined(a: Filter | undefined, b: Filter | undefined): Filter | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const both = a.minShould !== undefined && b.minShould !== undefined;
  return {
    must: [...a.must, ...b.must],
    should: a.should === undefined ? b.should : [...a.should, ...(b.should ?? [])],
    mustNot: [...a.mustNot, ...b.mustNot],
    minShould: !both
      ? (a.minShould ?? b.minShould)
      : {
          conditions: [...(a.minShould?.conditions ?? []), ...(b.minShould?.conditions ?? [])],
          count: Math.max(a.minShould?.count ?? 0, b.minShould?.count ?? 0),
        },
  };
}
