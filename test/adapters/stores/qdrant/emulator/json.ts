/**
 * JSON as the server reads it: `1` is an integer and `1.0` is a float, integers keep 64 bits, a lone surrogate and more
 * than 127 levels are refused. JavaScript's own reader knows none of the four.
 */
import { malformed } from "./refusal.ts";

const real = Symbol("a float whose value is whole");
/** A whole number that was written as a float, or lies beyond 64 bits. Other floats are plain numbers with a fraction. */
export interface Real {
  readonly [real]: number;
}
export type Json = null | boolean | number | bigint | Real | string | readonly Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isReal(value: Json): value is Real {
  return typeof value === "object" && value !== null && real in value;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isReal(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

const duplicates = new WeakMap<JsonObject, string>();

/** A key that the text names twice; where names are free the last value stands, where they are fixed it is refused. */
export function duplicateOf(object: JsonObject): string | undefined {
  return duplicates.get(object);
}

/** An object without a prototype: `__proto__` is a key like any other. */
export function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

/** The value as a float, or undefined when it is no number. */
export function asFloat(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  return value !== undefined && isReal(value) ? value[real] : undefined;
}

/** The value when it was written as an integer. */
export function asInteger(value: Json | undefined): number | bigint | undefined {
  if (typeof value === "bigint" || Number.isInteger(value)) return value as number | bigint;
  return undefined;
}

export function parseJson(text: string): Json {
  let at = 0;

  function fail(what: string, column = at + 1): never {
    throw malformed(`${what} at line 1 column ${column}`);
  }
  function skip(): number {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      at++;
    }
  }
  function readString(): string {
    const start = at;
    let end = at + 1;
    let escaped = false;
    for (; ; end++) {
      const code = text.charCodeAt(end);
      if (code === 34) break;
      if (Number.isNaN(code)) fail("EOF while parsing a string", end);
      if (code < 32) fail("control character (\\u0000-\\u001F) found while parsing a string", end);
      if (code === 92) {
        escaped = true;
        end++;
      }
    }
    at = end + 1;
    if (!escaped) return text.slice(start + 1, end);
    let value: string;
    try {
      value = JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail("invalid escape");
    }
    return value.isWellFormed() ? value : fail("lone leading surrogate in hex escape");
  }
  function readNumber(): Json {
    const pattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return fail("expected value");
    at = pattern.lastIndex;
    const value = Number(found[0]);
    if (!Number.isFinite(value)) fail("number out of range");
    if (found[1] === undefined && found[2] === undefined && !Object.is(value, -0)) {
      if (Number.isSafeInteger(value)) return value;
      const exact = BigInt(found[0]);
      if (exact >= -(2n ** 63n) && exact < 2n ** 64n) return exact;
    }
    return Number.isInteger(value) ? { [real]: value } : value;
  }
  function readValue(depth: number): Json {
    if (depth > 127) fail("recursion limit exceeded");
    const code = skip();
    if (code === 34) return readString();
    if (code === 123) return readObject(depth);
    if (code === 91) return readList(depth);
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    if (Number.isNaN(code)) fail("EOF while parsing a value", at);
    return readNumber();
  }
  function readList(depth: number): Json[] {
    const items: Json[] = [];
    at++;
    if (skip() === 93) {
      at++;
      return items;
    }
    for (;;) {
      items.push(readValue(depth + 1));
      const code = skip();
      at++;
      if (code === 93) return items;
      if (code !== 44) fail(Number.isNaN(code) ? "EOF while parsing a list" : "expected `,` or `]`", at);
      if (skip() === 93) fail("trailing comma");
    }
  }
  function readObject(depth: number): JsonObject {
    const entries = emptyObject();
    at++;
    if (skip() === 125) {
      at++;
      return entries;
    }
    for (;;) {
      const code = skip();
      if (code === 125) fail("trailing comma");
      if (code !== 34) fail(Number.isNaN(code) ? "EOF while parsing an object" : "key must be a string");
      const key = readString();
      if (skip() !== 58) fail("expected `:`");
      at++;
      if (key in entries) duplicates.set(entries, key);
      entries[key] = readValue(depth + 1);
      const next = skip();
      at++;
      if (next === 125) return entries;
      if (next !== 44) fail(Number.isNaN(next) ? "EOF while parsing an object" : "expected `,` or `}`", at);
    }
  }

  const value = readValue(0);
  if (!Number.isNaN(skip())) fail("trailing characters");
  return value;
}

/** A number that is no JSON is null, as with the server. Float32Arrays are written as the shortest decimals of 32 bits. */
export function printJson(value: unknown): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (real in value) return printFloat((value as Real)[real]);
  if (value instanceof Float32Array) return `[${Array.from(value, (item) => printJson(shortest(item))).join(",")}]`;
  if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${printJson(item)}`).join(",")}}`;
}

function printFloat(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** The decimal with the fewest digits that is this 32-bit number. */
export function shortest(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}
