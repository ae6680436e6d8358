import { open, type FileHandle } from "node:fs/promises";
import { SnapshotError, quoted, shown } from "../errors.ts";
import type { TuningCache } from "../eval/tuning-types.ts";

/** A cache in one file that only grows: records of key and value, one behind the other. */

export interface FileCache extends TuningCache {
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/** Then for each record: bytes of the key, bytes of the value, both as 32 bits, little-endian; key; value. */
const MAGIC = new TextEncoder().encode("groundline cache 1\n");
const HEAD = 8;

/**
 * For `tune`: what was embedded and searched in one run is there in the next. One process at a time.
 *
 * A record that was cut off when a process ended is dropped and written over.
 *
 * @example
 * const cache = await fileCache("tuning.cache");
 * const report = await tune({ documents, queries, cache });
 * await cache.close();
 */
export async function fileCache(path: string): Promise<FileCache> {
  if (typeof path !== "string" || path === "") {
    throw new SnapshotError(`fileCache: expected a path, received ${shown(path)}.`);
  }
  const file = await opened(path);
  try {
    const { entries, end } = await scanned(file, path);
    return cacheOver(file, entries, end);
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Place {
  readonly at: number;
  readonly length: number;
}

function cacheOver(file: FileHandle, entries: Map<string, Place>, start: number): FileCache {
  let end = start;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async get(key) {
      const place = entries.get(key);
      if (place === undefined) return undefined;
      const value = new Uint8Array(place.length);
      await file.read(value, 0, place.length, place.at);
      return value;
    },
    async set(key, value) {
      const name = new TextEncoder().encode(key);
      const record = new Uint8Array(HEAD + name.length + value.length);
      const view = new DataView(record.buffer);
      view.setUint32(0, name.length, true);
      view.setUint32(4, value.length, true);
      record.set(name, HEAD);
      record.set(value, HEAD + name.length);
      const at = end;
      end += record.length;
      const written = last.then(() => file.write(record, 0, record.length, at));
      // One that failed must not fail those behind it: its place stays empty, and ends the file for the next process.
      last = written.catch(() => undefined);
      await written;
      entries.set(key, { at: at + HEAD + name.length, length: value.length });
    },
    async close() {
      await last;
      await file.close();
    },
  };
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error;
    return open(path, "wx+");
  }
}

/** The records from the front; `end` is where the last whole one ends. */
async function scanned(
  file: FileHandle,
  path: string,
): Promise<{ readonly entries: Map<string, Place>; readonly end: number }> {
  const entries = new Map<string, Place>();
  const { size } = await file.stat();
  if (size < MAGIC.length) {
    const start = await bytesAt(file, 0, size);
    if (start.some((byte, index) => byte !== MAGIC[index])) throw notOne(path);
    await file.write(MAGIC, 0, MAGIC.length, 0);
    return { entries, end: MAGIC.length };
  }
  const magic = await bytesAt(file, 0, MAGIC.length);
  if (magic.some((byte, index) => byte !== MAGIC[index])) throw notOne(path);
  let end = MAGIC.length;
  while (end + HEAD <= size) {
    const head = new DataView((await bytesAt(file, end, HEAD)).buffer);
    const [name, length] = [head.getUint32(0, true), head.getUint32(4, true)];
    const next = end + HEAD + name + length;
    if (name === 0 || next > size) break;
    const key = new TextDecoder().decode(await bytesAt(file, end + HEAD, name));
    entries.set(key, { at: end + HEAD + name, length });
    end = next;
  }
  if (end < size) await file.truncate(end);
  return { entries, end };
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await file.read(bytes, 0, length, at);
  return bytes;
}

function notOne(path: string): SnapshotError {
  return new SnapshotError(`${quoted(path)} is no cache of groundline: give another path.`);
}
