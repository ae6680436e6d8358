import { ConfigError, shown } from "../errors.ts";
import { fieldNameRule, isFieldName } from "../filter/field-name.ts";
import { readFields, type ReadField } from "./field-reading.ts";
import type { MetadataSchema } from "./standard-schema.ts";
import type { Field, FieldKind, FieldValue, Metadata, StoredMetadata } from "../types.ts";

/** What is known of the metadata of an index. */
export interface MetadataShape {
  readonly fields: Readonly<Record<string, Field>>;
  /** "refuse" where a schema lists every field, "accept" where there is none. */
  readonly unlisted: "refuse" | "accept";
  /** What a stored row lacks where its schema had null or []: both are "no value" in a store. */
  readonly blanks: Readonly<Record<string, null | readonly []>>;
}

/** Field kinds, read from the schema and completed by `fields`; a kind that neither tells is a ConfigError. */
export function fieldsOf(
  schema: MetadataSchema | undefined,
  given: { readonly [field: string]: Field | undefined } | undefined,
): MetadataShape {
  const fields: Record<string, Field> = {};
  const blanks: Record<string, null | readonly []> = {};
  const read: Readonly<Record<string, ReadField>> = schema === undefined ? {} : (readFields(schema) ?? {});
  for (const [name, field] of Object.entries(given ?? {})) {
    if (field === undefined) continue;
    checkName(name);
    if (!kinds.has(field.kind) || typeof field.array !== "boolean") {
      throw new ConfigError(
        `fields.${name}: expected { kind: "string" | "number" | "boolean" | "date", array: boolean }, received ${shown(field)}`,
      );
    }
    fields[name] = { kind: field.kind, array: field.array };
    if (field.array && read[name] === undefined && schema !== undefined) blanks[name] = [];
  }
  for (const [name, field] of Object.entries(read)) {
    checkName(name);
    if (fields[name] === undefined) {
      if (field.problem !== undefined) {
        throw new ConfigError(`metadata.${name}: ${field.problem}`);
      }
      fields[name] = { kind: field.kind, array: field.array };
    }
    if (field.blank !== undefined) blanks[name] = field.blank;
  }
  if (schema !== undefined && Object.keys(fields).length === 0 && readFields(schema) === undefined) {
    throw new ConfigError(
      `metadata: the kinds of the fields cannot be read from a schema of ${shown(schema["~standard"].vendor)}; list them in \`fields\``,
    );
  }
  return { fields, unlisted: schema === undefined ? "accept" : "refuse", blanks };
}

const kinds: ReadonlySet<FieldKind> = new Set(["string", "number", "boolean", "date"]);

function checkName(name: string): void {
  if (!isFieldName(name))
    throw new ConfigError(`metadata: expected field names to be ${fieldNameRule}, received ${shown(name)}`);
}

/** Stored metadata as its schema's output again. */
export function restoreMetadata(stored: StoredMetadata, shape: MetadataShape): Metadata {
  const metadata: Record<string, FieldValue> = { ...structuredCloneOf(shape.blanks) };
  for (const [name, value] of Object.entries(stored)) {
    const isDate = Object.hasOwn(shape.fields, name) && shape.fields[name]?.kind === "date";
    if (typeof value !== "object") metadata[name] = isDate ? new Date(String(value)) : value;
    else metadata[name] = isDate ? value.map((item) => new Date(String(item))) : ([...value] as FieldValue);
  }
  return metadata;
}

function structuredCloneOf(blanks: MetadataShape["blanks"]): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries(blanks).map(([name, blank]) => [name, blank === null ? null : []]));
}
