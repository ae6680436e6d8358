/**
 * The length that Lucene remembers of a field: one byte, exact up to 40, then to four significant bits, rounded down
 * (SmallFloat.intToByte4 and back). For scores that equal Lucene's.
 */
export function lossyLength(length: number): number {
  if (length < EXACT) return length;
  const rest = length - EXACT;
  const shift = Math.max(0, 28 - Math.clz32(rest));
  return EXACT + (((rest >>> shift) << shift) >>> 0);
}

/** 255 less the code of the largest int: lengths below have a byte each. */
const EXACT = 24;

/** What a length counts as in a score. */
export function lengthScoring(lossy: boolean): (length: number) => number {
  return lossy ? lossyLength : (length) => length;
}
