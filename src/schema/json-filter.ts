import { FilterError, quoted } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { metadataShape } from "./schema.ts";
import type { MetadataSchema, OutputOf } from "./standard-schema.ts";
import type { Field } from "../types.ts";
import { compileFilter, maxDepth } from "../filter/compile.ts";
import type { Filter } from "../filter/language.ts";

/**
 * A filter that came as JSON, from a request or a model: ISO dates become Date, an unknown key or operator throws.
 *
 * @param fields Where kinds cannot be read from the schema, as in `createRetriever`.
 * @example parseFilter(schema, JSON.parse(request.body)) // { at: { gte: "2024-01-01" } } → { at: { gte: Date } }
 */
export function parseFilter<S extends MetadataSchema>(
  schema: S,
  json: unknown,
  fields?: { readonly [K in keyof OutputOf<S> & string]?: Field },
): Filter<OutputOf<S>> {
  expectPart("metadata", schema, "schema");
  const known = metadataShape(schema, fields).fields;
  const filter = withDates(json, known, 1);
  compileFilter(filter, { fields: known, unlisted: "refuse" });
  // Compiling has proved the shape that the type states.
  return filter as Filter<OutputOf<S>>;
}

function withDates(json: unknown, fields: Readonly<Record<string, Field>>, depth: number): unknown {
  // Deeper levels stay as they are: compiling refuses them with their path.
  if (typeof json !== "object" || json === null || Array.isArray(json) || depth > maxDepth) return json;
  const entries = Object.entries(json).map(([key, operand]: [string, unknown]): [string, unknown] => {
    if (key === "NOT") return [key, withDates(operand, fields, depth + 1)];
    if (key === "AND" || key === "OR") {
      return [key, Array.isArray(operand) ? operand.map((part) => withDates(part, fields, depth + 1)) : operand];
    }
    const isDate = Object.hasOwn(fields, key) && fields[key]?.kind === "date";
    return [key, isDate ? dateOperand(operand, key) : operand];
  });
  return Object.fromEntries(entries);
}

function dateOperand(operand: unknown, path: string): unknown {
  if (typeof operand === "string") return dateOf(operand, path);
  if (typeof operand !== "object" || operand === null || Array.isArray(operand) || operand instanceof Date)
    return operand;
  return Object.fromEntries(
    Object.entries(operand).map(([operator, value]: [string, unknown]): [string, unknown] => {
      const at = `${path}.${operator}`;
      // A prefix is text by its nature; on a Date it is refused when the filter is compiled.
      if (operator === "startsWith") return [operator, value];
      if (typeof value === "string") return [operator, dateOf(value, at)];
      if (!Array.isArray(value)) return [operator, value];
      return [
        operator,
        value.map((item, index) => (typeof item === "string" ? dateOf(item, `${at}[${index}]`) : item)),
      ];
    }),
  );
}

const dateForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A day, or an instant with its zone. A time without a zone means another instant on every machine, so it is refused. */
function dateOf(text: string, path: string): Date {
  const date = new Date(text);
  const day = text.slice(0, 10);
  // JavaScript reads 2024-02-30 as the 1st of March: the day must survive the round trip.
  if (dateForm.test(text) && !Number.isNaN(date.getTime()) && new Date(day).toISOString().startsWith(day)) return date;
  throw new FilterError(
    path,
    `expected a date as YYYY-MM-DD or an ISO instant with its zone, received ${quoted(text)}`,
  );
}
