import { isAdapterError } from "./errors.ts";
import { retrying } from "./retry.ts";
import type { PortOptions } from "./types.ts";

/** Milliseconds. */
const SPARED = 30_000;
/** When a part was asked in vain. */
const vain = new WeakMap<object, number>();

/**
 * `retrying` of a part that calls a service. Half a minute long after all attempts were in vain it is asked once a call, unless
 * it answers: whoever calls it many times does not wait for a service that is down each time. One that says 429 is there,
 * and answers who waits.
 */
export async function retryingPart<T>(part: object, run: () => Promise<T>, { signal }: PortOptions): Promise<T> {
  const isSpared = Math.abs(Date.now() - (vain.get(part) ?? 0)) < SPARED;
  try {
    const answer = await retrying(run, { signal, ...(isSpared && { attempts: 1 }) });
    vain.delete(part);
    return answer;
  } catch (error) {
    if (!isSpared && isAdapterError(error) && error.retryable && error.status !== 429) vain.set(part, Date.now());
    throw error;
  }
}
