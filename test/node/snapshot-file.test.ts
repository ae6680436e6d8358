import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AdapterError, ConfigError, SnapshotError, TimeoutError } from "../../src/errors.ts";
import { createRetriever, memory } from "../../src/index.ts";
import { openSnapshot, saveSnapshot } from "../../src/node/index.ts";
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
