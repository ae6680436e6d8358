import { describe, expect, test } from "vitest";
import { AdapterError, ConfigError, FilterError, TimeoutError } from "../../src/errors.ts";
import { convex, createRetriever, memory } from "../../src/index.ts";
import type { SearchOptions } from "../../src/retriever-types.ts";
import type { Reranker, Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { retriever } from "./key-documents.ts";
import { gate, wordEmbedder } from "./parts.ts";

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
