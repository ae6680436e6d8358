import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { AdapterError, RetrievalError, SnapshotError } from "../../src/errors.ts";
import type { Disk } from "../../src/node/disk.ts";
import { openFileStore } from "../../src/node/file-store.ts";
import { save } from "../../src/node/salvage.ts";
import type { Scope, Store } from "../../src/types.ts";
import { type Fault, faultyDisk } from "./faulty-disk.ts";
import { type MemoryDisk, memoryDisk } from "./memory-disk.ts";

/** What a test writes: documents of two chunks, by id. */
type Texts = Readonly<Record<string, string>>;

const signal = new AbortController().signal;

async function scopeOf(store: Store): Promise<Scope> {
  const opened = await store.prepare({ fingerprint: {}, fields: {}, tenancy: false }, { signal });
  return { generation: opened?.generation ?? "", tenant: null };
}

async function write(store: Store, scope: Scope, texts: Texts): Promise<void> {
  const documents = Object.entries(texts).map(([documentId, text]) => ({
    id: documentId,
    chunks: text.split(" ").map((word, ordinal) => ({
      id: `${documentId} ${ordinal}`,
      documentId,
      documentHash: text,
      ordinal,
      span: { start: 0, end: word.length },
      line: 1,
      text: word,
      gap: "",
      headings: [],
      metadata: {},
      legs: {},
    })),
  }));
  await store.replace({ scope, documents }, { signal });
}

/** All that is in a folder, which is opened as usual. */
async function textsIn(files: Disk, folder: string): Promise<Texts> {
  const store = await openFileStore(folder, {}, files);
  try {
    const scope = await scopeOf(store);
    const { documents } = await store.list(scope, { limit: 1000 }, { signal });
    const chunks = await store.read(scope, { documentIds: documents.map(({ id }) => id) }, { signal });
    return Object.fromEntries(
      documents.map(({ id }) => [
        id,
        chunks.flatMap(({ documentId, text }) => (documentId === id ? text : [])).join(" "),
      ]),
    );
  } finally {
    await store.close();
  }
}

const [folder, saved] = [resolve("index"), resolve("saved")];

/** A folder with a snapshot and a log of its own. */
async function filled(): Promise<{ readonly files: MemoryDisk; readonly texts: Texts }> {
  const files = memoryDisk();
  const texts = { a: "one two", b: "three four", c: "five six" };
  const store = await openFileStore(folder, { compactAfter: 1 }, files);
  const scope = await scopeOf(store);
  for (const [id, text] of Object.entries(texts)) await write(store, scope, { [id]: text });
  await expect.poll(() => [...files.files.keys()].some((path) => /snapshot-[0-9]+$/.test(path))).toBe(true);
  await store.close();
  const again = await openFileStore(folder, {}, files);
  await write(again, scope, { b: "seven eight nine", d: "ten" });
  await again.close();
  return { files, texts: { ...texts, b: "seven eight nine", d: "ten" } };
}

describe("a disk that fails", () => {
  /** Opens, writes, makes snapshots, closes; answers with what was acknowledged. */
  const work = async (
    over: Disk,
    texts: Texts,
    failing: (call: string, number: number, possible: readonly Texts[]) => Fault | undefined,
  ) => {
    const errors: unknown[] = [];
    const acknowledged = new Map(Object.entries(texts));
    /** What was begun: when the disk fails for good, it may be there though it was not acknowledged. */
    const possible: Texts[] = [];
    const files = faultyDisk({
      failing: (call, number) => failing(call, number, [Object.fromEntries(acknowledged), ...possible.slice(-1)]),
      over,
    });
    const attempt = async (run: () => Promise<void>): Promise<void> => {
      await run().catch((error: unknown) => errors.push(error));
    };
    await attempt(async () => {
      const store = await openFileStore(folder, { compactAfter: 300, onError: (error) => errors.push(error) }, files);
      const scope = { generation: "generation-1", tenant: null };
      for (const more of [{ e: "new" }, { b: "other", c: "" }, { f: "last one" }]) {
        await attempt(async () => {
          possible.push({ ...Object.fromEntries(acknowledged), ...more });
          await write(store, scope, more);
          for (const [id, text] of Object.entries(more)) acknowledged.set(id, text);
        });
      }
      await attempt(() => store.close());
    });
    return { files, errors, acknowledged: Object.fromEntries(acknowledged), possible };
  };

  test.each(["ENOSPC", "EIO", "short write"] as const)(
    "%s at any call, once or from then on: all that was acknowledged and nothing else, errors typed",
    async (fault) => {
      const { files: before, texts } = await filled();
      const healthy = await work(before.copy(), texts, () => undefined);
      expect(healthy.files.calls.length).toBeGreaterThan(40);
      for (const at of healthy.files.calls.keys()) {
        for (const lasting of [false, true]) {
          const files = before.copy();
          const worked = await work(files, texts, (_, number) =>
            number === at || (lasting && number > at) ? fault : undefined,
          );
          const where = `${fault} at ${at} (${worked.files.calls[at]})${lasting ? " and after" : ""}`;
          for (const error of worked.errors) expect(error, where).toBeInstanceOf(AdapterError);
          if (fault === "short write") expect(worked.errors, where).toEqual([]);
          // As if the process had ended: where the disk fails for good, it cannot give the folder free.
          await files.remove(join(folder, "lock"));
          const found = await textsIn(files, folder);
          if (lasting) expect([worked.acknowledged, ...worked.possible], where).toContainEqual(found);
          else expect(found, where).toEqual(worked.acknowledged);
        }
      }
    },
  );

  test("when power fails before any call, all that was acknowledged is there again", async () => {
    const { files: before, texts } = await filled();
    const over = before.copy();
    const cuts: { readonly files: MemoryDisk; readonly where: string; readonly possible: readonly Texts[] }[] = [];
    const { errors } = await work(over, texts, (call, number, possible) => {
      const where = `before call ${number}, ${call}`;
      cuts.push({ files: over.afterPowerCut(), where: `power cut ${where}`, possible });
      cuts.push({ files: over.copy(), where: `killed ${where}`, possible });
      return undefined;
    });
    expect(errors).toEqual([]);
    expect(cuts.length).toBeGreaterThan(80);
    for (const { files, where, possible } of cuts) {
      await files.remove(join(folder, "lock"));
      expect(possible, where).toContainEqual(await textsIn(files, folder));
    }
  });

  test("a failed sync acknowledges nothing, and nothing is written after it", async () => {
    const over = memoryDisk();
    let failing = false;
    const files = faultyDisk({ over, failing: (call) => (failing && call === "sync" ? "EIO" : undefined) });
    const store = await openFileStore(folder, {}, files);
    const scope = await scopeOf(store);
    await write(store, scope, { a: "one" });
    failing = true;
    await expect(write(store, scope, { b: "two" })).rejects.toThrow(/could not write to ".*log-0": EIO/);
    failing = false;
    const calls = files.calls.length;
    await expect(write(store, scope, { c: "three" })).rejects.toThrow(/could not write to/);
    expect(files.calls.slice(calls)).not.toContain("write");
    expect(await store.count(scope, undefined, { signal })).toEqual({ documents: 1, chunks: 1 });
    await store.close();
    expect(await textsIn(over, folder)).toEqual({ a: "one" });
  });

  test("a full disk can be written to again when there is room", async () => {
    const over = memoryDisk();
    let full = false;
    const files = faultyDisk({ over, failing: (call) => (full && call === "write" ? "ENOSPC" : undefined) });
    const store = await openFileStore(folder, {}, files);
    const scope = await scopeOf(store);
    await write(store, scope, { a: "one" });
    full = true;
    await expect(write(store, scope, { b: "two" })).rejects.toMatchObject({ name: "AdapterError", retryable: true });
    full = false;
    await write(store, scope, { c: "three" });
    await store.close();
    expect(await textsIn(over, folder)).toEqual({ a: "one", c: "three" });
  });
});

describe("damage", () => {
  test("whatever call of the disk fails while it is salvaged, it is an AdapterError or told among the findings", async () => {
    const { files: before } = await filled();
    for (let number = 0; ; number++) {
      const files = faultyDisk({ over: before.copy(), failing: (_, at) => (at === number ? "EIO" : undefined) });
      const outcome: unknown = await save(folder, saved, files, signal).catch((error: unknown) => error);
      if (number >= files.calls.length) break;
      if (outcome instanceof Error) expect(outcome, files.calls[number]).toBeInstanceOf(RetrievalError);
    }
  });

  test("every byte flipped and every truncation: a SnapshotError or all there was, and what is salvaged is intact", async () => {
    const { files: before, texts } = await filled();
    const older: Texts = { a: "one two", b: "three four", c: "five six" };
    let refused = 0;
    const expectDamage = async (files: MemoryDisk, where: string): Promise<void> => {
      const found: unknown = await textsIn(files.copy(), folder).catch((error: unknown) => error);
      if (!(found instanceof SnapshotError)) {
        expect(found, where).toEqual(texts);
        return;
      }
      if (refused++ % 4 > 0) return;
      const { documents, findings } = await save(folder, saved, files, signal);
      expect(findings.length, where).toBeGreaterThan(0);
      const intact = await textsIn(files, saved);
      expect(Object.keys(intact).length, where).toBe(documents);
      for (const [id, text] of Object.entries(intact)) expect([texts[id], older[id]], where).toContain(text);
    };
    for (const [path, bytes] of before.files) {
      for (let at = 0; at < bytes.length; at++) {
        const flipped = bytes.slice();
        flipped[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        await expectDamage(before.copy({ [path]: flipped }), `${path} flipped at ${at}`);
        await expectDamage(before.copy({ [path]: bytes.subarray(0, at) }), `${path} cut at ${at}`);
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
