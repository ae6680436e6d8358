import { finished } from "../signal.ts";
import { checkOptions } from "../options.ts";
import { type AdviceOptions, keptStore, type MemoryStore } from "./memory.ts";
import { allEngines, readSnapshot } from "./snapshot-reading.ts";

/**
 * The store that `toBytes` made: it finds the same with the same scores, and goes on. Bytes that are no snapshot, cut off,
 * or damaged in any place are a `SnapshotError`.
 */
export function memoryFromBytes(bytes: Uint8Array, options: AdviceOptions = {}): MemoryStore {
  checkOptions("memoryFromBytes", options, ["onAdvice"]);
  return finished(memoryOf(bytes, options));
}

/** The same in steps, so that others can run meanwhile. */
export function* memoryOf(bytes: Uint8Array, options: AdviceOptions): Generator<void, MemoryStore, undefined> {
  const { settings, state } = yield* readSnapshot(bytes, "memory");
  return keptStore(settings, options, { state, engines: allEngines });
}
