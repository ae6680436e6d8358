/** Strict mode: what a collection refuses although it could answer. */
import type { Collection } from "./collection.ts";
import type { Condition, Filter } from "./filter.ts";
import { asFloat, isObject } from "./json.ts";
import type { IndexType, PayloadIndex } from "./payload-index.ts";
import { badRequest, Refusal } from "./refusal.ts";

function limit(collection: Collection, name: string): number | undefined {
  return collection.strict?.["enabled"] === true ? asFloat(collection.strict[name]) : undefined;
}

/** `name` as the message calls what was too large. */
export function checkLimit(collection: Collection, option: string, value: number, name: string): void {
  const most = limit(collection, option);
  if (most !== undefined && value > most) {
    throw badRequest(
      `Limit exceeded ${value} > ${most} for "${name}". Help: Reduce the "${name}" parameter to or below ${most}.`,
    );
  }
}

export function checkExact(collection: Collection, exact: boolean): void {
  if (exact && collection.strict?.["enabled"] === true && collection.strict["search_allow_exact"] === false) {
    throw badRequest("Exact search disabled!. Help: Set exact=false.");
  }
}

export function checkIndexCount(collection: Collection): void {
  const most = limit(collection, "max_payload_index_count");
  if (most !== undefined && collection.indexes.size >= most) {
    throw badRequest(
      `Collection already has the maximum number of payload indices (${most}). Help: Please delete an existing index before creating a new one.`,
    );
  }
}

export function checkSparseLength(collection: Collection, name: string, length: number): void {
  const config = collection.strict?.["enabled"] === true ? collection.strict["sparse_config"] : undefined;
  const most = isObject(config) && isObject(config[name]) ? asFloat(config[name]["max_length"]) : undefined;
  if (most !== undefined && length > most)
    throw badRequest(`Sparse vector '${name}' has a limit of ${most} indices, but ${length} were provided!`);
}

/** A budget per minute; what is used does not come back while a test runs. */
export function takeTokens(collection: Collection, kind: "read" | "write", cost: number): void {
  const most = limit(collection, `${kind}_rate_limit`);
  if (most === undefined) return;
  const label = kind === "read" ? "Read" : "Write";
  if (cost > most)
    throw new Refusal(
      429,
      `Rate limiting exceeded: ${label} rate limit exceeded, request larger than rate limiter capacity, please try to split your request`,
    );
  // A fresh writer has one token, a fresh reader all of them.
  const left = collection.tokens[kind] ?? (kind === "read" ? most : 1);
  if (cost > left) {
    const seconds = Math.ceil(((cost - left) * 60) / most);
    const message = `Rate limiting exceeded: ${label} rate limit exceeded: Operation requires ${cost} tokens but only ${left.toFixed(1)} were available. Retry after ${seconds}s`;
    throw new Refusal(429, message, { "retry-after": String(seconds) });
  }
  collection.tokens[kind] = left - cost;
}

export function checkFilter(collection: Collection, filter: Filter | undefined, kind: "retrieve" | "update"): void {
  if (filter === undefined || collection.strict?.["enabled"] !== true) return;
  const conditions = conditionsOf(filter);
  const most = limit(collection, "filter_max_conditions");
  if (most !== undefined && conditions.length > most) {
    throw badRequest(
      `Filter condition limit reached (${conditions.length} > ${most}). Help: Reduce the amount of conditions of your filter.`,
    );
  }
  const largest = limit(collection, "condition_max_size");
  for (const { condition } of conditions) {
    const size = sizeOf(condition);
    if (largest !== undefined && size > largest) {
      throw badRequest(`Condition size limit reached (${size} > ${largest}). Help: Reduce the size of your condition.`);
    }
  }
  if (collection.strict[`unindexed_filtering_${kind}`] !== false) return;
  for (const { condition, key } of conditions) {
    const fitting = indexesFor(condition);
    const index = collection.indexes.get(key);
    if (fitting === undefined || (index !== undefined && fitting.some((wanted) => fits(index, wanted)))) continue;
    throw badRequest(
      `Index required but not found for "${key}" of one of the following types: [${fitting.join(", ")}]. Help: Create an index for this key or use a different filter.`,
    );
  }
}

/** Every condition that is no filter itself, with the whole key. */
function conditionsOf(filter: Filter, prefix = ""): { condition: Condition; key: string }[] {
  const all = [...filter.must, ...(filter.should ?? []), ...filter.mustNot, ...(filter.minShould?.conditions ?? [])];
  return all.flatMap((condition) => {
    if (condition.kind === "filter") return conditionsOf(condition.filter, prefix);
    if (condition.kind === "nested") return conditionsOf(condition.filter, `${prefix}${condition.key}.`);
    return [{ condition, key: "key" in condition ? `${prefix}${condition.key}` : "" }];
  });
}

function sizeOf(condition: Condition): number {
  if (condition.kind === "ids") return condition.ids.length;
  const match = condition.kind === "field" ? condition.match : undefined;
  return match?.kind === "any" || match?.kind === "except" ? match.values.length : 0;
}

type Wanted = IndexType | "keyword (with prefix: true)" | "text (with phrase_matching: true)";

function fits(index: PayloadIndex, wanted: Wanted): boolean {
  if (wanted === "keyword (with prefix: true)") return index.type === "keyword" && index.options?.["prefix"] === true;
  if (wanted === "text (with phrase_matching: true)")
    return index.type === "text" && index.options?.["phrase_matching"] === true;
  return index.type === wanted;
}

const anyIndex: readonly Wanted[] = [
  "bool",
  "datetime",
  "float",
  "geo",
  "integer",
  "keyword",
  "keyword (with prefix: true)",
  "text",
  "text (with phrase_matching: true)",
  "uuid",
];

/** The kinds of index of which the condition needs one, or undefined when it needs none. */
function indexesFor(condition: Condition): readonly Wanted[] | undefined {
  if (condition.kind === "empty" || condition.kind === "null") return anyIndex;
  if (condition.kind !== "field") return undefined;
  const { match, range } = condition;
  if (match !== undefined) {
    switch (match.kind) {
      case "value":
        return typeof match.value === "string"
          ? ["keyword"]
          : typeof match.value === "boolean"
            ? ["bool"]
            : ["integer"];
      case "any":
      case "except":
        if (match.values.length === 0) return undefined;
        return [typeof match.values[0] === "string" ? "keyword" : "integer"];
      case "prefix":
        return ["keyword (with prefix: true)"];
      case "phrase":
        return ["text (with phrase_matching: true)"];
      case "text":
      case "text_any":
        return ["text"];
    }
  }
  if (range !== undefined) return range.kind === "date" ? ["datetime"] : ["float", "integer"];
  return anyIndex;
}
