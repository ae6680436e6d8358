import { ConfigError } from "../errors.ts";
import { callOptions, checkOptions, wholeNumber } from "../options.ts";
import type { Degradation, Hit, Retriever, Searchable } from "../retriever-types.ts";
import { breather, withDeadline } from "../signal.ts";
import type { CallOptions } from "../types.ts";
import { checkRun, expectAnswer, expectArray, expectSearchable } from "./inputs.ts";
import { quantile } from "./intervals.ts";
import { bestGrades, checkQueries, trueSpans, type EvalQuery } from "./judgments.ts";
import { checkPrices, costOf, type Cost, type Prices } from "./cost.ts";
import { measure, parseMetric, type Metric, type Run } from "./measure.ts";
import { chunkReader, missOf, type Miss } from "./misses.ts";
import {
  type Budget,
  budgetOf,
  type DocumentSpan,
  type Passage,
  passageOf,
  spanScores,
  type SpanScores,
  withinBudget,
} from "./spans.ts";
import { meanOf } from "./statistics.ts";

/** Runs labelled queries through a retriever and measures what came back. */

export interface EvaluateOptions extends CallOptions {
  /** Hits asked for, and looked at. Default 10, or the deepest of `metrics`. */
  readonly topK?: number;
  /** Adds the span metrics inside a budget, the headline. Filled from the topK hits: let topK be enough to fill it. */
  readonly budget?: Budget;
  /** Over documents. Default nDCG, recall, MRR and hit rate at topK. */
  readonly metrics?: readonly Metric[];
  /** Adds `cost` to the answer. */
  readonly prices?: Prices;
  onProgress?(done: number, total: number): unknown;
}

/** Milliseconds from the call of `search` to its answer. */
export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Evaluation {
  /**
   * The headline first: `spanRecall@budget`, `spanPrecision@budget`, `spanIou@budget`, `spanFull@budget` where there is a
   * budget; `spanRecall@10` … over the topK hits; then the metrics over documents. Span metrics are means over the queries
   * that have true spans.
   */
  readonly mean: Readonly<Record<string, number>>;
  readonly perQuery: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Each document's best score, as the metrics over documents saw it: for `formatRun` and other tools. */
  readonly run: Run;
  /** One for each query that missed, in their order. Empty where what searches is no Retriever: causes need its `get` and trace. */
  readonly misses: readonly Miss[];
  /** Queries without a judgment: not searched, counted nowhere. */
  readonly unjudged: readonly string[];
  /** Answers that were not what was configured, e.g. because the reranker timed out. They count as they came. */
  readonly degraded: readonly ({ readonly queryId: string } & Degradation)[];
  readonly latency: Latency;
  /** With `prices`. */
  readonly cost?: Cost;
}

/**
 * Measures anything that can search.
 *
 * Documents are ranked by their best chunk, with trec_eval's metrics and its order of ties; a judged query without hits
 * counts 0. True spans are compared with the passages as the answer model would get them (the parent's, where a chunk
 * has one). Chunk ids play no part, so chunkers and sizes can be compared. Searches run one after another.
 *
 * @example (await evaluate(docs, queries, { budget: { characters: 4000 }, topK: 30 })).mean["spanRecall@budget"]
 */
export async function evaluate<M>(
  retriever: Searchable<M>,
  queries: readonly EvalQuery<M>[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions("evaluate", options, ["topK", "budget", "metrics", "prices", "onProgress", ...callOptions]);
  checkRun(options);
  expectSearchable(retriever);
  const { metrics, topK } = depthOf(options);
  const { budget } = options;
  if (budget !== undefined) budgetOf(budget);
  if (options.prices !== undefined) checkPrices(options.prices);
  checkQueries(queries);
  const judged = queries.filter(({ judgments }) => judgments.length > 0);
  if (judged.length === 0) throw new ConfigError("queries: expected at least one with a judgment, received none");

  return withDeadline("evaluate", options, async (signal) => {
    const chunksOf = isRetriever(retriever) ? chunkReader(retriever, signal) : undefined;
    const breathe = breather(signal);
    const done: Outcome<M>[] = [];
    for (const query of judged) {
      await breathe();
      const started = performance.now();
      const answer = await retriever.search(query.text, {
        topK,
        signal,
        ...(query.filter !== undefined && { filter: query.filter }),
        ...(chunksOf !== undefined && { trace: true }),
      });
      const milliseconds = performance.now() - started;
      signal.throwIfAborted();
      expectAnswer(answer);
      const { hits, degraded, trace } = answer;
      const passages = hits.slice(0, topK).map(({ chunk }) => passageOf(chunk));
      const context = budget === undefined ? passages : withinBudget(passages, budget);
      const miss = trace && chunksOf && (await missOf({ query, hits, trace, context, topK }, chunksOf));
      const spans = overSpans(trueSpans(query.judgments), passages, context, { topK, budgeted: budget !== undefined });
      const best = bestScores(hits.slice(0, topK));
      const grades = { [query.id]: bestGrades(query.judgments) };
      const documents = measure({ [query.id]: best }, grades, metrics).perQuery[query.id] ?? {};
      done.push({ query, best, passages, context, spans, documents, degraded, miss, milliseconds });
      await options.onProgress?.(done.length, judged.length);
    }
    const unjudged = queries.filter(({ judgments }) => judgments.length === 0).map(({ id }) => id);
    return evaluated(done, unjudged, options.prices);
  });
}

/** The numbers of all queries together. */
function evaluated<M>(
  outcomes: readonly Outcome<M>[],
  unjudged: readonly string[],
  prices: Prices | undefined,
): Evaluation {
  const run = Object.fromEntries(outcomes.map(({ query, best }) => [query.id, best] as const));
  const perQuery = outcomes.map(({ query, spans, documents }) => [query.id, { ...spans, ...documents }] as const);
  return {
    mean: { ...means(outcomes.map(({ spans }) => spans)), ...means(outcomes.map(({ documents }) => documents)) },
    perQuery: Object.fromEntries(perQuery),
    run,
    misses: outcomes.flatMap(({ miss }) => miss ?? []),
    unjudged,
    degraded: outcomes.flatMap(({ query, degraded }) => degraded.map((entry) => ({ queryId: query.id, ...entry }))),
    latency: latencyOf(outcomes.map(({ milliseconds }) => milliseconds)),
    ...(prices !== undefined && {
      cost: costOf(
        outcomes.map(({ query: { text }, passages, context }) => ({ text, passages, context })),
        prices,
      ),
    }),
  };
}

interface Outcome<M> {
  readonly query: EvalQuery<M>;
  /** By document. */
  readonly best: Readonly<Record<string, number>>;
  readonly passages: readonly Passage[];
  /** The passages, or what of them is within the budget. */
  readonly context: readonly DocumentSpan[];
  /** The metrics over spans, where there are true ones, and over documents. */
  readonly spans: Readonly<Record<string, number>>;
  readonly documents: Readonly<Record<string, number>>;
  readonly degraded: readonly Degradation[];
  readonly miss: Miss | undefined;
  readonly milliseconds: number;
}

function isRetriever<M>(retriever: Searchable<M>): retriever is Retriever<never, M> {
  return "get" in retriever && typeof retriever.get === "function";
}

function depthOf(options: EvaluateOptions): { readonly metrics: readonly Metric[]; readonly topK: number } {
  if (options.metrics !== undefined) expectArray("metrics", options.metrics, 'names such as "ndcg@10"');
  const deepest = Math.max(10, ...(options.metrics ?? []).map((metric) => parseMetric(metric).cutoff ?? 0));
  const topK = wholeNumber("topK", options.topK, 1, deepest);
  const { metrics = [`ndcg@${topK}`, `recall@${topK}`, `mrr@${topK}`, `hit@${topK}`] } = options;
  for (const metric of metrics) {
    const { cutoff = 0 } = parseMetric(metric);
    if (cutoff > topK) throw new ConfigError(`topK: expected at least ${cutoff} for ${metric}, received ${topK}`);
  }
  return { metrics, topK };
}

/** A document is as good as its best chunk. */
function bestScores<M>(hits: readonly Hit<M>[]): Readonly<Record<string, number>> {
  const best = new Map<string, number>();
  for (const { chunk, score } of hits) {
    best.set(chunk.documentId, Math.max(score, best.get(chunk.documentId) ?? -Infinity));
  }
  return Object.fromEntries(best);
}

function overSpans(
  truth: readonly DocumentSpan[],
  passages: readonly Passage[],
  context: readonly DocumentSpan[],
  { topK, budgeted }: { readonly topK: number; readonly budgeted: boolean },
): Readonly<Record<string, number>> {
  if (truth.length === 0) return {};
  return {
    ...(budgeted && named("budget", spanScores(context, truth))),
    ...named(String(topK), spanScores(passages, truth)),
  };
}

function named(where: string, { recall, precision, iou, full }: SpanScores): Readonly<Record<string, number>> {
  return {
    [`spanRecall@${where}`]: recall,
    [`spanPrecision@${where}`]: precision,
    [`spanIou@${where}`]: iou,
    [`spanFull@${where}`]: full,
  };
}

/** Over the queries that have a value at all. */
function means(perQuery: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const measured = perQuery.filter((values) => Object.keys(values).length > 0);
  return Object.fromEntries(
    Object.keys(measured[0] ?? {}).map((metric) => [metric, meanOf(measured.map((values) => values[metric] ?? 0))]),
  );
}

/** Percentiles by the nearest rank. */
function latencyOf(milliseconds: readonly number[]): Latency {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return {
    mean: meanOf(sorted),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
  };
}
