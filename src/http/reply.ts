import type { AdapterError } from "../errors.ts";

/** Reading a JSON reply that may be anything. */

/** Makes the error of the adapter that reads. Not retryable unless it says so. */
export type Fault = (message: string, retryable?: boolean) => AdapterError;

/** The most that a reply of so many vectors can reasonably be: 64 bytes a number, however it is printed, and a mebibyte. */
export function replyBytes(texts: readonly string[], dimensions: number): number {
  return texts.length * dimensions * 64 + 2 ** 20;
}

export function own(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

/** The array under a key, one item for each text that was sent. */
export function itemsOf(reply: unknown, key: string, count: number, fault: Fault): readonly unknown[] {
  const items = own(reply, key);
  if (!Array.isArray(items)) throw fault(`expected an array as ${key}, received ${kindOf(items)}`);
  if (items.length !== count)
    throw fault(`expected ${count} items as ${key}, one for each text, received ${items.length}`);
  return items;
}

/**
 * Items in the order of the texts, by their `index`. It must be a permutation: services do answer out of order, and a
 * vector that is placed by luck is found by nobody.
 */
export function inOrder(items: readonly unknown[], fault: Fault): readonly unknown[] {
  const ordered = new Map<number, unknown>();
  for (const item of items) {
    const index = own(item, "index");
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= items.length) {
      throw fault(`expected an index from 0 to ${items.length - 1}, received ${kindOf(index)}`);
    }
    if (ordered.has(index)) throw fault(`received index ${index} twice`);
    ordered.set(index, item);
  }
  return items.map((_, index) => ordered.get(index));
}

/** A vector as numbers, or as base64 of little-endian float32. */
export function vectorIn(value: unknown, dimensions: number, fault: Fault): Float32Array {
  const vector = typeof value === "string" ? decoded(value, fault) : converted(value, fault);
  if (vector.length !== dimensions) {
    throw fault(`expected vectors of ${dimensions} dimensions, received ${vector.length}`);
  }
  if (!vector.every(Number.isFinite)) throw fault("expected finite numbers in a vector, received NaN or Infinity");
  return vector;
}

/** Number by number: `Float32Array.from` would take null for 0 and "1" for 1. */
function converted(value: unknown, fault: Fault): Float32Array {
  if (!Array.isArray(value)) throw fault(`expected a vector of numbers or in base64, received ${kindOf(value)}`);
  return Float32Array.from(value, (number: unknown) => {
    if (typeof number === "number") return number;
    throw fault(`expected finite numbers in a vector, received ${kindOf(number)}`);
  });
}

function decoded(base64: string, fault: Fault): Float32Array {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    throw fault("expected a vector in base64, received another string");
  }
  if (binary.length % 4 !== 0) throw fault(`expected a vector of float32, received ${binary.length} bytes`);
  const bytes = new DataView(new ArrayBuffer(binary.length));
  for (let at = 0; at < binary.length; at++) bytes.setUint8(at, binary.charCodeAt(at));
  return Float32Array.from({ length: binary.length / 4 }, (_, index) => bytes.getFloat32(index * 4, true));
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number") return String(value);
  return Array.isArray(value) ? "an array" : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}
