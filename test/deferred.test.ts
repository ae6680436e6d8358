import { expect, test, vi } from "vitest";
import { deferred } from "../src/deferred.ts";
import { rejection } from "./rejection.ts";

const sums = { add: async (a: number, b: number) => a + b, negate: async (a: number) => -a };

test("what is called is loaded once, by the first call, and gets what it was called with", async () => {
  const load = vi.fn<() => Promise<typeof sums>>(async () => sums);
  const { add, negate } = deferred(load, "add", "negate");
  expect(load).not.toHaveBeenCalled();
  expect(await Promise.all([add(1, 2), negate(3), add(4, 5)])).toEqual([3, -3, 9]);
  expect(load).toHaveBeenCalledTimes(1);
});

test("a load that failed is tried again by the next call", async () => {
  const offline = new TypeError("offline");
  const load = vi.fn<() => Promise<typeof sums>>(async () => sums).mockRejectedValueOnce(offline);
  const { add } = deferred(load, "add");
  expect(await rejection(add(1, 2))).toBe(offline);
  expect(await add(1, 2)).toBe(3);
});
