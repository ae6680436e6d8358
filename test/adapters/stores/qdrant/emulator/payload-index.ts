/** Payload indexes: which conditions each kind answers, from what it keeps of a value. */
import { type Bounds, within } from "./bounds.ts";
import { parseDate } from "./dates.ts";
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

/**
 * The test that the index answers, or undefined when it answers none of the condition's and the payload must. It answers
 * one: what else the condition asks is then left out.
 */
export function indexPredicate(
  condition: FieldCondition,
  index: PayloadIndex | undefined,
  walked: boolean,
): Predicate | undefined {
  if (index === undefined) return undefined;
  const { match, range, path } = condition;
  const holds = (match && matchTest(match, index)) ?? (range && rangeTest(range, index, walked));
  if (holds !== undefined) {
    return ({ payload }) => {
      const values = valuesAt(payload, path).flatMap((value) => (isList(value) ? value : [value]));
      return holds(values.map((value) => keptValue(value, index.type)).filter((value) => value !== undefined));
    };
  }
  if (condition.empty !== undefined) return ({ payload }) => valuesAt(payload, path).every(isEmpty) === condition.empty;
  if (condition.null !== undefined) return ({ payload }) => valuesAt(payload, path).some(hasNull) === condition.null;
  return undefined;
}

export function isEmpty(value: Json): boolean {
  return value === null || (isList(value) && value.length === 0);
}

/** Any index remembers a null inside an array, too. */
export function hasNull(value: Json): boolean {
  return value === null || (isList(value) && value.includes(null));
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
    case "datetime":
      return typeof value === "string" ? parseDate(value) : undefined;
    case "geo":
      return undefined;
  }
}

const two63 = 2n ** 63n;

/** Integers of 64 bits, also those written as floats; fractions and what is larger are not kept, 2^63 as one less. */
function wholeNumber(value: Json): bigint | undefined {
  const integer = asInteger(value) ?? asFloat(value);
  if (integer === undefined || (typeof integer === "number" && !Number.isInteger(integer))) return undefined;
  const whole = BigInt(integer);
  if (whole === two63) return two63 - 1n;
  return whole >= -two63 && whole < two63 ? whole : undefined;
}

type Test = (kept: readonly Kept[]) => boolean;

function matchTest(match: Match, { type, options }: PayloadIndex): Test | undefined {
  if (type === "integer" && options?.["lookup"] === false) return undefined;
  if (type === "text") return textTest(match, options?.["phrase_matching"] === true);
  switch (match.kind) {
    case "value": {
      const wanted = wantedBy(match.value, type);
      return wanted === undefined ? undefined : (kept) => kept.includes(wanted);
    }
    case "any":
    case "except": {
      if (match.values.length === 0 && match.kind === "except" && type === "integer") return undefined;
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

/**
 * An index that is walked goes from one bound to the other and looks at one of each side: beside `gt` it does not see
 * `gte`, beside `lt` not `lte`. Where points are found otherwise and checked, all four count.
 */
function rangeTest(range: Range, { type, options }: PayloadIndex, walked: boolean): Test | undefined {
  if (type !== "float" && type !== "integer" && type !== "datetime") return undefined;
  if (options?.["range"] === false) return undefined;
  const { gt, gte, lt, lte } = convertedBounds(range, type);
  const seen = {
    gt,
    lt,
    gte: walked && gt !== undefined ? undefined : gte,
    lte: walked && lt !== undefined ? undefined : lte,
  };
  return (kept) => kept.some((value) => within(value as number | bigint, seen));
}

/** Bounds as the index compares them: its integers end at 64 bits, and a date before 1970 becomes a huge float. */
function convertedBounds({ bounds }: Range, type: IndexType): Bounds<number | bigint> {
  const convert = (bound: number | bigint): number | bigint => {
    if (type === "float") return typeof bound === "bigint" ? Number(BigInt.asUintN(128, bound)) : bound;
    return bound >= two63 ? two63 - 1n : bound < -two63 ? -two63 : bound;
  };
  const entries = Object.entries(bounds) as [string, number | bigint | undefined][];
  return Object.fromEntries(entries.map(([name, bound]) => [name, bound === undefined ? undefined : convert(bound)]));
}
