/**
 * Which points a filter selects. A condition on a field with an index is answered by what the index holds, where it can
 * answer at all, and by the payload otherwise: the two differ for values of another type.
 */
import { within } from "./bounds.ts";
import { parseDate } from "./dates.ts";
import type { Condition, FieldCondition, Filter, Match, Range } from "./filter.ts";
import { pointKey } from "./ids.ts";
import { hasNull, indexPredicate, isEmpty, type PayloadIndex, type Predicate } from "./payload-index.ts";
import { asFloat, asInteger, isList, isObject, type Json } from "./json.ts";
import { valuesAt } from "./paths.ts";

export type Indexes = ReadonlyMap<string, PayloadIndex>;

/** The points that a request's filter selects. */
export function predicateOf(filter: Filter | undefined, indexes: Indexes): Predicate {
  return filter === undefined ? () => true : filterPredicate(filter, indexes, isWalked(filter, indexes));
}

/** Whether indexes alone give the answer, so that no point is checked: one condition that must hold, or a plain OR. */
function isWalked({ must, should = [], mustNot, minShould }: Filter, indexes: Indexes): boolean {
  const filled = [must, should, mustNot, minShould?.conditions ?? []].filter((list) => list.length > 0);
  const [conditions = []] = filled;
  if (filled.length !== 1 || conditions === mustNot || (conditions === must && must.length > 1)) return false;
  if (conditions === minShould?.conditions && minShould.count > 1) return false;
  return conditions.every((condition) => {
    if (condition.kind !== "field") return condition.kind === "ids";
    if (condition.match?.kind === "except") return false;
    return indexPredicate(condition, indexes.get(condition.key), true) !== undefined;
  });
}

function filterPredicate(filter: Filter, indexes: Indexes, walked: boolean): Predicate {
  const predicates = (list: readonly Condition[]) =>
    list.map((condition) => conditionPredicate(condition, indexes, walked));
  const must = predicates(filter.must);
  const mustNot = predicates(filter.mustNot);
  const should = predicates(filter.should ?? []);
  const least = predicates(filter.minShould?.conditions ?? []);
  const count = filter.minShould?.count ?? 0;
  return (point) =>
    must.every((holds) => holds(point)) &&
    !mustNot.some((holds) => holds(point)) &&
    (should.length === 0
      ? point.key !== undefined || filter.should === undefined
      : should.some((holds) => holds(point))) &&
    least.filter((holds) => holds(point)).length >= count;
}

function conditionPredicate(condition: Condition, indexes: Indexes, walked: boolean): Predicate {
  switch (condition.kind) {
    case "filter":
      return filterPredicate(condition.filter, indexes, false);
    case "field":
      return indexPredicate(condition, indexes.get(condition.key), walked) ?? payloadPredicate(condition);
    case "empty":
      return ({ payload }) => valuesAt(payload, condition.path).every(isEmpty);
    case "null": {
      const isNull = indexes.has(condition.key) ? hasNull : (value: Json) => value === null;
      return ({ payload }) => valuesAt(payload, condition.path).some(isNull);
    }
    case "ids": {
      const keys = new Set(condition.ids.map(pointKey));
      return ({ key }) => key !== undefined && keys.has(key);
    }
    case "vector":
      return ({ vectors }) => vectors?.has(condition.name) === true;
    case "nested": {
      const inner = filterPredicate(condition.filter, new Map(), false);
      return ({ payload }) =>
        valuesAt(payload, condition.path).some((item) => isObject(item) && inner({ payload: item }));
    }
  }
}

/** Several tests in one condition are joined by OR. */
function payloadPredicate(condition: FieldCondition): Predicate {
  const { match, range, count } = condition;
  const tests: ((value: Json) => boolean)[] = [];
  if (match !== undefined) tests.push(anyElement((value) => matches(value, match)));
  if (range !== undefined) tests.push(anyElement((value) => inRange(value, range)));
  if (count !== undefined) tests.push((value) => within(countOf(value), count));
  if (condition.empty !== undefined) tests.push((value) => isEmpty(value) === condition.empty);
  if (condition.null !== undefined) tests.push((value) => hasNull(value) === condition.null);
  const whenMissing = condition.empty === true || condition.null === false || (count !== undefined && within(0, count));
  return ({ payload }) => {
    const values = valuesAt(payload, condition.path);
    return values.length === 0 ? whenMissing : values.some((value) => tests.some((holds) => holds(value)));
  };
}

function anyElement(holds: (value: Json) => boolean): (value: Json) => boolean {
  return (value) => (isList(value) ? value.some(holds) : holds(value));
}

function countOf(value: Json): number {
  if (value === null) return 0;
  return isList(value) ? value.length : 1;
}

function matches(value: Json, match: Match): boolean {
  switch (match.kind) {
    case "value":
      return typeof match.value === "string" || typeof match.value === "boolean"
        ? value === match.value
        : sameInteger(value, match.value);
    case "any":
      return contains(match.values, value);
    case "except":
      return value !== null && !contains(match.values, value);
    case "text":
    case "phrase":
      return typeof value === "string" && value.includes(match.text);
    case "text_any":
      return typeof value === "string" && match.text.split(/\s+/u).some((word) => word !== "" && value.includes(word));
    case "prefix":
      return typeof value === "string" && value.startsWith(match.text);
  }
}

/** A float never equals an integer here, `1.0` neither. */
function sameInteger(value: Json, wanted: number | bigint): boolean {
  const integer = asInteger(value);
  return integer !== undefined && BigInt(integer) === BigInt(wanted);
}

function contains(values: readonly (string | number | bigint)[], value: Json): boolean {
  return values.some((item) => (typeof item === "string" ? item === value : sameInteger(value, item)));
}

function inRange(value: Json, range: Range): boolean {
  if (range.kind === "number") {
    const float = asFloat(value);
    return float !== undefined && within(float, range.bounds);
  }
  const date = typeof value === "string" ? parseDate(value) : undefined;
  return date !== undefined && within(date, range.bounds);
}
