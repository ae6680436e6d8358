import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, type Budget } from "../../src/eval/index.ts";
import { listsOf } from "../../src/eval/tuning-lists.ts";
import { scorerOf } from "../../src/eval/tuning-scores.ts";
import { spaceOf } from "../../src/eval/tuning-space.ts";
import { convex, createRetriever, dbsf, memory, recursive, type RetrieverOptions } from "../../src/index.ts";
import { collection, lettersEmbedder, tailReranker } from "./tuning.ts";

const { documents, queries } = collection({ documents: 6, facts: 4 });
const { signal } = new AbortController();
const asked = queries
  .slice(0, 8)
  .map((query, index) => ({ ...query, ...(index === 3 && { filter: { year: { gte: 2 } } }) }));
const dated = documents.map((document, index) => ({ ...document, title: `T${index}`, metadata: { year: index % 3 } }));

describe("scores from candidate lists", () => {
  test("are what evaluate says of a retriever with these settings", async () => {
    const budgets: (Budget | undefined)[] = [
      { characters: 400 },
      { tokens: 50, tokenizer: { name: "words", count: (text) => text.split(" ").length } },
      undefined,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.constantFrom(80, 200, 600),
          overlap: fc.constantFrom(0, 0.25),
          topK: fc.constantFrom(10, 12, 40),
          candidates: fc.constantFrom(3, 10, 40),
          denseWeight: fc.constantFrom(undefined, 0, 0.3, 1),
          k1: fc.constantFrom(0.9, 1.2),
          b: fc.constantFrom(0.4, 0.75),
          rerank: fc.constantFrom(undefined, 0, 5, 20),
          budget: fc.constantFrom(...budgets),
          legs: fc.constantFrom("lexical", "dense", "both"),
        }),
        async ({ size, overlap, topK, candidates, denseWeight, k1, b, rerank, budget, legs }) => {
          const chunker = recursive({ size, overlap });
          const both = legs === "both";
          const base: RetrieverOptions = {
            ...(legs !== "lexical" && { embedder: { ...lettersEmbedder(), fusionWeight: 0.7 } }),
            ...(legs === "dense" && { lexical: false as const }),
            ...(both && denseWeight === undefined && { fusion: dbsf() }),
            ...(rerank !== undefined && { reranker: tailReranker }),
          };
          const choice = {
            chunker: "recursive",
            size,
            overlap,
            topK,
            candidates,
            ...(legs !== "dense" && { k1, b }),
            ...(both && denseWeight !== undefined && { denseWeight }),
            ...(rerank !== undefined && { rerank }),
          };
          const shared = { documents: dated, queries: asked, cache: undefined, signal };
          const lists = await listsOf({
            ...shared,
            base,
            chunker,
            weightings: legs === "dense" ? [{}] : [{ k1: 2, b: 0 }, choice],
            depth: 40,
            hash: undefined,
            onProgress: () => undefined,
          });
          const { fusion } = spaceOf({ base });
          const score = scorerOf({ ...shared, lists, budget, fusion, reranker: base.reranker });

          const retriever = createRetriever({
            ...base,
            ...(both && denseWeight !== undefined && { fusion: convex({ dense: denseWeight }) }),
            store: memory(),
            chunker,
            bm25: { k1, b },
          });
          await retriever.index(dated);
          const { perQuery } = await evaluate(
            {
              search: (query, options) =>
                retriever.search(query, {
                  ...options,
                  candidates,
                  ...(rerank !== undefined && { rerank: rerank === 0 ? false : { candidates: rerank } }),
                }),
            },
            asked,
            { topK, metrics: ["ndcg@10"], ...(budget && { budget }) },
          );
          const metric = budget === undefined ? "ndcg@10" : "spanRecall@budget";
          for (const [index, { id }] of asked.entries()) {
            expect(await score(choice, index), `${metric} of ${id}`).toBeCloseTo(perQuery[id]?.[metric] ?? NaN, 12);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
