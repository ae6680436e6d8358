import { pause } from "./signal.ts";

/** Milliseconds of work without a break. An abort waits for no longer than one of these. */
const stretch = 10;

/** Called between steps of long work: lets the event loop run now and then, and throws when the call was aborted. */
export function breather(signal: AbortSignal): () => Promise<void> {
  // Not performance.now(), for which Node.js loads a dozen modules. A clock that is set makes for a break, whichever way.
  let last = Date.now();
  return async () => {
    if (Math.abs(Date.now() - last) < stretch) return;
    await pause(0, signal);
    last = Date.now();
  };
}
