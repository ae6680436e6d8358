import { describe, expect, test, vi } from "vitest";
import { UnsupportedError } from "../../src/errors.ts";
import { createRetriever, memory } from "../../src/index.ts";
import type { Retriever } from "../../src/retriever-types.ts";
import type { CallOptions, LexicalIndex, Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { retriever, schema } from "./key-documents.ts";
import { gate, paragraphs } from "./parts.ts";

describe("a lexical index of its own", () => {
  const overlap = (durable: boolean): LexicalIndex & { readonly texts: Map<string, string> } => {
    const texts = new Map<string, string>();
    return {
      texts,
      fingerprint: "overlap",
      durable,
      async replace({ documents: changed }) {
        for (const { id, chunks } of changed) {
          for (const key of texts.keys()) if (key.startsWith(`${id} `)) texts.delete(key);
          for (const chunk of chunks) texts.set(`${id} ${chunk.id}`, chunk.text);
        }
      },
      async search({ text, limit }) {
        const found = [...texts].flatMap(([key, value]) =>
          value.includes(text) ? { id: key.split(" ")[1] ?? "", score: 1 } : [],
        );
        return [...found, { id: "unknown to the store", score: 0.5 }].slice(0, limit);
      },
    };
  };

  test.each([true, false])("is filled, searched and kept in step (durable: %s)", async (durable) => {
    const lexical = overlap(durable);
    const docs = await retriever({ lexical });
    const texts = async (query: string) => (await docs.search(query)).hits.map(({ chunk }) => chunk.text);
    expect(await texts("rendered")).toEqual(["Pages are rendered on the server."]);
    const traced = await docs.search("rendered", { trace: true });
    expect(traced.trace?.lexical).toHaveLength(1);
    await docs.index([
      { id: "pages.md", text: "Pages are static.", metadata: { product: "web", year: 2024, tags: [] } },
    ]);
    expect(await texts("rendered")).toEqual([]);
    expect(await texts("static")).toEqual(["Pages are static."]);
    await docs.delete(["pages.md"]);
    expect(await texts("static")).toEqual([]);
    expect(await rejection(docs.search("key", { explain: true }))).toBeInstanceOf(UnsupportedError);
  });

  test("that is being filled gets a change after what it is filled with", async () => {
    const lexical = overlap(false);
    const filling = gate();
    const reached = gate();
    let first = true;
    const slow: LexicalIndex = {
      ...lexical,
      async replace(change, options) {
        if (first) {
          first = false;
          reached.open();
          await filling.opened;
        }
        return lexical.replace(change, options);
      },
    };
    const docs = await retriever({ lexical: slow });
    const searching = docs.search("rendered");
    await reached.opened;
    const metadata = { product: "web" as const, year: 2024, tags: [] };
    const changing = docs.index([{ id: "pages.md", text: "Pages are static.", metadata }]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    filling.open();
    await Promise.all([searching, changing]);
    expect((await docs.search("static")).hits).toHaveLength(1);
    expect((await docs.search("rendered")).hits).toHaveLength(0);
  });

  test("a change is not refused because the search that began to fill it was aborted", async () => {
    const lexical = overlap(false);
    const reached = gate();
    let fills = 0;
    const slow: LexicalIndex = {
      ...lexical,
      async replace(change, options) {
        if (fills++ > 0) return lexical.replace(change, options);
        reached.open();
        await new Promise((_, reject) => options.signal.addEventListener("abort", () => reject(options.signal.reason)));
      },
    };
    const docs = await retriever({ lexical: slow });
    const controller = new AbortController();
    const searching = rejection(docs.search("rendered", { signal: controller.signal }));
    await reached.opened;
    const metadata = { product: "web" as const, year: 2024, tags: [] };
    const changing = docs.index([{ id: "pages.md", text: "Pages are static.", metadata }]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error("enough"));
    expect(String(await searching)).toContain("enough");
    expect((await changing).failed).toEqual([]);
    expect((await docs.search("static")).hits).toHaveLength(1);
    expect((await docs.search("rendered")).hits).toHaveLength(0);
  });

  test.each([true, false])("lets go of generations that the store lets go of (durable: %s)", async (durable) => {
    const held = new Set<string>();
    const inner = overlap(durable);
    const lexical: LexicalIndex = {
      ...inner,
      async replace(change, options) {
        held.add(change.scope.generation);
        return inner.replace(change, options);
      },
      async retire(generation) {
        held.delete(generation);
      },
    };
    const docs = createRetriever({ chunker: paragraphs(), lexical });
    await docs.index([{ id: "a", text: "copper" }]);
    await docs.search("copper");
    for (let round = 0; round < 4; round++) {
      const staged = await docs.stage();
      await staged.index([{ id: "a", text: "copper" }]);
      await staged.search("copper");
      if (round === 1) await staged.discard();
      else await staged.publish();
      expect((await docs.search("copper")).hits).toHaveLength(1);
      expect(held.size).toBe(2);
    }
  });

  test("that hangs where it is to let go holds up a publication no longer than its deadline", async () => {
    let hanging = true;
    const lexical: LexicalIndex = {
      ...overlap(false),
      retire: () => (hanging ? new Promise<void>(() => undefined) : Promise.resolve()),
    };
    const docs = createRetriever({ chunker: paragraphs(), lexical });
    await docs.index([{ id: "a", text: "copper" }]);
    await docs.search("copper");
    for (let round = 0; round < 2; round++) {
      const staged = await docs.stage();
      await staged.index([{ id: "a", text: `copper ${round}` }]);
      await staged.search("copper");
      if (round === 0) {
        await staged.publish();
        continue;
      }
      await expect(staged.publish({ timeout: 20 })).rejects.toThrow("publish took longer than the 20 ms");
      // The switch was made: what is left to do is done by another call.
      expect((await docs.get(["a"]))[0]?.text).toBe("copper 1");
      hanging = false;
      await staged.publish();
    }
  });

  test("is asked to hold nothing of a tenant without documents, and gets what it has later", async () => {
    const lexical = overlap(false);
    const replace = vi.spyOn(lexical, "replace");
    const docs = createRetriever({ chunker: paragraphs(), lexical, tenancy: "required" });
    await docs.forTenant("first").index([{ id: "a", text: "copper" }]);
    const other = docs.forTenant("other");
    expect((await other.search("copper")).hits).toEqual([]);
    expect((await other.search("copper")).hits).toEqual([]);
    expect(replace).not.toHaveBeenCalled();
    await other.index([{ id: "b", text: "copper" }]);
    expect((await other.search("copper")).hits).toHaveLength(1);
  });

  test("is closed with the store, whose failure to close hides nobody's", async () => {
    const closed: string[] = [];
    const close = (part: string) => async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      closed.push(part);
      if (part === "lexical") throw new Error("no");
    };
    const store: Store = { ...memory(), close: close("store") };
    const docs = createRetriever({
      chunker: paragraphs(),
      store,
      lexical: { ...overlap(false), close: close("lexical") },
    });
    const errors = await Promise.all([rejection(docs.close()), rejection(docs.close())]);
    expect(errors.map(String)).toEqual(["Error: no", "Error: no"]);
    expect(closed).toEqual(["lexical", "store"]);
  });

  test.each([true, false])("that two retrievers share is in step with both (durable: %s)", async (durable) => {
    const inner = overlap(durable);
    const lexical: LexicalIndex = { ...inner, close: async () => inner.texts.clear() };
    const options = { store: memory(), lexical, chunker: paragraphs() };
    const [docs, other] = [createRetriever(options), createRetriever(options)];
    const texts = async () => (await docs.search("key")).hits.map(({ chunk }) => chunk.text);
    await docs.index([{ id: "a", text: "old key" }]);
    expect(await texts()).toEqual(["old key"]);
    await other.index([{ id: "a", text: "new key" }]);
    expect(await texts()).toEqual(["new key"]);
    if (durable) return;
    await other.close();
    expect(await texts()).toEqual(["new key"]);
  });

  test.each([true, false])(
    "is told what another retriever of the store wrote, with an index of its own: %s",
    async (fails) => {
      const inner = memory();
      let failing = false;
      const store: Store = {
        ...inner,
        async replace(change, options) {
          await inner.replace(change, options);
          if (failing) throw new Error("the answer is lost");
        },
      };
      const make = () => createRetriever({ store, lexical: overlap(false), chunker: paragraphs() });
      const [docs, other] = [make(), make()];
      const texts = async () => (await docs.search("key")).hits.map(({ chunk }) => chunk.text);
      await docs.index(["a", "b"].map((id) => ({ id, text: "old key" })));
      expect(await texts()).toHaveLength(2);
      failing = fails;
      const written = [
        other.index([{ id: "a", text: "new key" }]),
        other.delete(["b"]),
        other.index([{ id: "c", text: "another key" }]),
      ];
      await Promise.allSettled(written);
      expect((await texts()).toSorted()).toEqual(["another key", "new key"]);
      expect(await other.forTenant("t").search("key")).toMatchObject({ hits: [] });
    },
  );

  /** A store whose answers to writes are handed over by `after`, once the write is done. */
  const answering = (after: (write: number) => Promise<void>): Store => {
    const store = memory();
    let writes = 0;
    return {
      ...store,
      async replace(change, options) {
        const write = ++writes;
        await store.replace(change, options);
        await after(write);
      },
    };
  };

  test("finds what the store had written when its answer was lost", async () => {
    let lost = false;
    const store = answering(async () => {
      if (lost) throw new Error("the answer is lost");
    });
    const lexical = overlap(false);
    const docs = createRetriever({ store, lexical, chunker: paragraphs() });
    const texts = async () => (await docs.search("key")).hits.map(({ chunk }) => chunk.text);
    await docs.index([{ id: "a", text: "old key" }]);
    expect(await texts()).toEqual(["old key"]);
    lost = true;
    await rejection(docs.index([{ id: "a", text: "new key" }]));
    expect(await texts()).toEqual(["new key"]);
    await rejection(docs.delete(["a"]));
    expect(await texts()).toEqual([]);
    expect(lexical.texts.size).toBe(0);
    lost = false;
    expect((await docs.index([{ id: "a", text: "last key" }])).documents.added).toBe(1);
    expect(await texts()).toEqual(["last key"]);
  });

  test("keeps nothing of a document that was deleted after the search that filled it was aborted", async () => {
    const lexical = overlap(false);
    const controller = new AbortController();
    const cutOff: LexicalIndex = {
      ...lexical,
      async replace(change, options) {
        await lexical.replace(change, options);
        controller.abort();
        options.signal.throwIfAborted();
      },
    };
    const docs = createRetriever({ lexical: cutOff, chunker: paragraphs() });
    await docs.index(["a", "b"].map((id) => ({ id, text: `key ${id}` })));
    await rejection(docs.search("key", { signal: controller.signal }));
    expect(lexical.texts.size).toBe(2);
    await docs.delete(["a"]);
    expect((await docs.search("key")).hits).toHaveLength(1);
    expect(lexical.texts.size).toBe(1);
  });

  test.each([
    [2, false],
    [3, false],
    [2, true],
    [3, true],
  ])(
    "finds what the store has after two calls wrote one document and write %i answered late (durable: %s)",
    async (late, durable) => {
      const answered = gate();
      const both = (text: string) => ["a", "b"].map((id) => ({ id, text }));
      const store = answering(async (write) => (write === late ? answered.opened : undefined));
      const docs = createRetriever({ store, lexical: overlap(durable), chunker: paragraphs() });
      const texts = async () => (await docs.search("key")).hits.map(({ chunk }) => chunk.text);
      await docs.index(both("old key"));
      await texts();
      const written = ["first key", "second key"].map(async (text) => docs.index(both(text)));
      await Promise.race(written);
      await texts();
      answered.open();
      await Promise.all(written);
      expect(await texts()).toEqual((await docs.get(["a", "b"])).map(({ text }) => text));
    },
  );

  /** Whose writes take as long as they take, whatever is aborted. */
  const held = <T extends Pick<Store, "replace"> | LexicalIndex>(part: T) => {
    const [reached, released, ended] = [gate(), gate(), gate()];
    const state = { holding: false };
    const replace = async (change: never, options: { readonly signal: AbortSignal }): Promise<void> => {
      if (!state.holding) return part.replace(change, options);
      state.holding = false;
      reached.open();
      await released.opened;
      await part.replace(change, { signal: new AbortController().signal });
      ended.open();
    };
    return { part: { ...part, replace } as T, state, reached, released, ended };
  };
  const writes: Readonly<Record<string, (docs: Retriever, options: CallOptions) => Promise<unknown>>> = {
    index: (docs, options) => docs.index([{ id: "a", text: "new key" }], options),
    delete: (docs, options) => docs.delete(["a"], options),
  };

  test.each(["store", "index"].flatMap((where) => [true, false].map((durable) => [where, durable] as const)))(
    "has what the store has after a call was aborted that the %s went on with (durable: %s)",
    async (where, durable) => {
      for (const write of Object.values(writes)) {
        const [store, index] = [held(memory()), held(overlap(durable))];
        const docs = createRetriever({ store: store.part, lexical: index.part, chunker: paragraphs() });
        const texts = async () => (await docs.search("key")).hits.map(({ chunk }) => chunk.text);
        const stored = async () => (await docs.get(["a", "b"])).map(({ text }) => text);
        await docs.index(["a", "b"].map((id) => ({ id, text: "old key" })));
        expect(await texts()).toEqual(["old key", "old key"]);
        const { state, reached, released, ended } = where === "store" ? store : index;
        const controller = new AbortController();
        state.holding = true;
        const writing = rejection(write(docs, { signal: controller.signal }));
        await reached.opened;
        controller.abort("enough");
        expect(await writing).toBe("enough");
        expect((await texts()).toSorted()).toEqual((await stored()).toSorted());
        if (where === "index") await docs.index([{ id: "a", text: "last key" }]);
        released.open();
        await ended.opened;
        await new Promise((resolve) => setTimeout(resolve, 1));
        const has = await stored();
        expect(has).toHaveLength(where === "store" && write === writes["delete"] ? 1 : 2);
        expect((await texts()).toSorted()).toEqual(has.toSorted());
        expect([...index.part.texts.values()].toSorted()).toEqual(has.toSorted());
      }
    },
  );

  test("loses no document that was written while the same one was deleted, and the store has", async () => {
    const [reached, written] = [gate(), gate()];
    const inner = memory();
    let reads = 0;
    const store: Store = {
      ...inner,
      async read(...given) {
        const rows = await inner.read(...given);
        if (++reads === 3) {
          reached.open();
          await written.opened;
        }
        return rows;
      },
    };
    const docs = createRetriever({ store, lexical: overlap(false), chunker: paragraphs() });
    await docs.index([{ id: "a", text: "key" }]);
    await docs.search("key");
    reads = 2;
    const deleting = docs.delete(["a", "b", "\0"]);
    await reached.opened;
    await docs.index([{ id: "b", text: "key" }]);
    written.open();
    await deleting;
    expect((await docs.search("key")).hits).toHaveLength((await docs.count()).documents);
  });

  test("keeps what another call wrote while the same document was found unchanged", async () => {
    const inner = memory();
    let meanwhile: (() => Promise<unknown>) | undefined;
    const store: Store = {
      ...inner,
      async read(...given) {
        const rows = await inner.read(...given);
        const change = meanwhile;
        meanwhile = undefined;
        await change?.();
        return rows;
      },
    };
    const docs = createRetriever({ store, lexical: overlap(true), chunker: paragraphs() });
    const old = [{ id: "a", text: "old key" }];
    await docs.index(old);
    meanwhile = () => docs.index([{ id: "a", text: "new key" }]);
    expect((await docs.index(old)).documents.unchanged).toBe(1);
    expect((await docs.search("key")).hits.map(({ chunk }) => chunk.text)).toEqual(["new key"]);
  });

  test("is searched while documents are written", async () => {
    const [reached, answered] = [gate(), gate()];
    const store = answering(async (write) => {
      if (write !== 2) return;
      reached.open();
      await answered.opened;
    });
    const docs = createRetriever({ store, lexical: overlap(false), chunker: paragraphs() });
    const found = async () => (await docs.search("key")).hits.length;
    const both = (text: string) => ["a", "b"].map((id) => ({ id, text }));
    await docs.index(both("old key"));
    expect(await found()).toBe(2);
    const writing = docs.index(both("new key"));
    await reached.opened;
    // Not those that are gone, and not yet those that the store has not told of.
    expect(await found()).toBe(0);
    answered.open();
    await writing;
    expect(await found()).toBe(2);
  });

  test("that starts empty is refilled from the store before the first search", async () => {
    const store = memory();
    const unsearched = overlap(false);
    await retriever({ store, lexical: unsearched });
    expect(unsearched.texts.size).toBe(0);
    const lexical = overlap(false);
    const docs = createRetriever({ metadata: schema, chunker: paragraphs(), store, lexical });
    expect(lexical.texts.size).toBe(0);
    expect((await docs.search("rendered")).hits).toHaveLength(1);
    expect(lexical.texts.size).toBe(5);
  });
});
