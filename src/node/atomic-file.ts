import { basename, dirname, join } from "node:path";
import { crc32c } from "../crc32c.ts";
import { type Disk, disk, fileError, readPath, writeAll } from "./disk.ts";
import { isRunning, thisProcess } from "./running.ts";

/** Where a file is made before it takes its place: the process in its name, so that what it left behind can be told. */
const temporary = /^\.([0-9a-f]+)-([0-9]+)-([0-9]*)-[0-9]+\.tmp$/;

let made = 0;

/**
 * Writes a file so that its path holds the old bytes or all of the new ones, whenever the process ends or the disk
 * fails: beside it, synced, renamed, and the folder synced. An error means that the old file is as it was; only where the
 * folder could not be synced the new one is in its place, and may be gone when power fails. A symbolic link stays one, and
 * what it leads to is written.
 */
export async function writeAtomically(
  given: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { signal, files = disk }: { readonly signal?: AbortSignal; readonly files?: Disk } = {},
): Promise<void> {
  signal?.throwIfAborted();
  const failed = (what: string) => (cause: unknown) => {
    throw fileError(what, given, cause);
  };
  const path = await files.place(given).catch(failed("write"));
  const { place, pid, started } = await thisProcess();
  const beside = `${path}.${placeHash(place)}-${pid}-${started}-${++made}.tmp`;
  await sweep(path, files);
  const file = await files.open(beside, "create").catch(failed("write"));
  try {
    try {
      let at = 0;
      for await (const part of parts) {
        signal?.throwIfAborted();
        await writeAll(file, part, at).catch(failed("write"));
        at += part.length;
      }
      await file.sync().catch(failed("write"));
    } finally {
      await file.close().catch(failed("write"));
    }
    signal?.throwIfAborted();
    await files.rename(beside, path).catch(failed("replace"));
  } catch (error) {
    // What cannot be removed now is swept later.
    await files.remove(beside).catch(() => undefined);
    throw error;
  }
  await files.syncFolder(dirname(path)).catch(failed("make sure of the replaced"));
}

export async function readFileAt(path: string): Promise<Uint8Array> {
  await sweep(path, disk);
  try {
    return await readPath(disk, path);
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Removes what processes that are gone have left beside a file. Nothing depends on it, so no failure counts. */
async function sweep(path: string, files: Disk): Promise<void> {
  const folder = dirname(path);
  const name = basename(path);
  const { place } = await thisProcess();
  for (const found of await files.names(folder).catch(() => [])) {
    const [, hash, pid = "", started = ""] =
      (found.startsWith(name) ? temporary.exec(found.slice(name.length)) : null) ?? [];
    if (hash !== placeHash(place) || (await isRunning({ place, pid: Number(pid), started })) !== false) continue;
    await files.remove(join(folder, found)).catch(() => undefined);
  }
}

function placeHash(place: string): string {
  return crc32c(new TextEncoder().encode(place)).toString(16);
}
