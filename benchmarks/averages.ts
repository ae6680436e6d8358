export { meanOf } from "../src/eval/statistics.ts";

/** NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
