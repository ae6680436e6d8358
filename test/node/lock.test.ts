import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { AdapterError } from "../../src/errors.ts";
import { takeLock } from "../../src/node/lock.ts";
import { type RunningProcess, thisProcess } from "../../src/node/running.ts";
import { type MemoryDisk, memoryDisk } from "./memory-disk.ts";

const path = "/index/lock";
const bytesOf = (holder: object): Uint8Array => new TextEncoder().encode(JSON.stringify(holder));

/** A disk with a lock of someone, who gave a sign of life so many milliseconds ago. */
async function lockedBy(change: Partial<RunningProcess>, ago = 0): Promise<MemoryDisk> {
  const holder = { ...(await thisProcess()), token: "theirs", ...change };
  return { ...memoryDisk([[path, bytesOf(holder)]]), changed: async () => Date.now() - ago };
}

function processThatIsGone(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("a lock", () => {
  test("is held by one at a time, and can be taken again", async () => {
    const files = memoryDisk();
    const lock = await takeLock(path, files);
    await expect(takeLock(path, files)).rejects.toThrow(AdapterError);
    await lock.check();
    await lock.release();
    expect(files.files.size).toBe(0);
    await (await takeLock(path, files)).release();
  });

  test("goes to one of many who want it at the same time", async () => {
    const files = await lockedBy({ pid: processThatIsGone() });
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path, files)));
    const locks = taken.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    expect(locks.length).toBe(1);
    await locks[0]?.check();
    expect([...files.files.keys()]).toEqual([path]);
    await locks[0]?.release();
  });

  test("of a process that is gone, or of another with its number, is taken over", async () => {
    for (const gone of [{ pid: processThatIsGone() }, { started: "1" }]) {
      await (await takeLock(path, await lockedBy(gone))).release();
    }
  });

  test("of a process whose start is not known lasts a minute without a sign of life, or until no process has its number", async () => {
    const unknown = { started: "" };
    await expect(takeLock(path, await lockedBy(unknown, 30_000))).rejects.toThrow("this process, ");
    await (await takeLock(path, await lockedBy(unknown, 61_000))).release();
    await (await takeLock(path, await lockedBy({ ...unknown, pid: processThatIsGone() }))).release();
  });

  test("of a process elsewhere is taken over after a minute without a sign of life", async () => {
    const elsewhere = { place: "another machine", pid: 7 };
    const error: unknown = await takeLock(path, await lockedBy(elsewhere, 30_000)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "conflict", retryable: true });
    expect(String(error)).toContain("process 7 holds it (on another machine)");
    await (await takeLock(path, await lockedBy(elsewhere, 61_000))).release();
  });

  test("that says nothing of its holder is a lock for a minute", async () => {
    for (const ago of [0, 61_000]) {
      const files = { ...memoryDisk([[path, new Uint8Array()]]), changed: async () => Date.now() - ago };
      const taken = takeLock(path, files);
      if (ago === 0) await expect(taken).rejects.toThrow("its holder is not known");
      else await (await taken).release();
    }
  });

  test("is never made of what is none: a file of that name is left alone, however old", async () => {
    const bytes = new TextEncoder().encode("# locked dependencies\n");
    const disk = memoryDisk([[path, bytes]]);
    const taken = takeLock(path, { ...disk, changed: async () => 0 });
    await expect(taken).rejects.toThrow('"/index/lock" is no lock of a store; choose another folder');
    expect([...disk.files]).toEqual([[path, bytes]]);
  });

  test("that a failure of power has emptied is taken over", async () => {
    for (const left of ['{"pla', '{"place":"here","pi', "\0".repeat(9)]) {
      const files = { ...memoryDisk([[path, new TextEncoder().encode(left)]]), changed: async () => 0 };
      await (await takeLock(path, files)).release();
    }
  });

  test("needs no file system with links", async () => {
    const refuse = async (): Promise<void> => {
      throw Object.assign(new Error("EPERM: no links"), { code: "EPERM" });
    };
    const disk = memoryDisk();
    const files = { ...disk, link: refuse };
    const lock = await takeLock(path, files);
    await expect(takeLock(path, files)).rejects.toThrow(AdapterError);
    await lock.check();
    await lock.release();
    expect(disk.files.size).toBe(0);
  });

  test("is refused to one whose file was swept away by the holder that came first", async () => {
    const disk = memoryDisk();
    const link = async (): Promise<void> => {
      await takeLock(path, disk);
      throw Object.assign(new Error("ENOENT: swept away"), { code: "ENOENT" });
    };
    const error: unknown = await takeLock(path, { ...disk, link }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "AdapterError", code: "conflict" });
  });

  test("tells when it was taken over", async () => {
    const files = memoryDisk();
    const lock = await takeLock(path, files);
    await files.remove(path);
    await expect(lock.check()).rejects.toThrow("another process has taken it over meanwhile");
    const other = await takeLock(path, files);
    await expect(lock.check()).rejects.toThrow("another process has taken it over meanwhile");
    await lock.release();
    await other.check();
    await other.release();
  });
});
