import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a run takes: computing and memory of this process, whatever else the machine does. */

/** Milliseconds that this process has computed, the collector's threads among them. */
export function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of CPU. */
export function cpuOf(run: () => void): number {
  const before = computed();
  run();
  return computed() - before;
}

/** The answer, and milliseconds of CPU. */
export async function timed<T>(run: () => Promise<T> | T): Promise<readonly [T, number]> {
  const before = computed();
  const answer = await run();
  return [answer, computed() - before];
}

setFlagsFromString("--expose-gc");
// Collections that only measuring asks for must not make the engine forget what it has compiled.
setFlagsFromString("--no-flush-bytecode");
/** Nothing that was left before is collected while something else is measured. */
export const collect = runInNewContext("gc") as () => void;

/** Bytes of what is alive: objects and typed arrays. */
export function bytesAlive(): number {
  // Memory of arrays that the first finds dead may be given back as late as in the second.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
