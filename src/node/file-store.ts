import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { callOptions, checkOptions, expectType, wholeNumber } from "../options.ts";
import { withDeadline } from "../signal.ts";
import { type AdviceOptions, keptStore, type MemoryStore } from "../stores/memory.ts";
import { type MemoryOptions, memorySettings } from "../stores/memory-options.ts";
import { snapshot, type Snapshot } from "../stores/snapshot.ts";
import { allEngines } from "../stores/snapshot-reading.ts";
import type { CallOptions } from "../types.ts";
import { writeAtomically } from "./atomic-file.ts";
import { commits } from "./commits.ts";
import { checkPath, type Disk, disk, fileError } from "./disk.ts";
import { takeLock } from "./lock.ts";
import { createLog } from "./log.ts";
import { recover, settingsRecord, storeName } from "./recovery.ts";
import { checkFree, listFolder, logPath, removeBefore, snapshotPath } from "./store-folder.ts";
import { findingsIn } from "./verification.ts";

export interface FileStoreOptions extends MemoryOptions, AdviceOptions {
  /** Bytes of log after which a new snapshot is made, where the last one has no more. Default 4 MiB. */
  readonly compactAfter?: number;
  /**
   * Called when a snapshot could not be made: nothing is lost, the log grows, and it is tried again later. Default: a
   * warning of the process. No call is there to reject with what it throws, so that is such a warning, too.
   */
  readonly onError?: (error: unknown) => void;
}

/** The in-memory store, with all that was acknowledged on disk. */
export interface FileStore extends MemoryStore {
  /** Waits for what is being written, and gives the folder free. */
  close(): Promise<void>;
  /** Reads all files again and says what is wrong with them; nothing where all is well. */
  verify(options?: CallOptions): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The in-memory store, kept in a folder: what `index` has acknowledged survives the end of the process, however it comes.
 *
 * Every change is written to a log and synced before it is applied and acknowledged; calls at the same time share a sync.
 * When the log has grown, a snapshot is made beside it, while searches and writes go on. One process at a time: an
 * `AdapterError` with the code "conflict" names the one that has the folder.
 *
 * @example const docs = createRetriever({ store: await fileStore("index") });
 */
export function fileStore(path: string, options: FileStoreOptions = {}): Promise<FileStore> {
  return openFileStore(path, options, disk);
}

const least = 4 * 2 ** 20;

export async function openFileStore(path: string, options: FileStoreOptions, files: Disk): Promise<FileStore> {
  const { compactAfter, onError: told = warn, onAdvice, ...memoryOptions } = checked(path, options);
  // On its own: what it throws must not stop the store, and is warned of.
  const tell = async (reason: unknown): Promise<void> => told(reason);
  const onError = (reason: unknown): void => void tell(reason).catch(warn);
  const folder = resolve(path);
  await makeFolder(folder, files);
  const lock = await takeLock(join(folder, "lock"), files);
  const recovered = await recover(folder, memoryOptions, files).catch(async (error: unknown) => {
    await lock.release().catch(() => undefined);
    throw error;
  });
  const { settings, state } = recovered;
  let { log, number, snapshot: start } = recovered;
  let due = Math.max(compactAfter, recovered.snapshotBytes);
  let compacting: Promise<void> | undefined;
  const closing = new AbortController();

  /** What comes later goes to a new log; what was before, to a snapshot. */
  const compact = async (): Promise<void> => {
    await checkFree(logPath(folder, number + 1), files);
    const next = await createLog(logPath(folder, number + 1), number + 1, [settingsRecord(settings)], files);
    const before = log;
    log = next;
    number++;
    compacting = keep(number, snapshot(state, settings)).finally(() => (compacting = undefined));
    await before.close().catch((cause: unknown) => onError(fileError("close", logPath(folder, number - 1), cause)));
  };
  const keep = async (wanted: number, { parts, release }: Snapshot): Promise<void> => {
    try {
      let bytes = 0;
      const counted = function* (): Generator<Uint8Array, void, undefined> {
        for (const part of parts) {
          bytes += part.length;
          yield part;
        }
      };
      await checkFree(snapshotPath(folder, wanted), files);
      await writeAtomically(snapshotPath(folder, wanted), counted(), { files, signal: closing.signal });
      start = wanted;
      due = Math.max(compactAfter, bytes);
      await removeBefore(wanted, { folder, ...(await listFolder(folder, files)) }, files);
    } catch (error) {
      if (!closing.signal.aborted) onError(error);
    } finally {
      release();
    }
  };
  const { commit, close: finish } = commits({
    async write(records) {
      await lock.check();
      await log.append(records);
    },
    async between() {
      if (log.size < due || compacting !== undefined || log.broken !== undefined || closing.signal.aborted) return;
      try {
        await compact();
      } catch (error) {
        due = log.size * 2;
        onError(error);
      }
    },
  });

  const store = keptStore(
    settings,
    { ...(onAdvice && { onAdvice }) },
    { name: storeName, state, engines: allEngines, commit },
  );
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= (async () => {
      closing.abort(new ConfigError("fileStore: it is closed"));
      await finish();
      await compacting;
      try {
        await log.close();
      } catch (cause) {
        throw fileError("close", folder, cause);
      } finally {
        await lock.release();
      }
    })());
  return Object.assign(store, {
    close,
    async verify(call?: CallOptions) {
      checkOptions("verify", call, callOptions);
      return withDeadline("verify", call, (signal) => findingsIn(folder, () => ({ start, number }), files, signal));
    },
    [Symbol.asyncDispose]: close,
  });
}

function checked(path: string, options: FileStoreOptions): FileStoreOptions & { readonly compactAfter: number } {
  checkPath(storeName, path);
  checkOptions(storeName, options, ["profile", "latent", "onAdvice", "compactAfter", "onError"]);
  const { compactAfter, onError, onAdvice, ...rest } = options;
  memorySettings(storeName, rest);
  expectType("onAdvice", onAdvice, "function");
  expectType(`${storeName}.onError`, onError, "function");
  return { ...options, compactAfter: wholeNumber(`${storeName}.compactAfter`, compactAfter, 1, least) };
}

async function makeFolder(folder: string, files: Disk): Promise<void> {
  try {
    await files.makeFolder(folder);
    await files.syncFolder(dirname(folder));
  } catch (cause) {
    throw fileError("make", folder, cause);
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
