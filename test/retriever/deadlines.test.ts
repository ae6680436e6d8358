import { describe, expect, test } from "vitest";
import { calibrate, counterfactuals, evaluate, tune, type TuningProgress } from "../../src/eval/index.ts";
import { copy, createRetriever, memory, split, type Chunker, type LexicalIndex, type Store } from "../../src/index.ts";
import type { CallOptions, Searchable } from "../../src/index.ts";
import { rejection } from "../rejection.ts";
import { paragraphs, streamOf } from "./parts.ts";

/** More than the work that is done without a break. */
function work(): void {
  for (const began = performance.now(); performance.now() - began < 12;);
}

/** Whose calls take their time and let no timer run, as those of every store in memory. */
function busy(store: Store, onCall?: (name: string) => void): Store {
  return new Proxy(store, {
    get(target, key) {
      const call: unknown = Reflect.get(target, key);
      if (typeof call !== "function") return call;
      return (...given: unknown[]) => {
        work();
        onCall?.(String(key));
        return Reflect.apply(call, target, given) as unknown;
      };
    },
  });
}

const documents = Array.from({ length: 600 }, (_, index) => ({ id: `d${index}`, text: `one${index}` }));

async function filled() {
  const store = busy(memory());
  const docs = createRetriever({ store });
  await docs.index(documents);
  return { store, docs };
}

const silent: LexicalIndex = {
  fingerprint: "silent",
  durable: false,
  replace: async () => work(),
  search: async () => [],
};
const busySearch: Searchable = {
  async search() {
    work();
    return {
      hits: [],
      scoreKind: "bm25",
      timings: { total: 0, search: 0 },
      degraded: [],
      confidence: 0.5,
      trace: { fused: [], fingerprint: "f" },
    };
  },
};
const long = "one two ".repeat(25);
const queries = Array.from({ length: 20 }, (_, index) => ({
  id: `q${index}`,
  text: `one${index}`,
  judgments: [{ documentId: `d${index}` }],
}));

const calls: Readonly<Record<string, () => Promise<(options: CallOptions) => Promise<unknown>>>> = {
  sync: async () => {
    const { docs } = await filled();
    return (options) => docs.sync(documents.slice(0, 1), options);
  },
  "delete by id": async () => {
    const { docs } = await filled();
    return (options) =>
      docs.delete(
        documents.map(({ id }) => id),
        options,
      );
  },
  get: async () => {
    const { docs } = await filled();
    return (options) =>
      docs.get(
        documents.map(({ id }) => id),
        options,
      );
  },
  clear: async () => {
    const { docs } = await filled();
    return (options) => docs.clear(options);
  },
  copy: async () => {
    const { store } = await filled();
    return (options) => copy(store, memory(), options);
  },
  "search that fills a lexical index": async () => {
    const docs = createRetriever({ lexical: silent });
    await docs.index(documents);
    return (options) => docs.search("one", options);
  },
  evaluate: async () => (options) => evaluate(busySearch, queries, options),
  calibrate: async () => (options) => calibrate(busySearch, queries, queries, options),
  counterfactuals: async () => (options) => counterfactuals({ documents, queries, ...options }),
};

describe("a call that never waits", () => {
  test.each(Object.keys(calls))("lets others run, so that it can be aborted: %s", async (name) => {
    const call = await calls[name]?.();
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 0);
    expect(await rejection(call?.({ signal: controller.signal }) ?? Promise.resolve())).toBe(reason);
  });

  test.each([
    ["read", documents.map(({ id }) => ({ id, text: "" }))],
    ["replace", documents.slice(0, 6).map(({ id }) => ({ id, text: "one\n\n".repeat(200) }))],
  ])("lets others run between any two calls of the store: index, by %s", async (name, given) => {
    const controller = new AbortController();
    let asked = -Infinity;
    const onCall = (called: string): void => {
      if (called === name && asked++ === 0) setTimeout(() => controller.abort("stop"), 0);
    };
    const docs = createRetriever({ store: busy(memory(), onCall), chunker: paragraphs() });
    await docs.index([{ id: "first", text: "first" }]);
    asked = 0;
    expect(await rejection(docs.index(streamOf(given), { signal: controller.signal }))).toBe("stop");
    expect(asked).toBe(1);
  });

  test("lets others run between looking up what is to be deleted and deleting it", async () => {
    const controller = new AbortController();
    const called: string[] = [];
    const onCall = (name: string): void => {
      called.push(name);
      if (name === "read") setTimeout(() => controller.abort("stop"), 0);
    };
    const store = memory();
    await createRetriever({ store }).index(documents.slice(0, 1));
    const docs = createRetriever({ store: busy(store, onCall) });
    expect(await rejection(docs.clear({ signal: controller.signal }))).toBe("stop");
    expect(called.at(-1)).toBe("read");
  });

  test.each<[string, (chunker: Chunker, signal: AbortSignal) => Promise<unknown>]>([
    ["plan", (chunker, signal) => createRetriever({ chunker }).plan([{ id: "a", text: long }], { signal })],
    ["split", (chunker, signal) => split(long, chunker, { signal })],
  ])("is aborted once a chunker has answered that cut in one go: %s", async (_, call) => {
    const controller = new AbortController();
    const chunker: Chunker = ({ text }) => {
      setTimeout(() => controller.abort("stop"), 0);
      work();
      return Array.from(text, (_character, start) => ({ start, end: start + 1 }));
    };
    expect(await rejection(call(chunker, controller.signal))).toBe("stop");
  });

  test("lets others run between the rows of one document", async () => {
    const controller = new AbortController();
    const docs = createRetriever({
      chunker: ({ text }) => {
        setTimeout(() => controller.abort("stop"), 5);
        return Array.from(text, (_character, start) => ({ start, end: start + 1 }));
      },
    });
    const text = long.repeat(50);
    expect(await rejection(docs.plan([{ id: "a", text }], { signal: controller.signal }))).toBe("stop");
  });

  test("lets others run while the documents of an array are looked at", async () => {
    const controller = new AbortController();
    let read = 0;
    const slow = documents.slice(0, 10).map(({ id, text }) => ({
      id,
      get text() {
        work();
        if (read++ === 0) setTimeout(() => controller.abort("stop"), 0);
        return text;
      },
    }));
    expect(await rejection(createRetriever().plan(slow, { signal: controller.signal }))).toBe("stop");
    expect(read).toBeLessThan(3);
  });

  test("lets others run while tune searches", async () => {
    const controller = new AbortController();
    let searched = 0;
    const onProgress = (_done: number, _total: number, { phase }: TuningProgress): void => {
      work();
      if (phase === "search" && searched++ === 0) setTimeout(() => controller.abort("stop"), 0);
    };
    const few = documents.slice(0, 20);
    const space = { size: [600], overlap: [0] };
    const call = tune({ documents: few, queries, space, onProgress, signal: controller.signal });
    expect(await rejection(call)).toBe("stop");
    expect(searched).toBeLessThan(3);
  });
});
