import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { AdapterError } from "../src/errors.ts";
import { retrying } from "../src/retry.ts";
import type { Clock } from "../src/retry.ts";
import { withDeadline } from "../src/signal.ts";
import { rejection } from "./rejection.ts";

const { signal } = new AbortController();
const busy = (retryAfter?: number): AdapterError =>
  new AdapterError("fake", "busy", { retryable: true, status: 429, retryAfter });

/** Waits for nothing and remembers for how long it should have. */
function fakeClock(random = 0): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return { waits, random: () => random, pause: async (milliseconds) => void waits.push(milliseconds) };
}

/** Fails with each of the errors in turn, then answers. */
function failing(...errors: readonly unknown[]): () => Promise<string> {
  const queue = errors.values();
  return async () => {
    for (const error of queue) throw error;
    return "done";
  };
}

describe("retrying", () => {
  test("answers after retryable failures, waiting twice as long each time", async () => {
    const clock = fakeClock();
    await expect(retrying(failing(busy(), busy(), busy()), { signal, clock })).resolves.toBe("done");
    expect(clock.waits).toEqual([250, 500, 1000]);
    const late = fakeClock(1);
    await expect(retrying(failing(busy(), busy(), busy()), { signal, clock: late })).resolves.toBe("done");
    expect(late.waits).toEqual([500, 1000, 2000]);
  });

  test("gives up after four attempts with the last error", async () => {
    const clock = fakeClock();
    const errors = [busy(), busy(), busy(), busy(), busy()];
    const run = vi.fn<() => Promise<string>>(failing(...errors));
    expect(await rejection(retrying(run, { signal, clock }))).toBe(errors[3]);
    expect(run).toHaveBeenCalledTimes(4);
    expect(clock.waits).toHaveLength(3);
  });

  test("waits as long as the service asks, and not for one that asks for hours", async () => {
    const clock = fakeClock();
    await retrying(failing(busy(3000), busy(60_000), busy(86_400_000)), { signal, clock });
    await retrying(failing(busy(-5), busy(Number.NaN), busy(Infinity)), { signal, clock });
    expect(clock.waits).toEqual([3000, 60_000, 1000, 250, 500, 1000]);
  });

  test("law: never waits less than asked for, never more than a minute and the jitter", async () => {
    const waits = fc.array(fc.oneof(fc.double(), fc.double({ min: 0, max: 61_000 })), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), waits, async (random, asked) => {
        const clock = fakeClock(random);
        await retrying(failing(...asked.map(busy)), { signal, clock });
        clock.waits.forEach((wait, index) => {
          const wanted = asked[index] ?? 0;
          expect(wait).toBeGreaterThanOrEqual(wanted <= 60_000 ? wanted : 250);
          expect(wait).toBeLessThanOrEqual(61_000);
        });
      }),
    );
  });

  test.each([
    new AdapterError("fake", "no such model", { retryable: false, status: 404 }),
    new TypeError("a bug"),
    "thrown string",
    undefined,
  ])("does not retry %s", async (error) => {
    const run = vi.fn<() => Promise<string>>(failing(error));
    expect(await rejection(retrying(run, { signal, clock: fakeClock() }))).toBe(error);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("retries an AdapterError of another copy of the package, and what is thrown before the first await", async () => {
    const foreign = Object.assign(new Error("busy"), { name: "AdapterError", retryable: true });
    let calls = 0;
    const run = (): Promise<number> => {
      calls++;
      if (calls < 3) throw foreign;
      return Promise.resolve(calls);
    };
    await expect(retrying(run, { signal, clock: fakeClock() })).resolves.toBe(3);
  });

  test("an abort while it runs rejects with the reason, whatever the run makes of it", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const run = vi.fn<() => Promise<never>>(async () => {
      controller.abort(reason);
      throw busy();
    });
    expect(await rejection(retrying(run, { signal: controller.signal, clock: fakeClock() }))).toBe(reason);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("an abort while it waits rejects at once and leaves neither timer nor listener", async () => {
    vi.useFakeTimers();
    try {
      const controller = new AbortController();
      const call = rejection(retrying(failing(busy(30_000)), { signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(1000);
      expect(vi.getTimerCount()).toBe(1);
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await call).toBe(reason);
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a deadline says what failed last, while it waits and while it runs again", async () => {
    for (const again of [false, true]) {
      const error = busy(30_000);
      let runs = 0;
      const run = (): Promise<string> => (runs++ === 0 ? Promise.reject(error) : new Promise(() => {}));
      const clock = again ? { clock: fakeClock() } : {};
      const late = rejection(
        withDeadline("search", { timeout: 30 }, (under) => retrying(run, { signal: under, ...clock })),
      );
      expect(await late).toMatchObject({ name: "TimeoutError", stage: "search", cause: error });
    }
    const first = rejection(
      withDeadline("search", { timeout: 30 }, (under) => retrying(() => new Promise(() => {}), { signal: under })),
    );
    expect(await first).not.toHaveProperty("cause");
  });

  test("does not run under a signal that has aborted already", async () => {
    const run = vi.fn<() => Promise<string>>(failing());
    const reason = new Error("enough");
    expect(await rejection(retrying(run, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(run).not.toHaveBeenCalled();
  });
});
