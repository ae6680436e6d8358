import { ConfigError, quoted, unexpected } from "./errors.ts";

/** The options that every call has. */
export const callOptions: readonly string[] = ["signal", "timeout"];

/** An option that nobody reads is a mistake in the caller's code, and silence would hide it. */
export function checkOptions(name: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  expectOptions(name, options);
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      const expected = known.length === 0 ? "none" : `one of ${known.join(", ")}`;
      throw new ConfigError(`${name}: unknown option ${quoted(key)}; expected ${expected}`);
    }
  }
}

/** For what cannot do without options. */
export function expectOptions(name: string, options: unknown): asserts options is object {
  if (!isKeyed(options)) throw unexpected(name, "an object of options", options);
}

/** By its tag: a promise, a Map or a Date has no keys, and would pass for an object without any. */
export function isKeyed(value: unknown): value is object {
  const tag = Object.prototype.toString.call(value);
  return typeof value === "object" && value !== null && (tag === "[object Object]" || tag === "[object Module]");
}

/** Where an option is given at all. */
export function expectType(name: string, value: unknown, type: "boolean" | "function"): void {
  if (value === undefined || typeof value === type) return;
  const expected = type === "boolean" ? "true or false" : "a function";
  throw unexpected(name, expected, value);
}

/** A whole number of at least `least`, or the default where none is given. */
export function wholeNumber(name: string, value: number | undefined, least: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw unexpected(name, `a whole number of at least ${least}`, value);
}

/** A number between 0 and 1, or the default where none is given. */
export function fraction(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value >= 0 && value <= 1) return value;
  throw unexpected(name, "a number between 0 and 1", value);
}
