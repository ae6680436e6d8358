/** Payload indexes: which conditions each kind answers, from what it keeps of a value. */
import { type Bounds, inMicroseconds, within } from "./bounds.ts";
import { microseconds, parseDate } from "./dates.ts";
import type { FieldCondition, Match, Range } from "./filter.ts";
import { canonicalUuid } from "./ids.ts";
import { asFloat, asInteger, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { valuesAt } from "./paths.ts";
import { malformed } from "./refusal.ts";

export const indexTypes = ["keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"] as const;
export type IndexType = (typeof indexTypes)[number];

export interface PayloadIndex {
  readonly type: IndexType;
  /** The options as they were given, when the schema was an object. */
  readonly options: JsonObject | undefined;
}

/** What a filter can see of a point. */
export interface Seen {
  /** Undefined for an object inside an array: it has no id. */
  readonly key?: string;
  readonly payload: JsonObject;
  readonly vectors?: ReadonlyMap<string, unknown>;
}
export type Predicate = (point: Seen) => boolean;

export function readIndex(value: Json): PayloadIndex {
  const type = isObject(value) ? value["type"] : value;
  const known = indexTypes.find((name) => name === type);
  if (known === undefined) throw malformed("data did not match any variant of untagged enum PayloadFieldSchema");
  return { type: known, options: isObject(value) ? value : undefined };
}

/** The test that the index answers, or undefined when it answers none of the condition's and the payload must. */
export function indexPredicate(condition: FieldCondition, index: PayloadIndex | undefined): Predicate | undefined {
  if (index === undefined) return undefined;
  const holds =
    (condition.match && matchTest(condition.match, index)) ??
    (condition.range && rangeTest(condition.range, index.type));
  if (holds === undefined) return undefined;
  return ({ payload }) => {
    const values = valuesAt(payload, condition.path).flatMap((value) => (isList(value) ? value : [value]));
    return holds(values.map((value) => keptValue(value, index.type)).filter((value) => value !== undefined));
  };
}

type Kept = string | number | bigint | boolean;

function keptValue(value: Json, type: IndexType): Kept | undefined {
  switch (type) {
    case "keyword":
    case "text":
      return typeof value === "string" ? value : undefined;
    case "uuid":
      return typeof value === "string" ? canonicalUuid(value) : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "float":
      return asFloat(value);
    case "integer":
      return wholeNumber(value);
    case "datetime": {
      const date = typeof value === "string" ? parseDate(value) : undefined;
      return date === undefined ? undefined : microseconds(date);
    }
    case "geo":
      return undefined;
  }
}

/** Integers of 64 bits, also those written as floats; fractions and what is larger are not kept. */
function wholeNumber(value: Json): bigint | undefined {
  const integer = asInteger(value) ?? asFloat(value);
  if (integer === undefined || (typeof integer === "number" && !Number.isInteger(integer))) return undefined;
  const whole = BigInt(integer);
  return whole >= -(2n ** 63n) && whole < 2n ** 63n ? whole : undefined;
}

type Test = (kept: readonly Kept[]) => boolean;

function matchTest(match: Match, { type, options }: PayloadIndex): Test | undefined {
  if (type === "text") return textTest(match, options?.["phrase_matching"] === true);
  switch (match.kind) {
    case "value": {
      const wanted = wantedBy(match.value, type);
      return wanted === undefined ? undefined : (kept) => kept.includes(wanted);
    }
    case "any":
    case "except": {
      if (match.values.length === 0 && type !== "keyword") return undefined;
      const wanted = new Set(match.values.map((value) => wantedBy(value, type)));
      if ((type !== "keyword" && type !== "integer" && type !== "uuid") || wanted.has(undefined)) return undefined;
      return match.kind === "any"
        ? (kept) => kept.some((value) => wanted.has(value))
        : (kept) => kept.some((value) => !wanted.has(value));
    }
    case "prefix":
      return type === "keyword" ? (kept) => kept.some((value) => String(value).startsWith(match.text)) : undefined;
    default:
      return undefined;
  }
}

/** The value as the index would keep it, or undefined when an index of this kind holds no such values. */
function wantedBy(value: string | boolean | number | bigint, type: IndexType): Kept | undefined {
  if (typeof value === "string") return type === "keyword" ? value : type === "uuid" ? canonicalUuid(value) : undefined;
  if (typeof value === "boolean") return type === "bool" ? value : undefined;
  return type === "integer" ? BigInt(value) : undefined;
}

function textTest(match: Match, phrases: boolean): Test | undefined {
  if (match.kind !== "text" && match.kind !== "text_any" && match.kind !== "phrase") return undefined;
  const words = wordsOf(match.text);
  if (words.length === 0) return () => false;
  if (match.kind === "phrase") {
    return (kept) =>
      phrases && kept.some((value) => ` ${wordsOf(String(value)).join(" ")} `.includes(` ${words.join(" ")} `));
  }
  return (kept) => {
    const held = new Set(kept.flatMap((value) => wordsOf(String(value))));
    return match.kind === "text" ? words.every((word) => held.has(word)) : words.some((word) => held.has(word));
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function rangeTest(range: Range, type: IndexType): Test | undefined {
  if (type !== "float" && type !== "integer" && type !== "datetime") return undefined;
  const bounds = range.kind === "number" ? range.bounds : inMicroseconds(range.bounds);
  const read = type === "float" && range.kind === "date" ? floatBounds(bounds as Bounds<bigint>) : bounds;
  return (kept) => kept.some((value) => within(value as number | bigint, read));
}

/** A date before 1970 goes through an unsigned 128-bit integer on its way to a float. */
function floatBounds(bounds: Bounds<bigint>): Bounds<number> {
  return Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [
      name,
      bound === undefined ? undefined : Number(BigInt.asUintN(128, bound as bigint)),
    ]),
  );
}
