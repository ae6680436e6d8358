import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { AdapterError, ConfigError, FilterError, TimeoutError, UnsupportedError } from "../../src/errors.ts";
import { convex, createRetriever, memory } from "../../src/index.ts";
import type { RetrieverOptions, SearchOptions } from "../../src/retriever-types.ts";
import type { LexicalIndex, Reranker, Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { gate, paragraphs, wordEmbedder } from "./parts.ts";

const schema = z.object({
  product: z.enum(["api", "web"]),
  year: z.number(),
  at: z.date().optional(),
  tags: z.array(z.string()),
});
const documents = [
  {
    id: "keys.md",
    text: "# Keys\n\nRotate a key in the settings.\n\nOld keys stop working.",
    title: "Key rotation",
    metadata: { product: "api", year: 2026, tags: ["security"] },
  },
  {
    id: "pages.md",
    text: "Pages are rendered on the server.",
    metadata: { product: "web", year: 2024, tags: [], at: new Date("2024-05-01") },
  },
  {
    id: "limits.md",
    text: "A key may call the service ten times a second.",
    metadata: { product: "api", year: 2025, tags: ["limits", "security"] },
  },
] as const;

async function retriever(options: Omit<RetrieverOptions<typeof schema>, "tenancy"> = {}) {
  const docs = createRetriever({ metadata: schema, chunker: paragraphs(), ...options });
  await docs.index(
    documents.map((document) => ({
      ...document,
      metadata: { ...document.metadata, tags: [...document.metadata.tags] },
    })),
  );
  return docs;
}

describe("a hit", () => {
  test("is a passage with its place, its scores and its metadata as the schema put it out", async () => {
    const docs = await retriever();
    const result = await docs.search("rendered pages");
    expect(result).toMatchObject({ scoreKind: "bm25", degraded: [] });
    const [hit] = result.hits;
    expect(hit).toMatchObject({
      chunk: { documentId: "pages.md", text: "Pages are rendered on the server.", line: 1, headings: [] },
      citation: { documentId: "pages.md", span: { start: 0, end: 33 }, line: 1 },
      scores: { lexical: { rank: 1, score: hit?.score } },
    });
    expect(hit?.chunk.metadata).toEqual({ product: "web", year: 2024, tags: [], at: new Date("2024-05-01") });
    expect(hit?.scores.lexical).not.toHaveProperty("normalized");
  });

  test("has the title in what it is found by, not in its text", async () => {
    const { hits } = await (await retriever()).search("rotation");
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.every(({ chunk }) => chunk.title === "Key rotation" && !chunk.text.includes("rotation"))).toBe(true);
  });

  test("cannot be used to change what is stored", async () => {
    const docs = await retriever();
    const [hit] = (await docs.search("rendered")).hits;
    hit?.chunk.metadata.tags.push("changed");
    untyped<string[] | undefined>(hit?.chunk.headings)?.push("changed");
    const [again] = (await docs.search("rendered")).hits;
    expect(again?.chunk).toMatchObject({ headings: [], metadata: { tags: [] } });
  });

  test("explains its score by terms that sum to it", async () => {
    const { hits } = await (await retriever()).search("rotate a key, a key", { explain: true });
    expect(hits.length).toBeGreaterThan(1);
    for (const { explain = [], score } of hits) {
      expect(explain.reduce((sum, share) => sum + share.score, 0)).toBeCloseTo(score, 9);
    }
    expect(hits[0]?.explain?.map(({ term }) => term).toSorted()).toEqual(["key", "rotat"]);
  });
});

describe("modes and legs", () => {
  test("hybrid scores are fused, with each leg's rank, score and share", async () => {
    const docs = await retriever({ embedder: wordEmbedder() });
    const result = await docs.search("rotate a key", { trace: true });
    expect(result.scoreKind).toBe("fused");
    expect(result.timings).toMatchObject({ embed: expect.any(Number), fuse: expect.any(Number) });
    const [hit] = result.hits;
    const { dense, lexical } = hit?.scores ?? {};
    expect(hit?.score).toBeCloseTo(0.5 * (dense?.normalized ?? 0) + 0.5 * (lexical?.normalized ?? 0), 12);
    expect(result.trace?.fused.map(({ id }) => id).slice(0, result.hits.length)).toEqual(
      result.hits.map(({ chunk }) => chunk.id),
    );
  });

  test("the embedder's weight is the default, the fusion's own wins", async () => {
    const seen: number[] = [];
    const spy = (legs: Parameters<ReturnType<typeof convex>>[0], weights: { readonly dense: number }) => {
      seen.push(weights.dense);
      return convex()(legs, weights);
    };
    await (await retriever({ embedder: wordEmbedder({ fusionWeight: 0.3 }), fusion: spy })).search("key");
    expect(seen).toEqual([0.3]);
  });

  test("dense alone has the metric's scores", async () => {
    for (const metric of ["cosine", "dot", "euclidean"] as const) {
      const docs = await retriever({ embedder: wordEmbedder({ metric }), lexical: false });
      const { hits, scoreKind } = await docs.search("Old keys stop working.", { topK: 4 });
      expect(scoreKind).toBe(metric);
      expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
    }
  });

  test.each<[string, object, SearchOptions]>([
    ["dense without an embedder", {}, { mode: "dense" }],
    ["hybrid without an embedder", {}, { mode: "hybrid" }],
    ["lexical where it was turned off", { embedder: wordEmbedder(), lexical: false }, { mode: "lexical" }],
    ["hybrid where lexical was turned off", { embedder: wordEmbedder(), lexical: false }, { mode: "hybrid" }],
    ["rerank without a reranker", {}, { rerank: true }],
    ["minScore of a leg that is not searched", {}, { minScore: { dense: 0.5 } }],
    ["minScore of a fused score", {}, { minScore: untyped<object>({ fused: 0.5 }) }],
    ["topK 0", {}, { topK: 0 }],
    ["topK 1.5", {}, { topK: 1.5 }],
    ["an unknown mode", {}, { mode: untyped<"dense">("sparse") }],
    ["topK as text", {}, { topK: untyped<number>("5") }],
    ["explain as text", {}, { explain: untyped<boolean>("yes") }],
    ["trace as a number", {}, { trace: untyped<boolean>(1) }],
    ["confidence as null", {}, { confidence: untyped<boolean>(null) }],
    ["minScore null", {}, { minScore: untyped<object>(null) }],
    ["rerank as text", { reranker: async () => [] }, { rerank: untyped<boolean>("yes") }],
    ["an unknown option", {}, untyped<object>({ limit: 5 })],
    ["a timeout of 0", {}, { timeout: 0 }],
    ["explain without the lexical leg", { embedder: wordEmbedder() }, { mode: "dense", explain: true }],
  ])("%s is a ConfigError", async (_, options, search) => {
    const docs = createRetriever(options);
    await docs.index([{ id: "a", text: "a key" }]);
    expect(await rejection(docs.search("key", search))).toBeInstanceOf(ConfigError);
  });

  test("no leg at all is a ConfigError, at once", () => {
    expect(() => createRetriever({ lexical: false })).toThrow(ConfigError);
  });

  test("at least 100 candidates a leg, more where topK asks for them", async () => {
    const limits: number[] = [];
    const store = memory();
    const watched: Store = {
      ...store,
      async search(query, options) {
        limits.push(query.limit);
        return store.search(query, options);
      },
    };
    const docs = await retriever({ store: watched });
    await docs.search("key");
    await docs.search("key", { topK: 250 });
    await docs.search("key", { candidates: 20 });
    expect(limits).toEqual([100, 250, 20]);
  });

  test("minScore drops what a leg scores below it", async () => {
    const docs = await retriever();
    const { hits } = await docs.search("rotate key");
    const least = hits[1]?.score ?? 0;
    expect((await docs.search("rotate key", { minScore: { lexical: least } })).hits).toHaveLength(2);
  });

  test("a blank query, and one of stop words, find nothing", async () => {
    const docs = await retriever({ embedder: wordEmbedder() });
    expect((await docs.search("  ")).hits).toEqual([]);
    expect((await docs.search("the of and", { mode: "lexical" })).hits).toEqual([]);
  });

  test("a query that is no text is refused", async () => {
    expect(await rejection((await retriever()).search(untyped<string>(undefined)))).toBeInstanceOf(ConfigError);
  });

  test("before anything was indexed there is nothing, and nothing is created", async () => {
    const store = memory();
    const docs = createRetriever({ store });
    expect((await docs.search("key")).hits).toEqual([]);
    expect(await docs.list()).toEqual({ documentIds: [] });
    const spec = { fingerprint: {}, fields: {}, tenancy: false };
    expect(await store.prepare(spec, { signal: new AbortController().signal, create: false })).toBeUndefined();
  });

  test("a search before the first index does not fix the average length", async () => {
    const text = "word ".repeat(50);
    const one = createRetriever();
    const two = createRetriever();
    await one.search("word");
    for (const docs of [one, two]) await docs.index([{ id: "a", text }]);
    const [first, second] = await Promise.all([one.search("word"), two.search("word")]);
    expect(first.hits[0]?.score).toBe(second.hits[0]?.score);
  });
});

describe("filters", () => {
  test("select by metadata, in both legs", async () => {
    const docs = await retriever({ embedder: wordEmbedder() });
    const ids = async (filter: NonNullable<Parameters<typeof docs.search>[1]>["filter"]) =>
      new Set(
        (await docs.search("key", filter === undefined ? {} : { filter })).hits.map(({ chunk }) => chunk.documentId),
      );
    expect(await ids({ product: "api", year: { gte: 2026 } })).toEqual(new Set(["keys.md"]));
    expect(await ids({ tags: { has: "limits" } })).toEqual(new Set(["limits.md"]));
    expect(await ids({ NOT: { tags: { has: "security" } } })).toEqual(new Set(["pages.md"]));
    expect(await ids({ at: { lt: new Date("2025-01-01") } })).toEqual(new Set(["pages.md"]));
    expect(await ids({ year: { in: [] } })).toEqual(new Set());
  });

  test("outside the language throw before any I/O", async () => {
    const docs = await retriever();
    expect(await rejection(docs.search("key", { filter: untyped<object>({ prodct: "api" }) }))).toBeInstanceOf(
      FilterError,
    );
    expect(await rejection(docs.search("key", { filter: untyped<object>(null) }))).toBeInstanceOf(FilterError);
  });

  test("an undefined filter is none", async () => {
    const docs = await retriever();
    expect((await docs.search("key", untyped<object>({ filter: undefined }))).hits.length).toBeGreaterThan(0);
  });
});

describe("reranking", () => {
  const byLength: Reranker = async (_query, texts) => texts.map((text) => -text.length);
  const failing: Reranker = async () => {
    throw new AdapterError("test", "overloaded", { retryable: false });
  };

  test("orders the candidates, and its score is the hit's", async () => {
    const docs = await retriever({ reranker: byLength });
    const { hits, scoreKind, timings } = await docs.search("key");
    expect(scoreKind).toBe("rerank");
    expect(timings.rerank).toEqual(expect.any(Number));
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(hits.every(({ score, scores }) => scores.rerank === score && scores.lexical !== undefined)).toBe(true);
  });

  test("sees 50 candidates by default, and topK where that is more", async () => {
    const seen: number[] = [];
    const reranker: Reranker = async (_query, texts) => {
      seen.push(texts.length);
      return texts.map(() => 1);
    };
    const docs = createRetriever({ reranker });
    await docs.index(Array.from({ length: 80 }, (_, n) => ({ id: `d${n}`, text: `key number ${n}` })));
    await docs.search("key");
    await docs.search("key", { topK: 70 });
    await docs.search("key", { rerank: { candidates: 20 } });
    await docs.search("key", { rerank: false });
    expect(seen).toEqual([50, 70, 20]);
  });

  test("that fails leaves the order of the candidates, and says so", async () => {
    const docs = await retriever({ reranker: failing });
    const plain = await docs.search("key", { rerank: false });
    const result = await docs.search("key");
    expect(result.hits).toEqual(plain.hits);
    expect(result).toMatchObject({
      scoreKind: "bm25",
      degraded: [{ stage: "rerank", error: expect.any(AdapterError) }],
    });
  });

  test("that is late leaves the order of the candidates when the time is over", async () => {
    const docs = await retriever({ reranker: () => new Promise<never>(() => undefined) });
    const result = await docs.search("key", { timeout: 50 });
    expect(result.hits.length).toBeGreaterThan(0);
    expect(result.degraded).toMatchObject([{ stage: "rerank", error: expect.any(TimeoutError) }]);
  });

  test("throws where told to", async () => {
    const docs = await retriever({ reranker: failing });
    expect(await rejection(docs.search("key", { rerank: { onFailure: "throw" } }))).toBeInstanceOf(AdapterError);
  });

  test("aborted rejects with the caller's reason", async () => {
    const started = gate();
    const reranker: Reranker = () => {
      started.open();
      return new Promise<never>(() => undefined);
    };
    const docs = await retriever({ reranker });
    const controller = new AbortController();
    const searching = rejection(docs.search("key", { signal: controller.signal }));
    await started.opened;
    controller.abort("stop");
    expect(await searching).toBe("stop");
  });

  test("with the wrong number of scores degrades", async () => {
    const docs = await retriever({ reranker: async () => [1] });
    expect((await docs.search("key")).degraded).toHaveLength(1);
  });
});

describe("aborts and failures of a search", () => {
  test("an aborted signal rejects with its reason, before anything", async () => {
    const docs = await retriever();
    expect(await rejection(docs.search("key", { signal: AbortSignal.abort("early") }))).toBe("early");
  });

  test("a query that hangs in the embedder times out, and the embedder is told", async () => {
    let signal: AbortSignal | undefined;
    const embedder = wordEmbedder();
    const docs = await retriever({
      embedder: {
        ...embedder,
        embed: (texts: readonly string[], options: Parameters<typeof embedder.embed>[1]) => {
          if (options.role === "document") return embedder.embed(texts, options);
          signal = options.signal;
          return new Promise<never>(() => undefined);
        },
      },
    });
    expect(await rejection(docs.search("key", { timeout: 20 }))).toMatchObject({ code: "timeout", stage: "search" });
    expect(signal?.aborted).toBe(true);
  });

  test("a query that cannot be embedded rejects: BM25 alone would be another search", async () => {
    const embedder = wordEmbedder();
    const docs = await retriever({
      embedder: {
        ...embedder,
        embed: async (texts: readonly string[], options: Parameters<typeof embedder.embed>[1]) => {
          if (options.role === "document") return embedder.embed(texts, options);
          return [new Float32Array(32).fill(Number.NaN)];
        },
      },
    });
    expect(await rejection(docs.search("key"))).toBeInstanceOf(AdapterError);
  });
});

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

  test("lets go of generations that nobody searches any more", async () => {
    const held = new Set<string>();
    const inner = overlap(false);
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

  test.each([2, 3])(
    "finds what the store has after two calls wrote one document and write %i answered late",
    async (late) => {
      const answered = gate();
      const both = (text: string) => ["a", "b"].map((id) => ({ id, text }));
      const store = answering(async (write) => (write === late ? answered.opened : undefined));
      const docs = createRetriever({ store, lexical: overlap(false), chunker: paragraphs() });
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
