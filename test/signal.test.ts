import { getEventListeners } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ConfigError, TimeoutError } from "../src/errors.ts";
import { rejection } from "./rejection.ts";
import { untyped } from "./untyped.ts";
import { abortable, pause, withDeadline } from "../src/signal.ts";

const never = (): Promise<never> => new Promise(() => undefined);
const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

afterEach(() => {
  vi.useRealTimers();
});

describe("withDeadline", () => {
  test("answers with what runs, and leaves no listener and no timer", async () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    await expect(withDeadline("search", { signal, timeout: 1000 }, async () => 7)).resolves.toBe(7);
    expect(listeners(signal)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("works without options", async () => {
    await expect(withDeadline("search", undefined, async (signal) => signal.aborted)).resolves.toBe(false);
  });

  test.each([new Error("enough"), "a string", { why: "an object" }])(
    "rejects with the caller's reason %o, although what runs ignores its signal",
    async (reason) => {
      const controller = new AbortController();
      const call = rejection(withDeadline("search", { signal: controller.signal }, never));
      controller.abort(reason);
      expect(await call).toBe(reason);
      expect(listeners(controller.signal)).toBe(0);
    },
  );

  test("many calls under one signal are one listener, which lasts as long as the last of them", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const ends: (() => void)[] = [];
    const ended = Array.from({ length: 20 }, () =>
      withDeadline("search", { signal }, () => new Promise<void>((resolve) => ends.push(resolve))),
    );
    expect(listeners(signal)).toBe(1);
    for (const end of ends.slice(1)) end();
    await Promise.all(ended.slice(1));
    expect(listeners(signal)).toBe(1);
    ends[0]?.();
    await ended[0];
    expect(listeners(signal)).toBe(0);

    const aborted = Array.from({ length: 20 }, () => rejection(withDeadline("search", { signal }, never)));
    expect(listeners(signal)).toBe(1);
    controller.abort("stop");
    expect(new Set(await Promise.all(aborted))).toEqual(new Set(["stop"]));
    expect(listeners(signal)).toBe(0);
  });

  test("does not start under a signal that has aborted already", async () => {
    const run = vi.fn<() => Promise<never>>(never);
    const reason = new Error("too late");
    await expect(rejection(withDeadline("search", { signal: AbortSignal.abort(reason) }, run))).resolves.toBe(reason);
    expect(run).not.toHaveBeenCalled();
  });

  test("a timeout rejects with a TimeoutError that names the stage, and reaches what runs as its signal", async () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    let inner: AbortSignal | undefined;
    const call = rejection(
      withDeadline("search", { signal, timeout: 250 }, (given) => {
        inner = given;
        return never();
      }),
    );
    await vi.advanceTimersByTimeAsync(249);
    expect(inner?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const error = await call;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "timeout", stage: "search", message: expect.stringContaining("250 ms") });
    expect(inner?.reason).toBe(error);
    expect(listeners(signal)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a timeout longer than a timer can be neither fires at once nor is lost", async () => {
    vi.useFakeTimers();
    const longest = 2 ** 31 - 1;
    const call = rejection(withDeadline("index", { timeout: 2 * longest + 10 }, never));
    let settled = false;
    void call.then(() => (settled = true));
    await vi.advanceTimersByTimeAsync(2 * longest + 9);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toBeInstanceOf(TimeoutError);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a timeout that passes while no timer can run rejects when that ends", async () => {
    const work = async (): Promise<string> => {
      for (const began = performance.now(); performance.now() - began < 12;);
      return "done";
    };
    const error = await rejection(withDeadline("search", { timeout: 9.75 }, work));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toHaveProperty("message", "search took longer than the 10 ms it was given.");
  });

  test.each([0, -1, Number.NaN, "100", null, {}])("refuses a timeout of %o before anything runs", async (timeout) => {
    const run = vi.fn<() => Promise<never>>(never);
    const error = await rejection(withDeadline("search", { timeout: untyped(timeout) }, run));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toHaveProperty("message", expect.stringMatching(/^timeout: expected a positive number/u));
    expect(run).not.toHaveBeenCalled();
  });

  test("refuses a signal that is none", async () => {
    for (const signal of [{}, null, "abort", new AbortController()]) {
      const error = await rejection(withDeadline("search", { signal: untyped(signal) }, never));
      expect(error).toBeInstanceOf(ConfigError);
    }
  });

  test("a failure stops what else the call had started", async () => {
    const failure = new Error("one of two");
    let sibling: AbortSignal | undefined;
    const error = await rejection(
      withDeadline("index", {}, async (signal) => {
        sibling = signal;
        await Promise.all([never(), Promise.reject(failure)]);
      }),
    );
    expect(error).toBe(failure);
    expect(sibling?.reason).toBe(failure);
  });
});

describe("abortable", () => {
  test("settles like the work and takes its listener away", async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
    const failure = new Error("broken");
    await expect(rejection(abortable(Promise.reject(failure), signal))).resolves.toBe(failure);
    expect(listeners(signal)).toBe(0);
  });

  test("a late rejection is swallowed, before and after the abort alike", async () => {
    const unhandled = vi.fn<() => void>();
    process.on("unhandledRejection", unhandled);
    try {
      const controller = new AbortController();
      const late = new Promise((_, reject) => {
        controller.signal.addEventListener("abort", () => setTimeout(reject, 1, new Error("late")), { once: true });
      });
      const call = rejection(abortable(late, controller.signal));
      controller.abort(new Error("enough"));
      await call;
      await rejection(abortable(Promise.reject(new Error("later still")), controller.signal));
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });

  test("the reason wins over an error that the work makes of the same abort", async () => {
    const controller = new AbortController();
    const work = new Promise((_, reject) => {
      controller.signal.addEventListener("abort", () => reject(new Error("wrapped")), { once: true });
    });
    const call = rejection(abortable(work, controller.signal));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await call).toBe(reason);
  });
});

describe("pause", () => {
  test("waits, then leaves nothing", async () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    const wait = pause(100, signal);
    expect(listeners(signal)).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    await wait;
    expect(listeners(signal)).toBe(0);
  });

  test("an abort ends it at once with the reason", async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const wait = rejection(pause(60_000, controller.signal));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await wait).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
    await expect(rejection(pause(1, controller.signal))).resolves.toBe(reason);
  });
});
