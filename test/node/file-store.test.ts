import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { wink } from "../../adapters/lexical/wink.ts";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import { createRetriever } from "../../src/index.ts";
import { type Disk, disk } from "../../src/node/disk.ts";
import { fileStore, openSnapshot, saveSnapshot } from "../../src/node/index.ts";
import { openFileStore } from "../../src/node/file-store.ts";
import { storeSuite } from "../../src/testing/index.ts";
import { gate, paragraphs, wordEmbedder } from "../retriever/parts.ts";
import { reopening } from "../stores/reopening.ts";
import { untyped } from "../untyped.ts";
import { faultyDisk } from "./faulty-disk.ts";
import { emptyFolder } from "./folders.ts";
import { memoryDisk } from "./memory-disk.ts";

describe("a file store", () => {
  for (const { name, run } of storeSuite(async () => fileStore(await emptyFolder()))) test(name, run);
});

describe("a file store, opened again before every call, with a snapshot for every write", () => {
  const make = async () => {
    const files = memoryDisk();
    const open = () => openFileStore("index", { compactAfter: 1 }, files);
    return reopening(await open(), async (store) => {
      await store.close();
      return open();
    });
  };
  for (const { name, run } of storeSuite(make)) test(name, run);
});

const documentsOf = (count: number, of = "one") =>
  Array.from({ length: count }, (_, number) => ({
    id: `${of} ${number}`,
    text: `${of} document ${number}\n\nand ${number % 7}`,
  }));
const parts = { chunker: paragraphs(), embedder: wordEmbedder() };

describe("a folder of a file store", () => {
  test("is as it was when it is opened again, and goes on", async () => {
    const folder = join(await emptyFolder(), "new", "index");
    const store = await fileStore(folder);
    const docs = createRetriever({ store, ...parts });
    await docs.index(documentsOf(60));
    await docs.forTenant("acme").index(documentsOf(3));
    await docs.delete(["one 7"]);
    const before = await docs.search("document 13", { topK: 20 });
    await docs.close();
    const again = await fileStore(folder);
    const reopened = createRetriever({ store: again, ...parts });
    expect((await reopened.search("document 13", { topK: 20 })).hits).toEqual(before.hits);
    expect(await reopened.count()).toEqual({ documents: 59, chunks: 118 });
    expect(await reopened.forTenant("acme").count()).toEqual({ documents: 3, chunks: 6 });
    expect((await reopened.index(documentsOf(60))).embedded).toBe(2);
    expect(await again.verify()).toEqual([]);
    await reopened.close();
  });

  test("loses with a publication what a process that is gone had staged", async () => {
    const folder = await emptyFolder();
    const first = await fileStore(folder);
    const docs = createRetriever({ store: first, ...parts });
    await docs.index(documentsOf(2));
    for (let round = 0; round < 2; round++) await (await docs.stage()).index(documentsOf(20, `staged ${round}`));
    await docs.close();

    const store = await fileStore(folder);
    const next = createRetriever({ store, ...parts });
    const [published, other] = [await next.stage(), await next.stage()];
    await published.index(documentsOf(3));
    await other.index(documentsOf(4));
    await published.publish();
    await other.publish();
    await next.close();

    const again = await fileStore(folder);
    const { signal } = new AbortController();
    const counted = ["generation-1", "generation-2", "generation-3", "generation-4", "generation-5"].map(
      async (generation) => again.count({ generation, tenant: null }, undefined, { signal }).catch(String),
    );
    const gone = expect.stringContaining("is not there");
    const [before, live] = [3, 4].map((documents) => ({ documents, chunks: documents * 2 }));
    expect(await Promise.all(counted)).toEqual([gone, gone, gone, before, live]);
    await again.close();
  });

  test("keeps its log short by snapshots, while calls go on, and leaves no other file", async () => {
    const folder = await emptyFolder();
    const store = await fileStore(folder, { compactAfter: 20_000 });
    const docs = createRetriever({ store, ...parts });
    for (let round = 0; round < 30; round++)
      await docs.index(documentsOf(20, `round ${round % 4}`).map(({ id, text }) => ({ id, text: `${text} ${round}` })));
    expect(await store.verify()).toEqual([]);
    const numbers = (await readdir(folder)).map((name) => Number(name.split("-")[1] ?? 0));
    expect(Math.max(...numbers)).toBeGreaterThan(3);
    await docs.close();
    const reopened = createRetriever({ store: await fileStore(folder), ...parts });
    expect(await reopened.count()).toEqual({ documents: 80, chunks: 160 });
    const now = (await readdir(folder)).map((name) => name.split("-")[0]);
    expect(now.filter((kind) => kind === "snapshot").length).toBe(1);
    expect(now.filter((kind) => kind === "log").length).toBeLessThanOrEqual(2);
    await reopened.close();
  });

  test("deletes and replaces nothing that it did not make, whatever it is called", async () => {
    const folder = await emptyFolder();
    const errors: unknown[] = [];
    const options = { compactAfter: 1, onError: (error: unknown) => void errors.push(error) };
    const names = ["notes.md", "log-1.2.tmp", "log-1.txt", "snapshot-7", "lock-1"];
    for (const name of names) await writeFile(join(folder, name), "mine");
    await expect(fileStore(folder)).rejects.toThrow('log-7" is missing');
    await rm(join(folder, "snapshot-7"));

    const docs = createRetriever({ store: await fileStore(folder, options), ...parts });
    for (const name of ["log-2", "snapshot-0"]) await writeFile(join(folder, name), "mine");
    for (let round = 0; round < 6; round++) await docs.index(documentsOf(4, `round ${round}`));
    await docs.close();
    expect(errors.map(String).join()).toContain("log-2");
    await rm(join(folder, "log-2"));
    const other = createRetriever({ store: await fileStore(folder, options), ...parts });
    for (let round = 6; round < 12; round++) await other.index(documentsOf(4, `round ${round}`));
    expect(await other.count()).toEqual({ documents: 48, chunks: 96 });
    await other.close();
    const left = [...names.filter((name) => name !== "snapshot-7"), "snapshot-0"];
    for (const name of left) expect(await readFile(join(folder, name), "utf8"), name).toBe("mine");
  });

  test("with a latent leg: the fitted model is in the snapshot, options may be left out or be the same", async () => {
    const folder = await emptyFolder();
    const latent = { dimensions: 4, minDocuments: 10 };
    const docs = createRetriever({
      store: await fileStore(folder, { latent, compactAfter: 1 }),
      chunker: paragraphs(),
    });
    await docs.index(documentsOf(30));
    await docs.search("document");
    await docs.index(documentsOf(2, "two"));
    const { hits } = await docs.search("document 3", { mode: "dense" });
    await expect.poll(async () => (await readdir(folder)).filter((name) => name.startsWith("snap")).length).toBe(1);
    await docs.close();
    for (const options of [{}, { latent }]) {
      const store = await fileStore(folder, options);
      expect(store.latent).toBeDefined();
      await store.close();
    }
    await expect(fileStore(folder, { latent: false })).rejects.toThrow(
      /fileStore.latent: ".*" was made with {"dimensions":4,"minDocuments":10}, received false/,
    );
    await expect(fileStore(folder, { profile: "exact" })).rejects.toThrow(ConfigError);
    const reopened = createRetriever({ store: await fileStore(folder), chunker: paragraphs() });
    expect((await reopened.search("document 3", { mode: "dense" })).hits.length).toBe(hits.length);
    await reopened.close();
  });

  test("calls at the same time share a sync", async () => {
    const files = faultyDisk();
    const store = await openFileStore(await emptyFolder(), {}, files);
    const docs = createRetriever({ store, ...parts });
    await docs.index(documentsOf(1, "first"));
    const before = files.calls.filter((call) => call === "sync").length;
    await Promise.all(Array.from({ length: 40 }, (_, number) => docs.index(documentsOf(1, `call ${number}`))));
    expect(files.calls.filter((call) => call === "sync").length - before).toBeLessThan(10);
    expect(await docs.count()).toEqual({ documents: 41, chunks: 82 });
    await docs.close();
  });

  test("may be saved as one file, and opened from it", async () => {
    const folder = await emptyFolder();
    const store = await fileStore(join(folder, "index"));
    await createRetriever({ store, ...parts }).index(documentsOf(5));
    await saveSnapshot(store, join(folder, "copy"));
    await store.close();
    const copy = createRetriever({ store: await openSnapshot(join(folder, "copy")), ...parts });
    expect((await copy.plan(documentsOf(5))).documents.unchanged).toBe(5);
  });

  /** A disk whose syncs end when they may. */
  const hangingDisk = () => {
    const over = memoryDisk();
    const { opened, open } = gate();
    const state = { hangs: false };
    const files: Disk = {
      ...over,
      open: async (path, mode) => ({
        ...(await over.open(path, mode)),
        sync: async () => (state.hangs ? opened : undefined),
      }),
    };
    const goOn = (): void => {
      state.hangs = false;
      open();
    };
    return { files, state, goOn };
  };

  test.each([true, false])(
    "and a lexical index beside it have the same, after a call was aborted whose log was being synced (durable: %s)",
    async (durable) => {
      for (const write of ["index", "delete"] as const) {
        const { files, state, goOn } = hangingDisk();
        const docs = createRetriever({
          store: await openFileStore("index", {}, files),
          chunker: paragraphs(),
          lexical: { ...wink(), durable },
        });
        const found = async () => (await docs.search("document")).hits.map(({ chunk }) => chunk.text);
        await docs.index(["a", "b"].map((id) => ({ id, text: `document ${id}` })));
        expect(await found()).toEqual(["document a", "document b"]);
        state.hangs = true;
        const controller = new AbortController();
        const options = { signal: controller.signal };
        const writing =
          write === "index" ? docs.index([{ id: "a", text: "new document" }], options) : docs.delete(["a"], options);
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.abort("enough");
        await expect(writing).rejects.toBe("enough");
        expect(await found()).toEqual(["document a", "document b"]);
        goOn();
        await new Promise((resolve) => setTimeout(resolve, 1));
        const texts = write === "index" ? ["new document", "document b"] : ["document b"];
        expect((await docs.get(["a", "b"])).map(({ text }) => text)).toEqual(texts);
        expect((await found()).toSorted()).toEqual(texts.toSorted());
        await docs.close();
      }
    },
  );

  test("an abort rejects at once with its reason, though the disk hangs; what was not begun never happens", async () => {
    const { files, state, goOn } = hangingDisk();
    const store = await openFileStore("index", {}, files);
    const docs = createRetriever({ store, ...parts });
    await docs.index(documentsOf(1));
    state.hangs = true;
    const controller = new AbortController();
    const begun = docs.index(documentsOf(1, "begun"), { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const waiting = docs.index(documentsOf(1, "waiting"), { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(begun).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    goOn();
    await docs.index(documentsOf(1, "later"));
    expect((await docs.list()).documentIds).toEqual(["begun 0", "later 0", "one 0"]);
    await docs.close();
  });

  test("is refused to a second store, in this process and in others", async () => {
    const folder = await emptyFolder();
    const store = await fileStore(folder);
    const second: unknown = await fileStore(folder).catch((error: unknown) => error);
    expect(second).toBeInstanceOf(AdapterError);
    expect(second).toMatchObject({ code: "conflict", retryable: true });
    expect(String(second)).toContain(`this process, ${process.pid}, holds it`);
    await store.close();
    await (await fileStore(folder)).close();
  });

  test("writes nothing any more when its lock was taken over", async () => {
    const folder = await emptyFolder();
    const store = await fileStore(folder);
    const docs = createRetriever({ store, ...parts });
    await docs.index(documentsOf(1));
    await disk.remove(join(folder, "lock"));
    const other = await fileStore(folder);
    await expect(docs.index(documentsOf(2))).rejects.toThrow("another process has taken it over meanwhile");
    expect(await docs.count()).toEqual({ documents: 1, chunks: 2 });
    await store.close();
    await expect(fileStore(folder)).rejects.toThrow("holds it");
    await other.close();
  });

  test.each<[string, () => never | Promise<never>]>([
    [
      "throws",
      () => {
        throw new Error("thrown by onError");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("thrown by onError");
      },
    ],
  ])("goes on, is given free, and warns where onError %s", async (_, onError) => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    let failing = false;
    const files = faultyDisk({
      over: memoryDisk(),
      failing: (call) => (failing && call === "rename" ? "EIO" : undefined),
    });
    const store = await openFileStore("index", { compactAfter: 1, onError }, files);
    const docs = createRetriever({ store, ...parts });
    failing = true;
    await docs.index(documentsOf(1), { timeout: 5_000 });
    await docs.index(documentsOf(2), { timeout: 5_000 });
    failing = false;
    await docs.index(documentsOf(3), { timeout: 5_000 });
    await docs.close();
    await (await openFileStore("index", {}, files)).close();
    expect(warned.mock.calls.length).toBeGreaterThan(0);
    for (const [error] of warned.mock.calls) expect(String(error)).toBe("Error: thrown by onError");
    warned.mockRestore();
  });

  test("is verified while it is written to: what came between two looks at the log is no damage", async () => {
    const over = memoryDisk();
    let between: (() => Promise<unknown>) | undefined;
    const files: Disk = {
      ...over,
      async open(path, mode) {
        const file = await over.open(path, mode);
        if (mode !== "read" || !path.endsWith("log-0")) return file;
        return {
          ...file,
          async size() {
            const size = await file.size();
            const write = between;
            between = undefined;
            await write?.();
            return size;
          },
        };
      },
    };
    const store = await openFileStore("index", {}, files);
    const docs = createRetriever({ store, ...parts });
    await docs.index(documentsOf(1));
    between = () => docs.index(documentsOf(2));
    expect(await store.verify()).toEqual([]);
    expect(between).toBeUndefined();
    await docs.close();
  });

  test("what cannot be is refused by its name, before anything is made", async () => {
    const folder = await emptyFolder();
    const path = join(folder, "index");
    await expect(fileStore("")).rejects.toThrow("fileStore: expected a path");
    await expect(fileStore(path, untyped(null))).rejects.toThrow(ConfigError);
    await expect(fileStore(path, untyped({ fsync: false }))).rejects.toThrow('unknown option "fsync"');
    await expect(fileStore(path, { compactAfter: 0 })).rejects.toThrow("fileStore.compactAfter");
    await expect(fileStore(path, untyped({ onError: true }))).rejects.toThrow("fileStore.onError");
    await expect(fileStore(path, untyped({ onAdvice: true }))).rejects.toThrow("onAdvice");
    await expect(fileStore(path, untyped({ profile: "fast" }))).rejects.toThrow("fileStore.profile");
    expect(await readdir(folder)).toEqual([]);
    const store = await fileStore(path);
    await store.close();
    const late = createRetriever({ store, ...parts }).index(documentsOf(1));
    await expect(late).rejects.toThrow("fileStore: it is closed");
  });
});
