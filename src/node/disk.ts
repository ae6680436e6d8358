import { link, mkdir, open, readdir, readlink, realpath, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AdapterError, unexpected } from "../errors.ts";

/** A path as a caller gave it. */
export function checkPath(name: string, path: unknown): void {
  if (typeof path !== "string" || path === "") throw unexpected(name, "a path", path);
}

/** What durable files need of a file system: little, so that a test can make every call of it fail. */
export interface Disk {
  /** "create" refuses a file that is there, "read" and "write" one that is not. */
  open(path: string, mode: "read" | "write" | "create"): Promise<DiskFile>;
  /** Where a file is or would be, once symbolic links are followed. Refuses what is there and is none: a folder, a device. */
  place(path: string): Promise<string>;
  /** Takes the place of what is there. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; refuses one that is there. */
  link(from: string, to: string): Promise<void>;
  /** No error where there is none. */
  remove(path: string): Promise<void>;
  names(folder: string): Promise<readonly string[]>;
  /** When it was changed, in milliseconds. */
  changed(path: string): Promise<number>;
  makeFolder(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** A sign of life: the file was changed now. */
  touch(path: string): Promise<void>;
}

export interface DiskFile {
  size(): Promise<number>;
  read(into: Uint8Array, position: number): Promise<number>;
  /** May write less than all: `writeAll` goes on. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Systems refuse more than 2 GiB in one call. */
const mostAtOnce = 2 ** 30;

const flags = { read: "r", write: "r+", create: "wx+" } as const;

export const disk: Disk = {
  async open(path, mode) {
    const file = await open(path, flags[mode]);
    return {
      size: async () => (await file.stat()).size,
      read: async (into, position) => (await file.read(into, 0, Math.min(into.length, mostAtOnce), position)).bytesRead,
      write: async (bytes, position) =>
        (await file.write(bytes, 0, Math.min(bytes.length, mostAtOnce), position)).bytesWritten,
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },
  async place(path) {
    let found: string;
    try {
      found = await realpath(path);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      // A link to what is not there yet, or no link.
      const target = await readlink(path).catch(() => undefined);
      return target === undefined ? resolve(path) : resolve(dirname(path), target);
    }
    if (!(await stat(found)).isFile()) throw new Error("it is there, and no regular file");
    return found;
  },
  rename,
  link,
  remove: (path) => rm(path, { force: true }),
  names: (folder) => readdir(folder),
  changed: async (path) => (await stat(path)).mtimeMs,
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  async syncFolder(path) {
    // Windows opens no folder, and needs none to be synced.
    if (process.platform === "win32") return;
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async touch(path) {
    const now = new Date();
    await utimes(path, now, now);
  },
};

/** All of it, however little is written at once. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const written = await file.write(bytes.subarray(at), position + at);
    if (written === 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" });
    at += written;
  }
}

/** As much as there is. */
export async function readAll(file: DiskFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.size());
  let end = 0;
  while (end < bytes.length) {
    const read = await file.read(bytes.subarray(end), end);
    if (read === 0) break;
    end += read;
  }
  return bytes.subarray(0, end);
}

export async function readPath(files: Disk, path: string): Promise<Uint8Array> {
  const file = await files.open(path, "read");
  try {
    return await readAll(file);
  } finally {
    await file.close();
  }
}

/** Lacks of room and of handles pass. */
const passing = new Set<string | undefined>(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EAGAIN", "EBUSY"]);

/** What the file system refused, with what was to be done and what that means. */
export function fileError(what: string, path: string, cause: unknown): AdapterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `could not ${what} ${JSON.stringify(path)}: ${reason}`;
  return new AdapterError("files", message, { retryable: passing.has(errorCode(cause)), cause });
}

/** "ENOENT" and the like; undefined for what no system call threw. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
