import type { Store } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectAbort, expectEqual } from "./expectation.ts";
import { open, row, rows, spec, terms, vector } from "./store-rows.ts";

/** An aborted signal rejects with the caller's reason, and nothing is done. */
export const storeAborts: Checks<Store> = {
  async "an aborted prepare rejects with the caller's reason"(store) {
    await expectAbort((signal) => store.prepare(spec, { signal }), "prepare");
    await expectAbort((signal) => store.prepare(spec, { signal, fresh: true }), "prepare of a fresh generation");
    const found = await store.prepare(spec, { signal: new AbortController().signal, create: false });
    expectEqual(found, undefined, "what aborted calls have created");
  },

  async "an aborted replace writes and deletes nothing"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 3));
    const documents = [
      { id: "guide", chunks: [] },
      { id: "new", chunks: [row("new", 0)] },
    ];
    await expectAbort((signal) => store.replace({ scope: index.scope, documents }, { signal }), "replace");
    expectEqual(await index.count(), { documents: 1, chunks: 3 }, "count");
  },

  async "an aborted publish switches nothing"(store) {
    const live = await open(store);
    const fresh = await open(store, spec, true);
    await expectAbort((signal) => store.publish(fresh.scope.generation, { signal }), "publish");
    expectEqual((await open(store)).scope.generation, live.scope.generation, "live generation");
  },

  async "an aborted retire removes nothing"(store) {
    const live = await open(store);
    await live.write(row("guide", 0));
    await expectAbort((signal) => store.retire(live.scope.generation, { signal }), "retire");
    expectEqual(await live.count(), { documents: 1, chunks: 1 }, "count");
  },

  async "an aborted read, list, count or export rejects with the caller's reason"(store) {
    const { scope } = await open(store);
    await expectAbort((signal) => store.read(scope, { documentIds: ["guide"] }, { signal }), "read by document");
    await expectAbort((signal) => store.read(scope, { chunkIds: [row("guide", 0).id] }, { signal }), "read by chunk");
    await expectAbort((signal) => store.list(scope, { limit: 10 }, { signal }), "list");
    await expectAbort((signal) => store.count(scope, undefined, { signal }), "count");
    if (store.export === undefined) return;
    const pages = store.export.bind(store);
    await expectAbort((signal) => pages(scope, { limit: 10 }, { signal }), "export");
  },

  async "an aborted search rejects with the caller's reason"(store) {
    const { scope } = await open(store);
    const query = { scope, limit: 10, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) };
    await expectAbort((signal) => store.search(query, { signal }), "search");
    await expectAbort(
      (signal) => store.search({ ...query, filter: { op: "never" } }, { signal }),
      "search for nothing",
    );
  },

  async "a store may be closed twice"(store) {
    await open(store);
    await store.close?.();
    await store.close?.();
  },
};
