import { breather } from "../signal.ts";
import { quoted, SnapshotError } from "../errors.ts";
import { readSnapshot } from "../stores/snapshot-reading.ts";
import { type Disk, errorCode, readPath } from "./disk.ts";
import { readLog } from "./log.ts";
import { storeName } from "./recovery.ts";
import { logPath, snapshotPath } from "./store-folder.ts";

/** The snapshot that all begins with, and the log that is written to. */
interface Numbers {
  readonly start: number;
  readonly number: number;
}

/**
 * What is wrong with the files of a store, each in a sentence. `numbers` are those of the moment: a store that is open may
 * make a new snapshot meanwhile, and then it is begun again.
 */
export async function findingsIn(
  folder: string,
  numbers: () => Numbers,
  files: Disk,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const breathe = breather(signal);
  for (;;) {
    const { start, number } = numbers();
    const findings: string[] = [];
    const check = async (
      path: string,
      read: (bytes: Uint8Array) => Iterator<unknown>,
      length?: number,
    ): Promise<void> => {
      signal.throwIfAborted();
      let size: number | undefined;
      try {
        const bytes = await readPath(files, path);
        size = bytes.length;
        const steps = read(bytes);
        while (steps.next().done !== true) await breathe();
      } catch (error) {
        signal.throwIfAborted();
        // A log that was written to while it was read acknowledges what was not read yet.
        if (error instanceof SnapshotError && size !== length) await check(path, read, size);
        else if (error instanceof SnapshotError) findings.push(`${quoted(path)}: ${error.message}`);
        else if (errorCode(error) === "ENOENT") findings.push(`${quoted(path)} is missing`);
        else findings.push(`${quoted(path)} cannot be read: ${String(error)}`);
      }
    };
    if (start > 0) await check(snapshotPath(folder, start), (bytes) => readSnapshot(bytes, storeName));
    for (let log = start; log <= number; log++) {
      const path = logPath(folder, log);
      await check(path, (bytes) => readLog(bytes, path, log).records.values());
    }
    if (numbers().start === start) return findings;
  }
}
