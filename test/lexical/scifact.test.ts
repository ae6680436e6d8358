import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { measure } from "../../src/eval/measure.ts";
import { lucene } from "../../src/lexical/analyzers/lucene.ts";
import { bm25 } from "../../src/lexical/bm25.ts";
import { readBeir } from "../../src/node/beir.ts";

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const folder = join(data, "scifact");

test("Anserini's figures for SciFact, to four decimals", { timeout: 120_000 }, async () => {
  if (!existsSync(folder)) return console.log(`skipped: no ${folder}`);
  const { documents, queries } = await readBeir(folder);
  const index = bm25({ analyzer: lucene(), k1: 0.9, b: 0.4, lossyLengths: true });
  for (const { id, title = "", text } of documents) index.add(id, `${title} ${text}`);
  const qrels = queries.map(({ id, judgments }) => {
    return [id, Object.fromEntries(judgments.map(({ documentId, grade = 1 }) => [documentId, grade]))] as const;
  });
  const run = queries.map(({ id, text }) => {
    return [id, Object.fromEntries(index.search(text, { topK: 100 }).map((hit) => [hit.id, hit.score]))] as const;
  });
  const { mean } = measure(Object.fromEntries(run), Object.fromEntries(qrels), ["ndcg@10", "recall@100"]);
  expect(mean["ndcg@10"].toFixed(4)).toBe("0.6789");
  expect(mean["recall@100"].toFixed(4)).toBe("0.9253");
});
