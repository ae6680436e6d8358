import { describe, expect, test } from "vitest";
import { ConfigError, TimeoutError } from "../../src/errors.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { EvalQuery } from "../../src/eval/judgments.ts";
import type { Hit, Searchable, SearchOptions } from "../../src/retriever-types.ts";
import type { Span } from "../../src/types.ts";
import { untyped } from "../untyped.ts";

const text = "The quick brown fox jumps over the lazy dog.";

/** A hit on characters `start` to `end` of a document; every document has the same text. */
function hit(documentId: string, score: number, start = 0, end: number = text.length, parent?: Span): Hit {
  const span = { start, end };
  const chunk = {
    id: `${documentId}#${start}`,
    documentId,
    span,
    line: 1,
    text: text.slice(start, end),
    headings: [],
    metadata: {},
    ...(parent === undefined ? {} : { parent: { ...parent, text: text.slice(parent.start, parent.end) } }),
  };
  return { chunk, score, scores: {}, citation: { documentId, span, headings: [], line: 1 } };
}

function searchable(
  answers: Readonly<Record<string, readonly Hit[]>>,
): Searchable & { readonly asked: SearchOptions[] } {
  const asked: SearchOptions[] = [];
  return {
    asked,
    search: async (query, options = {}) => {
      asked.push(options);
      return { hits: answers[query] ?? [], scoreKind: "bm25", timings: { total: 1, search: 1 }, degraded: [] };
    },
  };
}
const query = (id: string, judgments: EvalQuery["judgments"]): EvalQuery => ({ id, text: id, judgments });

describe("evaluate over documents", () => {
  test("ranks documents by their best chunk", async () => {
    const retriever = searchable({ q: [hit("a", 3), hit("b", 2), hit("a", 1.5, 5), hit("0", 1)] });
    const { mean, perQuery } = await evaluate(retriever, [query("q", [{ documentId: "b" }])], {
      metrics: ["mrr", "recall@2", "precision@1"],
    });
    expect(mean).toEqual({ mrr: 0.5, "recall@2": 1, "precision@1": 0 });
    expect(perQuery).toEqual({ q: mean });
  });

  test("breaks ties as trec_eval does: by descending document id, whatever the order of the hits", async () => {
    const retriever = searchable({ q: [hit("a", 1), hit("b", 1)] });
    const { mean } = await evaluate(retriever, [query("q", [{ documentId: "a" }])], { metrics: ["mrr"] });
    expect(mean["mrr"]).toBe(0.5);
  });

  test("takes the best grade of a document's judgments", async () => {
    const judgments = [
      { documentId: "a", grade: 1, span: { start: 0, end: 3 } },
      { documentId: "a", grade: 3, span: { start: 4, end: 9 } },
      { documentId: "b", grade: 0 },
    ];
    const { mean } = await evaluate(searchable({ q: [hit("b", 2), hit("a", 1)] }), [query("q", judgments)], {
      metrics: ["ndcg@10", "recall@1"],
    });
    expect(mean["ndcg@10"]).toBeCloseTo(1 / Math.log2(3), 12);
    expect(mean["recall@1"]).toBe(0);
  });

  test("counts a query without hits as 0, and leaves one without judgments out by name", async () => {
    const retriever = searchable({ q1: [hit("a", 1)] });
    const queries = [query("q1", [{ documentId: "a" }]), query("q2", [{ documentId: "a" }]), query("q3", [])];
    const { mean, perQuery, unjudged } = await evaluate(retriever, queries, { metrics: ["hit@10"] });
    expect(mean).toEqual({ "hit@10": 0.5 });
    expect(Object.keys(perQuery)).toEqual(["q1", "q2"]);
    expect(unjudged).toEqual(["q3"]);
    expect(retriever.asked).toHaveLength(2);
  });

  test("keeps hostile ids apart from what objects inherit", async () => {
    const queries = [
      query("__proto__", [{ documentId: "__proto__" }]),
      query("constructor", [{ documentId: "toString" }]),
    ];
    const retriever = searchable(
      Object.fromEntries([
        ["__proto__", [hit("__proto__", 1)]],
        ["constructor", []],
      ]),
    );
    const { perQuery, mean } = await evaluate(retriever, queries, { metrics: ["hit@1"] });
    expect(Object.entries(perQuery)).toEqual([
      ["__proto__", { "hit@1": 1 }],
      ["constructor", { "hit@1": 0 }],
    ]);
    expect(mean).toEqual({ "hit@1": 0.5 });
  });
});

describe("evaluate over spans", () => {
  test("puts the span metrics first, inside the budget and over the hits", async () => {
    const retriever = searchable({ q: [hit("a", 2, 0, 10), hit("a", 1, 5, 20)] });
    const queries = [query("q", [{ documentId: "a", span: { start: 8, end: 18 } }]), query("r", [{ documentId: "a" }])];
    const { mean, perQuery } = await evaluate(retriever, queries, { budget: { characters: 12 }, topK: 2 });
    expect(perQuery["q"]).toEqual({
      "spanRecall@budget": 0.2,
      "spanPrecision@budget": 0.2,
      "spanIou@budget": 2 / 18,
      "spanFull@budget": 0,
      "spanRecall@2": 1,
      "spanPrecision@2": 0.5,
      "spanIou@2": 0.5,
      "spanFull@2": 1,
      "ndcg@2": 1,
      "recall@2": 1,
      "mrr@2": 1,
      "hit@2": 1,
    });
    // The second query has no true span: it counts for documents alone.
    expect(perQuery["r"]).toEqual({ "ndcg@2": 0, "recall@2": 0, "mrr@2": 0, "hit@2": 0 });
    expect(Object.keys(mean)[0]).toBe("spanRecall@budget");
    expect(mean).toMatchObject({ "spanRecall@budget": 0.2, "spanFull@2": 1, "hit@2": 0.5 });
  });

  test("measures the parent where a chunk stands in one: that is what the answer model gets", async () => {
    const retriever = searchable({ q: [hit("a", 1, 0, 5, { start: 0, end: 20 })] });
    const queries = [query("q", [{ documentId: "a", span: { start: 10, end: 20 } }])];
    expect((await evaluate(retriever, queries)).mean["spanRecall@10"]).toBe(1);
  });

  test("takes spans of grade 0 for what they are", async () => {
    const queries = [query("q", [{ documentId: "a", span: { start: 0, end: 9 }, grade: 0 }])];
    const { perQuery } = await evaluate(searchable({}), queries, { metrics: ["map"] });
    expect(perQuery).toEqual({ q: { map: 0 } });
  });
});

describe("evaluate asks and reports", () => {
  const judged = [query("q", [{ documentId: "a" }])];

  test("asks for as many hits as the deepest metric looks at, 10 by default, and passes the filter on", async () => {
    const retriever = searchable({});
    await evaluate(retriever, judged);
    await evaluate(retriever, judged, { metrics: ["recall@100", "ndcg@10"] });
    await evaluate(retriever, [{ ...query("q", [{ documentId: "a" }]), filter: { year: 2026 } }], { topK: 7 });
    expect(retriever.asked.map(({ topK }) => topK)).toEqual([10, 100, 7]);
    expect(retriever.asked.map(({ filter }) => filter)).toEqual([undefined, undefined, { year: 2026 }]);
  });

  test("looks at no more than topK hits", async () => {
    const retriever = searchable({ q: [hit("b", 3), hit("c", 2), hit("a", 1)] });
    const queries = [query("q", [{ documentId: "a", span: { start: 0, end: 9 } }])];
    const { mean } = await evaluate(retriever, queries, { topK: 2 });
    expect(mean).toMatchObject({ "hit@2": 0, "spanRecall@2": 0 });
  });

  test("names the answers that were degraded, and the time they took", async () => {
    const retriever: Searchable = {
      search: async () => ({
        hits: [],
        scoreKind: "bm25",
        timings: { total: 1, search: 1 },
        degraded: [{ stage: "rerank", reason: "timeout" }],
      }),
    };
    const { degraded, latency } = await evaluate(retriever, judged);
    expect(degraded).toEqual([{ queryId: "q", stage: "rerank", reason: "timeout" }]);
    for (const milliseconds of Object.values(latency)) expect(milliseconds).toBeGreaterThanOrEqual(0);
    expect(latency.p99).toBeGreaterThanOrEqual(latency.p50);
  });

  test("reports progress query by query", async () => {
    const seen: string[] = [];
    const queries = ["q1", "q2"].map((id) => query(id, [{ documentId: "a" }]));
    await evaluate(searchable({}), queries, { onProgress: (done, total) => seen.push(`${done}/${total}`) });
    expect(seen).toEqual(["1/2", "2/2"]);
  });

  test("adds up what a query costs, by prices given", async () => {
    const retriever = searchable({ q: [hit("a", 2, 0, 10), hit("a", 1, 5, 20)] });
    const tokenizer = { name: "letters", count: (counted: string) => counted.length };
    const prices = { tokenizer, queryTokens: 1e6, contextTokens: 2e6, search: 0.5 };
    const queries = [query("q", [{ documentId: "a" }])];
    const { cost } = await evaluate(retriever, queries, { prices, budget: { characters: 20 } });
    // Characters 0 to 20 once: overlap is not paid twice.
    expect(cost).toEqual({ queryTokens: 1, contextTokens: 20, perQuery: 1 + 40 + 0.5 });
    const all = await evaluate(retriever, queries, { prices: { tokenizer, contextTokens: 1e6 } });
    expect(all.cost).toEqual({ queryTokens: 1, contextTokens: 25, perQuery: 25 });
    expect((await evaluate(retriever, queries)).cost).toBeUndefined();
  });

  test("rejects with the caller's reason, and stops searching", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    let searches = 0;
    const retriever: Searchable = {
      search: async (_text, options) => {
        searches++;
        controller.abort(reason);
        expect(options?.signal?.aborted).toBe(true);
        return { hits: [], scoreKind: "bm25", timings: { total: 1, search: 1 }, degraded: [] };
      },
    };
    const queries = ["q1", "q2"].map((id) => query(id, [{ documentId: "a" }]));
    await expect(evaluate(retriever, queries, { signal: controller.signal })).rejects.toBe(reason);
    expect(searches).toBe(1);
  });

  test("gives up after the timeout, and passes a failing search on", async () => {
    const hangs: Searchable = { search: () => new Promise(() => undefined) };
    await expect(evaluate(hangs, judged, { timeout: 10 })).rejects.toThrow(TimeoutError);
    const failure = new Error("no");
    await expect(evaluate({ search: () => Promise.reject(failure) }, judged)).rejects.toBe(failure);
  });

  test.each([
    [[], {}, "queries: expected at least one with a judgment"],
    [[query("q", [])], {}, "queries: expected at least one with a judgment"],
    [[...judged, ...judged], {}, 'queries: expected every id to be a string of its own, received "q" twice'],
    [[query(untyped(7), [])], {}, "received 7"],
    [[query("q", [{ documentId: untyped(undefined) }])], {}, "expected documentId to be a string, received undefined"],
    [[query("q", [{ documentId: "a", grade: 0.5 }])], {}, "expected grade to be a whole number, received 0.5"],
    [
      [query("q", [{ documentId: "a", span: { start: 5, end: 5 } }])],
      {},
      "span to be 0 ≤ start < end, received 5 to 5",
    ],
    ["queries.json", {}, 'queries: expected an array, received "queries.json"'],
    [["what is a key?"], {}, 'queries: expected { id, text, judgments }, received "what is a key?"'],
    [[{ id: "q", text: "key", relevant: ["a"] }], {}, 'expected judgments of "q" to be an array, received undefined'],
    [judged, { topK: 0 }, "topK: expected a whole number of at least 1, received 0"],
    [judged, { topK: 5, metrics: ["recall@100"] }, "topK: expected at least 100 for recall@100, received 5"],
    [judged, { metrics: ["f1@10"] }, "metrics: expected one of"],
    [judged, { budget: { characters: -1 } }, "budget: expected"],
    [judged, { timeout: -1 }, "timeout: expected"],
    [judged, { prices: { contextTokens: 1 } }, "prices.tokenizer: expected a Tokenizer"],
    [judged, { prices: { tokenizer: { count: () => 1 }, search: -1 } }, "prices.search: expected a price"],
    [judged, { topk: 5 }, 'evaluate: unknown option "topk"'],
  ])("refuses what cannot be measured before any search (%#)", async (queries, options, message) => {
    const retriever = searchable({});
    const attempt = evaluate(retriever, untyped(queries), untyped(options));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(evaluate(retriever, untyped(queries), untyped(options))).rejects.toThrow(message);
    expect(retriever.asked).toEqual([]);
  });
});
