import { describe, expect, test } from "vitest";
import { wink } from "../../adapters/lexical/wink.ts";
import { AdapterError, createRetriever, memory } from "../../src/index.ts";
import { rejection } from "../rejection.ts";
import { wrapped } from "../testing/wrapped-store.ts";
import { gate, paragraphs } from "./parts.ts";

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ id: `${from + n}`, text: `apple ${from + n}` }));

describe("a call that writes works on one generation, whatever is published meanwhile", () => {
  /** An index call that is in the middle of its stream when another generation takes over. */
  async function straddling(call: "index" | "sync") {
    const store = memory();
    const docs = createRetriever({ store, chunker: paragraphs() });
    await docs.index([{ id: "old", text: "the live one" }]);
    const staged = await docs.stage();
    await staged.index([{ id: "x", text: "the next one" }]);
    async function* stream() {
      yield* numbered(0, 300);
      await staged.publish();
      yield* numbered(300, 310);
    }
    const report = await docs[call](stream());
    return { docs, report, live: (await docs.list()).documentIds };
  }

  test("index", async () => {
    const { report, live } = await straddling("index");
    expect(report.documents.added).toBe(310);
    expect(live).toEqual(["x"]);
  });

  test("sync deletes in the one it wrote to", async () => {
    const { report, live } = await straddling("sync");
    expect(report.documents).toMatchObject({ added: 310, deleted: 1 });
    expect(live).toEqual(["x"]);
  });
});

describe("what is staged", () => {
  test("begins anew after it was discarded", async () => {
    const docs = createRetriever({ chunker: paragraphs() });
    const staged = await docs.stage();
    await staged.index(numbered(0, 3));
    await staged.discard();
    await staged.index(numbered(3, 5));
    await staged.publish();
    expect((await docs.list()).documentIds).toEqual(["3", "4"]);
  });

  test("is one generation, where the store answered too late for the call that made it", async () => {
    const [asked, answered] = [gate(), gate()];
    let made = 0;
    const store = wrapped((inner) => ({
      async prepare(spec, { fresh = false, create = true }) {
        if (fresh) {
          made++;
          asked.open();
          await answered.opened;
        }
        return inner.prepare(spec, { fresh, create, signal: new AbortController().signal });
      },
    }));
    const staged = await createRetriever({ store, chunker: paragraphs() }).stage();
    const controller = new AbortController();
    const first = rejection(staged.index(numbered(0, 3), { signal: controller.signal }));
    await asked.opened;
    controller.abort("stop");
    expect(await first).toBe("stop");
    expect(await rejection(staged.index(numbered(0, 3), { timeout: 5 }))).toMatchObject({ name: "TimeoutError" });
    answered.open();
    await new Promise((resolve) => setTimeout(resolve, 1));
    await staged.index(numbered(0, 3));
    await staged.publish();
    expect(made).toBe(1);
    expect((await staged.list()).documentIds).toEqual(["0", "1", "2"]);
  });

  test("is not held up by a call that wrote to what was discarded", async () => {
    const docs = createRetriever({ chunker: paragraphs(), tenancy: "required" });
    const staged = await docs.stage();
    const discarded = gate();
    async function* slow() {
      yield* numbered(0, 300);
      await discarded.opened;
    }
    const writing = rejection(staged.forTenant("a").index(slow()));
    while ((await staged.forTenant("a").count()).documents < 256)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await staged.discard();
    await staged.forTenant("b").index(numbered(0, 2));
    discarded.open();
    expect(String(await writing)).toContain("is not there");
    await staged.publish();
    expect((await docs.forTenant("b").count()).documents).toBe(2);
  });

  test("is not published while it is written, or when that ended early, until it was run again", async () => {
    const docs = createRetriever({ chunker: paragraphs() });
    await docs.index(numbered(0, 1));
    const staged = await docs.stage();
    async function* cutOff() {
      yield* numbered(0, 600);
      throw new Error("the source is gone");
    }
    await rejection(staged.index(cutOff()));
    const halfFilled = { name: "ConfigError", message: expect.stringContaining("ended early; run it again") };
    expect(await rejection(staged.publish())).toMatchObject(halfFilled);
    const [begun, held] = [gate(), gate()];
    async function* slow() {
      yield* numbered(0, 600);
      begun.open();
      await held.opened;
      yield* numbered(600, 700);
    }
    const writing = staged.index(slow());
    await begun.opened;
    expect(String(await rejection(staged.publish()))).toContain("still running");
    held.open();
    await writing;
    await staged.publish();
    expect(await docs.count()).toEqual({ documents: 700, chunks: 700 });
  });

  test("is what the retriever finds once it is published, staged from what was staged or not", async () => {
    const docs = createRetriever({ chunker: paragraphs() });
    await docs.index(numbered(0, 1));
    const first = await docs.stage();
    await first.index(numbered(1, 2));
    const second = await first.stage();
    await second.index(numbered(2, 3));
    await second.publish();
    expect((await docs.list()).documentIds).toEqual(["2"]);
    expect((await first.list()).documentIds).toEqual(["1"]);
    await first.publish();
    expect((await docs.list()).documentIds).toEqual(["1"]);
  });

  test("leaves another retriever that was open on its own generation, which goes with the publication after", async () => {
    const store = memory();
    const other = createRetriever({ store, chunker: paragraphs() });
    await other.index(numbered(0, 1));
    for (const [round, from] of [1, 2].entries()) {
      const staged = await createRetriever({ store, chunker: paragraphs() }).stage();
      await staged.index(numbered(from, from + 1));
      await staged.publish();
      if (round > 0) continue;
      await other.index(numbered(5, 6));
      expect((await other.list()).documentIds).toEqual(["0", "5"]);
    }
    expect(await rejection(other.list())).toBeInstanceOf(AdapterError);
    expect((await createRetriever({ store, chunker: paragraphs() }).list()).documentIds).toEqual(["2"]);
  });

  test("may be published again, to go back to it, whatever was written to it while it was live", async () => {
    const docs = createRetriever({ chunker: paragraphs() });
    const [first, second] = [await docs.stage(), await docs.stage()];
    await first.index(numbered(0, 3));
    await first.publish();
    await docs.index(numbered(3, 5));
    await second.index(numbered(5, 6));
    await second.publish();
    expect((await docs.list()).documentIds).toEqual(["5"]);
    await first.publish();
    expect((await docs.list()).documentIds).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("and written to after it was published is found by a lexical index that both share", async () => {
    const docs = createRetriever({ chunker: paragraphs(), lexical: wink() });
    await docs.index([...numbered(0, 3), { id: "c", text: "copper" }]);
    const staged = await docs.stage();
    await staged.index(numbered(0, 4));
    await staged.publish();
    expect((await docs.search("copper")).hits).toEqual([]);
    await staged.index([{ id: "c", text: "copper" }]);
    expect((await docs.search("copper")).hits).toHaveLength(1);
    expect((await staged.search("copper")).hits).toHaveLength(1);
  });
});

test("a lexical index serves one store", () => {
  const lexical = wink();
  const store = memory();
  createRetriever({ store, lexical });
  createRetriever({ store, lexical });
  expect(() => createRetriever({ lexical })).toThrow("lexical: this index belongs to a retriever with another store");
});

describe("an error that may pass is tried again by every call of a store", () => {
  test.each(["prepare", "publish", "retire", "list", "read", "replace"] as const)("%s", async (call) => {
    let failures = 0;
    let failing = false;
    const store = wrapped((inner) => ({
      [call]: async (...given: never[]): Promise<unknown> => {
        const fresh = (given[1] as { readonly fresh?: boolean } | undefined)?.fresh === true;
        if (failing && !fresh && failures++ === 0) throw new AdapterError("test", "busy", { retryable: true });
        return (inner[call] as (...all: never[]) => Promise<unknown>)(...given);
      },
    }));
    await createRetriever({ store }).index(numbered(0, 1));
    failing = true;
    const docs = createRetriever({ store });
    await docs.index(numbered(1, 2));
    await docs.list();
    const staged = await docs.stage();
    await staged.index(numbered(0, 2));
    if (call === "retire") await staged.discard();
    else await staged.publish();
    expect(failures).toBeGreaterThan(1);
    expect((await docs.list()).documentIds).toEqual(["0", "1"]);
  });

  test("an error of an adapter that brought its own copy of the package is known by its name", async () => {
    class Foreign extends Error {
      override readonly name = "AdapterError";
      readonly code = "conflict";
      readonly retryable = true;
    }
    let conflicts = 0;
    const store = wrapped((inner) => ({
      async replace(change, options) {
        if (conflicts++ === 0) throw new Foreign("changed meanwhile");
        return inner.replace(change, options);
      },
    }));
    const docs = createRetriever({ store });
    const reads: number[] = [];
    const { documents } = await docs.index(numbered(0, 1), { onProgress: ({ chunks }) => reads.push(chunks) });
    expect(documents.added).toBe(1);
    expect(conflicts).toBe(2);
    // Planned anew, not only written again.
    expect(reads.filter((chunks) => chunks === 0).length).toBeGreaterThan(2);
  });
});

test("what a fusion answers is checked", async () => {
  const answers: readonly [unknown, string][] = [
    [undefined, "fusion: expected it to return candidates, received undefined"],
    [[null], "fusion: it returned undefined, which is no candidate"],
    [[{ id: "?", score: 1 }], 'fusion: it returned "?", which is no candidate'],
  ];
  for (const [answer, message] of answers) {
    const docs = createRetriever({ ...twoLegs, fusion: () => answer as never });
    await docs.index(numbered(0, 2));
    expect(await rejection(docs.search("apple"))).toMatchObject({ name: "ConfigError", message });
  }
  const twice = createRetriever({ ...twoLegs, fusion: ({ lexical = [] }) => [...lexical, ...lexical] });
  await twice.index(numbered(0, 2));
  expect(String(await rejection(twice.search("apple")))).toContain("twice");
});

const twoLegs = {
  embedder: {
    fingerprint: { provider: "test", model: "one", dimensions: 2 },
    embed: async (texts: readonly string[]) => texts.map(() => Float32Array.of(1, 0)),
  },
};
