/** Fields of a request body, each read as what the server takes there or refused as the server refuses it. */
import { asFloat, asInteger, duplicateOf, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { invalid, malformed } from "./refusal.ts";

export function kindOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "boolean") return `boolean \`${value}\``;
  if (typeof value === "string") return `string ${JSON.stringify(value)}`;
  if (asInteger(value) !== undefined) return `integer \`${asInteger(value)}\``;
  if (asFloat(value) !== undefined) return `floating point \`${asFloat(value)}\``;
  return isList(value) ? "sequence" : "map";
}

export function readObject(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw malformed(`invalid type: ${kindOf(value)}, expected ${what}`);
  const duplicate = what.startsWith("struct") ? duplicateOf(value) : undefined;
  if (duplicate !== undefined) throw malformed(`duplicate field \`${duplicate}\``);
  return value;
}

export function readList(value: Json | undefined, field: string): readonly Json[] {
  if (value === undefined) throw malformed(`missing field \`${field}\``);
  if (isList(value)) return value;
  throw malformed(`invalid type: ${kindOf(value)}, expected a sequence`);
}

export function readString(value: Json | undefined, field: string): string {
  if (value === undefined) throw malformed(`missing field \`${field}\``);
  if (typeof value === "string") return value;
  throw malformed(`invalid type: ${kindOf(value)}, expected a string`);
}

/** A count that may be left out. */
export function readCount(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const integer = asInteger(value);
  if (integer === undefined) throw malformed(`invalid type: ${kindOf(value)}, expected usize`);
  if (integer < 0) throw malformed(`invalid value: integer \`${integer}\`, expected usize`);
  return Number(integer);
}

/** A count of one or more that may be left out. */
export function readPositive(value: Json | undefined, field: string): number | undefined {
  const count = readCount(value);
  if (count === 0) throw invalid(field, "value 0 invalid, must be 1 or larger");
  return count;
}

export function readFlag(value: Json | undefined): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw malformed(`invalid type: ${kindOf(value)}, expected a boolean`);
}

/** A 32-bit float that may be left out. */
export function readFloat(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const float = asFloat(value);
  if (float === undefined) throw malformed(`invalid type: ${kindOf(value)}, expected f32`);
  return Math.fround(float);
}
