import { ConfigError, shown, unexpected } from "../errors.ts";
import { fieldNameRule, isFieldName } from "../filter/field-name.ts";
import { expectOptions } from "../options.ts";
import { advice, readFields, zodDefinition } from "./field-reading.ts";
import type { MetadataSchema } from "./standard-schema.ts";
import type { Field, FieldKind, FieldValue, Metadata, StoredMetadata, StoredValue } from "../types.ts";

/** What is known of the metadata of an index. */
export interface MetadataShape {
  readonly fields: Readonly<Record<string, Field>>;
  /** "refuse" where a schema lists every field, "accept" where there is none. */
  readonly unlisted: "refuse" | "accept";
  /** What a stored row lacks where its schema had null or []: both are "no value" in a store. */
  readonly blanks: Readonly<Record<string, null | readonly []>>;
}

/** Field kinds, read from the schema and completed by `fields`; a kind that neither tells is a ConfigError. */
export function metadataShape(
  schema: MetadataSchema | undefined,
  given: { readonly [field: string]: Field | undefined } | undefined,
): MetadataShape {
  const fields: Record<string, Field> = {};
  const blanks: Record<string, null | readonly []> = {};
  const read = schema && readFields(schema);
  if (given !== undefined) expectOptions("fields", given);
  for (const [name, field] of Object.entries(given ?? {})) {
    if (field === undefined) continue;
    checkName(name);
    const { kind, array } = Object(field) as Field;
    if (!kinds.has(kind) || typeof array !== "boolean") {
      throw unexpected(`fields.${name}`, '{ kind: "string" | "number" | "boolean" | "date", array: boolean }', field);
    }
    fields[name] = { kind, array };
  }
  for (const [name, { kind, array = false, problem }] of read ?? []) {
    checkName(name);
    if (fields[name] !== undefined) continue;
    if (problem !== undefined || kind === undefined) {
      throw new ConfigError(`metadata.${name}: ${problem ?? `it has no kind${advice}`}`);
    }
    fields[name] = { kind, array };
  }
  if (schema !== undefined && read === undefined && Object.keys(fields).length === 0) {
    const { vendor } = schema["~standard"];
    const type = zodDefinition(schema)?.type;
    const older = vendor === "zod" ? ' before version 4, which 3.25 has as "zod/v4"' : "";
    const which = type ? ` that is a ${type}` : older;
    throw new ConfigError(
      `metadata: the kinds of the fields cannot be read from a schema of ${shown(vendor)}${which}; list them in \`fields\``,
    );
  }
  if (schema === undefined) return { fields, unlisted: "accept", blanks };
  for (const [name, { array }] of Object.entries(fields)) {
    const field = read?.get(name);
    if (field?.undefined === true) continue;
    if (field?.null === true) blanks[name] = null;
    else if (array) blanks[name] = [];
  }
  return { fields, unlisted: "refuse", blanks };
}

const kinds: ReadonlySet<FieldKind> = new Set(["string", "number", "boolean", "date"]);

function checkName(name: string): void {
  if (!isFieldName(name)) throw unexpected("metadata", `field names to be ${fieldNameRule}`, name);
}

/** Stored metadata as its schema's output again. */
export function restoreMetadata(stored: StoredMetadata, shape: MetadataShape): Metadata {
  const metadata: Record<string, FieldValue> = {};
  for (const [name, blank] of Object.entries(shape.blanks)) metadata[name] = blank && [];
  for (const [name, value] of Object.entries(stored)) {
    const isDate = Object.hasOwn(shape.fields, name) && shape.fields[name]?.kind === "date";
    const restored = (item: StoredValue): FieldValue => (isDate ? new Date(String(item)) : item);
    metadata[name] = (typeof value === "object" ? value.map(restored) : restored(value)) as FieldValue;
  }
  return metadata;
}
