import { FilterError, shown } from "../../../src/errors.ts";
import { isKind } from "../../../src/filter/evaluate.ts";
import type { FilterTree, StoredValue } from "../../../src/types.ts";

/** A condition of Qdrant with exactly one predicate: what two in one mean depends on the index. */
export type Condition = Readonly<Record<string, unknown>>;

export interface FilterRules {
  /** `match.prefix` came with Qdrant 1.19. */
  readonly prefixes: boolean;
}

/**
 * A filter as one condition, or a constant. Only what means the same with an index and without: no `except`, no `is_null`,
 * numbers as ranges; and no empty list, since `should: []` matches everything.
 */
export function conditionOf(tree: FilterTree, rules: FilterRules): Condition | "always" | "never" {
  switch (tree.op) {
    case "always":
    case "never":
      return tree.op;
    case "not": {
      const part = conditionOf(tree.part, rules);
      if (part === "always") return "never";
      return part === "never" ? "always" : { must_not: [part] };
    }
    case "and":
      return joined(tree.parts, "must", { neutral: "always", absorbing: "never" }, rules);
    case "or":
      return joined(tree.parts, "should", { neutral: "never", absorbing: "always" }, rules);
    case "exists":
      return { must_not: [{ is_empty: { key: pathOf(tree.field) } }] };
    case "in":
      return membership(tree);
    case "prefix":
      if (rules.prefixes) return { key: pathOf(tree.field), match: { prefix: text(tree.value, tree.field) } };
      throw new FilterError(tree.field, "startsWith needs Qdrant 1.19 or later");
    case "range":
      return { key: pathOf(tree.field), range: boundsOf(tree) };
  }
}

function joined(
  parts: readonly FilterTree[],
  clause: "must" | "should",
  { neutral, absorbing }: { readonly neutral: "always" | "never"; readonly absorbing: "always" | "never" },
  rules: FilterRules,
): Condition | "always" | "never" {
  const conditions = parts.map((part) => conditionOf(part, rules)).filter((condition) => condition !== neutral);
  if (conditions.includes(absorbing)) return absorbing;
  return conditions.length === 0 ? neutral : { [clause]: conditions };
}

/** Texts as a list; numbers and dates as ranges of one, as `match` takes no float; booleans one by one. */
function membership({ field, kind, values }: FilterTree & { op: "in" }): Condition | "never" {
  const key = pathOf(field);
  const known = [...new Set(values)].map((value) => {
    if (isKind(value, kind)) return checked(value, field);
    throw new FilterError(field, `expected a ${kind}, received ${shown(value)}`);
  });
  if (known.length === 0) return "never";
  if (kind === "string") return { key, match: known.length === 1 ? { value: known[0] } : { any: known } };
  const each = known.map((value) =>
    kind === "boolean" ? { key, match: { value } } : { key, range: { gte: value, lte: value } },
  );
  return each.length === 1 && each[0] !== undefined ? each[0] : { should: each };
}

/** A bound that is not there is absent: null, which JSON makes of NaN, would be no bound at all. */
function boundsOf(tree: FilterTree & { op: "range" }): Condition {
  const bounds: Record<string, StoredValue> = {};
  for (const bound of ["gt", "gte", "lt", "lte"] as const) {
    const value = tree[bound];
    if (value === undefined) continue;
    const path = `${tree.field}.${bound}`;
    if (!isKind(value, tree.kind)) throw new FilterError(path, `expected a ${tree.kind}, received ${shown(value)}`);
    bounds[bound] = checked(value, path);
  }
  if (Object.keys(bounds).length > 0) return bounds;
  throw new FilterError(tree.field, "expected at least one of gt, gte, lt and lte");
}

function checked(value: StoredValue, path: string): StoredValue {
  if (typeof value === "string") return text(value, path);
  if (typeof value === "boolean" || Number.isFinite(value)) return value;
  throw new FilterError(path, `expected a finite number, received ${shown(value)}`);
}

function text(value: string, path: string): string {
  if (value.isWellFormed()) return value;
  throw new FilterError(path, `expected text without lone surrogates, received ${shown(value)}`);
}

/** Of a field in the filterable copy of a chunk's metadata. */
export function pathOf(field: string): string {
  const key = keyOf(text(field, field));
  return /^[A-Za-z0-9_-]+$/.test(key) ? `metadata.${key}` : `metadata."${key}"`;
}

/** A field's name there: a path can name no key with a quote or a backslash, so odd ones are percent-encoded. */
export function keyOf(field: string): string {
  return field === "" ? "%" : encodeURIComponent(field);
}
