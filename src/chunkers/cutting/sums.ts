/** The value of `ys` where `xs` has `x`, in whole numbers: adding to all of one list adds to the result, exactly. */
export function interpolate(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  return interpolated(x, xs, ys, firstAtLeast(xs, x));
}

/** The same where the index of the first of `xs` that is at least `x` is known. */
export function interpolated(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>, index: number): number {
  const x1 = xs[index] as number;
  const y1 = ys[index] as number;
  if (index === 0 || x >= x1) return y1;
  const x0 = xs[index - 1] as number;
  const y0 = ys[index - 1] as number;
  return y0 + Math.floor(((y1 - y0) * (x - x0)) / (x1 - x0));
}

/** The index of the first value at least `target` in an ascending list, not empty, or the last index. Fast where it is `near`. */
export function firstAtLeast(values: ArrayLike<number>, target: number, near = 0): number {
  const last = values.length - 1;
  let low = 0;
  let high = last;
  let step = 16;
  if ((values[near] as number) < target) {
    low = near + 1;
    while (low + step < last && (values[low + step] as number) < target) {
      low += step + 1;
      step *= 2;
    }
    high = Math.min(last, low + step);
  } else {
    if (near > 0 && (values[near - 1] as number) < target) return near;
    high = near;
    while (high - step > 0 && (values[high - step] as number) >= target) {
      high -= step;
      step *= 2;
    }
    low = Math.max(0, high - step);
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < target) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, last);
}
