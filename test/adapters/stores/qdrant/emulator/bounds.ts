/** Bounds of a range, each optional. */

export interface Bounds<Bound> {
  readonly gt?: Bound | undefined;
  readonly gte?: Bound | undefined;
  readonly lt?: Bound | undefined;
  readonly lte?: Bound | undefined;
}

/** Integers are compared with floats exactly, whatever their size. */
export function within(value: number | bigint, bounds: Bounds<number | bigint>): boolean {
  const { gt, gte, lt, lte } = bounds;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}
