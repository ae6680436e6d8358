import { pause } from "./signal.ts";

/** Milliseconds of work without a break. An abort waits for no longer than one of these. */
const stretch = 10;

/** Called between steps of long work: lets the event loop run now and then, and throws when the call was aborted. */
export function breather(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < stretch) return;
    await pause(0, signal);
    last = performance.now();
  };
}
