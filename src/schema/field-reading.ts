import type { FieldKind } from "../types.ts";

/** One field as its schema tells it, or why the schema does not tell. */
export type ReadField = {
  /** What a row without a value reads back as: null where the schema has no `undefined`, [] where it has only arrays. */
  readonly blank?: null | readonly [];
} & (
  | { readonly kind: FieldKind; readonly array: boolean; readonly problem?: undefined }
  | { readonly problem: string }
);

const advice = "; name its kind in `fields`";
const notFlat = "metadata is flat, and this is nested";

/**
 * Field kinds read structurally: zod 4 by its definitions, others by the JSON Schema that they offer
 * (https://standardschema.dev/json-schema). `undefined`: the schema offers neither.
 */
export function readFields(schema: object): Readonly<Record<string, ReadField>> | undefined {
  const definition = zodDefinition(schema);
  if (definition !== undefined) return readZodObject(definition);
  return readJsonSchema(schema);
}

// ── zod 4. Its definitions are documented for library authors: https://zod.dev/library-authors

interface ZodDefinition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly element?: unknown;
  readonly innerType?: unknown;
  readonly out?: unknown;
  readonly left?: unknown;
  readonly right?: unknown;
  readonly options?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
  readonly getter?: () => unknown;
}

function zodDefinition(schema: unknown): ZodDefinition | undefined {
  const zod = property(schema, "_zod");
  const definition = property(zod, "def");
  return typeof property(definition, "type") === "string" ? (definition as ZodDefinition) : undefined;
}

const transparent: ReadonlySet<string> = new Set([
  "optional",
  "nullable",
  "default",
  "prefault",
  "nonoptional",
  "readonly",
  "catch",
]);

function readZodObject(definition: ZodDefinition): Readonly<Record<string, ReadField>> | undefined {
  if (definition.type === "object") {
    const fields: Record<string, ReadField> = {};
    for (const [name, field] of Object.entries(definition.shape ?? {})) fields[name] = readZodField(field);
    return fields;
  }
  const parts =
    definition.type === "union"
      ? (definition.options ?? [])
      : definition.type === "intersection"
        ? [definition.left, definition.right]
        : [
            definition.type === "pipe"
              ? definition.out
              : definition.type === "lazy"
                ? definition.getter?.()
                : definition.innerType,
          ];
  const read = parts.map((part) => {
    const inner = zodDefinition(part);
    return inner === undefined ? undefined : readZodObject(inner);
  });
  const known = read.filter((fields) => fields !== undefined);
  if (known.length !== read.length) return undefined;
  return merged(known);
}

function merged(parts: readonly Readonly<Record<string, ReadField>>[]): Readonly<Record<string, ReadField>> {
  const fields: Record<string, ReadField> = {};
  for (const part of parts) {
    for (const [name, field] of Object.entries(part)) {
      const before = fields[name];
      if (before === undefined) fields[name] = parts.length > 1 ? withoutBlank(field) : field;
      else if (before.problem === undefined && field.problem === undefined && !sameKind(before, field)) {
        fields[name] = { problem: `it has several kinds${advice}` };
      }
    }
  }
  return fields;
}

function sameKind(a: { kind: FieldKind; array: boolean }, b: { kind: FieldKind; array: boolean }): boolean {
  return a.kind === b.kind && a.array === b.array;
}

function withoutBlank(field: ReadField): ReadField {
  return field.problem === undefined ? { kind: field.kind, array: field.array } : { problem: field.problem };
}

function readZodField(schema: unknown): ReadField {
  const accepts = (value: unknown): boolean => optionality(schema, value);
  const read = zodKind(schema);
  if (read.problem !== undefined || accepts(undefined)) return read;
  if (accepts(null)) return { ...read, blank: null };
  return read.array ? { ...read, blank: [] } : read;
}

/** Whether what comes out may be null, or undefined. */
function optionality(schema: unknown, value: unknown): boolean {
  const definition = zodDefinition(schema);
  if (definition === undefined) return false;
  const { type } = definition;
  if (type === "optional" || type === "undefined") {
    return value === undefined || (type === "optional" && optionality(definition.innerType, value));
  }
  if (type === "nullable" || type === "null") {
    return value === null || (type === "nullable" && optionality(definition.innerType, value));
  }
  // A default takes the place of undefined; null passes through it.
  if (type === "default" || type === "prefault" || type === "nonoptional") {
    return value === null && optionality(definition.innerType, value);
  }
  if (transparent.has(type)) return optionality(definition.innerType, value);
  if (type === "union") return (definition.options ?? []).some((option) => optionality(option, value));
  if (type === "literal") return (definition.values ?? []).includes(value);
  if (type === "pipe") return optionality(definition.out, value);
  return false;
}

function zodKind(schema: unknown): ReadField & { readonly blank?: never } {
  const definition = zodDefinition(schema);
  if (definition === undefined) return { problem: `it is no zod schema${advice}` };
  const { type } = definition;
  if (transparent.has(type)) return zodKind(definition.innerType);
  switch (type) {
    case "string":
    case "template_literal":
      return { kind: "string", array: false };
    case "number":
    case "int":
      return { kind: "number", array: false };
    case "boolean":
      return { kind: "boolean", array: false };
    case "date":
      return { kind: "date", array: false };
    case "enum":
      return valueKind(enumValues(definition.entries ?? {}));
    case "literal":
      return valueKind((definition.values ?? []).filter((value) => value !== null && value !== undefined));
    case "pipe":
      return zodKind(definition.out);
    case "lazy":
      return zodKind(definition.getter?.());
    case "array": {
      const element = zodKind(definition.element);
      if (element.problem !== undefined) return element;
      return element.array ? { problem: notFlat } : { kind: element.kind, array: true };
    }
    case "union": {
      const options = (definition.options ?? []).filter(
        (option) => !["null", "undefined"].includes(zodDefinition(option)?.type ?? ""),
      );
      return oneKind(options.map(zodKind));
    }
    case "object":
    case "record":
    case "tuple":
    case "map":
    case "set":
      return { problem: notFlat };
    default:
      return { problem: `its kind cannot be read from ${type}${advice}` };
  }
}

/** Of a union. */
function oneKind([first, ...rest]: readonly ReadField[]): ReadField & { readonly blank?: never } {
  if (first === undefined) return { problem: `an empty union has no kind${advice}` };
  if (first.problem !== undefined) return { problem: first.problem };
  const same = rest.every((other) => other.problem === undefined && sameKind(first, other));
  const { kind, array } = first;
  return same ? { kind, array } : { problem: `a union of several kinds has no kind${advice}` };
}

/** A numeric enum of TypeScript maps its numbers back to its names; those are no values. */
function enumValues(entries: Readonly<Record<string, unknown>>): readonly unknown[] {
  const numbers = new Set(Object.values(entries).filter((value) => typeof value === "number"));
  return Object.entries(entries).flatMap(([name, value]) => (numbers.has(Number(name)) ? [] : [value]));
}

function valueKind(values: readonly unknown[]): ReadField & { readonly blank?: never } {
  const types = new Set(values.map((value) => typeof value));
  const [type] = types;
  if (types.size === 1 && (type === "string" || type === "number" || type === "boolean"))
    return { kind: type, array: false };
  return { problem: `its values are of several kinds${advice}` };
}

// ── any schema with a JSON Schema of its own

function readJsonSchema(schema: object): Readonly<Record<string, ReadField>> | undefined {
  const offer = property(property(schema, "~standard"), "jsonSchema");
  const output = property(offer, "output");
  if (typeof output !== "function") return undefined;
  let json: unknown;
  try {
    json = output.call(offer, { target: "draft-2020-12" });
  } catch {
    // Of a schema with a Date or a transformation, say, some libraries give none.
    return undefined;
  }
  const properties = property(json, "properties");
  if (typeof properties !== "object" || properties === null) return undefined;
  const required = property(json, "required");
  const fields: Record<string, ReadField> = {};
  for (const [name, field] of Object.entries(properties)) {
    const read = jsonKind(field);
    const always = Array.isArray(required) && required.includes(name);
    fields[name] = read.problem === undefined && read.array && always ? { ...read, blank: [] } : read;
  }
  return fields;
}

function jsonKind(json: unknown): ReadField & { readonly blank?: never } {
  const options = property(json, "anyOf") ?? property(json, "oneOf");
  if (Array.isArray(options)) return oneKind(options.filter((one) => property(one, "type") !== "null").map(jsonKind));
  const type = property(json, "type");
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== "null");
  const values =
    property(json, "enum") ?? (Object.hasOwn(Object(json), "const") ? [property(json, "const")] : undefined);
  if (Array.isArray(values)) return valueKind(values.filter((value) => value !== null));
  if (types.length === 1) {
    const [only] = types;
    if (only === "string" || only === "boolean") return { kind: only, array: false };
    if (only === "number" || only === "integer") return { kind: "number", array: false };
    if (only === "array") {
      const element = jsonKind(property(json, "items"));
      if (element.problem !== undefined) return element;
      return element.array ? { problem: notFlat } : { kind: element.kind, array: true };
    }
  }
  if (types.includes("object")) return { problem: notFlat };
  return { problem: `its kind cannot be read from the JSON Schema${advice}` };
}

function property(value: unknown, name: string): unknown {
  // Schemas of some libraries are functions.
  return (Object(value) as Readonly<Record<string, unknown>>)[name];
}
