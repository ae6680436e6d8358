/** Point ids: 64-bit unsigned integers and UUIDs, one point under every spelling of its UUID. */
import { isReal, type Json, printJson } from "./json.ts";
import { malformed } from "./refusal.ts";

export type PointId = number | bigint | string;

const uuid = /^(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;
const simple = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

export function canonicalUuid(text: string): string | undefined {
  const found = uuid.exec(/^\{.*\}$/.test(text) ? text.slice(1, -1) : text) ?? simple.exec(text);
  return found?.slice(1).join("-").toLowerCase();
}

export function parsePointId(value: Json | undefined): PointId | undefined {
  if (typeof value === "string") return canonicalUuid(value);
  if (typeof value === "bigint") return value >= 0n ? value : undefined;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

export function readPointId(value: Json | undefined): PointId {
  const id = parsePointId(value);
  if (id !== undefined) return id;
  const shown = typeof value === "string" ? value : value === null || value === undefined ? "Unit" : printShown(value);
  throw malformed(`value ${shown} is not a valid point ID, valid values are either an unsigned integer or a UUID`);
}

function printShown(value: Json): string {
  return isReal(value) ? printJson(value).replace(/\.0$/, "") : printJson(value);
}

/** The id in a path: digits or a UUID. */
export function pointIdOfPath(text: string): PointId | undefined {
  if (!/^\d{1,20}$/.test(text)) return canonicalUuid(text);
  const value = BigInt(text);
  if (value >= 2n ** 64n) return undefined;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** Numbers before UUIDs, each ascending: the order of `scroll`. */
export function comparePointIds(a: PointId, b: PointId): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string") return 1;
  if (typeof b === "string") return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same key for the same point; numbers and UUIDs never meet. */
export function pointKey(id: PointId): string {
  return String(id);
}
