import { describe, expect, test } from "vitest";
import { AdapterError, createRetriever, memory } from "../../src/index.ts";
import type { Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { eachChunk, wrapped } from "../testing/wrapped-store.ts";
import { gate, paragraphs, wordEmbedder } from "./parts.ts";

const documents = Array.from({ length: 40 }, (_, n) => ({ id: `${n}`, text: `apple ${n}\n\nbanana ${n}` }));

/** Everything is well until `failing` is set: the live generation is written first. */
function switched(wrong: (store: Store) => Partial<Store>) {
  const state = { failing: false };
  const store = wrapped((inner) => {
    const other = wrong(inner);
    const calls = Object.entries(other).map(([name, call]) => [
      name,
      (...given: never[]) =>
        state.failing
          ? (call as (...all: never[]) => unknown)(...given)
          : (inner[name as "list"] as (...all: never[]) => unknown)(...given),
    ]);
    return Object.fromEntries(calls) as Partial<Store>;
  });
  return { state, store };
}

async function stagedOn(store: Store) {
  const docs = createRetriever({ store, chunker: paragraphs(), embedder: wordEmbedder() });
  await docs.index([{ id: "old", text: "the live one" }]);
  return { docs, staged: await docs.stage() };
}

describe("what is staged is verified before it is published", () => {
  test("all well: after additions, changes, deletions, a failure and calls side by side", async () => {
    const { docs, staged } = await stagedOn(memory());
    await staged.index(documents);
    await staged.index([{ id: "0", text: "apple\n\nbanana\n\ncherry" }]);
    await staged.delete(["1", "2", "unknown"]);
    await staged.sync(documents.slice(0, 20));
    await staged.index([{ id: "failed", text: "apple", metadata: { at: new Date() } }], { onFailure: "collect" });
    await Promise.all([staged.index(documents), staged.index(documents)]);
    await staged.publish();
    expect(await docs.count()).toEqual({ documents: 40, chunks: 80 });
  });

  test.each<[string, (store: Store) => Partial<Store>, string]>([
    [
      "writes that were acknowledged and are not there",
      (store) => ({
        replace: (change, options) => store.replace({ ...change, documents: change.documents.slice(1) }, options),
      }),
      "80 chunks were written and 78 are there",
    ],
    [
      "rows without their vectors",
      (store) => ({ search: async (query, options) => ({ ...(await store.search(query, options)), dense: [] }) }),
      "not found by its own vector",
    ],
    [
      "vectors that belong to other rows",
      (store) => ({
        replace: (change, options) =>
          store.replace(
            eachChunk(change, (chunk) =>
              chunk.legs === "kept"
                ? chunk
                : {
                    ...chunk,
                    legs: {
                      ...chunk.legs,
                      vector: Float32Array.from({ length: 32 }, (_, i) =>
                        i === Number(chunk.documentId) % 32 ? 1 : 0,
                      ),
                    },
                  },
            ),
            options,
          ),
        export: async (scope, page, options) => {
          const exported = (await store.export?.(scope, page, options)) ?? { chunks: [] };
          return {
            ...exported,
            chunks: exported.chunks.map((chunk) =>
              chunk.legs === "kept"
                ? chunk
                : { ...chunk, legs: { ...chunk.legs, vector: new Float32Array(32).fill(1) } },
            ),
          };
        },
      }),
      "not found by its own vector",
    ],
    [
      "rows without their terms",
      (store) => ({ search: async (query, options) => ({ ...(await store.search(query, options)), lexical: [] }) }),
      "not found by its own terms",
    ],
  ])("%s: nothing is switched", async (_, wrong, message) => {
    const { state, store } = switched(wrong);
    const { docs, staged } = await stagedOn(store);
    state.failing = true;
    await staged.index(documents);
    const error = await rejection(staged.publish());
    expect(error).toBeInstanceOf(AdapterError);
    expect(String(error)).toContain(message);
    state.failing = false;
    expect((await docs.list()).documentIds).toEqual(["old"]);
  });
});

describe("what is published or discarded", () => {
  test("is what a search finds that was opening the index meanwhile", async () => {
    const store = memory();
    await createRetriever({ store, chunker: paragraphs() }).index([{ id: "old", text: "the live one" }]);
    const [reached, held] = [gate(), gate()];
    let slow = true;
    const slowly: Store = {
      ...store,
      async prepare(spec, options) {
        const opened = await store.prepare(spec, options);
        if (options.fresh === true || !slow) return opened;
        slow = false;
        reached.open();
        await held.opened;
        return opened;
      },
    };
    const docs = createRetriever({ store: slowly, chunker: paragraphs() });
    const staged = await docs.stage();
    await staged.index([{ id: "new", text: "the next one" }]);
    const counting = docs.count();
    await reached.opened;
    await staged.publish();
    held.open();
    await counting;
    expect((await docs.list()).documentIds).toEqual(["new"]);
  });

  test("is discarded by another call where the first one failed", async () => {
    let failures = 1;
    const store = wrapped((inner) => ({
      async retire(generation, options) {
        if (failures-- > 0) throw new AdapterError("test", "down", { retryable: false });
        return inner.retire(generation, options);
      },
    }));
    const { staged } = await stagedOn(store);
    await staged.index(documents);
    expect(await rejection(staged.discard())).toBeInstanceOf(AdapterError);
    await staged.discard();
    expect(failures).toBe(-1);
  });
});
