import { randomUUID } from "node:crypto";
import { AdapterError, ConfigError } from "../errors.ts";
import { type Disk, errorCode, fileError, readPath, writeAll } from "./disk.ts";
import { removeFile } from "./store-folder.ts";
import { isRunning, type RunningProcess, thisProcess } from "./running.ts";

/** One process at a time. */
export interface Lock {
  /** Throws when someone else has taken it since, as after a long sleep of this process. */
  check(): Promise<void>;
  release(): Promise<void>;
}

interface Holder extends RunningProcess {
  /** Of this taking of the lock. */
  readonly token: string;
}

/** Milliseconds between signs of life, and without one until a holder that cannot be asked counts as gone. */
const signs = { every: 10_000, until: 60_000 };

/** What file systems say that know no second name for a file. */
const withoutLinks = new Set<string | undefined>(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL"]);

/** Times that a lock which was just given free may be taken by others first. */
const attempts = 5;

/**
 * Takes the lock that is a file, or throws an `AdapterError` with the code "conflict" that names the holder.
 *
 * The lock of a process that is gone is taken over: at once where it ran on this machine, after a minute without a sign of
 * life where it ran elsewhere, or in another container, or where the system does not tell when a process started and one
 * with its number runs.
 */
export async function takeLock(path: string, files: Disk): Promise<Lock> {
  const mine: Holder = { ...(await thisProcess()), token: randomUUID() };
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await create(path, mine, files)) return held(path, mine, files);
    await clear(path, mine, files);
  }
  throw taken(path, "others take it again and again");
}

function held(path: string, mine: Holder, files: Disk): Lock {
  const timer = setInterval(() => void files.touch(path).catch(() => undefined), signs.every);
  timer.unref();
  const isMine = async (): Promise<boolean> => (await read(path, files))?.holder?.token === mine.token;
  return {
    async check() {
      if (!(await isMine())) throw taken(path, "another process has taken it over meanwhile");
    },
    async release() {
      clearInterval(timer);
      if (await isMine()) await removeFile(path, files);
    },
  };
}

/** Whether it could be: whole, under its name at once, or not at all. */
async function create(path: string, mine: Holder, files: Disk): Promise<boolean> {
  const beside = `${path}-${mine.token}`;
  const bytes = new TextEncoder().encode(JSON.stringify(mine));
  try {
    await createFile(beside, bytes, files);
    await files.link(beside, path).catch(async (error: unknown) => {
      if (!withoutLinks.has(errorCode(error))) throw error;
      // It is empty for a moment, and nobody takes one over so soon.
      await createFile(path, bytes, files);
    });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // Its holder, come first, took what lay beside it for something left over.
    if (errorCode(error) === "ENOENT" && (await read(path, files)) !== undefined) return false;
    throw fileError("lock", path, error);
  } finally {
    await files.remove(beside).catch(() => undefined);
  }
}

async function createFile(path: string, bytes: Uint8Array, files: Disk): Promise<void> {
  const file = await files.open(path, "create");
  try {
    await writeAll(file, bytes, 0);
  } finally {
    await file.close();
  }
}

/** Takes away the lock of a holder that is gone; throws where one is alive. */
async function clear(path: string, mine: Holder, files: Disk): Promise<void> {
  const found = await read(path, files);
  if (found === undefined) return;
  const { holder, changed, isLock } = found;
  if (!isLock) throw new ConfigError(`fileStore: ${JSON.stringify(path)} is no lock of a store; choose another folder`);
  const running = holder === undefined ? undefined : await isRunning(holder);
  if (running === true || (running === undefined && Date.now() - changed < signs.until)) {
    throw taken(path, holder === undefined ? "its holder is not known" : describe(holder, mine));
  }
  // By renaming, which only one can do; if another was faster, this may be a lock that is alive: it is given back.
  const aside = `${path}-${mine.token}`;
  try {
    await files.rename(path, aside);
    const moved = await read(aside, files);
    if (moved?.holder?.token !== holder?.token) await files.link(aside, path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && errorCode(error) !== "EEXIST") throw fileError("lock", path, error);
  } finally {
    await files.remove(aside).catch(() => undefined);
  }
}

interface Found {
  readonly holder: Holder | undefined;
  readonly changed: number;
  /** One of ours, be it cut off or emptied by a failure of power: what is not is never taken away. */
  readonly isLock: boolean;
}

async function read(path: string, files: Disk): Promise<Found | undefined> {
  try {
    const changed = await files.changed(path);
    const bytes = await readPath(files, path);
    return { holder: parsed(bytes), changed, isLock: isOurs(bytes) };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw fileError("read", path, error);
  }
}

function isOurs(bytes: Uint8Array): boolean {
  const begin = '{"place":';
  const text = new TextDecoder().decode(bytes).replaceAll("\0", "");
  return text.startsWith(begin) || begin.startsWith(text);
}

function parsed(bytes: Uint8Array): Holder | undefined {
  try {
    const { place, pid, started, token } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Holder>;
    if (typeof place !== "string" || typeof pid !== "number" || typeof started !== "string") return undefined;
    return typeof token === "string" ? { place, pid, started, token } : undefined;
  } catch {
    return undefined;
  }
}

function describe({ pid, place }: Holder, mine: Holder): string {
  return pid === mine.pid && place === mine.place
    ? `this process, ${pid}, holds it`
    : `process ${pid} holds it (on ${place})`;
}

function taken(path: string, why: string): AdapterError {
  return new AdapterError("fileStore", `${JSON.stringify(path)} is locked: ${why}`, {
    retryable: true,
    code: "conflict",
  });
}
