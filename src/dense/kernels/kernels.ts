/**
 * The loops that the index spends its time in, over one memory. Addresses are bytes in it. Written twice, for
 * WebAssembly in `routines.ts` and as plain loops in `scalar.ts`; both leave the same bytes, so that what is found does
 * not depend on which of them ran. Every size is a multiple of 32.
 */
export interface Kernels {
  /** Multiplies the floats at `at` by those at `by`. */
  multiply(at: number, by: number, size: number): void;
  /** Sums of the first half of the floats, then the differences to the second half, both by `scale`. */
  halves(at: number, size: number, scale: number): void;
  /** The fast Walsh–Hadamard transform of the floats at `at`, as many as a power of two, by `scale`. */
  hadamard(at: number, size: number, scale: number): void;
  /**
   * Rounds `scale` times the floats at `at` to 16 bits: a high byte, as 128 more in an `upper` and a `middle` nibble, and
   * a signed `low` byte. In planes of nibbles each 16 bits hold four dimensions that are eight apart.
   */
  quantise(at: number, upper: number, middle: number, low: number, size: number, scale: number): void;
  /** The 16-bit values as floats. */
  restore(at: number, upper: number, middle: number, low: number, size: number): void;
  /**
   * The signs of a row, `weight` times the floats at `at`, less its centre, as bits of a block of codes. `nibble` is 0 for
   * rows 0–15 of the block, 4 for rows 16–31. Leaves three floats at `sums`: of |x|, of x², and of x times the centre.
   */
  encode(at: number, weight: number, centre: number, size: number, code: number, nibble: number, sums: number): void;
  /**
   * Estimates the scores of the rows of some blocks by their codes. Of pages, which are `pageBytes` apart, the first one's
   * codes and columns are given; `mask` has a bit for each row of them, and a block without any is not read. Writes to
   * `bounds` what each row may have at most, and to `found` the numbers of those that are likely to reach `threshold`, and
   * takes them from the mask. Returns how many.
   *
   * It goes by stages, each a record of `stageBytes`: how many bytes of codes it adds, and the `half` that a sum is less;
   * as floats what the second and the third column are multiplied by, of a likely row, `near`, and of any, `far`, and the
   * threshold; and counted there, how many blocks had no likely row and ended with it. Each goes by 16 dimensions. Table
   * values of `windowGroups` that follow each other add up to `windowMost` at most.
   */
  scan(
    codes: number,
    columns: number,
    pageBytes: number,
    from: number,
    to: number,
    size: number,
    table: number,
    mask: number,
    stages: number,
    stagesEnd: number,
    threshold: number,
    bounds: number,
    found: number,
  ): number;
  /** Of the rows of some blocks that are in the mask, those whose bound reaches the threshold. */
  pick(from: number, to: number, mask: number, bounds: number, threshold: number, found: number): number;
  /**
   * Multiplies nibbles of `count` rows named at `found`, of pages as above, with the query, which stands as `stepQuery`
   * makes it, and adds `times` what is at `products`, one integer for each. Of rows and products only those are left, and
   * counted, that may reach `threshold`: with the columns `units` and `magnitudes` as u and m, u · (m · long + fixed) ·
   * (product · factor + off) − m² · squared. There has to be room for one number more at `found`, and
   * `behindPlanes` bytes behind a plane may be read.
   */
  score(
    found: number,
    count: number,
    plane: number,
    pageBytes: number,
    size: number,
    query: number,
    products: number,
    times: number,
    units: number,
    magnitudes: number,
    factor: number,
    off: number,
    fixed: number,
    long: number,
    squared: number,
    threshold: number,
  ): number;
  /**
   * Mixes the words from `at` to `end` into the 32 at `lanes`, each in its turn: lane = (lane turned left by 13 bits,
   * xor word) · `mixPrime`. Every step can be undone, so that no change of a word goes unseen.
   */
  mix(at: number, end: number, lanes: number): void;
}

/** Cache lines that are asked for without a loop, with less behind it. */
export const behindPlanes = 192;

export const stageBytes = 32;

/** So many table values, each for four dimensions, are added in a byte, and those for all 4,096 in 16 bits. */
export const windowGroups = 16;
export const windowMost = 255;

/** So that products with a byte each fit in 32 bits for all 4,096 dimensions, and seventeen times it in 16. */
export const queryMost = 1927;

/**
 * A query of whole numbers as it is multiplied with planes of nibbles: each 16 bits hold four dimensions that are eight
 * apart, and shifting away the lower ones of the 16 is one step less than taking a nibble out. What is left then are the
 * upper ones at sixteen times their value and more, which later values of the query take back.
 */
export function stepQuery(query: Int16Array): void {
  for (let i = query.length - 1; i >= 0; i--) {
    if (((i >> 3) & 3) > 1) query[i] = (query[i] as number) - 16 * (query[i - 8] as number);
  }
}

export const mixPrime = 0x9e3779b1;

/** Rows that are laid out together. */
export const pageRows = 2048;

/** Rows whose codes are interleaved, four dimensions of 16 rows to a vector of 16 bytes. */
export const blockRows = 32;

/** Floats known of each row of a page, column by column: see `Segment`. */
export const columnBytes: number = pageRows * 4;

/** Where the byte of a row stands among the 16: even ones are rows 0–7, odd ones 8–15, because sums are made by pairs. */
export function codeByte(row: number): number {
  return ((row & 7) << 1) | ((row >> 3) & 1);
}
