import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AdapterError, ConfigError, copy, createRetriever, FingerprintError, memory } from "../../src/index.ts";
import type { Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { paragraphs, wordEmbedder } from "./parts.ts";

const parts = () => ({
  metadata: z.object({ n: z.number() }),
  chunker: paragraphs(),
  embedder: wordEmbedder(),
});
const documentsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `document ${String(n).padStart(4, "0")}`,
    text: `apple ${n}\n\nbanana ${n % 7}\n\ncherry`,
    metadata: { n },
  }));

async function filled(count: number, options = parts()): Promise<Store> {
  const store = memory();
  await createRetriever({ ...options, store }).index(documentsOf(count));
  return store;
}

describe("copy", () => {
  test("every answer is the same, and nothing is embedded", async () => {
    const from = await filled(600);
    const to = memory();
    const options = parts();
    const progress: number[] = [];
    const report = await copy(from, to, {
      ...options,
      onProgress: ({ documents }) => void progress.push(documents),
    });
    expect(report).toEqual({ documents: { copied: 600, present: 0 }, chunks: 1800 });
    expect(progress).toEqual([256, 512, 600]);
    expect(options.embedder.calls).toEqual([]);
    const [source, target] = [from, to].map((store) => createRetriever({ ...options, store }));
    for (const query of ["apple 17", "banana 3", "cherry"]) {
      for (const filter of [{}, { n: { lt: 100 } }]) {
        const asked = { topK: 20, filter, mode: "hybrid" as const };
        expect((await target?.search(query, asked))?.hits).toEqual((await source?.search(query, asked))?.hits);
      }
    }
  });

  test("a store that fails for the moment while it is opened is asked again", async () => {
    const busy = (store: Store): Store => {
      let failures = 1;
      return {
        ...store,
        async prepare(spec, options) {
          if (failures-- > 0) throw new AdapterError("busy", "not yet", { retryable: true });
          return store.prepare(spec, options);
        },
      };
    };
    const { documents } = await copy(busy(await filled(3)), busy(memory()), parts());
    expect(documents).toEqual({ copied: 3, present: 0 });
  });

  test("run again, it copies what is missing or has changed, and no more", async () => {
    const from = await filled(10);
    const to = memory();
    await copy(from, to, parts());
    expect(await copy(from, to, parts())).toEqual({ documents: { copied: 0, present: 10 }, chunks: 0 });
    const documents = documentsOf(12).map((document, n) => (n === 0 ? { ...document, text: "date" } : document));
    await createRetriever({ ...parts(), store: from }).index(documents);
    expect(await copy(from, to, parts())).toEqual({ documents: { copied: 3, present: 9 }, chunks: 7 });
    expect((await createRetriever({ ...parts(), store: to }).get(["document 0000"])).map(({ text }) => text)).toEqual([
      "date",
    ]);
  });

  test("cut off at any write, it is finished by another call", async () => {
    const from = await filled(300);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4 }), fc.boolean(), async (writes, half) => {
        const to = memory();
        let left = writes;
        const failing: Store = {
          ...to,
          async replace(change, options) {
            if (left-- > 0) return to.replace(change, options);
            // As a store without transactions may leave it.
            const documents = change.documents
              .slice(0, 5)
              .map(({ id, chunks }) => ({ id, chunks: chunks.slice(0, 2) }));
            if (half) await to.replace({ ...change, documents }, options);
            throw new AdapterError("failing", "the power went", { retryable: false });
          },
        };
        const error = await copy(from, failing, parts()).catch((thrown: unknown) => thrown);
        if (writes < 2) expect(error).toBeInstanceOf(AdapterError);
        const { documents } = await copy(from, to, parts());
        expect(documents.copied + documents.present).toBe(300);
        const [there, here] = [from, to].map((store) => createRetriever({ ...parts(), store }));
        const ids = documentsOf(300).map(({ id }) => id);
        expect(await here?.get(ids)).toEqual(await there?.get(ids));
      }),
      { numRuns: 10 },
    );
  });

  test("an abort rejects with the caller's reason", async () => {
    const controller = new AbortController();
    const from = await filled(300);
    const reason = { because: "enough" };
    const onProgress = (): void => controller.abort(reason);
    expect(await rejection(copy(from, memory(), { ...parts(), onProgress, signal: controller.signal }))).toBe(reason);
  });

  test("a signal that got lost is refused", async () => {
    const error = await rejection(copy(await filled(1), memory(), { ...parts(), signal: untyped(null) }));
    expect(error).toMatchObject({ code: "config", message: "signal: expected an AbortSignal, received null" });
  });

  test("a copy that lost a chunk is not said to be one", async () => {
    const from = await filled(5);
    const to = memory();
    const losing: Store = {
      ...to,
      replace: (change, options) =>
        to.replace(
          { ...change, documents: change.documents.map(({ id, chunks }) => ({ id, chunks: chunks.slice(1) })) },
          options,
        ),
    };
    expect(await rejection(copy(from, losing, parts()))).toMatchObject({
      code: "adapter",
      message: "memory: the copy has not as many chunks as the source: was it written meanwhile?",
    });
  });

  test("a document that the source does not have is neither deleted nor overlooked", async () => {
    for (const id of ["aardvark", "zebra"]) {
      const to = memory();
      await copy(await filled(3), to, parts());
      await createRetriever({ ...parts(), store: to }).index([{ id, text: "apple", metadata: { n: 1 } }]);
      const error = await rejection(copy(await filled(3), to, parts()));
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toContain(`memory holds document "${id}"`);
    }
  });

  test("the index must be what the options say, on both sides", async () => {
    const from = await filled(3);
    expect(
      await rejection(
        copy(from, memory(), { ...parts(), chunker: Object.assign(paragraphs(), { fingerprint: "other" }) }),
      ),
    ).toBeInstanceOf(FingerprintError);
    const to = memory();
    await createRetriever({ ...parts(), store: to, bm25: { averageLength: 3 } }).index(documentsOf(1));
    expect(await rejection(copy(from, to, parts()))).toMatchObject({
      differences: [{ key: "lexical.averageLength", stored: 3, given: expect.any(Number) }],
    });
  });

  test("tenants are copied by name", async () => {
    const options = { ...parts(), tenancy: "required" as const };
    const [from, to] = [memory(), memory()];
    const source = createRetriever({ ...options, store: from });
    await source.forTenant("acme").index(documentsOf(3));
    await source.forTenant("umbrella").index(documentsOf(2));
    const error = await rejection(copy(from, to, options));
    expect(String(error)).toContain("tenants: expected a list of tenants");
    expect(await copy(from, to, { ...options, tenants: ["acme"] })).toMatchObject({ documents: { copied: 3 } });
    const target = createRetriever({ ...options, store: to });
    expect(await target.forTenant("acme").count()).toEqual({ documents: 3, chunks: 9 });
    expect(await target.forTenant("umbrella").count()).toEqual({ documents: 0, chunks: 0 });
  });

  test.each([
    [
      "options that are none",
      (store: Store) => copy(store, memory(), untyped<Record<string, never>>(null)),
      "copy: expected an object of options, received null",
    ],
    [
      "a tenant that no store can keep",
      (store: Store) => copy(store, memory(), { tenants: ["a\0"] }),
      'tenants: "a\\u0000" has',
    ],
    ["one store", (store: Store) => copy(store, store), "from and to are one store"],
    ["an empty source", (store: Store) => copy(memory(), store), "from: nothing was ever indexed"],
    [
      "a source that exports nothing",
      (store: Store) => copy({ ...store, export: undefined } as never, memory()),
      "from: expected a Store with export()",
    ],
    ["no store to copy to", (store: Store) => copy(store, {} as never), "to: expected a Store, such as memory()"],
    [
      "no store to copy from",
      (store: Store) => copy({ export: store.export } as never, store),
      "from: expected a Store, such as memory()",
    ],
    [
      "an unknown option",
      (store: Store) => copy(store, memory(), { batch: 1 } as never),
      `copy: unknown option "batch"; expected one of metadata, fields, chunker, embedder, lexical, bm25, analyzer, tenancy, tenants,`,
    ],
    [
      "an empty tenant",
      (store: Store) => copy(store, memory(), { tenants: [""] }),
      "tenants: expected non-empty strings",
    ],
  ])("%s is refused", async (_, run, message) => {
    const error = await rejection(run(memory()));
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(message);
  });
});
