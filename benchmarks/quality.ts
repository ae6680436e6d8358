import { pathToFileURL } from "node:url";
import { evaluate, type EvalQuery, type Evaluation } from "../src/eval/index.ts";
import {
  createRetriever,
  memory,
  recursive,
  type Analyzer,
  type Chunker,
  type Embedder,
  type Searchable,
  type SourceDocument,
} from "../src/index.ts";
import { analyzerFlag, analyzerNamed } from "./analyzers.ts";
import { outputFlags, runCommand, type Arguments } from "./arguments.ts";
import { aboutLines, checkTitles, collectionFlags, collectionOf } from "./collection.ts";
import { againstFirst, comparisonCells, comparisonHeads } from "./comparison.ts";
import { endpointEmbedder, modelFlags, storedEmbedder, wholeDocument } from "./models.ts";
import { progress } from "./progress.ts";
import { table } from "./table.ts";

/** How well BM25, dense and hybrid search, with an embedder or with the latent leg, find the judged documents of a collection. */

export interface QualityRow {
  readonly chunks: "whole document" | "default chunker";
  readonly search: "BM25" | "dense" | "hybrid" | "dense, latent" | "hybrid, latent";
  readonly chunkCount: number;
  readonly evaluation: Evaluation;
}

export interface QualityOptions {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  /** Default `english()`. */
  readonly analyzer?: Analyzer;
  /** For whole documents alone. */
  readonly stored?: Embedder | undefined;
  /** For chunks too; wins over `stored`. */
  readonly embedder?: Embedder | undefined;
}

const lexicalMode = [["BM25", "lexical"]] as const;
const embedderModes = [
  ["dense", "dense"],
  ["hybrid", "hybrid"],
] as const;
const latentModes = [
  ["dense, latent", "dense"],
  ["hybrid, latent", "hybrid"],
] as const;

interface Setup {
  readonly chunks: QualityRow["chunks"];
  readonly chunker: Chunker;
  readonly embedder: Embedder | undefined;
  readonly topK: number;
}

/** nDCG@10 and recall@100 over documents, a document being as good as its best chunk. */
export async function measureQuality({
  documents,
  queries,
  analyzer,
  stored,
  embedder,
}: QualityOptions): Promise<readonly QualityRow[]> {
  const whole = { chunks: "whole document", chunker: wholeDocument, embedder: embedder ?? stored, topK: 100 } as const;
  // Deep enough for 100 documents, several chunks of one being among the best.
  const cut = { chunks: "default chunker", chunker: recursive(), embedder, topK: 500 } as const;
  return [...(await rowsOf(whole)), ...(await rowsOf(cut))];

  async function rowsOf(setup: Setup): Promise<readonly QualityRow[]> {
    const latent = { ...setup, embedder: undefined };
    const first = await searched(
      setup,
      setup.embedder === undefined ? lexicalMode : [...lexicalMode, ...embedderModes],
    );
    // With too few documents the leg is off, and a hybrid search would be BM25 once more.
    return documents.length < 50 ? first : [...first, ...(await searched(latent, latentModes))];
  }

  async function searched(
    { chunks, chunker, topK, embedder: wanted }: Setup,
    modes: readonly (readonly [QualityRow["search"], "lexical" | "dense" | "hybrid"])[],
  ): Promise<readonly QualityRow[]> {
    const latent = modes === latentModes;
    const parts = { ...(wanted && { embedder: wanted }), ...(analyzer && { analyzer }) };
    const retriever = createRetriever({ store: memory({ latent }), chunker, ...parts });
    const indexing = progress(`index, ${chunks}`);
    await retriever.index(documents, { onProgress: ({ documents: done, total }) => indexing.update(done, total) });
    indexing.end();
    const { chunks: chunkCount } = await retriever.count();
    const rows: QualityRow[] = [];
    for (const [search, mode] of modes) {
      const searching = progress(`search, ${chunks}, ${search}`);
      const searchable: Searchable = { search: (query, options) => retriever.search(query, { ...options, mode }) };
      const evaluation = await evaluate(searchable, queries, {
        topK,
        metrics: ["ndcg@10", "recall@100"],
        onProgress: (done, total) => searching.update(done, total),
      });
      searching.end();
      rows.push({ chunks, search, chunkCount, evaluation });
    }
    return rows;
  }
}

const command = {
  name: "quality",
  about: "nDCG@10 and recall@100 of BM25, dense, latent and hybrid search on a collection in BEIR's layout.",
  operand: "FOLDER",
  flags: {
    ...collectionFlags("the randomisation test"),
    analyzer: analyzerFlag,
    ...modelFlags,
    ...outputFlags,
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const { documents, queries, seed, about } = await collectionOf(given);
  await checkTitles(documents, given.operand);
  const analyzer = await analyzerNamed(given.value("analyzer") ?? "english");
  const rows = await measureQuality({
    documents,
    queries,
    analyzer,
    stored: await storedEmbedder(given.operand, documents, queries),
    embedder: endpointEmbedder(given),
  });
  const evaluations = rows.map(({ evaluation }) => evaluation);
  const comparisons = againstFirst(evaluations, "ndcg@10", seed);
  const lines = rows.map(({ chunks, search, chunkCount, evaluation }, index) => ({
    chunks,
    search,
    chunkCount,
    mean: evaluation.mean,
    milliseconds: evaluation.latency.p50,
    comparison: comparisons[index],
  }));
  if (given.on("json")) {
    console.log(
      JSON.stringify({ benchmark: "quality", ...about, analyzer: analyzer.fingerprint, rows: lines }, null, 2),
    );
    return;
  }
  console.log(`${aboutLines(about)}; analyzer ${analyzer.fingerprint}\n`);
  console.log(
    table(
      ["chunks", "search", "count", "nDCG@10", "recall@100", "ms p50", ...comparisonHeads],
      lines.map(({ chunks, search, chunkCount, mean, milliseconds, comparison }) => [
        chunks,
        search,
        chunkCount,
        mean["ndcg@10"]?.toFixed(3),
        mean["recall@100"]?.toFixed(3),
        milliseconds.toFixed(2),
        ...comparisonCells(comparison),
      ]),
    ),
  );
  console.log(`\nnDCG@10 compared; ${queries.length} queries, seed ${seed}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
