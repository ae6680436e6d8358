import { FilterError, shown } from "../../../src/errors.ts";
import { isKind } from "../../../src/filter/evaluate.ts";
import type { FilterTree, StoredValue } from "../../../src/types.ts";
import type { Binding } from "./values.ts";

/**
 * A filter as a condition on `c.metadata`. Fields and values are bound: the text depends on the shape of the tree alone.
 * No condition is ever NULL, so that `not` is the exact complement.
 */
export function conditionOf(tree: FilterTree, bind: Binding): string {
  switch (tree.op) {
    case "always":
      return "TRUE";
    case "never":
      return "FALSE";
    case "not":
      return `(NOT ${conditionOf(tree.part, bind)})`;
    case "and":
      return joined(tree.parts, " AND ", "TRUE", bind);
    case "or":
      return joined(tree.parts, " OR ", "FALSE", bind);
    case "exists":
      return `COALESCE((c.metadata -> ${fieldOf(tree, bind)}) <> ALL (ARRAY['null', '[]']::jsonb[]), FALSE)`;
    case "in":
      return membership(tree, bind);
    case "prefix":
      return somePasses(tree, `@.type() == "string" && @ starts with $prefix`, { prefix: tree.value }, bind);
    case "range":
      return rangeCondition(tree, bind);
  }
}

function joined(parts: readonly FilterTree[], operator: string, empty: string, bind: Binding): string {
  if (parts.length === 0) return empty;
  return `(${parts.map((part) => conditionOf(part, bind)).join(operator)})`;
}

/** By containment, which the index on metadata knows: a field is the value, or an array that holds it. */
function membership(tree: FilterTree & { op: "in" }, bind: Binding): string {
  const field = storable(tree.field, tree.field);
  const values = tree.values.map((value) => {
    if (isKind(value, tree.kind)) return checked(value, field);
    throw new FilterError(field, `expected a ${tree.kind}, received ${shown(value)}`);
  });
  const either = values.flatMap((value) => [{ [field]: value }, { [field]: [value] }]);
  // Quoted twice over: as JSON, and as elements of an array of Postgres, which escapes alike.
  const elements = either.map((each) => JSON.stringify(JSON.stringify(each)));
  return `(c.metadata @> ANY (${bind(`{${elements.join(",")}}`, "jsonb[]")}))`;
}

const comparisons = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;
/** As `Date.prototype.toISOString` writes it, of years 0 to 9999. */
const isoDatePattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$";

function rangeCondition(tree: FilterTree & { op: "range" }, bind: Binding): string {
  const bounds: Record<string, StoredValue> = {};
  let path =
    tree.kind === "number" ? `@.type() == "number"` : `@.type() == "string" && @ like_regex "${isoDatePattern}"`;
  for (const bound of ["gt", "gte", "lt", "lte"] as const) {
    const value = tree[bound];
    if (value === undefined) continue;
    if (!isKind(value, tree.kind))
      throw new FilterError(`${tree.field}.${bound}`, `expected a ${tree.kind}, received ${shown(value)}`);
    bounds[bound] = checked(value, `${tree.field}.${bound}`);
    path += ` && @ ${comparisons[bound]} $${bound}`;
  }
  return somePasses(tree, path, bounds, bind);
}

/** Any one value passes: `[*]` takes a single value for an array of one. Types are told first: JSON path would coerce none, but unwraps. */
function somePasses(
  tree: FilterTree & { field: string },
  path: string,
  variables: Readonly<Record<string, StoredValue>>,
  bind: Binding,
): string {
  for (const value of Object.values(variables)) checked(value, tree.field);
  const values = `c.metadata -> ${fieldOf(tree, bind)}, '$[*] ? (${path})', ${bind(JSON.stringify(variables), "jsonb")}, true`;
  return `COALESCE(jsonb_path_exists(${values}), FALSE)`;
}

function fieldOf({ field }: { readonly field: string }, bind: Binding): string {
  return bind(storable(field, field), "text");
}

function checked(value: StoredValue, path: string): StoredValue {
  if (typeof value === "string") return storable(value, path);
  if (typeof value === "boolean" || Number.isFinite(value)) return value;
  throw new FilterError(path, `expected a finite number, received ${shown(value)}`);
}

/** What Postgres can hold and compare: neither NUL nor half a character. */
function storable(text: string, path: string): string {
  if (!text.includes("\0") && text.isWellFormed()) return text;
  throw new FilterError(path, `expected text without NUL and lone surrogates, received ${shown(text)}`);
}
