import { FilterError, quoted, shown } from "../errors.ts";
import type { Field, FieldKind, FilterTree, StoredValue } from "../types.ts";
import { fieldNameRule, isFieldName } from "./field-name.ts";
import { encodeValue } from "./value.ts";

export const maxDepth = 8;
const maxTests = 256;
const maxValues = 1_000;

/** What is known of the fields that a filter may name. */
export interface FilterFields {
  readonly fields: Readonly<Record<string, Field>>;
  /**
   * A field that is not listed: "refuse" where a schema lists them all, "accept" where there is none. Such a field holds no
   * Date, because nothing would tell it from its text; "accept all" is for what was not stored.
   */
  readonly unlisted: "refuse" | "accept" | "accept all";
}

const boundTests: readonly string[] = ["gt", "gte", "lt", "lte"];

type Test = (operand: unknown, context: TestContext) => FilterTree;
type Tests = Readonly<Record<string, Test>>;
interface TestContext {
  readonly field: string;
  readonly declared: Field | undefined;
  readonly dates: boolean;
  readonly path: string;
}

/** Validates what a user wrote and compiles it, once, to the closed tree. Anything outside the language throws. */
export function compileFilter(filter: unknown, known: FilterFields): FilterTree {
  let tests = 0;
  const counted = (path: string): void => {
    if (++tests > maxTests) throw new FilterError(path, `expected at most ${maxTests} conditions`);
  };

  const group = (value: unknown, path: string, depth: number): FilterTree => {
    if (depth > maxDepth) throw new FilterError(path, `expected at most ${maxDepth} levels of AND, OR and NOT`);
    counted(path);
    const parts = entriesOf(value, path, "a filter object").map(([key, operand]): FilterTree => {
      const at = stepInto(path, key);
      if (key === "AND" || key === "OR") {
        if (!Array.isArray(operand)) throw unexpected(at, "an array of filters", operand);
        // Not map, which passes over holes.
        const inner = Array.from(operand, (part: unknown, index) => group(part, `${at}[${index}]`, depth + 1));
        return key === "AND" ? all(inner) : any(inner);
      }
      if (key === "NOT") return not(group(operand, at, depth + 1));
      return condition(key, operand, at);
    });
    return all(parts);
  };

  const condition = (field: string, operand: unknown, path: string): FilterTree => {
    if (!isFieldName(field)) throw unexpected(path, `a field name (${fieldNameRule})`, field);
    const declared = Object.hasOwn(known.fields, field) ? known.fields[field] : undefined;
    if (declared === undefined && known.unlisted === "refuse") {
      throw new FilterError(path, `no such field; expected one of ${Object.keys(known.fields).join(", ") || "none"}`);
    }
    const context = { field, declared, dates: declared !== undefined || known.unlisted !== "accept" };
    if (typeof operand !== "object" || operand === null || operand instanceof Date) {
      counted(path);
      return apply("eq", operand, { ...context, path });
    }
    const entries = entriesOf(operand, path, "a value or an object of operators");
    if (entries.length === 0) throw new FilterError(path, "expected at least one operator, received an empty object");
    const bounds: [string, unknown][] = [];
    const parts: FilterTree[] = [];
    for (const [operator, value] of entries) {
      counted(stepInto(path, operator));
      if (boundTests.includes(operator)) bounds.push([operator, value]);
      else parts.push(apply(operator, value, { ...context, path: stepInto(path, operator) }));
    }
    // Together on purpose: all bounds of one object must hold for one element of an array.
    if (bounds.length > 0) parts.push(range(bounds, { ...context, path }));
    return all(parts);
  };

  return group(filter, "", 1);
}

function apply(operator: string, operand: unknown, context: TestContext): FilterTree {
  const { declared, path } = context;
  const array = declared?.array;
  const compile =
    (array !== true && Object.hasOwn(scalarTests, operator) ? scalarTests[operator] : undefined) ??
    (array !== false && Object.hasOwn(arrayTests, operator) ? arrayTests[operator] : undefined);
  if (compile !== undefined) return compile(operand, context);
  const kind = declared?.kind;
  const allowed = [
    ...(array === true ? [] : Object.keys(scalarTests)),
    ...(array === false ? [] : Object.keys(arrayTests)),
    ...(kind === undefined || kind === "number" || kind === "date" ? boundTests : []),
  ].filter((name) => name !== "startsWith" || kind === undefined || kind === "string");
  const names = [...new Set(allowed)].join(", ");
  if (operator === "eq") throw new FilterError(path, `a field with an array of values takes one of ${names}`);
  throw new FilterError(path, `unknown operator for this field; expected one of ${names}`);
}

const has: Test = (operand, context) => among([operand], context);
const hasAny: Test = (operand, context) => among(listOf(operand, context), context);
const hasNone: Test = (operand, context) => not(hasAny(operand, context));

const shared: Tests = {
  exists: (operand, { field, path }) => {
    if (typeof operand !== "boolean") throw unexpected(path, "true or false", operand);
    return operand ? { op: "exists", field } : not({ op: "exists", field });
  },
  startsWith: (operand, context) => {
    const { kind, value } = encode(operand, context);
    if (kind !== "string") throw unexpected(context.path, "a string", operand);
    return { op: "prefix", field: context.field, value: String(value) };
  },
};

const scalarTests: Tests = {
  eq: has,
  ne: (operand, context) => not(has(operand, context)),
  in: hasAny,
  notIn: hasNone,
  ...shared,
};

const arrayTests: Tests = {
  has,
  hasAny,
  hasAll: (operand, context) =>
    all(listOf(operand, context).map((value, index) => has(value, { ...context, path: `${context.path}[${index}]` }))),
  hasNone,
  ...shared,
};

function among(operands: readonly unknown[], context: TestContext): FilterTree {
  const byKind = new Map<FieldKind, StoredValue[]>();
  operands.forEach((operand, index) => {
    const path = operands.length > 1 ? `${context.path}[${index}]` : context.path;
    const { kind, value } = encode(operand, { ...context, path });
    const values = byKind.get(kind);
    if (values === undefined) byKind.set(kind, [value]);
    else values.push(value);
  });
  return any([...byKind].map(([kind, values]) => ({ op: "in", field: context.field, kind, values })));
}

function range(bounds: readonly (readonly [string, unknown])[], context: TestContext): FilterTree {
  let kind: "number" | "date" | undefined;
  const limits: Record<string, StoredValue> = {};
  for (const [operator, operand] of bounds) {
    const path = `${context.path}.${operator}`;
    const bound = encode(operand, { ...context, path });
    if (bound.kind !== "number" && bound.kind !== "date") {
      throw unexpected(path, "a number or a Date", operand);
    }
    if (kind !== undefined && kind !== bound.kind)
      throw new FilterError(path, `expected a ${kind} like the other bound`);
    kind = bound.kind;
    limits[operator] = bound.value;
  }
  return { op: "range", field: context.field, kind: kind ?? "number", ...limits };
}

function encode(
  operand: unknown,
  { field, declared, dates, path }: TestContext,
): { kind: FieldKind; value: StoredValue } {
  if (operand === null) throw new FilterError(path, "expected a value, received null; { exists: false } asks for none");
  const encoded = encodeValue(operand);
  if (encoded.problem !== undefined) throw new FilterError(path, encoded.problem);
  if (declared !== undefined && declared.kind !== encoded.kind) {
    throw unexpected(path, `a ${declared.kind} for field ${field}`, operand);
  }
  if (encoded.kind === "date" && !dates) {
    throw new FilterError(path, `a Date needs a schema, or \`fields\`, that says that ${field} has Dates`);
  }
  return encoded;
}

function listOf(operand: unknown, { path }: TestContext): readonly unknown[] {
  if (!Array.isArray(operand)) throw unexpected(path, "an array", operand);
  if (operand.length > maxValues) throw unexpected(path, `at most ${maxValues} values`, operand.length);
  return Array.from(operand); // holes become undefined and are refused as such
}

/** The entries of a plain object. A key with the value `undefined` throws: dropping it would widen the filter. */
function entriesOf(value: unknown, path: string, expected: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unexpected(path, expected, value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw new FilterError(path, `expected ${expected}, received an instance of a class`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0)
    throw new FilterError(path, `expected ${expected}, received a symbol as key`);
  const entries = Object.entries(value);
  for (const [key, operand] of entries) {
    if (operand === undefined) {
      throw new FilterError(stepInto(path, key), "expected a value, received undefined; leave the key out instead");
    }
  }
  return entries;
}

function unexpected(path: string, expected: string, received: unknown): FilterError {
  return new FilterError(path, `expected ${expected}, received ${shown(received)}`);
}

function stepInto(path: string, key: string): string {
  const step = /^[\w$-]{1,64}$/.test(key) ? key : quoted(key);
  return path === "" ? step : `${path}.${step}`;
}

/** Constants are folded, so that a filter which selects everything is seen to do so: `delete` refuses it. */
function all(parts: readonly FilterTree[]): FilterTree {
  return joined("and", parts, "always", "never");
}

function any(parts: readonly FilterTree[]): FilterTree {
  return joined("or", parts, "never", "always");
}

function joined(
  op: "and" | "or",
  parts: readonly FilterTree[],
  neutral: "always" | "never",
  absorbing: "always" | "never",
): FilterTree {
  if (parts.some((part) => part.op === absorbing)) return { op: absorbing };
  const rest = parts.filter((part) => part.op !== neutral);
  const [first] = rest;
  if (first === undefined) return { op: neutral };
  return rest.length === 1 ? first : { op, parts: rest };
}

function not(part: FilterTree): FilterTree {
  if (part.op === "always") return { op: "never" };
  if (part.op === "never") return { op: "always" };
  return part.op === "not" ? part.part : { op: "not", part };
}
