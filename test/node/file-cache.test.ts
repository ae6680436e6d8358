import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SnapshotError } from "../../src/errors.ts";
import { fileCache } from "../../src/node/file-cache.ts";
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
    await expect(fileCache(untyped(""))).rejects.toThrow("fileCache: expected a path");
    await appendFile(path, "");
    await expect(fileCache(join(folder, "no", "where"))).rejects.toThrow("ENOENT");
  });
});
