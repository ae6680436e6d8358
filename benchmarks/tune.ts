import { pathToFileURL } from "node:url";
import { cl100k } from "../adapters/tokens.ts";
import { randomBits } from "../src/eval/random.ts";
import { evaluate, type Budget, type EvalQuery, type Evaluation } from "../src/eval/index.ts";
import {
  ConfigError,
  createRetriever,
  memory,
  recursive,
  type Embedder,
  type Searchable,
  type SearchResult,
  type SourceDocument,
} from "../src/index.ts";
import { readBeir } from "../src/node/beir.ts";
import { runCommand, type Arguments } from "./arguments.ts";
import { againstFirst, comparisonCells, comparisonHeads, signed } from "./comparison.ts";
import { endpointEmbedder, modelFlags } from "./models.ts";
import { progress } from "./progress.ts";
import { countsOf, settingLines, settingOf } from "./setting.ts";
import { table } from "./table.ts";

/** Which chunk size, overlap and topK serve a collection best, and how much of the gain is luck. */

export interface TuneOptions {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  readonly sizes: readonly number[];
  readonly overlaps: readonly number[];
  readonly topKs: readonly number[];
  readonly budget: Budget;
  readonly embedder?: Embedder | undefined;
}

export interface TuneRow {
  readonly size: number;
  readonly overlap: number;
  readonly topK: number;
  readonly chunkCount: number;
  readonly evaluation: Evaluation;
}

const standard = { size: 600, overlap: 0.25, topK: 10 };

/** Every combination, the default first: one index per size and overlap, one search per query for all topK. */
export async function measureGrid(options: TuneOptions): Promise<readonly TuneRow[]> {
  const { documents, queries, budget, embedder } = options;
  const withSpans = queries.some(({ judgments }) => judgments.some(({ span }) => span !== undefined));
  const topKs = [...new Set([standard.topK, ...options.topKs])];
  const rows: TuneRow[] = [];
  for (const size of new Set([standard.size, ...options.sizes])) {
    for (const overlap of new Set([standard.overlap, ...options.overlaps])) {
      const label = `size ${size}, overlap ${overlap}`;
      const retriever = createRetriever({
        store: memory(),
        chunker: recursive({ size, overlap }),
        ...(embedder !== undefined && { embedder }),
      });
      const indexing = progress(`index, ${label}`);
      await retriever.index(documents, { onProgress: ({ documents: done, total }) => indexing.update(done, total) });
      indexing.end();
      const { chunks: chunkCount } = await retriever.count();
      const recorded = recording(retriever, Math.max(...topKs));
      const searching = progress(`search, ${label}`);
      for (const topK of topKs) {
        const evaluation = await evaluate(recorded, queries, {
          topK,
          ...(withSpans ? { budget, metrics: [] } : { metrics: ["ndcg@10"] }),
          onProgress: (done, total) => searching.update(done, total),
        });
        rows.push({ size, overlap, topK, chunkCount, evaluation });
      }
      searching.end();
    }
  }
  return rows;
}

/** Searches once at the full depth: fewer hits of the same candidates are the first of more. */
function recording(retriever: Searchable, depth: number): Searchable {
  const known = new Map<string, Promise<SearchResult>>();
  return {
    async search(query, { signal, topK, filter } = {}) {
      const key = JSON.stringify([query, filter]);
      const asked = { topK: depth, ...(signal && { signal }), ...(filter && { filter }) };
      const answer = known.get(key) ?? retriever.search(query, asked);
      known.set(key, answer);
      const result = await answer;
      return { ...result, hits: result.hits.slice(0, topK) };
    },
  };
}

export interface Honesty {
  /** Gain of the best over the default on the queries it was chosen on. */
  readonly apparent: number;
  /** The same on the other half, which it has not seen. */
  readonly heldOut: number;
}

const SPLITS = 200;

/** The winner's curse: chooses on a random half of the queries, looks at the other half; mean of 200 halvings. */
export function honestyOf(rows: readonly TuneRow[], metric: string, seed: number): Honesty {
  const scores = rows.map(({ evaluation }) =>
    Object.values(evaluation.perQuery).flatMap((values) => values[metric] ?? []),
  );
  const next = randomBits(seed);
  const order = (scores[0] ?? []).map((_, index) => index);
  const sums = { apparent: 0, heldOut: 0 };
  for (let split = 0; split < SPLITS; split++) {
    shuffle(order, next);
    const middle = order.length >> 1;
    const [seen, unseen] = [order.slice(0, middle), order.slice(middle)];
    const means = scores.map((values) => meanOf(values, seen));
    const best = means.indexOf(Math.max(...means));
    sums.apparent += (means[best] ?? 0) - (means[0] ?? 0);
    sums.heldOut += meanOf(scores[best] ?? [], unseen) - meanOf(scores[0] ?? [], unseen);
  }
  return { apparent: sums.apparent / SPLITS, heldOut: sums.heldOut / SPLITS };
}

/** Fisher, Yates. */
function shuffle(order: number[], next: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = next() % (last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
}

function meanOf(values: readonly number[], indexes: readonly number[]): number {
  return indexes.reduce((sum, index) => sum + (values[index] ?? 0), 0) / Math.max(1, indexes.length);
}

const command = {
  name: "tune",
  about: `Chunk sizes, overlaps and topK on a collection in BEIR's layout, beside the default of ${standard.size} characters, a
quarter of overlap and ${standard.topK} hits. With true spans: the share of them inside a token budget, the only fair ground for
chunks of different sizes. Without: nDCG@10 over documents.`,
  operand: "FOLDER",
  flags: {
    split: { value: "NAME", about: "which of qrels/NAME.tsv", default: "test" },
    size: { value: "N,N,…", about: "chunk sizes in characters", default: "200,400,600,800,1200,1600" },
    overlap: { value: "N,N,…", about: "a share below 1, or characters", default: "0.25" },
    "top-k": { value: "N,N,…", about: "hits asked for; from 10 without true spans", default: "10,20,50" },
    budget: { value: "N", about: "tokens (cl100k) that the answer model is given", default: "1000" },
    characters: { value: "N", about: "the budget in characters instead" },
    queries: { value: "N", about: "a random sample of so many" },
    seed: { value: "N", about: "of sample, tests and halvings", default: "1" },
    ...modelFlags,
    json: { about: "print JSON" },
    help: { about: "print this" },
  },
} as const;

/** Below this many labelled queries no tuning was seen to beat a good default. */
const ENOUGH = 40;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const split = given.value("split") ?? "test";
  const [seed = 1] = given.numbers("seed", 0);
  const [characters] = given.numbers("characters", 1);
  const [tokens = 1000] = given.numbers("budget", 1);
  const [sample] = given.numbers("queries", 1);
  const budget: Budget = characters === undefined ? { tokens, tokenizer: await cl100k() } : { characters };
  const { documents, queries: all, missing } = await readBeir(given.operand, { split });
  const queries = sampled(all, sample, seed);
  const setting = await settingOf(given.operand, split);
  const rows = await measureGrid({
    documents,
    queries,
    budget,
    sizes: given.numbers("size", 1),
    overlaps: given.numbers("overlap", 0),
    topKs: given.numbers("top-k", 1),
    embedder: endpointEmbedder(given),
  });
  const [standing] = rows;
  if (standing === undefined) throw new ConfigError("--size: expected at least one.");
  const [metric = "ndcg@10"] = Object.keys(standing.evaluation.mean);
  const comparisons = againstFirst(
    rows.map(({ evaluation }) => evaluation),
    metric,
    seed,
  );
  const lines = rows.map(({ size, overlap, topK, chunkCount, evaluation }, index) => ({
    size,
    overlap,
    topK,
    chunkCount,
    mean: evaluation.mean,
    comparison: comparisons[index],
  }));
  const scoreOf = (line: (typeof lines)[number]): number => line.mean[metric] ?? 0;
  const best = lines.reduce((winner, line) => (scoreOf(line) > scoreOf(winner) ? line : winner));
  const honesty = honestyOf(rows, metric, seed);
  const collection = { documents: documents.length, queries: queries.length, missing: missing.length };
  if (given.on("json")) {
    const shown = characters === undefined ? { tokens, tokenizer: "cl100k" } : { characters };
    const report = {
      benchmark: "tune",
      setting,
      split,
      seed,
      collection,
      budget: shown,
      metric,
      best,
      honesty,
      rows: lines,
    };
    console.log(JSON.stringify(report, null, 2));
    return;
  }
  const context = characters === undefined ? `${tokens} tokens` : `${characters} characters`;
  console.log(`${settingLines(setting)}\n${countsOf(collection)}\n`);
  const columns = Object.keys(standing.evaluation.mean).filter(
    (name) => name.endsWith("@budget") || name === "ndcg@10",
  );
  console.log(
    table(
      ["size", "overlap", "topK", "chunks", ...columns, ...comparisonHeads],
      lines.map(({ size, overlap, topK, chunkCount, mean, comparison }) => [
        size,
        overlap,
        topK,
        chunkCount,
        ...columns.map((name) => mean[name]?.toFixed(3)),
        ...comparisonCells(comparison),
      ]),
    ),
  );
  const { size, overlap, topK } = best;
  console.log(
    `\nBest by ${metric}${metric.endsWith("@budget") ? ` (${context})` : ""}: size ${size}, overlap ${overlap}, topK ${topK}.`,
  );
  console.log(
    `Chosen on half of the queries: ${signed(honesty.apparent)} there over the default, ${signed(honesty.heldOut)} on the other half.`,
  );
  if (queries.length < ENOUGH) console.log(`${queries.length} queries are too few to choose by: keep the default.`);
}

function sampled(queries: readonly EvalQuery[], count: number | undefined, seed: number): readonly EvalQuery[] {
  if (count === undefined) return queries;
  const order = queries.map((_, index) => index);
  shuffle(order, randomBits(seed));
  const chosen = new Set(order.slice(0, count));
  return queries.filter((_, index) => chosen.has(index));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
