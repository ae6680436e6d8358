import { type AdapterError, isAdapterError } from "./errors.ts";
import { wholeNumber } from "./options.ts";
import { abortable, pause } from "./signal.ts";

/** Time and chance as `retrying` sees them, to be replaced in tests. */
export interface Clock {
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** 0…1. */
  random(): number;
}
const realClock: Clock = { pause, random: Math.random };

/** Milliseconds: the first backoff, the longest one, and the longest wait that a service may ask for. */
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 8000;
const LONGEST_ASKED = 60_000;

/**
 * Runs a call until it succeeds, fails with something other than a retryable `AdapterError`, or has had its attempts. The
 * last error is what it rejects with. An abort rejects at once with the signal's reason, while running and while waiting.
 *
 * The wait before attempt n + 1 doubles from half a second to eight, of which the second half is random, and is never
 * shorter than the error's `retryAfter`; one that asks for more than a minute is not waited for.
 *
 * @param options.attempts The first one included. Default 4.
 */
export async function retrying<T>(
  run: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly attempts?: number; readonly clock?: Clock },
): Promise<T> {
  const { signal, clock = realClock } = options;
  const attempts = wholeNumber("attempts", options.attempts, 1, 4);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await abortable(run(), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === attempts || !isAdapterError(error) || !error.retryable) throw error;
      await clock.pause(delayAfter(error, attempt, clock.random()), signal);
    }
  }
}

function delayAfter({ retryAfter }: AdapterError, attempt: number, random: number): number {
  const asked = typeof retryAfter === "number" && retryAfter > 0 && retryAfter <= LONGEST_ASKED ? retryAfter : 0;
  const half = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1)) / 2;
  return Math.max(asked, half) + half * random;
}
