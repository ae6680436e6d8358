import { join } from "node:path";
import { type Disk, fileError, readPath } from "./disk.ts";

/**
 * The files of a file store: `lock`, and numbered snapshots and logs. Snapshot n holds all before log n; logs from n on
 * hold what came later. There is no snapshot 0.
 */
export interface StoreFolder {
  /** Ascending. */
  readonly snapshots: readonly number[];
  readonly logs: readonly number[];
  /** What a process that is gone left unfinished. */
  readonly unfinished: readonly string[];
}

export async function listFolder(folder: string, files: Disk): Promise<StoreFolder> {
  const names = await files.names(folder).catch((cause: unknown) => {
    throw fileError("read", folder, cause);
  });
  const numbered = (kind: string): readonly number[] =>
    names
      .flatMap((name) =>
        new RegExp(`^${kind}-(0|[1-9][0-9]*)$`).exec(name) === null ? [] : Number(name.slice(kind.length + 1)),
      )
      .toSorted((a, b) => a - b);
  return {
    snapshots: numbered("snapshot"),
    logs: numbered("log"),
    unfinished: names.filter((name) => /^(snapshot|log)-[0-9]+\.[0-9a-f-]+\.tmp$|^lock-[0-9a-f-]{36}$/.test(name)),
  };
}

export function snapshotPath(folder: string, number: number): string {
  return join(folder, `snapshot-${number}`);
}

export function logPath(folder: string, number: number): string {
  return join(folder, `log-${number}`);
}

export async function readFile(path: string, files: Disk): Promise<Uint8Array> {
  return readPath(files, path).catch((cause: unknown) => {
    throw fileError("read", path, cause);
  });
}

export async function removeFile(path: string, files: Disk): Promise<void> {
  await files.remove(path).catch((cause: unknown) => {
    throw fileError("remove", path, cause);
  });
}
