import fc from "fast-check";
import { expect, test } from "vitest";
import { lossyLength } from "../../src/lexical/lossy-length.ts";

test.each([
  [0, 0],
  [1, 1],
  [39, 39],
  [40, 40],
  [41, 40],
  [42, 42],
  [55, 54],
  [56, 56],
  [59, 56],
  [60, 60],
  [87, 84],
  [88, 88],
  [100, 96],
  [255, 248],
  [256, 248],
  [1000, 984],
  [2_147_483_647, 2_013_265_944],
])("%d is remembered as %d", (length, remembered) => {
  expect(lossyLength(length)).toBe(remembered);
});

test("never longer, at most an eighth shorter, never out of order, and remembered as itself", () => {
  const length = fc.nat(2 ** 31 - 2);
  fc.assert(
    fc.property(length, length, (a, b) => {
      const lossy = lossyLength(a);
      expect(lossy).toBeLessThanOrEqual(a);
      expect(lossy).toBeGreaterThanOrEqual(a * (1 - 1 / 8));
      expect(lossyLength(lossy)).toBe(lossy);
      if (a <= b) expect(lossy).toBeLessThanOrEqual(lossyLength(b));
    }),
  );
});

test("a byte has room for all: 256 lengths are told apart", () => {
  const known = new Set<number>();
  for (let length = 0; length < 2 ** 31; length += Math.max(1, length >>> 6)) known.add(lossyLength(length));
  expect(known.size).toBe(256);
});
