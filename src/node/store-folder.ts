import { join } from "node:path";
import { type Disk, errorCode, fileError, readPath } from "./disk.ts";

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

/** As `writeAtomically` and `takeLock` name what they begin. */
const leftover =
  /^(snapshot|log)-[0-9]+\.[0-9a-f]+-[0-9]+-[0-9]*-[0-9]+\.tmp$|^lock-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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
    unfinished: names.filter((name) => leftover.test(name)),
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

/** Snapshots and logs before this number, which are of no use any more. A file of the same name that is none of ours stays. */
export async function removeBefore(
  wanted: number,
  { folder, snapshots, logs }: Pick<StoreFolder, "snapshots" | "logs"> & { readonly folder: string },
  files: Disk,
): Promise<void> {
  const old = [
    ...logs.filter((number) => number < wanted).map((number) => logPath(folder, number)),
    ...snapshots.filter((number) => number < wanted).map((number) => snapshotPath(folder, number)),
  ];
  for (const path of old) if (await isOurs(path, files)) await removeFile(path, files);
}

async function isOurs(path: string, files: Disk): Promise<boolean> {
  const begin = new TextEncoder().encode("groundline ");
  const bytes = new Uint8Array(begin.length);
  try {
    const file = await files.open(path, "read");
    await file.read(bytes, 0).finally(() => file.close());
  } catch (cause) {
    throw fileError("read", path, cause);
  }
  return bytes.every((byte, index) => byte === begin[index]);
}

/** Before a file is made: a store never makes one that is there, so what is there is someone else's. */
export async function checkFree(path: string, files: Disk): Promise<void> {
  try {
    await files.changed(path);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return;
    throw fileError("write", path, cause);
  }
  throw fileError("write", path, new Error("a file of this name is there, which the store did not make"));
}

export async function removeFile(path: string, files: Disk): Promise<void> {
  await files.remove(path).catch((cause: unknown) => {
    throw fileError("remove", path, cause);
  });
}
