/**
 * Requests checked against the published OpenAPI description of the server, where it is present: that every field is
 * known and of its kind. Stricter than the server, which ignores most of what it does not know.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDate } from "./dates.ts";
import { unknownFields } from "./fields.ts";
import { canonicalUuid } from "./ids.ts";
import type { Request } from "./routes.ts";

export const contracts: string =
  process.env["GROUNDLINE_CONTRACTS"] ?? fileURLToPath(new URL("../../../../../../shared/contracts", import.meta.url));

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly uniqueItems?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: { readonly "application/json"?: { readonly schema: Schema } };
  };
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const file = join(contracts, "qdrant-openapi-1.19.0.json");
const contract = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Contract) : undefined;
if (contract === undefined) console.log(`Of requests to Qdrant only the fields' names are checked: no ${file}`);

/** What is wrong with the requests, one line each; without the description the names of fields alone are looked at. */
export function contractProblems(requests: readonly Pick<Request, "method" | "path" | "body">[]): string[] {
  return requests.flatMap((request) => {
    const problems = contract === undefined ? unknownFields(request) : problemsOf(request, contract);
    return problems.map((problem) => `${request.method} ${request.path}: ${problem}`);
  });
}

function problemsOf({ method, path, body }: Pick<Request, "method" | "path" | "body">, { paths }: Contract): string[] {
  const [route = "", search = ""] = path.split("?", 2);
  const operation = Object.entries(paths)
    .filter(([template]) => fits(template, route))
    .toSorted(([a], [b]) => a.split("{").length - b.split("{").length)
    .map(([, methods]) => methods[method.toLowerCase()])
    .find((found) => found !== undefined);
  if (operation === undefined) return ["no such operation"];
  const known = operation.parameters?.filter(({ in: where }) => where === "query") ?? [];
  const parameters = [...new URLSearchParams(search)].flatMap(([name, text]) => {
    const parameter = known.find((one) => one.name === name);
    return parameter === undefined
      ? [`unknown parameter ${name}`]
      : mismatch(parsed(text), parameter.schema, `?${name}`);
  });
  const schema = operation.requestBody?.content["application/json"]?.schema;
  if (body === "")
    return schema !== undefined && operation.requestBody?.required === true ? [...parameters, "no body"] : parameters;
  return [
    ...parameters,
    ...(schema === undefined ? ["a body where there is none"] : mismatch(JSON.parse(body), schema, "body")),
  ];
}

function fits(template: string, route: string): boolean {
  const wanted = template.split("/");
  const given = route.split("/");
  return (
    wanted.length === given.length && wanted.every((segment, at) => segment.startsWith("{") || segment === given[at])
  );
}

/** `true` and `5` in a path are what they look like. */
function parsed(text: string): unknown {
  return /^(true|false|\d+)$/.test(text) ? JSON.parse(text) : text;
}

/** The first reason why the value is not of the schema; of several alternatives the one that came furthest. */
function mismatch(value: unknown, schema: Schema, at: string): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    const target = contract?.components.schemas[name];
    return target === undefined ? [`${at}: unknown schema ${name}`] : mismatch(value, target, at);
  }
  if (schema.nullable === true && (value === null || Object.keys(schema).length === 1))
    return value === null ? [] : [`${at}: expected null`];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    const failures = alternatives.map((alternative) => mismatch(value, alternative, at));
    if (failures.some((found) => found.length === 0)) return [];
    return failures.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  }
  for (const part of schema.allOf ?? []) {
    const found = mismatch(value, part, at);
    if (found.length > 0) return found;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${at}: ${shown(value)} is none of ${shown(schema.enum)}`];
  switch (schema.type) {
    case "object":
      return objectMismatch(value, schema, at);
    case "array":
      return arrayMismatch(value, schema, at);
    case "string":
      return stringMismatch(value, schema, at);
    case "integer":
    case "number":
      return numberMismatch(value, schema, at);
    case "boolean":
      return typeof value === "boolean" ? [] : [`${at}: expected a boolean, not ${shown(value)}`];
    default:
      return [];
  }
}

function depth(found: readonly string[]): number {
  return (found[0]?.split(":")[0] ?? "").split(/[.[]/).length;
}

function objectMismatch(value: unknown, schema: Schema, at: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [`${at}: expected an object, not ${shown(value)}`];
  const missing = schema.required?.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return [`${at}.${missing}: missing`];
  for (const [name, item] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? schema.additionalProperties;
    if (property === true || (property === undefined && schema.properties === undefined)) continue;
    if (property === undefined || property === false) return [`${at}.${name}: unknown`];
    const found = mismatch(item, property, `${at}.${name}`);
    if (found.length > 0) return found;
  }
  return [];
}

function arrayMismatch(value: unknown, schema: Schema, at: string): string[] {
  if (!Array.isArray(value)) return [`${at}: expected an array, not ${shown(value)}`];
  if (value.length < (schema.minItems ?? 0)) return [`${at}: too short`];
  if (schema.uniqueItems === true && new Set(value).size < value.length) return [`${at}: an item twice`];
  for (const [index, item] of value.entries()) {
    const found = schema.items === undefined ? [] : mismatch(item, schema.items, `${at}[${index}]`);
    if (found.length > 0) return found;
  }
  return [];
}

function stringMismatch(value: unknown, { format, minLength = 0 }: Schema, at: string): string[] {
  if (typeof value !== "string" || value.length < minLength) return [`${at}: expected a string, not ${shown(value)}`];
  if (format === "uuid" && canonicalUuid(value) === undefined) return [`${at}: ${shown(value)} is no UUID`];
  if (format === "date-time" && parseDate(value) === undefined) return [`${at}: ${shown(value)} is no date`];
  return [];
}

const largest: Readonly<Record<string, number>> = { uint8: 255, uint32: 2 ** 32 - 1, float: 3.4028234663852886e38 };

function numberMismatch(
  value: unknown,
  { type, format = "", minimum = -Infinity, maximum = Infinity }: Schema,
  at: string,
): string[] {
  if (typeof value !== "number" || (type === "integer" && !Number.isInteger(value)))
    return [`${at}: expected ${type}, not ${shown(value)}`];
  const within = value >= minimum && value <= maximum && Math.abs(value) <= (largest[format] ?? Infinity);
  return within ? [] : [`${at}: ${value} is out of range`];
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 100);
}
