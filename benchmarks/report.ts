import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cl100k } from "../adapters/tokens.ts";
import { compare, evaluate, spanScores, tune, withinBudget } from "../src/eval/index.ts";
import type { Budget, DocumentSpan, EvalQuery, Evaluation, MissCause, Passage } from "../src/eval/index.ts";
import { trueSpans } from "../src/eval/judgments.ts";
import { ConfigError, createRetriever, memory, recursive } from "../src/index.ts";
import type { RetrieverOptions, RootRetriever, SourceDocument } from "../src/index.ts";
import { analyzerAsked, analyzerFlag } from "./analyzers.ts";
import { runCommand, type Arguments } from "./arguments.ts";
import { meanOf, medianOf } from "./averages.ts";
import { checkTitles, collectionFlags, collectionOf } from "./collection.ts";
import { endpointEmbedder, modelFlags } from "./models.ts";
import { pastedBase } from "./pasted.ts";
import { progress } from "./progress.ts";
import type { Cell, Difference, Figures } from "./report/figures.ts";
import { pageOf } from "./report/page.ts";

/** One page that shows what chunk size, topK and the context budget do on a collection. */

interface ReportOptions {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  readonly sizes: readonly number[];
  readonly topKs: readonly number[];
  readonly budgets: readonly number[];
  readonly budget: number;
  readonly budgetOf: (limit: number) => Budget;
  readonly base: Pick<RetrieverOptions, "embedder" | "analyzer">;
  readonly seed: number;
}

type Measured = Pick<Figures, "score" | "curves" | "cells" | "misses" | "difference" | "tuning">;

const standardSize = 600;
/** Hits asked for, so that the larger budgets are filled. */
const mostHits = 200;
/** Searches that are timed for one point. */
const timedQueries = 100;

export async function measureFigures(options: ReportOptions): Promise<Measured> {
  const { documents, queries, topKs, budget, budgetOf, base, seed } = options;
  const sizes = [...new Set([standardSize, ...options.sizes])].toSorted((a, b) => a - b);
  const budgets = [...new Set([budget, ...options.budgets])].toSorted((a, b) => a - b);
  const score = queries.some(({ judgments }) => judgments.some(({ span }) => span !== undefined))
    ? "true spans found"
    : "relevant documents found";
  const scoreOf = score === "true spans found" ? spansFound : documentsFound;
  const counted = queries.filter((query) => scoreOf([], query) !== undefined);
  if (sizes.length < 2) throw new ConfigError(`--size: expected one besides ${standardSize}.`);
  if (counted.length < 2) throw new ConfigError(`FOLDER: expected two judged queries, received ${counted.length}.`);

  const curves: Figures["curves"][number][] = [];
  const cells: Cell[] = [];
  const misses: Figures["misses"][number][] = [];
  const evaluations = new Map<number, Evaluation>();
  for (const size of sizes) {
    const retriever = createRetriever({
      store: memory(),
      chunker: recursive({ size }),
      ...base,
    });
    const indexing = progress(`index, size ${size}`);
    const { failed } = await retriever.index(documents, {
      onFailure: "collect",
      onProgress: ({ documents: done, total }) => indexing.update(done, total),
    });
    indexing.end();
    const [first] = failed;
    if (first !== undefined) {
      // A title longer than a chunk, as a rule: scores over fewer documents would compare unlike things.
      console.error(`size ${size} is left out, ${failed.length} documents cannot be indexed: ${String(first.error)}`);
      continue;
    }
    const searching = progress(`search, size ${size}`);
    const evaluation = await evaluate(retriever, counted, {
      topK: mostHits,
      budget: budgetOf(budget),
      metrics: [],
      onProgress: (done, total) => searching.update(done, total),
    });
    const found = new Map<string, readonly Passage[]>();
    for (const query of counted) found.set(query.id, await passagesOf(retriever, query));
    searching.end();
    const meanScore = (chosen: (passages: readonly Passage[]) => readonly DocumentSpan[]): number =>
      meanOf(counted.map((query) => scoreOf(chosen(found.get(query.id) ?? []), query) ?? 0));
    curves.push({
      size,
      points: budgets.map((limit) => ({
        budget: limit,
        score: meanScore((passages) => withinBudget(passages, budgetOf(limit))),
      })),
    });
    for (const topK of topKs) {
      cells.push({
        size,
        topK,
        score: meanScore((passages) => passages.slice(0, topK)),
        context: meanOf([...found.values()].map((passages) => lengthOf(passages.slice(0, topK), budgetOf))),
        milliseconds: await medianTime(retriever, counted, topK),
      });
    }
    const causes: Partial<Record<MissCause, number>> = {};
    for (const { cause } of evaluation.misses) causes[cause] = (causes[cause] ?? 0) + 1;
    misses.push({ size, causes });
    const perQuery = counted.map((query) => {
      const context = withinBudget(found.get(query.id) ?? [], budgetOf(budget));
      return [query.id, { score: scoreOf(context, query) ?? 0 }] as const;
    });
    evaluations.set(size, { ...evaluation, perQuery: Object.fromEntries(perQuery) });
  }
  const tuning = progress("tune");
  const report = await tune({
    documents,
    queries,
    seed,
    budget: budgetOf(budget),
    space: { size: [...evaluations.keys()], topK: topKs },
    base,
    onProgress: (done, total) => tuning.update(done, total),
  });
  tuning.end();
  return { score, curves, cells, misses, difference: differenceOf(evaluations, seed), tuning: report };
}

function spansFound(context: readonly DocumentSpan[], { judgments }: EvalQuery): number | undefined {
  const truth = trueSpans(judgments);
  return truth.length === 0 ? undefined : spanScores(context, truth).recall;
}

function documentsFound(context: readonly DocumentSpan[], { judgments }: EvalQuery): number | undefined {
  const relevant = new Set(judgments.flatMap(({ documentId, grade = 1 }) => (grade > 0 ? documentId : [])));
  if (relevant.size === 0) return undefined;
  const found = new Set(context.map(({ documentId }) => documentId));
  return [...relevant].filter((id) => found.has(id)).length / relevant.size;
}

async function passagesOf(retriever: RootRetriever, { text }: EvalQuery): Promise<readonly Passage[]> {
  const { hits } = await retriever.search(text, { topK: mostHits });
  return hits.map(({ chunk }) => ({ documentId: chunk.documentId, ...chunk.span, text: chunk.text }));
}

/** Overlap is handed over once. */
function lengthOf(passages: readonly Passage[], budgetOf: ReportOptions["budgetOf"]): number {
  const budget = budgetOf(1);
  const sizeOf = (text: string): number => ("tokens" in budget ? budget.tokenizer.count(text) : text.length);
  const whole = withinBudget(passages, { characters: Number.MAX_SAFE_INTEGER });
  const texts = new Map(passages.map((passage) => [`${passage.documentId} ${passage.start}`, passage]));
  return whole.reduce((sum, { documentId, start, end }) => {
    const known = [...texts.values()].find(
      (one) => one.documentId === documentId && one.start <= start && end <= one.end,
    );
    return sum + (known === undefined ? end - start : sizeOf(known.text.slice(start - known.start, end - known.start)));
  }, 0);
}

async function medianTime(retriever: RootRetriever, queries: readonly EvalQuery[], topK: number): Promise<number> {
  const times: number[] = [];
  for (const { text } of queries.slice(0, timedQueries)) {
    const { timings } = await retriever.search(text, { topK });
    times.push(timings.total - (timings.embed ?? 0));
  }
  return medianOf(times);
}

/** Of the size that is best inside the budget, the default apart, and the default. */
function differenceOf(evaluations: ReadonlyMap<number, Evaluation>, seed: number): Difference {
  const scoreOf = ({ perQuery }: Evaluation): number => meanOf(Object.values(perQuery).map(({ score = 0 }) => score));
  const others = [...evaluations].filter(([size]) => size !== standardSize);
  const standing = evaluations.get(standardSize);
  const [best] = others.toSorted(([, a], [, b]) => scoreOf(b) - scoreOf(a));
  if (best === undefined || standing === undefined) {
    throw new ConfigError(`--size: expected ${standardSize} and another one that fit all documents.`);
  }
  const [size, rival] = best;
  const { difference, interval, p } = compare(rival, standing, { metric: "score", seed });
  const queries = Object.entries(rival.perQuery).map(([id, { score = 0 }]) => ({
    id,
    difference: score - (standing.perQuery[id]?.["score"] ?? 0),
  }));
  return { size, standard: standardSize, queries, mean: difference, interval, p };
}

const command = {
  name: "report",
  about: `One page about a collection in BEIR's layout, as a file of its own without scripts: what fits into a context by chunk size,
size × topK, quality against context and time, why queries missed, differences query by query, and what tune chooses.`,
  operand: "FOLDER",
  flags: {
    ...collectionFlags("the tests and of tune"),
    size: { value: "N,N,…", about: "chunk sizes in characters", default: "200,400,600,800,1200,1600" },
    "top-k": { value: "N,N,…", about: "hits", default: "5,10,20,50" },
    budgets: { value: "N,N,…", about: "context budgets", default: "1000,2000,4000,8000,16000" },
    budget: { value: "N", about: "the one that one has to choose at", default: "4000" },
    tokens: { about: "budgets are in tokens (cl100k), not in characters" },
    analyzer: analyzerFlag,
    ...modelFlags,
    out: { value: "FILE", about: "where the page goes", default: "report.html" },
    json: { about: "print the figures as JSON, too" },
    help: { about: "print this" },
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const [budget = 4_000] = given.numbers("budget", 1);
  const file = resolve(given.value("out") ?? "report.html");
  if (!existsSync(dirname(file))) throw new ConfigError(`--out: there is no folder ${dirname(file)}`);
  const tokenizer = given.on("tokens") ? await cl100k() : undefined;
  const { documents, queries, seed, about } = await collectionOf(given);
  await checkTitles(documents, given.operand);
  const embedder = endpointEmbedder(given);
  const analyzer = await analyzerAsked(given);
  const measured = await measureFigures({
    documents,
    queries,
    sizes: given.numbers("size", 1),
    topKs: given.numbers("top-k", 1),
    budgets: given.numbers("budgets", 1),
    budget,
    budgetOf: (limit) => (tokenizer === undefined ? { characters: limit } : { tokens: limit, tokenizer }),
    base: { ...(embedder && { embedder }), ...(analyzer && { analyzer }) },
    seed,
  });
  const { tuning } = measured;
  const source = [await pastedBase(given, false), tuning.chosen.source].filter((part) => part !== "").join("\n");
  const figures: Figures = {
    ...about,
    search: [
      embedder === undefined ? "BM25" : `hybrid with ${embedder.fingerprint.model}`,
      ...(analyzer ? [`analyzer ${analyzer.fingerprint}`] : []),
    ].join(", "),
    unit: tokenizer === undefined ? "characters" : "tokens",
    budget,
    ...measured,
    tuning: { ...tuning, chosen: { ...tuning.chosen, source } },
  };
  await writeFile(file, pageOf(figures));
  if (given.on("json")) console.log(JSON.stringify({ benchmark: "report", ...figures }, undefined, 2));
  else console.log(file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
