import { dirname } from "node:path";
import type { Disk } from "../../src/node/disk.ts";

/** A disk without a disk, so that there can be much of it: each file by its path. */
export interface MemoryDisk extends Disk {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Another one with the same files, some of them changed. */
  copy(changed?: Readonly<Record<string, Uint8Array>>): MemoryDisk;
}

export function memoryDisk(given: Iterable<readonly [string, Uint8Array]> = []): MemoryDisk {
  const files = new Map(Array.from(given, ([path, bytes]) => [path, { bytes: new Uint8Array(bytes) }]));
  const refuse = (code: string): never => {
    throw Object.assign(new Error(`${code}: no such thing`), { code });
  };
  const found = (path: string): { bytes: Uint8Array<ArrayBuffer> } => files.get(path) ?? refuse("ENOENT");

  return {
    get files() {
      return new Map(Array.from(files, ([path, { bytes }]) => [path, bytes]));
    },
    copy: (changed = {}) =>
      memoryDisk([...Array.from(files, ([path, { bytes }]) => [path, bytes] as const), ...Object.entries(changed)]),
    async open(path, mode) {
      if (mode === "create") {
        if (files.has(path)) refuse("EEXIST");
        files.set(path, { bytes: new Uint8Array() });
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
        sync: async () => undefined,
        close: async () => undefined,
      };
    },
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
    async syncFolder() {},
    async touch() {},
  };
}
