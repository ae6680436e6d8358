import { shown } from "../errors.ts";
import { unstorable } from "../text.ts";
import type { FieldKind, StoredValue } from "../types.ts";

/** A single value as stores keep it, or why there is no such thing. */
export type Encoded =
  | { readonly kind: FieldKind; readonly value: StoredValue; readonly problem?: undefined }
  | { readonly problem: string };

/** One encoding for metadata on its way in and for the operands of a filter, so that they always compare. */
export function encodeValue(value: unknown): Encoded {
  if (typeof value === "string") {
    const problem = unstorable(value);
    return problem === undefined
      ? { kind: "string", value }
      : { problem: `expected storable text, received ${problem}` };
  }
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { problem: `expected a finite number, received ${value}` };
    return { kind: "number", value: value === 0 ? 0 : value }; // -0 is 0
  }
  if (value instanceof Date) {
    // What a library makes of Date may write itself otherwise.
    const date = new Date(value.getTime());
    const year = date.getUTCFullYear();
    // NaN fails both comparisons. Beyond these years ISO text has a sign and six digits and no longer sorts by time.
    if (year >= 0 && year <= 9999) return { kind: "date", value: date.toISOString() };
    return { problem: `expected a Date of the years 0 to 9999, received ${shown(value)}` };
  }
  return { problem: `expected a string, number, boolean or Date, received ${shown(value)}` };
}
