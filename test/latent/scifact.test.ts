import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { wholeDocument } from "../../benchmarks/models.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { createRetriever, memory, type Searchable } from "../../src/index.ts";
import { readBeir } from "../../src/node/beir.ts";

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const folder = join(data, "scifact");

describe("SciFact, whole documents, without a model", () => {
  test("the latent leg lifts hybrid search above BM25", { timeout: 120_000 }, async () => {
    if (!existsSync(folder)) return console.log(`skipped: no ${folder}`);
    const { documents, queries } = await readBeir(folder);
    const retriever = createRetriever({ store: memory({ latent: true }), chunker: wholeDocument });
    await retriever.index(documents);
    const meansOf = async (mode: "lexical" | "dense" | "hybrid"): Promise<Readonly<Record<string, number>>> => {
      const searchable: Searchable = { search: (query, options) => retriever.search(query, { ...options, mode }) };
      return (await evaluate(searchable, queries, { metrics: ["ndcg@10", "recall@100"] })).mean;
    };
    const [lexical, dense, hybrid] = [await meansOf("lexical"), await meansOf("dense"), await meansOf("hybrid")];
    expect(lexical["ndcg@10"]).toBeLessThan(0.695);
    expect(dense["ndcg@10"]).toBeGreaterThan(0.54);
    expect(hybrid["ndcg@10"]).toBeGreaterThan(0.7);
    expect(hybrid["recall@100"]).toBeGreaterThan(lexical["recall@100"] ?? 1);
  });
});
