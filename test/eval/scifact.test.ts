import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { storedEmbedder, wholeDocument } from "../../benchmarks/models.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { createRetriever, memory, type Searchable } from "../../src/index.ts";
import { readBeir } from "../../src/node/beir.ts";

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const folder = join(data, "scifact");

describe("SciFact, whole documents", () => {
  test("BM25, MiniLM and both together rank as published", { timeout: 120_000 }, async () => {
    if (!existsSync(folder)) return console.log(`skipped: no ${folder}`);
    const { documents, queries } = await readBeir(folder);
    const embedder = await storedEmbedder(folder, documents, queries);
    if (embedder === undefined) return console.log(`skipped: no vectors in ${folder}`);
    const retriever = createRetriever({ store: memory(), chunker: wholeDocument, embedder });
    await retriever.index(documents);
    const meansOf = async (mode: "lexical" | "dense" | "hybrid"): Promise<Readonly<Record<string, number>>> => {
      const searchable: Searchable = { search: (query, options) => retriever.search(query, { ...options, mode }) };
      return (await evaluate(searchable, queries, { metrics: ["ndcg@10", "recall@100"] })).mean;
    };
    const [lexical, dense, hybrid] = [await meansOf("lexical"), await meansOf("dense"), await meansOf("hybrid")];
    expect(lexical["ndcg@10"]).toBeGreaterThan(0.68);
    expect(lexical["recall@100"]).toBeGreaterThan(0.92);
    // An exact ranking of these vectors gives .648 and .925.
    expect(dense["ndcg@10"]).toBeCloseTo(0.648, 2);
    expect(dense["recall@100"]).toBeCloseTo(0.925, 2);
    expect(hybrid["ndcg@10"]).toBeGreaterThan(0.72);
    expect(hybrid["recall@100"]).toBeGreaterThan(0.95);
  });
});
