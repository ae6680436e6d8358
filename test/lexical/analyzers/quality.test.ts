import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { arabic } from "../../../adapters/analyzers/ar.ts";
import { russian } from "../../../adapters/analyzers/ru.ts";
import { measure, type Run } from "../../../src/eval/measure.ts";
import { codeTerms } from "../../../src/lexical/analyzers/code-terms.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { lucene } from "../../../src/lexical/analyzers/lucene.ts";
import { unicode } from "../../../src/lexical/analyzers/unicode.ts";
import { bm25, type Bm25Options } from "../../../src/lexical/bm25.ts";
import { readBeir } from "../../../src/node/beir.ts";

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** Whole documents, title and text; undefined where the collection is not at hand. */
async function quality(name: string, options: Bm25Options): Promise<Readonly<Record<string, number>> | undefined> {
  const folder = join(data, name);
  if (!existsSync(folder)) {
    console.log(`skipped: no ${folder}`);
    return undefined;
  }
  const { documents, queries } = await readBeir(folder);
  const index = bm25(options);
  for (const { id, title, text } of documents) index.add(id, title === undefined ? text : `${title} ${text}`);
  const run: Record<string, Record<string, number>> = {};
  const qrels: Record<string, Record<string, number>> = {};
  for (const { id, text, judgments } of queries) {
    run[id] = Object.fromEntries(index.search(text, { topK: 100 }).map((hit) => [hit.id, hit.score]));
    qrels[id] = Object.fromEntries(judgments.map(({ documentId, grade = 1 }) => [documentId, grade]));
  }
  return measure(run satisfies Run, qrels, ["ndcg@10", "recall@100"]).mean;
}

describe("quality of BM25", () => {
  test("lucene() gives Anserini's published figures on SciFact, to four decimals", async () => {
    const mean = await quality("scifact", { analyzer: lucene(), k1: 0.9, b: 0.4, lossyLengths: true });
    if (mean === undefined) return;
    expect(mean["ndcg@10"]?.toFixed(4)).toBe("0.6789");
    expect(mean["recall@100"]?.toFixed(4)).toBe("0.9253");
  });

  test.each([
    { collection: "scifact", analyzer: english(), least: 0.688 },
    { collection: "scifact", analyzer: codeTerms(), least: 0.688 },
    { collection: "xquad-en", analyzer: english(), least: 0.96 },
    { collection: "xquad-en", analyzer: unicode(), least: 0.955 },
    { collection: "xquad-zh", analyzer: english(), least: 0.96 },
    { collection: "xquad-th", analyzer: unicode(), least: 0.96 },
    { collection: "xquad-ru", analyzer: unicode(), least: 0.87 },
    { collection: "xquad-ru", analyzer: russian(), least: 0.95 },
    { collection: "xquad-ar", analyzer: unicode(), least: 0.88 },
    { collection: "xquad-ar", analyzer: arabic(), least: 0.94 },
  ])("$analyzer.fingerprint finds at least $least on $collection", async ({ collection, analyzer, least }) => {
    const mean = await quality(collection, { analyzer });
    if (mean === undefined) return;
    expect(mean["ndcg@10"]).toBeGreaterThanOrEqual(least);
  });
});
