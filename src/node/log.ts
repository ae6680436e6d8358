import { SnapshotError } from "../errors.ts";
import { checkHeader, headerOf, joined } from "../bytes.ts";
import { crc32c } from "../crc32c.ts";
import { frame, frameAt } from "../stores/frames.ts";
import { writeAtomically } from "./atomic-file.ts";
import { type Disk, type DiskFile, fileError, readAll, writeAll } from "./disk.ts";

/**
 * A file of records, each written and synced before anyone may rely on it. After the header two places tell in turn up
 * to where records were acknowledged: what is missing or damaged before it is damage, after it a write that was cut off.
 */
export interface Log {
  readonly size: number;
  /** Why nothing can be appended any more. */
  readonly broken: unknown;
  /** Appends all or, as far as the disk allows, none. */
  append(records: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

const name = "log";
const version = 1;
const header = headerOf(name, version);
/** Of one of the two places: where, in turn, checksum. */
const placeBytes = 16;
/** Where the first record begins. */
const start: number = header.length + 2 * placeBytes;

/** A log with its first records, durable under its name. */
export async function createLog(
  path: string,
  number: number,
  records: readonly Uint8Array[],
  files: Disk,
): Promise<Log> {
  const frames = framed(records, start);
  const end = start + frames.length;
  await writeAtomically(path, [header, placeOf(end, 0, number), new Uint8Array(placeBytes), frames], { files });
  const file = await files.open(path, "write").catch((cause: unknown) => {
    throw fileError("open", path, cause);
  });
  return logOf({ path, number, file, end, turn: 0 });
}

/** Opens a log to go on with it. What was cut off is cut away; what is damaged is a `SnapshotError`. */
export async function openLog(
  path: string,
  number: number,
  files: Disk,
): Promise<{ readonly log: Log; readonly records: readonly Uint8Array[] }> {
  try {
    const file = await files.open(path, "write");
    try {
      const { records, end, turn } = readLog(await readAll(file), path, number);
      await file.truncate(end);
      await writeAll(file, placeOf(end, turn + 1, number), placeAt(turn + 1));
      await file.sync();
      return { log: logOf({ path, number, file, end, turn: turn + 1 }), records };
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw error instanceof SnapshotError ? error : fileError("open", path, error);
  }
}

/** All records that are whole; at least those that were acknowledged. */
export function readLog(
  bytes: Uint8Array,
  path: string,
  number: number,
): { readonly records: readonly Uint8Array[]; readonly end: number; readonly turn: number } {
  const { acknowledged, turn } = acknowledgedIn(bytes, path, number);
  const records: Uint8Array[] = [];
  let end = start;
  for (;;) {
    const found = frameAt(bytes, end);
    if (found === undefined) break;
    records.push(found.bytes);
    end = found.end;
  }
  if (end < acknowledged) {
    throw new SnapshotError(
      `${JSON.stringify(path)} is damaged or cut off at byte ${end} of ${acknowledged} that were acknowledged. Keep it, and see salvage().`,
    );
  }
  return { records, end, turn };
}

function acknowledgedIn(
  bytes: Uint8Array,
  path: string,
  number: number,
): { readonly acknowledged: number; readonly turn: number } {
  checkHeader(bytes, name, version);
  const places = [0, 1].flatMap((place) => readPlace(bytes, place, number) ?? []);
  const last = places.toSorted((a, b) => b.turn - a.turn)[0];
  if (last === undefined) throw new SnapshotError(`${JSON.stringify(path)} is damaged in its head. See salvage().`);
  return last;
}

/** Where records begin, for who reads around damage. */
export const firstRecord: number = start;

function logOf(opened: {
  readonly path: string;
  readonly number: number;
  readonly file: DiskFile;
  end: number;
  turn: number;
}): Log {
  const { path, number, file } = opened;
  let { end, turn } = opened;
  let broken: unknown;

  return {
    get size() {
      return end;
    },
    get broken() {
      return broken;
    },
    async append(records) {
      if (broken !== undefined) throw broken;
      const frames = framed(records, end);
      let written = false;
      try {
        await writeAll(file, frames, end);
        written = true;
        await file.sync();
        await writeAll(file, placeOf(end + frames.length, turn + 1, number), placeAt(turn + 1));
      } catch (cause) {
        const error = fileError("write to", path, cause);
        // After a failed sync nobody knows what is on the disk, and the next one would succeed all the same.
        if (written) broken = error;
        await file.truncate(end).catch(() => {
          broken = error;
        });
        throw error;
      }
      end += frames.length;
      turn++;
    },
    close: () => file.close(),
  };
}

function framed(records: readonly Uint8Array[], at: number): Uint8Array<ArrayBuffer> {
  let end = at;
  return joined(
    records.map((record) => {
      const one = frame(record, end);
      end += one.length;
      return one;
    }),
  );
}

function placeAt(turn: number): number {
  return header.length + (turn % 2) * placeBytes;
}

function placeOf(end: number, turn: number, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(placeBytes);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, end, true);
  view.setUint32(8, turn, true);
  view.setUint32(12, crc32c(bytes.subarray(0, 12), number), true);
  return bytes;
}

function readPlace(
  bytes: Uint8Array,
  place: number,
  number: number,
): { readonly acknowledged: number; readonly turn: number } | undefined {
  const at = placeAt(place);
  if (at + placeBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, placeBytes);
  if (view.getUint32(12, true) !== crc32c(bytes.subarray(at, at + 12), number)) return undefined;
  return { acknowledged: view.getFloat64(0, true), turn: view.getUint32(8, true) };
}
