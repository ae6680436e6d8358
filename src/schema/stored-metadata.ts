import { MetadataError, shown } from "../errors.ts";
import { fieldNameRule, isFieldName } from "../filter/field-name.ts";
import { encodeValue } from "../filter/value.ts";
import { isKeyed } from "../options.ts";
import type { MetadataShape } from "./schema.ts";
import type { MetadataSchema } from "./standard-schema.ts";
import type { FieldKind, StoredMetadata, StoredValue } from "../types.ts";

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
  if (!isKeyed(output)) {
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
  const isArray = Array.isArray(value);
  if (declared !== undefined && declared.array !== isArray) {
    return refuse(name, `expected ${declared.array ? "an array" : "one value"}, received ${shown(value)}`);
  }
  const items: unknown[] = isArray ? Array.from(value) : [value];
  const encoded: StoredValue[] = [];
  let kind: FieldKind | undefined = declared?.kind;
  for (const [index, item] of items.entries()) {
    const path = isArray ? `${name}.${index}` : name;
    const one = encodeValue(item);
    if (one.problem !== undefined) {
      const nested = typeof item === "object" && item !== null && !(item instanceof Date);
      return refuse(path, nested ? `metadata is flat: ${one.problem}` : one.problem);
    }
    if (declared === undefined && one.kind === "date") {
      return refuse(path, `a Date needs a schema, or \`fields\`, that says that ${name} has Dates`);
    }
    kind ??= one.kind;
    if (one.kind !== kind) return refuse(path, `expected a ${kind}, received ${shown(item)}`);
    encoded.push(one.value);
  }
  if (!isArray) return { value: encoded[0] };
  return { value: encoded.length === 0 ? undefined : encoded };
}

function pathStep(step: unknown): string {
  const key = typeof step === "object" && step !== null && "key" in step ? step.key : step;
  return String(key);
}
