import { type Disk, disk, type DiskFile } from "../../src/node/disk.ts";

export type Fault = "ENOSPC" | "EIO" | "short write";

export interface FaultyDisk extends Disk {
  /** Every call so far, by name. */
  readonly calls: readonly string[];
}

/** The disk, with one call that fails, and those after it where `lasting`; a call that would fail did nothing, or half. */
export function faultyDisk(
  options: {
    readonly failing?: (call: string, number: number) => Fault | undefined;
    readonly over?: Disk;
  } = {},
): FaultyDisk {
  const calls: string[] = [];
  const { over = disk } = options;
  const step = async <T>(call: string, run: () => Promise<T>, half?: () => Promise<T>): Promise<T> => {
    calls.push(call);
    const fault = options.failing?.(call, calls.length - 1);
    if (fault === undefined) return run();
    if (half !== undefined) {
      const done = await half();
      // A short write is no error: who writes has to go on.
      if (fault === "short write") return done;
    } else if (fault === "short write") return run();
    throw Object.assign(new Error(`${fault}: injected into ${call}`), { code: fault });
  };
  const faultyFile = (file: DiskFile): DiskFile => ({
    size: () => step("size", () => file.size()),
    read: (into, position) =>
      step(
        "read",
        () => file.read(into, position),
        () => file.read(into.subarray(0, Math.ceil(into.length / 2)), position),
      ),
    write: (bytes, position) =>
      step(
        "write",
        () => file.write(bytes, position),
        () => file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position),
      ),
    truncate: (size) => step("truncate", () => file.truncate(size)),
    sync: () => step("sync", () => file.sync()),
    // A handle is gone even when closing it fails.
    async close() {
      await file.close();
      await step("close", async () => undefined);
    },
  });
  return {
    calls,
    open: (path, mode) => step(`open to ${mode}`, async () => faultyFile(await over.open(path, mode))),
    place: (path) => step("place", () => over.place(path)),
    rename: (from, to) => step("rename", () => over.rename(from, to)),
    link: (from, to) => step("link", () => over.link(from, to)),
    remove: (path) => step("remove", () => over.remove(path)),
    names: (folder) => step("names", () => over.names(folder)),
    changed: (path) => step("changed", () => over.changed(path)),
    makeFolder: (path) => step("make folder", () => over.makeFolder(path)),
    syncFolder: (path) => step("sync folder", () => over.syncFolder(path)),
    touch: (path) => step("touch", () => over.touch(path)),
  };
}
