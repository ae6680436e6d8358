import { TimeoutError, unexpected } from "./errors.ts";
import type { CallOptions } from "./types.ts";

/** Deadlines and aborts: the caller's signal and timeout become the one signal that every port gets, and long work heeds. */

/** The longest delay of `setTimeout`, in milliseconds; beyond it the timer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs a call under the caller's `signal` and `timeout`, and rejects at once with the signal's reason, or with a
 * `TimeoutError` naming `stage`, even where what runs ignores its signal, and late where it lets no timer run.
 *
 * Afterwards no timer and no listener is left, and what a failed call had started is told to stop.
 */
export async function withDeadline<T>(
  stage: string,
  options: CallOptions | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  checkCallOptions(options);
  const caller = options?.signal;
  const timeout = options?.timeout;
  caller?.throwIfAborted();
  // Not AbortSignal.any(): what it makes stays tied to a long-lived caller's signal until it is collected.
  const controller = new AbortController();
  const leave = caller && follow(caller, () => controller.abort(caller.reason));
  const started = timeout === undefined ? 0 : performance.now();
  const cancel =
    timeout === undefined ? undefined : after(timeout, () => controller.abort(new TimeoutError(stage, timeout)));
  try {
    const result = await abortable(run(controller.signal), controller.signal);
    if (timeout !== undefined && performance.now() - started > timeout) throw new TimeoutError(stage, timeout);
    return result;
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    leave?.();
    cancel?.();
  }
}

/** The calls that follow a caller's signal, which may be many at once, by one listener: of eleven Node.js 20 warns. */
const followers = new WeakMap<AbortSignal, { readonly calls: Set<() => void>; readonly tell: () => void }>();

/** Calls when the signal aborts; answers with what ends it. */
export function follow(signal: AbortSignal, call: () => void): () => void {
  const calls = new Set<() => void>();
  const { calls: all, tell } = followers.get(signal) ?? { calls, tell: () => calls.forEach((each) => each()) };
  if (all === calls) {
    followers.set(signal, { calls, tell });
    signal.addEventListener("abort", tell, { once: true });
  }
  all.add(call);
  return () => {
    all.delete(call);
    if (all.size > 0) return;
    signal.removeEventListener("abort", tell);
    followers.delete(signal);
  };
}

/** Refuses a `signal` or `timeout` that cannot be one: for calls that check all their options before any work. */
export function checkCallOptions(options: CallOptions | undefined): void {
  const { signal, timeout } = options ?? {};
  if (signal !== undefined && !isSignal(signal)) {
    throw unexpected("signal", "an AbortSignal", signal);
  }
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0)) {
    throw unexpected("timeout", "a positive number of milliseconds", timeout);
  }
}

/** By shape: it may come from another realm. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === "object" && value !== null && "aborted" in value && "throwIfAborted" in value;
}

/**
 * Settles like `work`, or rejects with the signal's reason as soon as that aborts. What `work` does later is of no
 * consequence: a late rejection counts as handled.
 */
export function abortable<T>(work: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    Promise.resolve(work)
      .finally(() => signal.removeEventListener("abort", stop))
      .then(resolve, reject);
  });
}

/** Waits, or rejects at once with the signal's reason. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = after(milliseconds, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** `setTimeout` for delays of any length; answers with what cancels it. */
function after(milliseconds: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number): void => {
    timer = left > LONGEST_TIMER ? setTimeout(wait, LONGEST_TIMER, left - LONGEST_TIMER) : setTimeout(run, left);
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

/** Milliseconds of work without a break. An abort waits for no longer than one of these. */
const STRETCH = 10;

/** Called between steps of long work: lets the event loop run now and then, and throws when the call was aborted. */
export function breather(signal: AbortSignal): () => Promise<void> {
  // Not performance.now(), for which Node.js loads a dozen modules. A clock that is set makes for a break, whichever way.
  let last = Date.now();
  return async () => {
    if (Math.abs(Date.now() - last) < STRETCH) return;
    await pause(0, signal);
    last = Date.now();
  };
}

/** Runs in one go what could have been run in steps. */
export function finished<T>(steps: Generator<void, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs step by step, so that others can run in between. */
export async function finishedSlowly<T>(
  steps: Generator<void, T, undefined>,
  breathe: () => Promise<void>,
): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breathe();
  }
}
