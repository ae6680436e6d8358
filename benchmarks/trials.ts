import { pathToFileURL } from "node:url";
import { foldsOf } from "../src/eval/folds.ts";
import { halving } from "../src/eval/halving.ts";
import { trueSpans, type EvalQuery } from "../src/eval/judgments.ts";
import { randomBits, shuffled } from "../src/eval/random.ts";
import { choose } from "../src/eval/tuning-choice.ts";
import { listsOf, weightingOf, type Lists } from "../src/eval/tuning-lists.ts";
import { scorerOf } from "../src/eval/tuning-scores.ts";
import { spaceOf, type Space } from "../src/eval/tuning-space.ts";
import type { TuneOptions } from "../src/eval/index.ts";
import { ConfigError } from "../src/index.ts";
import { outputFlags, runCommand, type Arguments } from "./arguments.ts";
import { meanOf } from "./averages.ts";
import { aboutLines, collectionFlags, collectionOf } from "./collection.ts";
import { signed } from "./comparison.ts";
import { progress } from "./progress.ts";
import { table } from "./table.ts";

/** Whether `tune` keeps its word: chosen on some queries of a collection, looked at on the others, many times over. */

/** Every combination of a space read on every query. */
export interface Grid {
  readonly space: Space;
  readonly lists: readonly Lists[];
  /** By combination and query. */
  readonly scores: readonly (readonly number[])[];
}

type Task = Pick<TuneOptions, "documents" | "queries" | "base" | "space" | "budget">;

export async function listsOfAll(task: Task, space: Space): Promise<readonly Lists[]> {
  const { documents, queries, base = {} } = task;
  const weightings = [...new Map(space.combinations.map(({ choice }) => [weightingOf(choice), choice])).values()];
  const lists: Lists[] = [];
  for (const { label, chunker } of space.chunkings) {
    const bar = progress(label);
    const { signal } = new AbortController();
    const depth = Math.max(...space.topKs, ...space.combinations.map(({ choice }) => choice.candidates));
    lists.push(
      await listsOf({
        documents,
        queries,
        base,
        chunker,
        weightings,
        depth,
        signal,
        cache: undefined,
        hash: undefined,
        onProgress: (_phase, done) => bar.update(done),
      }),
    );
    bar.end();
  }
  return lists;
}

export async function gridOf(task: Task, space: Space, lists: readonly Lists[]): Promise<Grid> {
  const { documents, queries, base = {}, budget } = task;
  const { signal } = new AbortController();
  const shared = {
    documents,
    queries,
    budget,
    fusion: space.fusion,
    reranker: base.reranker,
    cache: undefined,
    signal,
  };
  const scorers = lists.map((each) => scorerOf({ ...shared, lists: each }));
  const topK = space.topKs.at(-1) ?? 0;
  const scores: number[][] = [];
  for (const { choice, chunking } of space.combinations) {
    const row: number[] = [];
    for (const query of queries.keys()) row.push((await scorers[chunking]?.({ ...choice, topK }, query)) ?? 0);
    scores.push(row);
  }
  return { space, lists, scores };
}

export interface Trials {
  /** Best mean minus the default's, on all queries. */
  readonly defaultRegret: number;
  readonly best: string;
  readonly defaultScore: number;
  /** Mean over the draws of what the choice gains over the default on the queries that were not drawn. */
  readonly heldOut: number;
  readonly moved: number;
  /** Share of the grid that was read, to choose and to look at the choice. */
  readonly read: number;
  /** Share of draws in which the gain on as many fresh queries is inside the interval: of what was chosen, and of the challenger. */
  readonly covered: number;
  readonly challengerCovered: number;
  /** What the best on the drawn queries looked like there, and was on the others. */
  readonly naive: { readonly apparent: number; readonly heldOut: number };
}

export interface TrialOptions {
  readonly draws: number;
  /** Queries to choose by. */
  readonly labels: number;
  readonly seed: number;
}

export async function trialsOf(
  { space, scores }: Grid,
  queries: readonly EvalQuery[],
  { draws, labels, seed }: TrialOptions,
): Promise<Trials> {
  const next = randomBits(seed);
  const at = (combination: number, query: number): number => scores[combination]?.[query] ?? 0;
  const meanOn = (combination: number, on: readonly number[]): number =>
    meanOf(on.map((query) => at(combination, query)));
  const all = [...queries.keys()];
  const means = scores.map((row) => meanOf(row));
  const bestMean = Math.max(...means);
  const sums = { heldOut: 0, moved: 0, read: 0, covered: 0, challenger: 0, apparent: 0, naive: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(all.length, next);
    const [seen, fresh] = [order.slice(0, labels), order.slice(labels)];
    const { folds } = foldsOf(
      seen.map((query) => queries[query] ?? { judgments: [] }),
      { count: 5, next },
    );
    const readings = new Set<string>();
    const chosen = await choose({
      combinations: space.combinations,
      order: seen,
      folds: folds.map((fold) => fold.map((index) => seen[index] ?? 0)),
      search: "halving",
      score: async (combination, query) => {
        readings.add(`${combination} ${query}`);
        return at(combination, query);
      },
      seed,
    });
    const gainOn = (on: readonly number[]): number => meanOn(chosen.best, on) - meanOn(0, on);
    const gain = gainOn(fresh);
    // The interval is for as many queries as it was learned from.
    const shown = gainOn(fresh.slice(0, seen.length));
    const inside = chosen.interval[0] <= shown && shown <= chosen.interval[1];
    const moved = chosen.significant;
    sums.heldOut += moved ? gain : 0;
    sums.moved += moved ? 1 : 0;
    sums.read += readings.size / (scores.length * seen.length);
    sums.covered += !moved || inside ? 1 : 0;
    sums.challenger += inside ? 1 : 0;
    const seenMeans = scores.map((_, combination) => meanOn(combination, seen));
    const naive = seenMeans.indexOf(Math.max(...seenMeans));
    sums.apparent += (seenMeans[naive] ?? 0) - (seenMeans[0] ?? 0);
    sums.naive += meanOn(naive, fresh) - meanOn(0, fresh);
  }
  const { size, overlap, denseWeight } = space.combinations[means.indexOf(bestMean)]?.choice ?? { size: 0, overlap: 0 };
  return {
    defaultRegret: bestMean - (means[0] ?? 0),
    best: `${size}/${overlap}${denseWeight === undefined ? "" : ` w${denseWeight}`}`,
    defaultScore: means[0] ?? 0,
    heldOut: sums.heldOut / draws,
    moved: sums.moved / draws,
    read: sums.read / draws,
    covered: sums.covered / draws,
    challengerCovered: sums.challenger / draws,
    naive: { apparent: sums.apparent / draws, heldOut: sums.naive / draws },
  };
}

export interface HalvingCost {
  /** Regret of the best by halving and of the best of the whole grid, on the other half. */
  readonly halving: number;
  readonly grid: number;
  /** Share of the grid that halving read. */
  readonly cost: number;
}

/** Random halves: chosen on one, its regret on the other. */
export async function halvingCost(
  scores: Grid["scores"],
  { draws, seed }: Pick<TrialOptions, "draws" | "seed">,
): Promise<HalvingCost> {
  const next = randomBits(seed);
  const count = scores[0]?.length ?? 0;
  const sums = { halving: 0, grid: 0, cost: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(count, next);
    const [seen, fresh] = [order.slice(0, count >> 1), order.slice(count >> 1)];
    const on = (queries: readonly number[]): readonly number[] =>
      scores.map((row) => meanOf(queries.map((query) => row[query] ?? 0)));
    const [seenMeans, freshMeans] = [on(seen), on(fresh)];
    const best = Math.max(...freshMeans);
    let readings = 0;
    const { finalists } = await halving({
      candidates: [...scores.keys()],
      order: seen,
      score: async (combination, query) => {
        readings++;
        return scores[combination]?.[query] ?? 0;
      },
    });
    sums.halving += best - (freshMeans[finalists[0] ?? 0] ?? 0);
    sums.grid += best - (freshMeans[seenMeans.indexOf(Math.max(...seenMeans))] ?? 0);
    sums.cost += readings / (scores.length * seen.length);
  }
  return { halving: sums.halving / draws, grid: sums.grid / draws, cost: sums.cost / draws };
}

/** The combination whose chunks have the best mean reciprocal rank of a chunk that touches the truth: what not to choose by. */
export function byChunkMrr({ space, lists }: Grid, { documents, queries }: Task): number {
  const indexes = new Map(documents.map(({ id }, index) => [id, index]));
  const truths = queries.map(({ judgments }) => trueSpans(judgments));
  const means = lists.map(({ rows, lexical }) => {
    const [ranked = []] = Object.values(lexical);
    return meanOf(
      ranked.map((list, query) => {
        const rank = list.rows.slice(0, 10).findIndex((row) => {
          const chunk = rows[row];
          return truths[query]?.some(
            ({ documentId, start, end }) =>
              chunk !== undefined &&
              chunk.document === indexes.get(documentId) &&
              chunk.start < end &&
              start < chunk.end,
          );
        });
        return rank === -1 ? 0 : 1 / (rank + 1);
      }),
    );
  });
  const chunking = means.indexOf(Math.max(...means));
  return space.combinations.findIndex((combination) => combination.chunking === chunking);
}

/** The queries with true spans: some to choose by, and others to look at what that was worth. */
export function spannedQueries(all: readonly EvalQuery[], folder: string, labels: number): readonly EvalQuery[] {
  const spanned = all.filter(({ judgments }) => trueSpans(judgments).length > 0);
  if (spanned.length > labels) return spanned;
  if (spanned.length === 0) throw new ConfigError(`${folder}: expected spans.jsonl with true spans`);
  throw new ConfigError(
    `--labels: expected fewer than the ${spanned.length} queries with true spans, received ${labels}`,
  );
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function lossOf({ halving: own, grid }: HalvingCost): string {
  return (own - grid).toFixed(4);
}

const command = {
  name: "trials",
  about: `Whether tune keeps its word on a collection with true spans: it chooses by a few of the queries, many times over, and
the others show what that was worth.`,
  operand: "FOLDER",
  flags: {
    ...collectionFlags("the draws"),
    characters: { value: "N,N,…", about: "budgets", default: "2000,4000,8000,16000" },
    size: { value: "N,N,…", about: "chunk sizes", default: "200,300,400,500,600,800,1000,1200,1600,2000,3200" },
    overlap: { value: "N,N,…", about: "shares or characters", default: "0,0.25" },
    labels: { value: "N", about: "queries to choose by", default: "80" },
    draws: { value: "N", about: "how often", default: "200" },
    ...outputFlags,
  },
} as const;

async function main(given: Arguments<keyof typeof command.flags>): Promise<void> {
  const [labels = 80] = given.numbers("labels", 2);
  const [draws = 200] = given.numbers("draws", 1);
  const { documents, queries, seed, about } = await collectionOf(given, (all) =>
    spannedQueries(all, given.operand, labels),
  );
  const space = spaceOf({
    space: { size: given.numbers("size", 1), overlap: given.numbers("overlap", 0), topK: [200] },
  });
  const lists = await listsOfAll({ documents, queries }, space);
  const rows: (Trials & {
    readonly characters: number;
    readonly byMrr: string;
    readonly mrrRegret: number;
    readonly halving: HalvingCost;
  })[] = [];
  for (const characters of given.numbers("characters", 1)) {
    const task = { documents, queries, budget: { characters } };
    const grid = await gridOf(task, space, lists);
    const bar = progress(`${draws} draws, ${characters} characters`);
    const trials = await trialsOf(grid, queries, { draws, labels, seed });
    bar.end();
    const byMrr = byChunkMrr(grid, task);
    const { size = 0, overlap = 0 } = space.combinations[byMrr]?.choice ?? {};
    const mrrRegret = trials.defaultScore + trials.defaultRegret - meanOf(grid.scores[byMrr] ?? []);
    const cost = await halvingCost(grid.scores, { draws, seed });
    rows.push({ ...trials, characters, byMrr: `${size}/${overlap}`, mrrRegret, halving: cost });
  }
  if (given.on("json")) {
    console.log(JSON.stringify({ benchmark: "trials", ...about, labels, draws, rows }, null, 2));
    return;
  }
  console.log(`${aboutLines(about)}; ${draws} draws of ${labels}, seed ${seed}\n`);
  console.log(
    table(
      [
        "characters",
        "default",
        "regret",
        "best",
        "by chunk MRR",
        "its regret",
        "moved",
        "gain",
        "inside",
        "challenger inside",
        "best of draw",
        "then",
        "read",
        "halving loses",
        "reading",
      ],
      rows.map((row) => [
        row.characters,
        row.defaultScore.toFixed(3),
        row.defaultRegret.toFixed(3),
        row.best,
        row.byMrr,
        row.mrrRegret.toFixed(3),
        percent(row.moved),
        signed(row.heldOut),
        percent(row.covered),
        percent(row.challengerCovered),
        signed(row.naive.apparent),
        signed(row.naive.heldOut),
        percent(row.read),
        lossOf(row.halving),
        percent(row.halving.cost),
      ]),
    ),
  );
  console.log(
    `\nHalving by random halves: what its choice loses on the other half to that of the whole grid; of ${space.combinations.length} combinations it reads so much. Read: the same with the folds, on ${labels} queries.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runCommand(command, main);
