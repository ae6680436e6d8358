import { ConfigError, MetadataError, shown } from "../errors.ts";
import { fieldNameRule, isFieldName } from "../filter/field-name.ts";
import { encodeValue } from "../filter/value.ts";
import { readFields, type ReadField } from "./field-reading.ts";
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

/** Validates the metadata of a document and brings it into the form that stores keep. */
export async function storeMetadata(
  schema: MetadataSchema | undefined,
  shape: MetadataShape,
  documentId: string,
  value: unknown,
): Promise<StoredMetadata> {
  let output: unknown = value ?? {};
  if (schema !== undefined) {
    const result = await schema["~standard"].validate(output);
    if (result.issues !== undefined) {
      throw new MetadataError(
        documentId,
        result.issues.map(({ message, path }) => ({ message, path: (path ?? []).map(pathStep).join(".") })),
      );
    }
    output = result.value;
  }
  if (typeof output !== "object" || output === null || Array.isArray(output)) {
    throw new MetadataError(documentId, [{ path: "", message: `expected an object, received ${shown(output)}` }]);
  }
  const issues: { path: string; message: string }[] = [];
  const stored: Record<string, StoredValue | readonly StoredValue[]> = {};
  for (const [name, field] of Object.entries(output)) {
    if (field === null || field === undefined) continue;
    const encoded = encodeField(name, field, shape);
    if (encoded.issue !== undefined) issues.push(encoded.issue);
    else if (encoded.value !== undefined) stored[name] = encoded.value;
  }
  if (issues.length > 0) throw new MetadataError(documentId, issues);
  return stored;
}

type EncodedField =
  | { readonly value: StoredValue | readonly StoredValue[] | undefined; readonly issue?: undefined }
  | { readonly issue: { readonly path: string; readonly message: string } };

function encodeField(name: string, value: unknown, shape: MetadataShape): EncodedField {
  const refuse = (path: string, message: string): EncodedField => ({ issue: { path, message } });
  if (!isFieldName(name)) return refuse(shown(name), `expected a field name: ${fieldNameRule}`);
  const declared = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
  if (declared === undefined && shape.unlisted === "refuse")
    return refuse(name, "the schema lets it through but does not list it");
  if (declared !== undefined && declared.array !== Array.isArray(value)) {
    return refuse(name, `expected ${declared.array ? "an array" : "one value"}, received ${shown(value)}`);
  }
  const items: unknown[] = Array.isArray(value) ? Array.from(value) : [value];
  const encoded: StoredValue[] = [];
  let kind: FieldKind | undefined = declared?.kind;
  for (const [index, item] of items.entries()) {
    const path = Array.isArray(value) ? `${name}.${index}` : name;
    const one = encodeValue(item);
    if (one.problem !== undefined) {
      const nested = typeof item === "object" && item !== null && !(item instanceof Date);
      return refuse(path, nested ? `metadata is flat: ${one.problem}` : one.problem);
    }
    if (declared === undefined && one.kind === "date") {
      return refuse(
        path,
        "a Date needs a schema, or `fields`, to come back as a Date; received a Date for an undeclared field",
      );
    }
    kind ??= one.kind;
    if (one.kind !== kind) return refuse(path, `expected a ${kind}, received ${shown(item)}`);
    encoded.push(one.value);
  }
  if (!Array.isArray(value)) return { value: encoded[0] };
  return { value: encoded.length === 0 ? undefined : encoded };
}

function pathStep(step: unknown): string {
  const key = typeof step === "object" && step !== null && "key" in step ? step.key : step;
  return String(key);
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
