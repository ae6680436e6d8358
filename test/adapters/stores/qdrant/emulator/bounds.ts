/** Bounds of a range, each optional. */
import { microseconds } from "./dates.ts";

export interface Bounds<Bound> {
  readonly gt?: Bound | undefined;
  readonly gte?: Bound | undefined;
  readonly lt?: Bound | undefined;
  readonly lte?: Bound | undefined;
}

/** Integers are compared with floats exactly, whatever their size. */
export function within(value: number | bigint, bounds: Bounds<number> | Bounds<bigint>): boolean {
  const { gt, gte, lt, lte } = bounds;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

/** Bounds of dates, as an index of numbers reads them: microseconds. */
export function inMicroseconds(bounds: Bounds<bigint>): Bounds<bigint> {
  return Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [
      name,
      bound === undefined ? undefined : microseconds(bound as bigint),
    ]),
  );
}
