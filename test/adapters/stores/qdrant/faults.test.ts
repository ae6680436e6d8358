import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QdrantOptions } from "../../../../adapters/stores/qdrant.ts";
import { createRetriever } from "../../../../src/index.ts";
import { open, row, rows, type ScopedStore, terms, uuid } from "../../../../src/testing/store-rows.ts";
import { wordEmbedder } from "../../../retriever/parts.ts";
import { rejection } from "../../../rejection.ts";
import { type Emulator, type Fault, internalError, refused, tooManyRequests } from "./emulator/index.ts";
import { openEmulator, type OpenEngine } from "./engines.ts";

let engine: OpenEngine & { readonly emulator: Emulator };
beforeAll(async () => {
  engine = await openEmulator();
});
afterAll(() => engine.close());

const isWrite = ({ path }: { readonly path: string }): boolean => path.includes("/points/batch");
const faults: readonly (readonly [string, Fault, Partial<Record<string, unknown>>])[] = [
  ["429 with Retry-After", tooManyRequests("12"), { status: 429, retryAfter: 12_000 }],
  ["a 500 that did nothing", internalError(false), { status: 500 }],
  ["a 500 that did it all", internalError(true), { status: 500 }],
  ["a timeout of the server", refused(408, "Timeout: write"), { status: 408 }],
  ["no server behind the gateway", refused(503, "Service unavailable"), { status: 503 }],
  ["an acknowledgement", { kind: "acknowledged" }, { code: "adapter" }],
  ["half an answer", { kind: "truncated" }, {}],
  ["half of the JSON", { kind: "half-json" }, {}],
];

describe("a write that meets a fault", () => {
  const before = rows("guide", 3);
  const after = [row("guide", 0, { legs: "kept" }), row("guide", 1, { id: uuid("new"), text: "new" })] as const;

  async function expectHealed(index: ScopedStore): Promise<void> {
    await index.write(...after);
    expect((await index.read("guide")).map(({ id }) => id)).toEqual(after.map(({ id }) => id));
    expect(await index.count()).toEqual({ documents: 1, chunks: 2 });
    const { lexical } = await index.search({ limit: 10, lexical: terms({ 1: 1 }) });
    expect(lexical).toHaveLength(2);
  }

  test.each(faults)("%s: an error to retry, nothing lost, nothing doubled", async (_what, fault, fields) => {
    const index = await open(engine.emptyStore());
    await index.write(...before);
    engine.emulator.inject(fault, { when: isWrite });
    const error = await rejection(index.write(...after));
    expect(error).toMatchObject({ name: "AdapterError", adapter: "qdrant", retryable: true, ...fields });
    // Whatever was done: never fewer than a whole version.
    const ids = new Set((await index.read("guide")).map(({ id }) => id));
    expect([before, after].some((version) => version.every(({ id }) => ids.has(id)))).toBe(true);
    await expectHealed(index);
    // What was acknowledged comes late, and changes nothing.
    engine.emulator.settle();
    await expectHealed(index);
  });

  test.each([["before"], ["after"]] as const)(
    "a connection lost %s it was done: written once more at once",
    async (when) => {
      const index = await open(engine.emptyStore());
      await index.write(...before);
      engine.emulator.inject({ kind: "reset", when }, { when: isWrite });
      await expectHealed(index);
      engine.emulator.inject({ kind: "reset", when }, { when: isWrite, times: 2 });
      expect(await rejection(index.write(...after))).toMatchObject({ name: "AdapterError", retryable: true });
      await expectHealed(index);
    },
  );

  test("an abort of a write that hangs rejects at once, and the next one heals", async () => {
    const store = engine.emptyStore();
    const index = await open(store);
    await index.write(...before);
    engine.emulator.inject({ kind: "hang" }, { when: isWrite });
    const controller = new AbortController();
    const reason = new Error("gone");
    const documents = [{ id: "guide", chunks: [...after] }];
    engine.emulator.forget();
    const writing = rejection(store.replace({ scope: index.scope, documents }, { signal: controller.signal }));
    while (!engine.emulator.requests.some(isWrite)) await new Promise(setImmediate);
    controller.abort(reason);
    expect(await writing).toBe(reason);
    await expectHealed(index);
  });

  test("a kept row that goes between the look and the write is a conflict", async () => {
    const index = await open(engine.emptyStore());
    await index.write(...before);
    const missing = refused(404, "Not found: No point with id 1 found");
    engine.emulator.inject(missing, { when: isWrite });
    expect(await rejection(index.write(...after))).toMatchObject({ code: "conflict", retryable: true });
    await expectHealed(index);
  });

  /** Runs `meanwhile` when the next write is about to be sent. */
  async function beforeWrite<T>(meanwhile: () => Promise<void>, run: () => Promise<T>): Promise<T> {
    const plainFetch = globalThis.fetch;
    let isFirst = true;
    globalThis.fetch = async (input, init) => {
      if (isFirst && isWrite({ path: String(input instanceof Request ? input.url : input) })) {
        isFirst = false;
        await meanwhile();
      }
      return plainFetch(input, init);
    };
    try {
      return await run();
    } finally {
      globalThis.fetch = plainFetch;
    }
  }

  test.each([0, 1, 2])(
    "a document of which the kept row %i goes between the look and the write does not seem whole",
    async (gone) => {
      const changes = before.map((chunk) => ({ ...chunk, legs: "kept", documentHash: "new" }) as const);
      const fresh = row("guide", 9, { documentHash: "new" });
      for (const written of [changes, [fresh, ...changes], [{ ...fresh, ordinal: -1 }, ...changes]]) {
        const index = await open(engine.emptyStore());
        await index.write(...before);
        const error = await beforeWrite(
          () => index.write(...before.filter(({ ordinal }) => ordinal !== gone)),
          () => rejection(index.write(...written)),
        );
        expect(error).toMatchObject({ code: "conflict", retryable: true });
        const hashes = (await index.read("guide")).map(({ documentHash }) => documentHash);
        expect(hashes.filter((hash) => hash !== "new")).not.toEqual([]);
        expect((await index.list({ limit: 10 })).map(({ id }) => id)).toEqual(["guide"]);
      }
    },
  );

  test("a write whose rows another one changes before it is done is a conflict", async () => {
    const index = await open(engine.emptyStore());
    await index.write(...before);
    engine.emulator.inject({ kind: "slow", milliseconds: 300 }, { when: isWrite });
    engine.emulator.forget();
    const writing = rejection(index.write(...after));
    while (!engine.emulator.requests.some(isWrite)) await new Promise(setImmediate);
    await index.write(row("guide", 0, { legs: "kept", documentHash: "another" }), ...after.slice(1));
    expect(await writing).toMatchObject({ code: "conflict", retryable: true });
  });

  test("a write whose rows another one deletes before it is done is a conflict", async () => {
    const index = await open(engine.emptyStore());
    engine.emulator.inject({ kind: "slow", milliseconds: 300 }, { when: isWrite });
    engine.emulator.forget();
    const writing = rejection(index.write(...before));
    while (!engine.emulator.requests.some(isWrite)) await new Promise(setImmediate);
    await index.write(row("guide", 7));
    expect(await writing).toMatchObject({ code: "conflict", retryable: true });
    expect((await index.read("guide")).map(({ ordinal }) => ordinal)).toEqual([7]);
  });

  test("of writers of one document the last has a whole version there, and who came between is told", async () => {
    for (let round = 0; round < 20; round++) {
      const index = await open(engine.emptyStore());
      const versions = [0, 1, 2].map((version) =>
        rows("guide", 2).map((chunk) => ({ ...chunk, id: uuid(`${version} ${chunk.ordinal}`), text: `${version}` })),
      );
      const written = await Promise.allSettled(versions.map((version) => index.write(...version)));
      // As `index` does with a conflict: another look, and once more.
      for (const [version, result] of written.entries()) {
        if (result.status === "fulfilled") continue;
        expect(result.reason).toMatchObject({ code: "conflict" });
        await index.write(...(versions[version] ?? []));
      }
      const found = new Set((await index.read("guide")).map(({ id }) => id));
      expect(versions.some((version) => version.every(({ id }) => found.has(id)))).toBe(true);
      await index.write(...(versions[0] ?? []));
      expect((await index.read("guide")).map(({ text }) => text)).toEqual(["0", "0"]);
    }
  });
});

describe("a search or a look that meets a fault", () => {
  test.each(faults.filter(([, fault]) => fault.kind !== "acknowledged"))("%s", async (_what, fault, fields) => {
    const index = await open(engine.emptyStore());
    await index.write(...rows("guide", 2));
    const query = { limit: 5, lexical: terms({ 1: 1 }) };
    for (const call of [
      () => index.search(query),
      () => index.count(),
      () => index.read("guide"),
      () => index.list({ limit: 5 }),
    ]) {
      engine.emulator.inject(fault);
      expect(await rejection(call())).toMatchObject({ name: "AdapterError", retryable: true, ...fields });
    }
    expect((await index.search(query)).lexical).toHaveLength(2);
  });
});

describe("a document that takes several requests", () => {
  /** One chunk a line, each of them a tenth of what a request may hold. */
  const text = Array.from({ length: 12 }, (_, line) => `${line} `.padEnd(800_000, "a")).join("\n");
  const lines = Object.assign(
    (document: { readonly text: string }) =>
      Array.from(document.text.matchAll(/.+/g), ({ index, 0: line }) => ({ start: index, end: index + line.length })),
    { fingerprint: "lines" },
  );
  const embedder = wordEmbedder();

  test("cut off after the first of them, it is not taken for whole by the next run", async () => {
    const store = engine.emptyStore();
    const docs = createRetriever({ store, chunker: lines, embedder, lexical: false });
    const documents = [{ id: "book", text }];
    let left = 1;
    engine.emulator.inject(refused(400, "no more"), { when: (request) => isWrite(request) && left-- <= 0, times: 99 });
    await rejection(docs.index(documents));
    engine.emulator.heal();
    expect(await docs.count()).toEqual({ documents: 1, chunks: 9 });
    expect(await docs.list()).toEqual({ documentIds: ["book"] });
    await docs.index(documents);
    expect(await docs.count()).toEqual({ documents: 1, chunks: 12 });
    expect(await docs.index(documents)).toMatchObject({ documents: { unchanged: 1 } });
  });
});

describe("a retriever whose server fails now and then", () => {
  const documents = Array.from({ length: 12 }, (_, number) => ({
    id: `page ${number}`,
    text: `Page ${number} about keys, bills and consoles. `.repeat(30),
  }));

  test.each([
    ["one node", {}, 1],
    ["three nodes", { shards: 3, replicas: 2, writeConsistency: 2 }, 3],
  ] as const)(
    "ends with every chunk once, on %s",
    { timeout: 60_000 },
    async (_what, options: Partial<QdrantOptions>, nodes) => {
      const mine = await openEmulator({ nodes });
      const retriever = createRetriever({ store: mine.emptyStore(options) });
      await retriever.index(documents);
      const whole = await retriever.count();
      const changed = documents.map(({ id, text }, number) => ({
        id,
        text: number % 2 === 0 ? `News. ${text}` : text,
      }));
      const some: readonly Fault[] = [
        tooManyRequests("0"),
        internalError(true),
        internalError(false),
        { kind: "reset", when: "after" },
        { kind: "acknowledged" },
        { kind: "truncated" },
      ];
      for (const fault of some) mine.emulator.inject(fault, { when: isWrite });
      await Promise.all([retriever.index(changed.slice(0, 6)), retriever.index(changed.slice(6))]);
      mine.emulator.settle();
      mine.emulator.heal();
      await retriever.index(changed);
      const { documents: count, chunks } = await retriever.count();
      expect(count).toBe(whole.documents);
      const fresh = createRetriever({ store: mine.emptyStore(options) });
      await fresh.index(changed);
      expect(chunks).toBe((await fresh.count()).chunks);
      await mine.close();
    },
  );
});
