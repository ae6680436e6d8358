import { FilterError, shown } from "../errors.ts";
import type { FilterTree, Metadata, StoredValue } from "../types.ts";
import { compileFilter } from "./compile.ts";
import { evaluateFilter } from "./evaluate.ts";
import type { Filter } from "./language.ts";
import { encodeValue } from "./value.ts";

/**
 * The meaning of a filter, as one pure function.
 *
 * @example matches({ year: { gte: 2024 } }, { year: 2026 }) // true
 */
export function matches<M extends Metadata>(filter: Filter<NoInfer<M>>, metadata: M): boolean {
  if (typeof metadata !== "object" || (metadata as unknown) === null || Array.isArray(metadata)) {
    throw new FilterError("", `expected metadata to be an object, received ${shown(metadata)}`);
  }
  const tree = compileFilter(filter, { fields: {}, unlisted: "accept all" });
  const stored: Record<string, readonly StoredValue[]> = {};
  const dates = new Set<string>();
  for (const [field, value] of Object.entries<unknown>(metadata)) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    stored[field] = values
      .filter((item) => item !== null && item !== undefined)
      .map((item) => {
        const encoded = encodeValue(item);
        if (encoded.problem !== undefined) throw new FilterError(field, `in the metadata: ${encoded.problem}`);
        if (encoded.kind === "date") dates.add(field);
        return encoded.value;
      });
  }
  return evaluateFilter(withoutCoercion(tree, dates), stored);
}

/** A Date is text once it is stored. Where no schema says which is which, only a Date may meet a Date. */
function withoutCoercion(tree: FilterTree, dates: ReadonlySet<string>): FilterTree {
  switch (tree.op) {
    case "and":
    case "or":
      return { op: tree.op, parts: tree.parts.map((part) => withoutCoercion(part, dates)) };
    case "not":
      return { op: "not", part: withoutCoercion(tree.part, dates) };
    case "in":
    case "range":
      return (tree.kind === "date") === dates.has(tree.field) ? tree : { op: "never" };
    case "prefix":
      return dates.has(tree.field) ? { op: "never" } : tree;
    default:
      return tree;
  }
}
