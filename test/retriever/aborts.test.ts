import { describe, expect, test } from "vitest";
import { createRetriever } from "../../src/index.ts";
import { openFileStore } from "../../src/node/file-store.ts";
import type { Disk } from "../../src/node/disk.ts";
import type { RootRetriever, Staged } from "../../src/retriever-types.ts";
import type { LexicalIndex, PortOptions, Scope, Store } from "../../src/types.ts";
import { memoryDisk } from "../node/memory-disk.ts";
import { paragraphs } from "./parts.ts";

/** Calls that are aborted wherever they wait, on parts that go on all the same. */

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function slowDisk(): Disk {
  const over = memoryDisk();
  return {
    ...over,
    async open(path, mode) {
      const file = await over.open(path, mode);
      return { ...file, sync: () => turn().then(turn).then(file.sync) };
    },
  };
}

/** Finds all that it holds, which outlives what asks it. */
function everything() {
  const held = new Map<string, ReadonlyMap<string, string>>();
  const placeOf = ({ generation }: Scope, id = ""): string => `${generation} ${id}`;
  const index: LexicalIndex = {
    fingerprint: "everything",
    durable: true,
    async replace({ scope, documents }) {
      await turn();
      for (const { id, chunks } of documents) {
        if (chunks.length === 0) held.delete(placeOf(scope, id));
        else held.set(placeOf(scope, id), new Map(chunks.map((chunk) => [chunk.id, chunk.text])));
      }
    },
    async search({ scope, limit }) {
      const mine = [...held].flatMap(([place, chunks]) => (place.startsWith(placeOf(scope)) ? [...chunks.keys()] : []));
      return mine.slice(0, limit).map((id) => ({ id, score: 1 }));
    },
    async retire(generation) {
      await turn();
      for (const place of held.keys()) if (place.startsWith(`${generation} `)) held.delete(place);
    },
  };
  return { index, generations: () => new Set(Array.from(held.keys(), (place) => place.split(" ")[0])) };
}

/** Tells of the beginning and the end of each call, which goes on whatever is aborted. */
function watched<T extends object>(part: T, onEvent: () => void): T {
  return new Proxy(part, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== "function") return call;
      return async (...given: unknown[]) => {
        onEvent();
        const last = given.at(-1) as Partial<PortOptions> | undefined;
        const deaf = last?.signal === undefined ? given : [...given.slice(0, -1), { ...last, signal: deafSignal }];
        const answer: unknown = await Reflect.apply(call, target, deaf);
        onEvent();
        return answer;
      };
    },
  });
}
const deafSignal = new AbortController().signal;

const documents = (from: number, to: number, word: string, year: number) =>
  Array.from({ length: to - from }, (_, n) => ({
    id: `d${from + n}`,
    text: `key ${word} ${from + n}\n\nkey ${from + n}`,
    metadata: { year },
  }));

interface Case {
  readonly docs: RootRetriever;
  readonly staged: Staged<RootRetriever>;
}
const calls: Readonly<Record<string, (given: Case, options: { readonly signal?: AbortSignal }) => Promise<unknown>>> = {
  index: ({ docs }, options) => docs.index(documents(2, 8, "new", 2024), options),
  "index that changes metadata": ({ docs }, options) => docs.index(documents(0, 4, "old", 2024), options),
  "sync by a filter": ({ docs }, options) =>
    docs.sync(documents(3, 7, "new", 2024), { ...options, filter: { year: 2020 } }),
  delete: ({ docs }, options) => docs.delete(["d1", "d2"], options),
  "delete by a filter": ({ docs }, options) => docs.delete({ filter: { year: 2020 } }, options),
  "index of what is staged": ({ staged }, options) => staged.index(documents(0, 3, "next", 2024), options),
  publish: ({ staged }, options) => staged.publish(options),
  discard: ({ staged }, options) => staged.discard(options),
};

describe("a call that was aborted leaves a store and a lexical index of its own that agree", () => {
  test.each(Object.entries(calls))("%s, wherever it was", async (_, call) => {
    let wasAborted = true;
    for (let at = 0; wasAborted; at++) {
      const controller = new AbortController();
      let events = Number.NEGATIVE_INFINITY;
      const onEvent = (): void => {
        if (events++ === at) controller.abort("stop");
      };
      const inner = await openFileStore("index", { compactAfter: 4_000 }, slowDisk());
      const store: Store = watched(inner, onEvent);
      const lexical = everything();
      const options = { store, chunker: paragraphs(), lexical: watched(lexical.index, onEvent) };
      const docs = createRetriever(options);
      await docs.index(documents(0, 6, "old", 2020));
      const before = await docs.stage();
      await before.index(documents(0, 6, "old", 2020));
      await before.publish();
      const staged = await docs.stage();
      await staged.index(documents(0, 2, "next", 2020));

      const agree = async (): Promise<void> => {
        const { documentIds } = await docs.list();
        const chunks = await docs.get(documentIds);
        expect(await docs.count()).toEqual({ documents: documentIds.length, chunks: chunks.length });
        const ids = (await docs.search("key", { topK: 100 })).hits.map(({ chunk }) => chunk.id);
        expect(ids.toSorted()).toEqual(chunks.map(({ id }) => id).toSorted());
      };
      events = 0;
      await call({ docs, staged }, { signal: controller.signal }).catch((error: unknown) => expect(error).toBe("stop"));
      events = Number.NEGATIVE_INFINITY;
      wasAborted = controller.signal.aborted;
      // What a search finds at once may be as it was before, which must not be all that it ever looks for.
      await docs.search("key");
      for (let waited = 0; waited < 10; waited++) await turn();
      await agree();
      await call({ docs, staged }, {});
      await agree();
      // The live one and the one before, and what is staged.
      expect(lexical.generations().size).toBeLessThanOrEqual(
        call === calls["discard"] || call === calls["publish"] ? 2 : 3,
      );
      await docs.close();
    }
  });
});
