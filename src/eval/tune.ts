import { ConfigError, isAdapterError, PartialIndexError, quoted, unexpected } from "../errors.ts";
import { sha256 } from "../indexing/digest.ts";
import { callOptions, checkOptions, expectOptions } from "../options.ts";
import { abortable, breather, checkCallOptions, withDeadline } from "../signal.ts";
import type { Embedder } from "../types.ts";
import { foldsOf } from "./folds.ts";
import { contaminatedBy } from "./generate.ts";
import { checkQueries, trueSpans, type EvalQuery } from "./judgments.ts";
import { randomBits, seedOf, shuffled } from "./random.ts";
import { type Budget, budgetOf } from "./spans.ts";
import { neededFor } from "./statistics.ts";
import { cachedEmbedder } from "./tuning-cache.ts";
import { choose, type Choosing } from "./tuning-choice.ts";
import { listsOf, weightingOf, type Lists } from "./tuning-lists.ts";
import { paced } from "./tuning-progress.ts";
import { scorerOf, type Scorer } from "./tuning-scores.ts";
import { sourceOf } from "./tuning-source.ts";
import { spaceOf, type Space } from "./tuning-space.ts";
import type { TuneOptions, TuningChoice, TuningReport, TuningRow } from "./tuning-types.ts";

/** Below this many labelled queries no tuning was seen to beat a good default. */
const ENOUGH = 40;
const FOLDS = 5;
/** So many times as many queries are no advice. */
const FAR = 20;
/** A topK that loses no more than this has what the deepest has. */
const NO_LOSS = 0.001;

/**
 * Which chunk size, overlap, topK, fusion weight … serve these documents and queries best inside a context budget.
 *
 * Chunks of every kind are indexed and searched once, in memory; all the rest is read from their candidate lists, by
 * successive halving. What is chosen is then judged on queries about documents that it was not chosen by, and the default
 * stays unless that shows a significant gain.
 *
 * @example
 * const { chosen, heldOutGain, interval } = await tune({ documents, queries, budget: { characters: 4_000 } });
 */
export async function tune(options: TuneOptions): Promise<TuningReport> {
  expectOptions("tune", options);
  checkOptions("tune", options, [
    "documents",
    "queries",
    "base",
    "space",
    "standard",
    "budget",
    "search",
    "seed",
    "cache",
    "onProgress",
    ...callOptions,
  ]);
  checkCallOptions(options);
  const { documents, cache, search = "halving" } = options;
  if (!Array.isArray(documents) || documents.length === 0) {
    throw unexpected("documents", "an array of at least one", documents);
  }
  if (search !== "halving" && search !== "grid") {
    throw unexpected("search", '"halving" or "grid"', search);
  }
  seedOf(options.seed);
  if (cache !== undefined && !(typeof cache?.get === "function" && typeof cache.set === "function")) {
    throw unexpected("cache", "one with get() and set(), such as fileCache() of groundline/node", cache);
  }
  const budget = options.budget ?? { characters: 4_000 };
  budgetOf(budget);
  const space = spaceOf(options);
  const task = taskOf(options, budget);
  return withDeadline("tune", options, (signal) => tuned(options, space, task, signal));
}

/** What is measured, on which queries. */
interface Task {
  readonly metric: "spanRecall@budget" | "ndcg@10";
  readonly queries: readonly EvalQuery[];
  readonly budget: Budget | undefined;
  /** Queries that have no say. */
  readonly left: number;
}

function taskOf({ queries }: TuneOptions, budget: Budget): Task {
  checkQueries(queries);
  const withSpans = queries.filter(({ judgments }) => trueSpans(judgments).length > 0);
  const judged = queries.filter(({ judgments }) => judgments.some(({ grade = 1 }) => grade > 0));
  const counted = withSpans.length > 0 ? withSpans : judged;
  if (counted.length < 2) {
    throw new ConfigError(`queries: expected at least two with something relevant, received ${counted.length}`);
  }
  return {
    metric: withSpans.length > 0 ? "spanRecall@budget" : "ndcg@10",
    queries: counted,
    budget: withSpans.length > 0 ? budget : undefined,
    left: queries.length - counted.length,
  };
}

async function tuned(options: TuneOptions, space: Space, task: Task, signal: AbortSignal): Promise<TuningReport> {
  const { search = "halving" } = options;
  const seed = seedOf(options.seed);
  const { topKs } = space;
  const deepest = topKs.at(-1) ?? 0;
  const { all, unfit } = await searchedChunks(options, space, task, signal);
  const combinations = space.combinations.filter(({ chunking }) => all[chunking] !== undefined);
  const breathe = breather(signal);
  const scores = new Map<string, number>();
  const read = async (combination: number, query: number, topK = deepest): Promise<number> => {
    const key = `${combination} ${query} ${topK}`;
    const known = scores.get(key);
    if (known !== undefined) return known;
    await breathe();
    const { choice, chunking } = combinations[combination] ?? combinations[0] ?? never();
    const score = await (all[chunking]?.score ?? never)({ ...choice, topK }, query);
    scores.set(key, score);
    return score;
  };
  const next = randomBits(seed);
  const order = shuffled(task.queries.length, next);
  const { folds, apart } = foldsOf(task.queries, { count: FOLDS, next });
  const choosing = await choose({ combinations, order, folds, search, score: read, seed });
  const { rungs, ...found } = choosing;
  const evaluations = scores.size;
  const enough = task.queries.length >= ENOUGH;
  const moved = found.significant && enough;
  const final = moved ? found.best : 0;

  const meanAt = async (combination: number, topK: number): Promise<number> => {
    let sum = 0;
    for (const query of order) sum += await read(combination, query, topK);
    return sum / order.length;
  };
  /** The fewest hits that lose nothing. */
  const depthOf = async (combination: number): Promise<number> => {
    const whole = await meanAt(combination, deepest);
    for (const topK of topKs) if ((await meanAt(combination, topK)) >= whole - NO_LOSS) return topK;
    return deepest;
  };
  const rows: TuningRow[] = [];
  for (const [index, { choice, chunking }] of combinations.entries()) {
    const pairs = order.flatMap((query) => {
      const [own, standing] = [index, 0].map((each) => scores.get(`${each} ${query} ${deepest}`));
      return own === undefined || standing === undefined ? [] : [[own, standing] as const];
    });
    const score = pairs.reduce((sum, [own]) => sum + own, 0) / pairs.length;
    const gain = pairs.reduce((sum, [own, standing]) => sum + own - standing, 0) / pairs.length;
    const { chunks = 0 } = all[chunking]?.lists ?? {};
    rows.push({ ...choice, topK: deepest, score, queries: pairs.length, chunks, gain });
  }
  const choiceAt = async (combination: number): Promise<TuningChoice> => ({
    ...(combinations[combination] ?? never()).choice,
    topK: await depthOf(combination),
  });
  const chosen = await choiceAt(final);
  const standard = { ...(rows[0] ?? never()), topK: await depthOf(0) };
  const surface: Required<TuningReport>["surface"][number][] = [];
  for (const [index, { choice }] of combinations.entries()) {
    const { chunker, size, overlap, ...rest } = choice;
    const here = search === "grid" && sameBesides(rest, combinations[final]?.choice);
    for (const topK of here ? topKs : []) {
      surface.push({ chunker, size, overlap, topK, score: await meanAt(index, topK) });
    }
  }
  const depths: { topK: number; score: number }[] = [];
  for (const topK of topKs) depths.push({ topK, score: await meanAt(final, topK) });
  const needed = neededFor(found.heldOut, found.deviation);
  return {
    chosen: { ...chosen, source: sourceOf(chosen, options) },
    moved,
    metric: task.metric,
    queries: task.queries.length,
    folds: folds.length,
    score: await meanAt(final, deepest),
    standard,
    heldOutGain: moved ? found.heldOut : 0,
    interval: moved ? found.interval : [0, 0],
    optimism: found.apparent - found.heldOut,
    challenger: {
      choice: await choiceAt(found.best),
      apparent: found.apparent,
      heldOut: found.heldOut,
      interval: found.interval,
      p: found.p,
      ...(Number.isFinite(needed) && { needed }),
    },
    evaluations,
    grid: combinations.length * task.queries.length,
    table: rows.toSorted((a, b) => b.queries - a.queries || b.score - a.score),
    depths,
    ...(search === "grid" && { surface }),
    rungs: rungs.map(({ queries, candidates, best }) => ({ queries, combinations: candidates, best })),
    notes: [
      ...notesOf(task, { choosing, enough, apart, depths, topK: chosen.topK }),
      ...unfitNoted(unfit, options.documents.length),
      ...skippedNoted(space.skipped),
      ...copiesNoted(options.documents, task.queries),
    ],
  };
}

/** Whether a combination differs in its chunking alone. */
function sameBesides(
  rest: Omit<TuningChoice, "topK" | "chunker" | "size" | "overlap">,
  choice: Omit<TuningChoice, "topK"> | undefined,
): boolean {
  return (Object.keys(rest) as (keyof typeof rest)[]).every((name) => rest[name] === choice?.[name]);
}

interface Searched {
  readonly lists: Lists;
  readonly score: Scorer;
}

/** A way of chunking that some documents cannot be cut by, a title longer than a chunk being one. */
interface Unfit {
  readonly label: string;
  readonly failed: PartialIndexError["report"]["failed"];
}

/**
 * Every way of chunking, indexed and searched, or taken from the cache. One that does not fit all documents is left out:
 * scores over fewer documents would compare unlike things. The default has to fit.
 */
async function searchedChunks(
  options: TuneOptions,
  { chunkings, combinations, topKs, fusion }: Space,
  { queries, budget }: Task,
  signal: AbortSignal,
): Promise<{ readonly all: readonly (Searched | undefined)[]; readonly unfit: readonly Unfit[] }> {
  const { documents, base = {}, cache } = options;
  const hash = cache && sha256(JSON.stringify([documents, queries.map(({ text, filter }) => [text, filter ?? {}])]));
  const parts = base.embedder === undefined ? base : { ...base, embedder: cachedEmbedder(base.embedder, cache) };
  if (parts.embedder !== undefined) await reach(parts.embedder, queries, signal);
  const weightings = [...new Map(combinations.map(({ choice }) => [weightingOf(choice), choice])).values()];
  const depth = Math.max(...topKs, ...combinations.map(({ choice }) => choice.candidates));
  const pace = paced(chunkings.length, documents.length, queries.length, options.onProgress);
  const all: (Searched | undefined)[] = [];
  const unfit: Unfit[] = [];
  for (const [index, { label, chunker }] of chunkings.entries()) {
    const step = pace.next(label);
    const shared = { documents, queries, cache, signal };
    const lists = await listsOf({
      ...shared,
      base: parts,
      chunker,
      weightings: weightings.map(({ k1, b }) => ({ ...(k1 !== undefined && { k1 }), ...(b !== undefined && { b }) })),
      depth,
      hash,
      onProgress: step.update,
    }).catch((error: unknown) => {
      if (index === combinations[0]?.chunking || !misfit(error)) throw error;
      unfit.push({ label, failed: error.report.failed });
      return undefined;
    });
    await step.end();
    all.push(lists && { lists, score: scorerOf({ ...shared, lists, budget, fusion, reranker: base.reranker }) });
  }
  return { all, unfit };
}

/** Before anything is cut: an embedder that cannot be reached, or is set up wrongly, is told by the first query. */
async function reach(embedder: Embedder, queries: readonly EvalQuery[], signal: AbortSignal): Promise<void> {
  const query = queries.find(({ text }) => text.trim() !== "");
  if (query === undefined) return;
  try {
    await abortable(embedder.embed([query.text], { role: "query", signal }), signal);
  } catch (error) {
    // It answers, and may answer otherwise later: for that there are retries.
    if (!isAdapterError(error) || !error.retryable || error.status === undefined) throw error;
  }
}

/** Whether it is the settings of the chunker that failed, and nothing else. */
function misfit(error: unknown): error is PartialIndexError {
  return error instanceof PartialIndexError && error.report.failed.every((each) => each.error instanceof ConfigError);
}

function unfitNoted(unfit: readonly Unfit[], documents: number): readonly string[] {
  return unfit.map(({ label, failed }) => {
    const [first] = failed;
    const cause = first?.error instanceof Error ? first.error.message : "";
    return `Left out: ${label}. It does not fit ${failed.length} of ${documents} documents, the first being ${quoted(first?.documentId ?? "")}: ${cause}`;
  });
}

function skippedNoted(skipped: readonly string[]): readonly string[] {
  return skipped.length === 0 ? [] : [`Left out: ${skipped.join("; ")}. An overlap has to be below the size.`];
}

function notesOf(
  { queries, left, budget }: Task,
  told: {
    readonly choosing: Choosing;
    readonly enough: boolean;
    readonly apart: boolean;
    readonly depths: TuningReport["depths"];
    readonly topK: number;
  },
): readonly string[] {
  const { choosing, enough, apart, depths, topK } = told;
  const needed = neededFor(choosing.heldOut, choosing.deviation);
  const at = (wanted: number): number | undefined => depths.find((depth) => depth.topK === wanted)?.score;
  const [few, whole] = [at(10), at(topK)];
  return [
    ...(enough
      ? []
      : [
          `${queries.length} labelled queries are too few to choose by: below ${ENOUGH} the default is as good a guess, so it stays.`,
        ]),
    ...(enough && choosing.best !== 0 && !choosing.significant
      ? [
          `The gain of another one is not significant on held-out queries` +
            (choosing.heldOut > 0 && needed < queries.length * FAR
              ? `; it would take about ${needed} queries to show one of this size.`
              : "."),
        ]
      : []),
    ...(apart
      ? []
      : ["Queries share documents too much to be parted by document: the held-out gain may be flattered by that."]),
    ...(left > 0 ? [`${left} queries without a relevant ${budget ? "span" : "document"} were not counted.`] : []),
    ...(topK > 10 && few !== undefined && whole !== undefined
      ? [
          `Ten hits ${budget ? "do not fill the budget" : "are too few"}: ${few.toFixed(3)}, against ${whole.toFixed(3)} with ${topK}.`,
        ]
      : []),
  ];
}

/** Queries taken from the text that they are to find flatter whatever matches words. */
function copiesNoted(documents: TuneOptions["documents"], queries: readonly EvalQuery[]): readonly string[] {
  const copied = contaminatedBy(documents, queries).length;
  return copied === 0
    ? []
    : [
        `${copied} queries copy words of a document they are to find: if they were generated, index what generateQueries gave.`,
      ];
}

function never(): never {
  throw new Error("a combination that is not there");
}
