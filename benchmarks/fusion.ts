import { pathToFileURL } from "node:url";
import { measure, type EvalQuery, type Evaluation } from "../src/eval/index.ts";
import { bestGrades } from "../src/eval/judgments.ts";
import {
  ConfigError,
  convex,
  createRetriever,
  dbsf,
  memory,
  recursive,
  rrf,
  type Candidate,
  type Fusion,
  type RetrieverOptions,
  type SourceDocument,
} from "../src/index.ts";
import { outputFlags, runCommand, type Arguments } from "./arguments.ts";
import { aboutLines, checkTitles, collectionFlags, collectionOf } from "./collection.ts";
import { againstFirst, comparisonCells, comparisonHeads } from "./comparison.ts";
import { endpointEmbedder, modelFlags, storedEmbedder, wholeDocument } from "./models.ts";
import { progress } from "./progress.ts";
import { table } from "./table.ts";
import { halvingCost } from "./trials.ts";

/** How to mix the legs: every fusion on the same candidate lists. */

interface Legs {
  readonly dense: readonly Candidate[];
  readonly lexical: readonly Candidate[];
}

/** The candidate lists of every query, ids being documents: a document is as good as its best chunk. */
export async function legsOf(
  options: RetrieverOptions,
  documents: readonly SourceDocument[],
  queries: readonly EvalQuery[],
): Promise<readonly Legs[]> {
  const retriever = createRetriever(options);
  const indexing = progress("index");
  await retriever.index(documents, { onProgress: ({ documents: done, total }) => indexing.update(done, total) });
  indexing.end();
  const documentOf = new Map<string, string>();
  for (const { id } of documents) for (const chunk of await retriever.get([id])) documentOf.set(chunk.id, id);
  const collapsed = (leg: readonly Candidate[]): readonly Candidate[] => {
    const best = new Map<string, number>();
    for (const { id, score } of leg) {
      const document = documentOf.get(id) ?? id;
      if (!best.has(document)) best.set(document, score);
    }
    return Array.from(best, ([id, score]) => ({ id, score }));
  };
  const searching = progress("search");
  const legs: Legs[] = [];
  for (const { text } of queries) {
    const { trace } = await retriever.search(text, { topK: 1, candidates: DEEPEST, trace: true });
    if (trace?.dense === undefined || trace.lexical === undefined) {
      throw new ConfigError("two legs are needed: a collection of 50 documents and more, or an embedder");
    }
    legs.push({ dense: collapsed(trace.dense), lexical: collapsed(trace.lexical) });
    searching.update(legs.length, queries.length);
  }
  searching.end();
  return legs;
}

const DEPTHS = [30, 100, 300];
const DEEPEST = 300;
const weights = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);

interface Way {
  readonly name: string;
  readonly fusion: Fusion;
  readonly depth: number;
}

/** 60 of them, the middle depth being the default. */
const ways: readonly Way[] = [
  ...DEPTHS.flatMap((depth) => weights.map((dense) => ({ name: `convex ${dense}`, fusion: convex({ dense }), depth }))),
  { name: "rrf 60", fusion: rrf(), depth: 100 },
  { name: "rrf 10", fusion: rrf({ k: 10 }), depth: 100 },
  { name: "dbsf", fusion: dbsf({ dense: 0.5 }), depth: 100 },
];

type Scores = Pick<Evaluation, "mean" | "perQuery">;

/** By nDCG@10 from the first ten, and by recall@100 too from a hundred. */
export function scoresOf(
  legs: readonly Legs[],
  queries: readonly EvalQuery[],
  mix: (legs: Legs) => readonly Candidate[],
  depth: 10 | 100,
): Scores {
  const run = Object.fromEntries(
    queries.map(({ id }, index) => {
      const fused = mix(legs[index] ?? { dense: [], lexical: [] });
      return [id, Object.fromEntries(firstOf(fused, depth).map((hit) => [hit.id, hit.score]))];
    }),
  );
  const qrels = Object.fromEntries(queries.map(({ id, judgments }) => [id, bestGrades(judgments)]));
  return measure(run, qrels, depth === 10 ? ["ndcg@10"] : ["ndcg@10", "recall@100"]);
}

/** So many, and what ties with the last of them: it may stand before it in trec_eval's order. */
function firstOf(fused: readonly Candidate[], depth: number): readonly Candidate[] {
  const scoreAt = (index: number): number => Math.fround(fused[index]?.score ?? Number.NaN);
  let end = depth;
  while (scoreAt(end) === scoreAt(end - 1)) end++;
  return fused.slice(0, end);
}

export function mixOf({ fusion, depth }: Pick<Way, "fusion" | "depth">): (legs: Legs) => readonly Candidate[] {
  return ({ dense, lexical }) =>
    fusion({ dense: dense.slice(0, depth), lexical: lexical.slice(0, depth) }, { dense: 0.5 });
}

const command = {
  name: "fusion",
  about: `Fusion kinds and weights on a collection in BEIR's layout, by nDCG@10 over documents: with vectors that lie beside the
collection, with an embedder, or with the leg that needs no model.`,
  operand: "FOLDER",
  flags: {
    ...collectionFlags("tests and splits"),
    latent: { about: "with the leg that needs no model, even where there are vectors" },
    ...modelFlags,
    ...outputFlags,
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const { documents, queries, seed, about } = await collectionOf(given);
  const asked = endpointEmbedder(given);
  const stored =
    given.on("latent") || asked !== undefined ? undefined : await storedEmbedder(given.operand, documents, queries);
  const embedder = asked ?? stored;
  if (stored === undefined) await checkTitles(documents, given.operand);
  const legs = await legsOf(
    {
      chunker: stored === undefined ? recursive() : wholeDocument,
      store: memory({ latent: embedder === undefined }),
      ...(embedder !== undefined && { embedder }),
    },
    documents,
    queries,
  );
  const cpu = process.cpuUsage();
  const scored = ways.map((way) => scoresOf(legs, queries, mixOf(way), 10));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  const perQuery = scored.map((scores) => queries.map(({ id }) => scores.perQuery[id]?.["ndcg@10"] ?? 0));
  const cost = await halvingCost(perQuery, { draws: 60, seed });

  const shown = ways
    .filter(({ depth }) => depth === 100)
    .map((way) => ({ name: way.name, scores: scoresOf(legs, queries, mixOf(way), 100) }));
  const rows = [
    { name: "BM25", scores: scoresOf(legs, queries, ({ lexical }) => lexical, 100) },
    { name: "dense", scores: scoresOf(legs, queries, ({ dense }) => dense, 100) },
    ...shown,
  ];
  const comparisons = againstFirst(
    rows.map(({ scores }) => scores),
    "ndcg@10",
    seed,
  );
  const rescored = { settings: ways.length, queries: queries.length, documents: documents.length, seconds };
  if (given.on("json")) {
    const lines = rows.map(({ name, scores }, index) => ({ name, mean: scores.mean, comparison: comparisons[index] }));
    console.log(JSON.stringify({ benchmark: "fusion", ...about, rescored, halving: cost, rows: lines }, null, 2));
    return;
  }
  console.log(`${aboutLines(about)}; dense leg: ${embedder?.fingerprint.model ?? "latent"}\n`);
  console.log(
    table(
      ["fusion", "nDCG@10", "recall@100", ...comparisonHeads],
      rows.map(({ name, scores }, index) => [
        name,
        scores.mean["ndcg@10"]?.toFixed(4),
        scores.mean["recall@100"]?.toFixed(4),
        ...comparisonCells(comparisons[index]),
      ]),
    ),
  );
  console.log(
    `\n${ways.length} settings × ${queries.length} queries re-scored from candidate lists in ${seconds.toFixed(2)} s of CPU.`,
  );
  console.log(
    `Chosen on half of the queries, 60 times: regret on the other half ${cost.halving.toFixed(4)} by halving, ${cost.grid.toFixed(4)} by the whole grid, at ${(cost.cost * 100).toFixed(1)} % of its readings.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
