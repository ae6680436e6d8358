import { ConfigError, quoted, SnapshotError } from "../errors.ts";
import { headerOf } from "../bytes.ts";
import { callOptions, checkOptions } from "../options.ts";
import { breather, withDeadline } from "../signal.ts";
import { readChange } from "../stores/change-bytes.ts";
import { frameAt, nextFrame } from "../stores/frames.ts";
import { memorySettings } from "../stores/memory-options.ts";
import { type Change, emptyState, type MemoryState } from "../stores/memory-state.ts";
import { section, snapshot, snapshotName, snapshotVersion } from "../stores/snapshot.ts";
import { type Restored, snapshotReading, snapshotStart } from "../stores/snapshot-reading.ts";
import type { CallOptions } from "../types.ts";
import { writeAtomically } from "./atomic-file.ts";
import { checkPath, type Disk, disk, errorCode, fileError } from "./disk.ts";
import { createLog, firstRecord, readLog } from "./log.ts";
import { applyTo, checkChange, settingsIn, settingsRecord, storeName } from "./recovery.ts";
import { listFolder, logPath, readFile, snapshotPath } from "./store-folder.ts";

export interface Salvage {
  /** What was saved, in all generations and tenants. */
  readonly documents: number;
  readonly chunks: number;
  /** What was not, each in a sentence. A damaged record may have been of any document: index all of them again. */
  readonly findings: readonly string[];
}

/**
 * Saves what is intact in a damaged snapshot file, or in the folder of a damaged file store, into a new one of the same
 * kind. What is damaged stays as it is.
 *
 * Documents are saved whole or not at all, as they were when they were last written in a record that is intact. `index`
 * of all documents brings the rest back, and embeds only what was lost.
 *
 * @example const { documents, findings } = await salvage("index", "index-saved");
 */
export function salvage(path: string, into: string, options?: CallOptions): Promise<Salvage> {
  checkOptions("salvage", options, callOptions);
  checkPath("salvage", path);
  checkPath("salvage", into);
  return withDeadline("salvage", options, (signal) => save(path, into, disk, signal));
}

export async function save(path: string, into: string, files: Disk, signal: AbortSignal): Promise<Salvage> {
  if (await exists(into, files)) throw new ConfigError(`salvage: ${quoted(into)} is there already`);
  const findings: string[] = [];
  const breathe = breather(signal);
  const isFolder = await files.names(path).then(
    () => true,
    () => false,
  );
  const { settings, state } = isFolder
    ? await fromFolder(path, findings, files, breathe)
    : await fromSnapshot(path, findings, files, breathe);
  const { parts, release } = snapshot(state, settings);
  try {
    if (!isFolder) {
      await writeAtomically(into, parts, { signal, files });
    } else {
      const failed = (cause: unknown): never => {
        throw fileError("write", into, cause);
      };
      await files.makeFolder(into).catch(failed);
      const log = await createLog(logPath(into, 1), 1, [settingsRecord(settings)], files);
      await log.close().catch(failed);
      await writeAtomically(snapshotPath(into, 1), parts, { signal, files });
    }
  } finally {
    release();
  }
  let [documents, chunks] = [0, 0];
  for (const { tenants } of state.generations.values()) {
    for (const held of tenants.values()) {
      documents += [...held.documentIds()].length;
      chunks += held.chunks;
    }
  }
  return { documents, chunks, findings };
}

async function fromSnapshot(
  path: string,
  findings: string[],
  files: Disk,
  breathe: () => Promise<void>,
): Promise<Restored> {
  const bytes = await readFile(path, files);
  try {
    snapshotStart(bytes);
  } catch (error) {
    findings.push(`${quoted(path)}: ${messageOf(error)}`);
  }
  const frames: Uint8Array[] = [];
  for (const found of framesIn(bytes, headerOf(snapshotName, snapshotVersion).length, path, findings)) {
    frames.push(found);
    await breathe();
  }
  if (frames.at(-1)?.[0] !== section.end) findings.push(`${quoted(path)}: its end is missing`);
  const head = frames.find(([kind]) => kind === section.head || kind === section.end);
  if (head === undefined) throw new SnapshotError(`${quoted(path)}: neither its head nor its end is intact.`);
  const reading = snapshotReading(storeName);
  reading.take(Uint8Array.of(section.head, ...head.subarray(1)));
  for (const [index, frame] of frames.entries()) {
    if (frame[0] === section.head || frame[0] === section.end) continue;
    try {
      reading.take(frame);
    } catch (error) {
      findings.push(`${quoted(path)}: part ${index} does not fit: ${messageOf(error)}`);
    }
    await breathe();
  }
  return reading.restored();
}

async function fromFolder(
  folder: string,
  findings: string[],
  files: Disk,
  breathe: () => Promise<void>,
): Promise<Restored> {
  const { snapshots, logs } = await listFolder(folder, files);
  if (snapshots.length + logs.length === 0) throw new ConfigError(`salvage: ${quoted(folder)} holds no store`);
  let restored: Restored | undefined;
  let start = 0;
  for (const number of snapshots.toReversed()) {
    const path = snapshotPath(folder, number);
    restored ??= await fromSnapshot(path, findings, files, breathe).catch((error: unknown) => {
      findings.push(messageOf(error));
      return undefined;
    });
    if (restored !== undefined) start = Math.max(start, number);
  }
  const last = Math.max(...logs, start);
  for (let number = restored === undefined ? Math.min(...logs) : start; number <= last; number++) {
    const path = logPath(folder, number);
    if (!logs.includes(number)) {
      findings.push(`${quoted(path)} is missing`);
      continue;
    }
    const records = recordsIn(await readFile(path, files), path, number, findings);
    const settings = settingsOf(records[0]);
    if (settings === undefined && restored === undefined) {
      findings.push(`${quoted(path)}: the options of the store are lost, and the defaults are taken`);
    }
    restored ??= { state: emptyState(), settings: settings ?? memorySettings(storeName, {}) };
    for (const record of settings === undefined ? records : records.slice(1)) {
      replay(record, restored, path, findings);
      await breathe();
    }
  }
  return restored ?? { state: emptyState(), settings: memorySettings(storeName, {}) };
}

/** All of a log, or what is intact of it. */
function recordsIn(bytes: Uint8Array, path: string, number: number, findings: string[]): readonly Uint8Array[] {
  try {
    return readLog(bytes, path, number).records;
  } catch (error) {
    findings.push(`${quoted(path)}: ${messageOf(error)}`);
    return [...framesIn(bytes, firstRecord, path, findings)];
  }
}

/** What is framed and intact, from a place on. */
function* framesIn(
  bytes: Uint8Array,
  start: number,
  path: string,
  findings: string[],
): Generator<Uint8Array, void, undefined> {
  for (let at = start; at < bytes.length;) {
    const found = frameAt(bytes, at);
    const end = found?.end ?? nextFrame(bytes, at);
    if (found === undefined) findings.push(`${quoted(path)}: bytes ${at} to ${end} of ${bytes.length} are damaged`);
    else yield found.bytes;
    at = end;
  }
}

/** Document by document: one that does not fit what was saved so far is not kept, because part of it is missing. */
function replay(record: Uint8Array, { state, settings }: Restored, path: string, findings: string[]): void {
  for (const change of separate(record, path, findings)) {
    try {
      checkChange(state, change);
      applyTo(state, change, settings);
    } catch (error) {
      if (change.op !== "replace") {
        findings.push(`${quoted(path)}: a ${change.op} of ${change.generation} does not fit: ${messageOf(error)}`);
        continue;
      }
      const ids = change.documents.map(({ id }) => id);
      findings.push(`${quoted(path)}: document ${ids.map(quoted).join(", ")} is lost: ${messageOf(error)}`);
      remove(state, { ...change, documents: ids.map((id) => ({ id, chunks: [] })) }, settings);
    }
  }
}

function remove(state: MemoryState, change: Change & { readonly op: "replace" }, settings: Restored["settings"]): void {
  if (state.generations.has(change.scope.generation)) applyTo(state, change, settings);
}

function separate(record: Uint8Array, path: string, findings: string[]): readonly Change[] {
  try {
    const change = readChange(record);
    if (change.op !== "replace") return [change];
    return change.documents.map((document) => ({ ...change, documents: [document] }));
  } catch (error) {
    findings.push(`${quoted(path)}: ${messageOf(error)}`);
    return [];
  }
}

/** undefined where it is no record of settings. */
function settingsOf(record: Uint8Array | undefined): Restored["settings"] | undefined {
  try {
    return settingsIn(record);
  } catch {
    return undefined;
  }
}

async function exists(path: string, files: Disk): Promise<boolean> {
  try {
    await files.changed(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw fileError("look at", path, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
