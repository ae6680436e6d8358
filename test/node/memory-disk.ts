import { dirname } from "node:path";
import type { Disk } from "../../src/node/disk.ts";

/** A disk without a disk, so that there can be much of it: each file by its path. */
export interface MemoryDisk extends Disk {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Another one with the same files, some of them changed. */
  copy(changed?: Readonly<Record<string, Uint8Array>>): MemoryDisk;
  /** What is left when power fails: of files what was synced, under the names that their folder had when it was synced. */
  afterPowerCut(): MemoryDisk;
}

interface MemoryFile {
  bytes: Uint8Array<ArrayBuffer>;
  synced: Uint8Array<ArrayBuffer>;
}

export function memoryDisk(given: Iterable<readonly [string, Uint8Array]> = []): MemoryDisk {
  const fileOf = (bytes: Uint8Array): MemoryFile => ({ bytes: new Uint8Array(bytes), synced: new Uint8Array(bytes) });
  const files = new Map(Array.from(given, ([path, bytes]) => [path, fileOf(bytes)]));
  /** Names that are durable. */
  const named = new Map(files);
  const refuse = (code: string): never => {
    throw Object.assign(new Error(`${code}: no such thing`), { code });
  };
  const found = (path: string): MemoryFile => files.get(path) ?? refuse("ENOENT");

  return {
    get files() {
      return new Map(Array.from(files, ([path, { bytes }]) => [path, bytes]));
    },
    copy: (changed = {}) =>
      memoryDisk([...Array.from(files, ([path, { bytes }]) => [path, bytes] as const), ...Object.entries(changed)]),
    afterPowerCut: () => memoryDisk(Array.from(named, ([path, { synced }]) => [path, synced])),
    async open(path, mode) {
      if (mode === "create") {
        if (files.has(path)) refuse("EEXIST");
        files.set(path, fileOf(new Uint8Array()));
      }
      const file = found(path);
      return {
        size: async () => file.bytes.length,
        async read(into, position) {
          const part = file.bytes.subarray(position, position + into.length);
          into.set(part);
          return part.length;
        },
        async write(bytes, position) {
          const longer = new Uint8Array(Math.max(file.bytes.length, position + bytes.length));
          longer.set(file.bytes);
          longer.set(bytes, position);
          file.bytes = longer;
          return bytes.length;
        },
        async truncate(size) {
          file.bytes = file.bytes.slice(0, size);
        },
        async sync() {
          file.synced = file.bytes;
        },
        close: async () => undefined,
      };
    },
    place: async (path) => path,
    async rename(from, to) {
      const file = found(from);
      files.delete(from);
      files.set(to, file);
    },
    async link(from, to) {
      if (files.has(to)) refuse("EEXIST");
      files.set(to, found(from));
    },
    async remove(path) {
      files.delete(path);
    },
    names: async (folder) =>
      [...files.keys()].filter((path) => dirname(path) === folder).map((path) => path.slice(folder.length + 1)),
    async changed(path) {
      found(path);
      return Date.now();
    },
    async makeFolder() {},
    async syncFolder(folder) {
      for (const path of named.keys()) if (dirname(path) === folder) named.delete(path);
      for (const [path, file] of files) if (dirname(path) === folder) named.set(path, file);
    },
    async touch() {},
  };
}
