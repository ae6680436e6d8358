import { FilterError, shown } from "../errors.ts";
import type { FilterTree, StoredMetadata, StoredValue } from "../types.ts";

/** The one meaning of a filter, as `store-parts.ts` says it. */
export function evaluateFilter(tree: FilterTree, metadata: StoredMetadata): boolean {
  switch (tree?.op) {
    case "always":
      return true;
    case "never":
      return false;
    case "and":
      return tree.parts.every((part) => evaluateFilter(part, metadata));
    case "or":
      return tree.parts.some((part) => evaluateFilter(part, metadata));
    case "not":
      return !evaluateFilter(tree.part, metadata);
    case "exists":
    case "in":
    case "prefix":
    case "range":
      return valuesOf(metadata, tree.field).some((value) => passes(tree, value));
    default:
      throw unknown(tree);
  }
}

/** A test of the values of one field. */
export type FieldTest = Extract<FilterTree, { readonly field: string }>;

/** Whether one of a field's values passes. */
export function passes(test: FieldTest, value: StoredValue): boolean {
  switch (test.op) {
    case "exists":
      return true;
    case "in":
      return test.values.includes(value);
    case "prefix":
      return typeof value === "string" && value.startsWith(test.value);
    case "range":
      return (
        isKind(value, test.kind) &&
        (test.gt === undefined || value > test.gt) &&
        (test.gte === undefined || value >= test.gte) &&
        (test.lt === undefined || value < test.lt) &&
        (test.lte === undefined || value <= test.lte)
      );
    default:
      throw unknown(test);
  }
}

/** From untyped code, or of a later version: to select by it would be a guess. */
function unknown(tree: never): FilterError {
  return new FilterError("", `expected a compiled filter, received ${shown(tree)}`);
}

const none: readonly StoredValue[] = [];

function valuesOf(metadata: StoredMetadata, field: string): readonly StoredValue[] {
  const value = metadata && Object.hasOwn(metadata, field) ? metadata[field] : undefined;
  if (value === undefined) return none;
  return typeof value === "object" ? value : [value];
}

/** Dates are stored as `Date.prototype.toISOString` writes them, of years 0 to 9999: text order is time order. */
const isoDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Whether a stored value is of a kind; no value is coerced into one. */
export function isKind(value: StoredValue, kind: "string" | "number" | "boolean" | "date"): boolean {
  return kind === "date" ? typeof value === "string" && isoDate.test(value) : typeof value === kind;
}
