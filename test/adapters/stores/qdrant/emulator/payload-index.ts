/** Payload indexes: which conditions each kind answers, from what it keeps of a value. */
import { type Bounds, within } from "./bounds.ts";
import { parseDate } from "./dates.ts";
import type { FieldCondition, Match, Range } from "./filter.ts";
import { canonicalUuid } from "./ids.ts";
import { asFloat, asInteger, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { type Path, valuesAt } from "./paths.ts";
import { malformed } from "./refusal.ts";

export const indexTypes = ["keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"] as const;
export type IndexType = (typeof indexTypes)[number];

export interface PayloadIndex {
  readonly type: IndexType;
  /** The options as they were given, when the schema was an object. */
  readonly options: JsonObject | undefined;
  /** What it keeps of each payload, once asked. */
  readonly kept: WeakMap<JsonObject, ReadonlySet<Kept>>;
}

/** What a filter can see of a point. */
export interface Seen {
  /** Undefined for an object inside an array: it has no id. */
  readonly key?: string;
  readonly payload: JsonObject;
  readonly vectors?: ReadonlyMap<string, unknown>;
}
export type Predicate = (point: Seen) => boolean;

const everywhere = ["on_disk", "memory", "enable_hnsw"];
const ranged = ["is_principal"];
const knownOptions: Readonly<Record<IndexType, readonly string[]>> = {
  keyword: ["is_tenant", "prefix"],
  integer: ["lookup", "range", "is_principal"],
  float: ranged,
  geo: [],
  text: "tokenizer min_token_len max_token_len lowercase ascii_folding phrase_matching stopwords stemmer".split(" "),
  bool: [],
  datetime: ranged,
  uuid: ["is_tenant"],
};

export function readIndex(value: Json): PayloadIndex {
  const type = isObject(value) ? value["type"] : value;
  const known = indexTypes.find((name) => name === type);
  if (known === undefined) throw malformed("data did not match any variant of untagged enum PayloadFieldSchema");
  return { type: known, options: isObject(value) ? readOptions(value, known) : undefined, kept: new WeakMap() };
}

/** What the server does not know it forgets. */
function readOptions(value: JsonObject, type: IndexType): JsonObject {
  const known = [...knownOptions[type], ...everywhere].filter(
    (name) => value[name] !== undefined && value[name] !== null,
  );
  const principal = type === "integer" ? { is_principal: null } : {};
  return { type, ...principal, ...Object.fromEntries(known.map((name) => [name, value[name] as Json])) };
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
    return ({ payload }) => holds(keptOf(payload, path, index));
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

/** Whole numbers are bigints only beyond 2^53, so that equal ones are the same. */
type Kept = string | number | bigint | boolean;

function keptOf(payload: JsonObject, path: Path, { type, kept }: PayloadIndex): ReadonlySet<Kept> {
  let known = kept.get(payload);
  if (known === undefined) {
    const values = valuesAt(payload, path).flatMap((value) => (isList(value) ? value : [value]));
    known = new Set(values.map((value) => keptValue(value, type)).filter((value) => value !== undefined));
    kept.set(payload, known);
  }
  return known;
}

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
function wholeNumber(value: Json): number | bigint | undefined {
  const number = asInteger(value) ?? asFloat(value);
  if (number === undefined || (typeof number === "number" && !Number.isInteger(number))) return undefined;
  if (Number.isSafeInteger(number)) return Number(number); // -0 is 0
  const whole = BigInt(number);
  if (whole === two63) return two63 - 1n;
  return whole >= -two63 && whole < two63 ? whole : undefined;
}

type Test = (kept: ReadonlySet<Kept>) => boolean;

function some(kept: ReadonlySet<Kept>, holds: (value: Kept) => boolean): boolean {
  for (const value of kept) if (holds(value)) return true;
  return false;
}

function matchTest(match: Match, { type, options }: PayloadIndex): Test | undefined {
  if (type === "integer" && options?.["lookup"] === false) return undefined;
  if (type === "text") return textTest(match, options?.["phrase_matching"] === true);
  switch (match.kind) {
    case "value": {
      const wanted = wantedBy(match.value, type);
      return wanted === undefined ? undefined : (kept) => kept.has(wanted);
    }
    case "any":
    case "except": {
      if (match.values.length === 0 && match.kind === "except" && type === "integer") return undefined;
      const wanted = new Set(match.values.map((value) => wantedBy(value, type)));
      if ((type !== "keyword" && type !== "integer" && type !== "uuid") || wanted.has(undefined)) return undefined;
      return match.kind === "any"
        ? (kept) => some(kept, (value) => wanted.has(value))
        : (kept) => some(kept, (value) => !wanted.has(value));
    }
    case "prefix":
      return type === "keyword" ? (kept) => some(kept, (value) => String(value).startsWith(match.text)) : undefined;
    default:
      return undefined;
  }
}

/** The value as the index would keep it, or undefined when an index of this kind holds no such values. */
function wantedBy(value: string | boolean | number | bigint, type: IndexType): Kept | undefined {
  if (typeof value === "string") return type === "keyword" ? value : type === "uuid" ? canonicalUuid(value) : undefined;
  if (typeof value === "boolean") return type === "bool" ? value : undefined;
  return type === "integer" ? wholeNumber(value) : undefined;
}

function textTest(match: Match, phrases: boolean): Test | undefined {
  if (match.kind !== "text" && match.kind !== "text_any" && match.kind !== "phrase") return undefined;
  const words = wordsOf(match.text);
  if (words.length === 0) return () => false;
  if (match.kind === "phrase") {
    return (kept) =>
      phrases && some(kept, (value) => ` ${wordsOf(String(value)).join(" ")} `.includes(` ${words.join(" ")} `));
  }
  return (kept) => {
    const held = new Set([...kept].flatMap((value) => wordsOf(String(value))));
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
  return (kept) => some(kept, (value) => within(value as number | bigint, seen));
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
