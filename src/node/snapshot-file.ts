import { unexpected } from "../errors.ts";
import { callOptions, checkOptions, expectType } from "../options.ts";
import { breather, finishedSlowly, withDeadline } from "../signal.ts";
import { type AdviceOptions, type MemoryStore, snapshotOf } from "../stores/memory.ts";
import { memoryOf } from "../stores/memory-from-bytes.ts";
import type { CallOptions } from "../types.ts";
import { checkPath } from "./disk.ts";
import { readFileAt, writeAtomically } from "./atomic-file.ts";

/**
 * Writes all of an in-memory store into one file, as it stands when the call begins; searches and writes go on meanwhile.
 *
 * The path holds what it held or all of the new snapshot, whenever the process ends or the disk fails. An error means that
 * the old file is as it was, and names what failed.
 *
 * @example await saveSnapshot(store, "index.groundline");
 */
export async function saveSnapshot(store: MemoryStore, path: string, options?: CallOptions): Promise<void> {
  checkOptions("saveSnapshot", options, callOptions);
  checkPath("saveSnapshot", path);
  // From untyped code anything may come.
  if (typeof (store as Partial<MemoryStore> | undefined)?.toBytes !== "function") {
    throw unexpected("saveSnapshot", "an in-memory store", store);
  }
  await withDeadline("saveSnapshot", options, async (signal) => {
    const { parts, release } = snapshotOf(store);
    try {
      await writeAtomically(path, parts, { signal });
    } finally {
      release();
    }
  });
}

/**
 * The store that `saveSnapshot` wrote. What is no snapshot, or damaged in any place, is a `SnapshotError`.
 *
 * @example const docs = createRetriever({ store: await openSnapshot("index.groundline") });
 */
export async function openSnapshot(path: string, options: CallOptions & AdviceOptions = {}): Promise<MemoryStore> {
  checkOptions("openSnapshot", options, [...callOptions, "onAdvice"]);
  checkPath("openSnapshot", path);
  expectType("onAdvice", options.onAdvice, "function");
  return withDeadline("openSnapshot", options, async (signal) => {
    return finishedSlowly(memoryOf(await readFileAt(path), options), breather(signal));
  });
}
