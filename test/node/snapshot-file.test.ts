import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AdapterError, ConfigError, SnapshotError, TimeoutError } from "../../src/errors.ts";
import { createRetriever, memory } from "../../src/index.ts";
import { openSnapshot, salvage, saveSnapshot } from "../../src/node/index.ts";
import { untyped } from "../untyped.ts";
import { emptyFolder } from "./folders.ts";

const documents = Array.from({ length: 400 }, (_, number) => ({
  id: `${number}`,
  text: `Document ${number} is about ${number % 7}. `.repeat(40),
}));

describe("a snapshot in a file", () => {
  test("gives back the store of the moment when saving began, while others write", async () => {
    const path = join(await emptyFolder(), "index");
    const store = memory();
    const docs = createRetriever({ store });
    await docs.index(documents);
    const saving = saveSnapshot(store, path);
    await docs.delete(documents.slice(100).map(({ id }) => id));
    await docs.index([{ id: "late", text: "too late" }]);
    await saving;
    const reopened = createRetriever({ store: await openSnapshot(path) });
    expect(await reopened.plan(documents)).toMatchObject({ documents: { added: 0, updated: 0, unchanged: 400 } });
    expect((await reopened.search("late")).hits).toEqual([]);
    expect((await docs.count()).documents).toBe(101);
  });

  test("an abort and a timeout leave the old file and nothing else", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "index");
    const store = memory();
    await createRetriever({ store }).index(documents);
    await writeFile(path, "as it was");
    const controller = new AbortController();
    const saving = saveSnapshot(store, path, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(saving).rejects.toThrow("enough");
    await expect(saveSnapshot(store, path, { timeout: 1e-9 })).rejects.toThrow(TimeoutError);
    await expect.poll(() => readdir(folder)).toEqual(["index"]);
    expect(await readFile(path, "utf8")).toBe("as it was");
    await expect(openSnapshot(path)).rejects.toThrow(SnapshotError);
    await expect(openSnapshot(path, { signal: controller.signal })).rejects.toThrow("enough");
  });

  test("that is damaged: what is intact is salvaged into another, and index brings back the rest", async () => {
    const folder = await emptyFolder();
    const [path, saved] = [join(folder, "index"), join(folder, "saved")];
    const store = memory();
    await createRetriever({ store }).index(documents);
    await saveSnapshot(store, path);
    const bytes = await readFile(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(openSnapshot(path)).rejects.toThrow(SnapshotError);
    const { documents: intact, chunks, findings } = await salvage(path, saved);
    expect(findings).toEqual([expect.stringMatching(/^".*index": bytes [0-9]+ to [0-9]+ of [0-9]+ are damaged$/)]);
    expect(intact).toBeGreaterThan(100);
    expect(intact).toBeLessThan(400);
    const docs = createRetriever({ store: await openSnapshot(saved) });
    expect(await docs.count()).toEqual({ documents: intact, chunks });
    expect(await docs.index(documents)).toMatchObject({ documents: { added: 400 - intact, unchanged: intact } });
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    await expect(salvage(path, saved)).rejects.toThrow(`salvage: ${JSON.stringify(saved)} is there already`);
    await expect(salvage(folder, join(folder, "new"))).rejects.toThrow("holds no store");
    await writeFile(path, "something else");
    await expect(salvage(path, join(folder, "new"))).rejects.toThrow(SnapshotError);
  });

  test("what cannot be is refused by its name", async () => {
    const folder = await emptyFolder();
    await expect(openSnapshot(join(folder, "none"))).rejects.toThrow(AdapterError);
    await expect(openSnapshot(join(folder, "none"))).rejects.toThrow(/could not read ".*none".*ENOENT/);
    await expect(saveSnapshot(memory(), join(folder, "no", "folder"))).rejects.toThrow(AdapterError);
    await expect(saveSnapshot(memory(), "")).rejects.toThrow(ConfigError);
    await expect(saveSnapshot(untyped({}), folder)).rejects.toThrow("saveSnapshot: expected an in-memory store");
    await expect(saveSnapshot(memory(), folder, untyped({ fsync: false }))).rejects.toThrow('unknown option "fsync"');
    await expect(openSnapshot(folder, untyped({ onAdvice: 1 }))).rejects.toThrow(
      "onAdvice: expected a function, received 1",
    );
  });
});
