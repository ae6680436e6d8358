import { join } from "node:path";
import { ConfigError, quoted, SnapshotError } from "../errors.ts";
import { breather, finishedSlowly } from "../signal.ts";
import { readChange } from "../stores/change-bytes.ts";
import { type MemoryOptions, type MemorySettings, memorySettings } from "../stores/memory-options.ts";
import { legsOf } from "../stores/memory-store.ts";
import { applyChange, type Change, emptyState, type MemoryState, partitionOf } from "../stores/memory-state.ts";
import { allEngines, jsonIn, readSnapshot, type Restored } from "../stores/snapshot-reading.ts";
import type { Disk } from "./disk.ts";
import { createLog, type Log, openLog, readLog } from "./log.ts";
import { listFolder, logPath, readFile, removeBefore, removeFile, snapshotPath } from "./store-folder.ts";

export const storeName = "fileStore";

export interface Recovered extends Restored {
  /** What goes on being written to, and its number. */
  readonly log: Log;
  readonly number: number;
  /** Of the snapshot that all began with; 0 where there is none. */
  readonly snapshot: number;
  readonly snapshotBytes: number;
}

/** All that was acknowledged, from the files of a folder; an empty one becomes a store. */
export async function recover(folder: string, options: MemoryOptions, files: Disk): Promise<Recovered> {
  const { snapshots, logs, unfinished } = await listFolder(folder, files);
  for (const name of unfinished) await removeFile(join(folder, name), files);
  const start = snapshots.at(-1) ?? 0;
  const later = logs.filter((number) => number >= start);
  if (start === 0 && logs.length === 0) return fresh(folder, options, files);
  for (const [index, number] of later.entries()) {
    if (number !== start + index) missing(logPath(folder, start + index));
  }
  if (later.length === 0) missing(logPath(folder, start));

  const bytes = start === 0 ? undefined : await readFile(snapshotPath(folder, start), files);
  const breathe = breather(new AbortController().signal);
  let restored = bytes && (await restore(bytes, snapshotPath(folder, start), breathe));
  const number = start + later.length - 1;
  for (const before of later.slice(0, -1)) {
    const path = logPath(folder, before);
    const { records } = readLog(await readFile(path, files), path, before);
    restored = await replay(records, restored, path, breathe);
  }
  const { log, records } = await openLog(logPath(folder, number), number, files);
  try {
    const whole = await replay(records, restored, logPath(folder, number), breathe);
    checkSettings(folder, options, whole.settings);
    await removeBefore(start, { folder, snapshots, logs }, files);
    return { ...whole, log, number, snapshot: start, snapshotBytes: bytes?.length ?? 0 };
  } catch (error) {
    await log.close().catch(() => undefined);
    throw error;
  }
}

async function fresh(folder: string, options: MemoryOptions, files: Disk): Promise<Recovered> {
  const settings = memorySettings(storeName, options);
  const log = await createLog(logPath(folder, 0), 0, [settingsRecord(settings)], files);
  return { settings, state: emptyState(), log, number: 0, snapshot: 0, snapshotBytes: 0 };
}

async function restore(bytes: Uint8Array, path: string, breathe: () => Promise<void>): Promise<Restored> {
  try {
    return await finishedSlowly(readSnapshot(bytes, storeName), breathe);
  } catch (cause) {
    throw new SnapshotError(`${quoted(path)} is damaged. Keep it, and see salvage().`, { cause });
  }
}

/** The first record of a log has the settings, each of the others a change. */
async function replay(
  [first, ...changes]: readonly Uint8Array[],
  restored: Restored | undefined,
  path: string,
  breathe: () => Promise<void>,
): Promise<Restored> {
  try {
    const { settings, state } = restored ?? { settings: settingsIn(first), state: emptyState() };
    for (const bytes of changes) {
      const change = readChange(bytes);
      checkChange(state, change);
      applyTo(state, change, settings);
      await breathe();
    }
    return { settings, state };
  } catch (cause) {
    throw new SnapshotError(`${quoted(path)} holds what cannot have been written to it. See salvage().`, { cause });
  }
}

export function checkChange(state: MemoryState, change: Change): void {
  if (change.op === "replace") partitionOf(state, change.scope, storeName).check(change.documents);
}

export function applyTo(state: MemoryState, change: Change, settings: MemorySettings): void {
  applyChange(state, change, { storeName, legsOf: (spec) => legsOf(spec, settings, allEngines) });
}

export function settingsRecord({ profile, latent }: MemorySettings): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ profile, latent: latent ?? null }));
}

export function settingsIn(record: Uint8Array = new Uint8Array()): MemorySettings {
  const { profile, latent } = jsonIn(record) as Omit<MemorySettings, "latent"> & {
    readonly latent: MemorySettings["latent"] | null;
  };
  return { profile, latent: latent ?? undefined };
}

/** Options that are given again have to be those that the folder was made with. */
function checkSettings(folder: string, options: MemoryOptions, stored: MemorySettings): void {
  const given = memorySettings(storeName, options);
  for (const name of ["profile", "latent"] as const) {
    const [here, there] = [JSON.stringify(given[name]), JSON.stringify(stored[name])];
    if (options[name] === undefined || here === there) continue;
    const made = there ?? "false";
    throw new ConfigError(`fileStore.${name}: ${quoted(folder)} was made with ${made}, received ${here ?? "false"}`);
  }
}

function missing(path: string): never {
  throw new SnapshotError(`${quoted(path)} is missing: without it acknowledged changes are lost. See salvage().`);
}
