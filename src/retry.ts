import { type AdapterError, isAdapterError, TimeoutError } from "./errors.ts";
import { abortable, pause } from "./signal.ts";

/** Time and chance as `retrying` sees them, to be replaced in tests. */
export interface Clock {
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** 0…1. */
  random(): number;
}
const realClock: Clock = { pause, random: Math.random };

/** The first one included, unless told otherwise. */
const ATTEMPTS = 4;
/** Milliseconds: the first backoff, and the longest wait that a service may ask for. */
const FIRST_BACKOFF = 500;
const LONGEST_ASKED = 60_000;

/**
 * Runs a call until it succeeds, fails with something other than a retryable `AdapterError`, or has had four attempts. The
 * last error is what it rejects with. An abort rejects at once with the signal's reason, while running and while waiting; a
 * deadline has the last failure as its cause.
 *
 * The wait doubles from half a second to two, of which the second half is random, and is never shorter than the error's
 * `retryAfter`; one that asks for more than a minute is not waited for.
 */
export async function retrying<T>(
  run: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly clock?: Clock; readonly attempts?: number },
): Promise<T> {
  const { signal, clock = realClock, attempts = ATTEMPTS } = options;
  let last: unknown;
  try {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await abortable(run(), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (attempt >= attempts || !isAdapterError(error) || !error.retryable) throw error;
        last = error;
        await clock.pause(delayAfter(error, attempt, clock.random()), signal);
      }
    }
  } catch (error) {
    if (last !== undefined && error instanceof TimeoutError) error.cause ??= last;
    throw error;
  }
}

function delayAfter({ retryAfter }: AdapterError, attempt: number, random: number): number {
  const asked = typeof retryAfter === "number" && retryAfter > 0 && retryAfter <= LONGEST_ASKED ? retryAfter : 0;
  const half = FIRST_BACKOFF * 2 ** (attempt - 2);
  return Math.max(asked, half) + half * random;
}
