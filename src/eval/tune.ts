import { ConfigError, unexpected } from "../errors.ts";
import { callOptions, checkOptions, expectOptions } from "../options.ts";
import { breather, withDeadline } from "../signal.ts";
import { foldsOf } from "./folds.ts";
import { checkQueries, trueSpans, type EvalQuery } from "./judgments.ts";
import { checkRun } from "./inputs.ts";
import { randomBits, seedOf, shuffled } from "./random.ts";
import { budgetOf, type Budget } from "./spans.ts";
import { meanOf, neededFor } from "./statistics.ts";
import { searchedChunks } from "./tuning-chunkings.ts";
import { choose, ENOUGH } from "./tuning-choice.ts";
import { notesOf } from "./tuning-notes.ts";
import { sourceOf } from "./tuning-source.ts";
import { spaceOf, type Space } from "./tuning-space.ts";
import type { TuneOptions, TuningChoice, TuningReport, TuningRow } from "./tuning-types.ts";

const FOLDS = 5;
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
  checkRun(options);
  const { documents, cache, search = "halving", budget = { characters: 4_000 } } = options;
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
  const moved = found.significant && task.queries.length >= ENOUGH;
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
    const score = meanOf(pairs.map(([own]) => own));
    const gain = meanOf(pairs.map(([own, standing]) => own - standing));
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
      ...notesOf({
        documents: options.documents,
        queries: task.queries,
        left: task.left,
        spans: task.budget !== undefined,
        choosing,
        apart,
        depths,
        topK: chosen.topK,
        unfit,
        skipped: space.skipped,
      }),
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

function never(): never {
  throw new Error("a combination that is not there");
}
