import type { FieldKind } from "../types.ts";

/** What comes out of a schema, or a part of one, as it tells. */
export interface ReadField {
  /** Of values; none where nothing but null and undefined comes out. */
  readonly kind?: FieldKind | undefined;
  readonly array?: boolean | undefined;
  /** Why the schema does not tell. */
  readonly problem?: string | undefined;
  readonly null?: boolean;
  readonly undefined?: boolean;
}

export const advice = "; name its kind in `fields`";
const notFlat = "metadata is flat, and this is nested";

/**
 * Fields read structurally: of zod 4 by its definitions, of others by the JSON Schema that they offer
 * (https://standardschema.dev/json-schema). `undefined`: the schema offers neither.
 */
export function readFields(schema: object): ReadonlyMap<string, ReadField> | undefined {
  return zodDefinition(schema) === undefined ? jsonFields(schema) : zodFields(schema);
}

/** What comes out of any of the parts; `both`: of each of them at once. */
function joined(parts: readonly ReadField[], both = false): ReadField {
  const valued = parts.filter(({ kind, problem }) => kind !== undefined || problem !== undefined);
  const { kind, array } = valued[0] ?? {};
  const problem =
    valued.find((part) => part.problem !== undefined)?.problem ??
    (valued.every((part) => part.kind === kind && part.array === array) ? undefined : `it has several kinds${advice}`);
  const may = (what: "null" | "undefined"): boolean =>
    both ? parts.every((part) => part[what]) : parts.some((part) => part[what]);
  return { kind, array, problem, null: may("null"), undefined: may("undefined") };
}

function arrayOf({ kind, array, problem }: ReadField): ReadField {
  return { kind, array: true, problem: array === true ? notFlat : problem };
}

function unread(what: string): ReadField {
  return { problem: `its kind cannot be read from ${what}${advice}` };
}

function plainField(kind: unknown): ReadField | undefined {
  return kind === "string" || kind === "number" || kind === "boolean" ? { kind, array: false } : undefined;
}

/** Of literals and of what an enum lists. */
function valuesField(values: readonly unknown[]): ReadField {
  return joined(
    values.map((value): ReadField => {
      const kind = typeof value;
      if (value === null || value === undefined) return { [String(value)]: true };
      return plainField(kind) ?? unread(`a ${kind}`);
    }),
  );
}

// ── zod 4. Its definitions are documented for library authors: https://zod.dev/library-authors

export interface ZodDefinition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly element?: unknown;
  readonly items?: readonly unknown[];
  readonly rest?: unknown;
  readonly innerType?: unknown;
  readonly out?: unknown;
  readonly left?: unknown;
  readonly right?: unknown;
  readonly options?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
  readonly getter?: () => unknown;
}

export function zodDefinition(schema: unknown): ZodDefinition | undefined {
  const definition = property(property(schema, "_zod"), "def");
  return typeof property(definition, "type") === "string" ? (definition as ZodDefinition) : undefined;
}

/** What stands in it, on the side where values come out. */
function innerOf({ type, out, getter, innerType }: ZodDefinition): unknown {
  return type === "pipe" ? out : type === "lazy" ? getter?.() : innerType;
}

function zodFields(schema: unknown): ReadonlyMap<string, ReadField> | undefined {
  const definition = zodDefinition(schema);
  if (definition === undefined) return undefined;
  const { type, shape = {}, options = [], left, right } = definition;
  if (type === "object") return new Map(Object.entries(shape).map(([name, field]) => [name, zodField(field)]));
  const both = type === "intersection";
  const parts = (type === "union" ? options : both ? [left, right] : [innerOf(definition)]).map(zodFields);
  if (!parts.every((fields) => fields !== undefined)) return undefined;
  const absent = both ? [] : { undefined: true };
  return new Map(
    parts
      .flatMap((fields) => [...fields.keys()])
      .map((name) => {
        const fields = parts.flatMap((part) => part.get(name) ?? absent);
        return [name, joined(fields, both)];
      }),
  );
}

/** `above`: what it stands in. */
function zodField(schema: unknown, above: readonly unknown[] = []): ReadField {
  const definition = zodDefinition(schema);
  if (definition === undefined) return { problem: `it is no zod schema${advice}` };
  // In itself: no end of arrays, as in JSON.
  if (above.includes(definition)) return { problem: notFlat };
  const { type, element, entries = {}, values = [], options = [], items = [], rest } = definition;
  const read = (part: unknown): ReadField => zodField(part, [...above, definition]);
  switch (type) {
    case "string":
    case "template_literal":
      return { kind: "string", array: false };
    case "number":
    case "int":
      return { kind: "number", array: false };
    case "boolean":
    case "date":
      return { kind: type, array: false };
    case "null":
    case "undefined":
      return { [type]: true };
    case "enum":
      return valuesField(enumValues(entries));
    case "literal":
      return valuesField(values);
    case "array":
    case "tuple":
      return arrayOf(joined([element ?? items, rest ?? []].flat().map(read)));
    case "union":
      return joined(options.map(read));
    case "optional":
      return { ...read(innerOf(definition)), undefined: true };
    case "nullable":
      return { ...read(innerOf(definition)), null: true };
    // A default takes the place of undefined; null passes through it.
    case "default":
    case "prefault":
    case "nonoptional":
      return { ...read(innerOf(definition)), undefined: false };
    case "readonly":
    case "catch":
    case "pipe":
    case "lazy":
      return read(innerOf(definition));
    case "object":
    case "record":
    case "map":
    case "set":
      return { problem: notFlat };
    default:
      return unread(type);
  }
}

/** A numeric enum of TypeScript maps its numbers back to its names; those are no values. */
function enumValues(entries: Readonly<Record<string, unknown>>): readonly unknown[] {
  const numbers = new Set(Object.values(entries).filter((value) => typeof value === "number"));
  return Object.entries(entries).flatMap(([name, value]) => (numbers.has(Number(name)) ? [] : [value]));
}

// ── any schema with a JSON Schema of its own

function jsonFields(schema: object): ReadonlyMap<string, ReadField> | undefined {
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
  return new Map(
    Object.entries(properties).map(([name, field]) => {
      const isOptional = !(Array.isArray(required) && required.includes(name));
      return [name, { ...jsonField(field), undefined: isOptional }];
    }),
  );
}

function jsonField(json: unknown): ReadField {
  const options = property(json, "anyOf") ?? property(json, "oneOf");
  if (Array.isArray(options)) return joined(options.map(jsonField));
  const values =
    property(json, "enum") ?? (Object.hasOwn(Object(json), "const") ? [property(json, "const")] : undefined);
  if (Array.isArray(values)) return valuesField(values);
  const types = [property(json, "type")].flat().map((type): ReadField => {
    if (type === "null") return { null: true };
    if (type === "array") return arrayOf(jsonField(property(json, "items")));
    if (type === "object") return { problem: notFlat };
    return plainField(type === "integer" ? "number" : type) ?? unread("the JSON Schema");
  });
  return joined(types);
}

function property(value: unknown, name: string): unknown {
  // Schemas of some libraries are functions.
  return (Object(value) as Readonly<Record<string, unknown>>)[name];
}
