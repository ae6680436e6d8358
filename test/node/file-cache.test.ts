import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AdapterError, ConfigError, SnapshotError } from "../../src/errors.ts";
import { cacheIn, fileCache } from "../../src/node/file-cache.ts";
import { type FaultyDisk, faultyDisk } from "./faulty-disk.ts";
import { untyped } from "../untyped.ts";

describe("fileCache", () => {
  let folder = "";
  let path = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "groundline-cache-"));
    path = join(folder, "a.cache");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("gives back what was set, then and after opening again", async () => {
    const entries = fc.array(fc.tuple(fc.string({ minLength: 1, unit: "binary" }), fc.uint8Array({ maxLength: 300 })), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(entries, async (pairs) => {
        await rm(path, { force: true });
        const expected = new Map(pairs);
        const cache = await fileCache(path);
        await Promise.all(pairs.map(([key, value]) => cache.set(key, value)));
        for (const [key, value] of expected) expect(await cache.get(key)).toEqual(value);
        expect(await cache.get("not there at all")).toBeUndefined();
        await cache.close();
        const again = await fileCache(path);
        for (const [key, value] of expected) expect(await again.get(key)).toEqual(value);
        await again.close();
      }),
      { numRuns: 20 },
    );
  });

  test("drops a record that was cut off, wherever, and writes over it", async () => {
    const cache = await fileCache(path);
    await cache.set("first", new Uint8Array(20).fill(1));
    const { size: before } = await stat(path);
    await cache.set("second", new Uint8Array(20).fill(2));
    await cache.close();
    const whole = await readFile(path);
    for (let length = before; length < whole.length; length++) {
      await writeFile(path, whole);
      await truncate(path, length);
      const again = await fileCache(path);
      expect(await again.get("first")).toEqual(new Uint8Array(20).fill(1));
      expect(await again.get("second")).toBeUndefined();
      await again.set("third", new Uint8Array([3]));
      await again.close();
      const third = await fileCache(path);
      expect(await third.get("third")).toEqual(new Uint8Array([3]));
      await third.close();
    }
  });

  test("a byte that changed makes no wrong value, wherever it is", async () => {
    const cache = await fileCache(path);
    const values = { first: new Uint8Array(20).fill(1), second: new Uint8Array(20).fill(2) };
    for (const [key, value] of Object.entries(values)) await cache.set(key, value);
    await cache.close();
    const whole = await readFile(path);
    for (let at = "groundline cache 2\n".length; at < whole.length; at++) {
      const flipped = Uint8Array.from(whole, (byte, i) => (i === at ? byte ^ 4 : byte));
      await writeFile(path, flipped);
      const again = await fileCache(path);
      const found = await Promise.all(Object.keys(values).map((key) => again.get(key)));
      expect(found.filter((value) => value === undefined).length, `byte ${at}`).toBeGreaterThan(0);
      for (const [i, value] of Object.values(values).entries()) {
        if (found[i] !== undefined) expect(found[i], `byte ${at}`).toEqual(value);
      }
      await again.set("first", new Uint8Array([9]));
      expect(await again.get("first")).toEqual(new Uint8Array([9]));
      await again.close();
    }
  });

  test("writes on where little is written at once, and reads on", async () => {
    const files = faultyDisk({ failing: (call) => (call === "write" || call === "read" ? "short write" : undefined) });
    for (const expected of [undefined, new Uint8Array(500).fill(7)]) {
      const cache = await cacheIn(path, files);
      expect(await cache.get("long")).toEqual(expected);
      await cache.set("long", new Uint8Array(500).fill(7));
      await cache.close();
    }
  });

  test("begins anew where the process ended in the first bytes", async () => {
    await writeFile(path, "ground");
    const cache = await fileCache(path);
    await cache.set("a", new Uint8Array([1]));
    await cache.close();
    const again = await fileCache(path);
    expect(await again.get("a")).toEqual(new Uint8Array([1]));
    await again.close();
  });

  test("touches no file that is something else", async () => {
    for (const text of ["my notes\n", "my notes, which are longer than that\n"]) {
      await writeFile(path, text);
      await expect(fileCache(path)).rejects.toThrow(SnapshotError);
      expect(await readFile(path, "utf8")).toBe(text);
    }
    await expect(fileCache(untyped(""))).rejects.toThrow(new ConfigError('fileCache: expected a path, received ""'));
    await appendFile(path, "");
    await expect(fileCache(join(folder, "no", "where"))).rejects.toThrow("ENOENT");
  });

  test("whatever call of the disk fails, it is an AdapterError that names the file", async () => {
    const used = async (files: FaultyDisk): Promise<void> => {
      const cache = await cacheIn(path, files);
      try {
        await cache.set("a", new Uint8Array(30));
        await cache.get("a");
      } finally {
        await cache.close();
      }
    };
    for (const exists of [false, true]) {
      for (let number = 0; ; number++) {
        await rm(path, { force: true });
        if (exists) await used(faultyDisk());
        const files = faultyDisk({ failing: (_, at) => (at === number ? "EIO" : undefined) });
        const error: unknown = await used(files).catch((thrown: unknown) => thrown);
        if (number >= files.calls.length) break;
        expect(error, files.calls[number]).toBeInstanceOf(AdapterError);
        expect(error).toMatchObject({ adapter: "files", message: expect.stringContaining(JSON.stringify(path)) });
      }
    }
    await expect(fileCache(join(folder, "none", "a.cache"))).rejects.toThrow(AdapterError);
  });
});
