import { crc32c } from "../crc32c.ts";
import { quoted, SnapshotError } from "../errors.ts";
import type { TuningCache } from "../eval/tuning-types.ts";
import { checkPath, disk, type Disk, type DiskFile, errorCode, fileError, writeAll } from "./disk.ts";

/** A cache in one file that only grows: records of key and value, one behind the other. */

export interface FileCache extends TuningCache {
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/**
 * Then for each record, as 32 bits each, little-endian: bytes of the key, bytes of the value, the checksum of both numbers
 * and the key, the checksum of the value; key; value.
 */
const MAGIC = new TextEncoder().encode("groundline cache 2\n");
const HEAD = 16;

/**
 * For `tune`: what was embedded and searched in one run is there in the next. One process at a time.
 *
 * A record that was cut off or torn when a process ended is dropped, with what is behind it, and written over. A value that
 * the disk changed is not there.
 *
 * @example
 * const cache = await fileCache("tuning.cache");
 * const report = await tune({ documents, queries, cache });
 * await cache.close();
 */
export async function fileCache(path: string): Promise<FileCache> {
  checkPath("fileCache", path);
  return cacheIn(path, disk);
}

export async function cacheIn(path: string, files: Disk): Promise<FileCache> {
  const failed = (what: string) => (cause: unknown) => {
    throw fileError(what, path, cause);
  };
  const file = await opened(path, files).catch(failed("open"));
  try {
    const { entries, end } = await scanned(file, path);
    return cacheOver(file, entries, end, failed);
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error instanceof SnapshotError ? error : fileError("read", path, error);
  }
}

interface Place {
  readonly at: number;
  readonly length: number;
  readonly checksum: number;
}

function cacheOver(
  file: DiskFile,
  entries: Map<string, Place>,
  start: number,
  failed: (what: string) => (cause: unknown) => never,
): FileCache {
  let end = start;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async get(key) {
      const place = entries.get(key);
      if (place === undefined) return undefined;
      const value = await bytesAt(file, place.at, place.length).catch(failed("read"));
      return value.length === place.length && crc32c(value) === place.checksum ? value : undefined;
    },
    async set(key, value) {
      const name = new TextEncoder().encode(key);
      const record = new Uint8Array(HEAD + name.length + value.length);
      const checksum = crc32c(value);
      record.set(headOf(name, value.length, checksum));
      record.set(name, HEAD);
      record.set(value, HEAD + name.length);
      const at = end;
      end += record.length;
      const written = last.then(() => writeAll(file, record, at)).catch(failed("write to"));
      // One that failed must not fail those behind it: its place stays empty, and ends the file for the next process.
      last = written.catch(() => undefined);
      await written;
      entries.set(key, { at: at + HEAD + name.length, length: value.length, checksum });
    },
    async close() {
      await last;
      await file.close().catch(failed("close"));
    },
  };
}

function headOf(name: Uint8Array, length: number, checksum: number): Uint8Array<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(HEAD));
  head.setUint32(0, name.length, true);
  head.setUint32(4, length, true);
  head.setUint32(12, checksum, true);
  const sum = crc32c(name, crc32c(new Uint8Array(head.buffer, 0, 8)));
  head.setUint32(8, sum, true);
  return new Uint8Array(head.buffer);
}

async function opened(path: string, files: Disk): Promise<DiskFile> {
  try {
    return await files.open(path, "write");
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return files.open(path, "create");
  }
}

/** The records from the front; `end` is where the last whole one ends. */
async function scanned(
  file: DiskFile,
  path: string,
): Promise<{ readonly entries: Map<string, Place>; readonly end: number }> {
  const entries = new Map<string, Place>();
  const size = await file.size();
  const start = await bytesAt(file, 0, Math.min(size, MAGIC.length));
  if (start.some((byte, index) => byte !== MAGIC[index])) throw notOne(path);
  if (size < MAGIC.length) {
    await writeAll(file, MAGIC, 0);
    return { entries, end: MAGIC.length };
  }
  let end = MAGIC.length;
  while (end + HEAD <= size) {
    const head = await bytesAt(file, end, HEAD);
    const view = new DataView(head.buffer);
    const [length, valueLength, checksum] = [
      view.getUint32(0, true),
      view.getUint32(4, true),
      view.getUint32(12, true),
    ];
    const at = end + HEAD + length;
    if (length === 0 || at + valueLength > size) break;
    const name = await bytesAt(file, end + HEAD, length);
    if (headOf(name, valueLength, checksum).some((byte, index) => byte !== head[index])) break;
    entries.set(new TextDecoder().decode(name), { at, length: valueLength, checksum });
    end = at + valueLength;
  }
  if (end < size) await file.truncate(end);
  return { entries, end };
}

async function bytesAt(file: DiskFile, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let end = 0;
  for (let read = 1; read > 0 && end < length; end += read) read = await file.read(bytes.subarray(end), at + end);
  return bytes.subarray(0, end);
}

function notOne(path: string): SnapshotError {
  return new SnapshotError(
    `${quoted(path)} is no cache of this version of groundline: remove it, or give another path.`,
  );
}
