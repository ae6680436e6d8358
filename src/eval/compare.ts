import { ConfigError, quoted, unexpected } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { Evaluation } from "./evaluate.ts";
import { expectArray, expectRecord, expectTable } from "./inputs.ts";
import { seedOf } from "./random.ts";
import { bootstrap, deviationOf, detectableWith, meanOf, neededFor, randomisation } from "./statistics.ts";

/** Whether one evaluation is better than another, or only luckier with these queries. */

export interface CompareOptions {
  /** Default: the first of `a.mean`, which is the headline. */
  readonly metric?: string;
  /** Default 1. */
  readonly seed?: number;
}

export interface Comparison {
  readonly metric: string;
  /** Queries that both were measured on. */
  readonly n: number;
  /** Mean of `a` minus mean of `b`: above 0, `a` is better. */
  readonly difference: number;
  /** 95 % of 10,000 bootstrap samples of the queries have their mean difference in here. */
  readonly interval: readonly [number, number];
  /**
   * Two-sided p of the paired randomisation test (Fisher; Smucker, Allan, Carterette 2007), 10,000 rounds: how often chance
   * alone, swapping `a` and `b` query by query, makes a difference as large. Across a table of comparisons, see `holm`.
   */
  readonly p: number;
  /** The smallest true difference that so many queries show in four of five trials, at p < .05. */
  readonly detectable: number;
  /** How many queries it takes to show a difference as large as this one; Infinity where there is none. */
  readonly needed: number;
}

/**
 * Compares two evaluations of the same queries, query by query.
 *
 * @example compare(await evaluate(hybrid, queries), await evaluate(lexical, queries), { metric: "ndcg@10" })
 */
export function compare(
  a: Pick<Evaluation, "mean" | "perQuery">,
  b: Pick<Evaluation, "mean" | "perQuery">,
  options: CompareOptions = {},
): Comparison {
  checkOptions("compare", options, ["metric", "seed"]);
  for (const [name, evaluation] of Object.entries({ a, b })) {
    expectRecord(name, evaluation, "an evaluation's mean and perQuery");
    expectRecord(`${name}.mean`, evaluation.mean, "means by metric");
    expectTable(`${name}.perQuery`, evaluation.perQuery, "scores by metric");
  }
  const { metric = Object.keys(a.mean)[0] ?? "" } = options;
  if (typeof metric !== "string") throw unexpected("metric", "a name", metric);
  const seed = seedOf(options.seed);
  const differences = paired(a, b, metric);
  const n = differences.length;
  const difference = meanOf(differences);
  const deviation = deviationOf(differences);
  return {
    metric,
    n,
    difference,
    interval: bootstrap(differences, seed),
    p: randomisation(differences, seed),
    detectable: detectableWith(deviation, n),
    needed: neededFor(difference, deviation),
  };
}

/**
 * Holm's correction (1979): the p values of a table of comparisons, adjusted so that a table without any true difference
 * shows one below .05 in at most 5 % of cases. In the order given.
 */
export function holm(p: readonly number[]): readonly number[] {
  expectArray("p", p, "numbers between 0 and 1");
  for (const [index, value] of p.entries()) {
    if (!(Number.isFinite(value) && value >= 0 && value <= 1))
      throw unexpected(`p[${index}]`, "a number between 0 and 1", value);
  }
  const order = p.map((value, index) => ({ value, index })).toSorted((x, y) => x.value - y.value);
  const adjusted: number[] = p.map(() => 1);
  let floor = 0;
  for (const [rank, { value, index }] of order.entries()) {
    floor = Math.max(floor, Math.min(1, value * (p.length - rank)));
    adjusted[index] = floor;
  }
  return adjusted;
}

function paired(a: Pick<Evaluation, "perQuery">, b: Pick<Evaluation, "perQuery">, metric: string): readonly number[] {
  const left = scoresOf(a, metric);
  const right = scoresOf(b, metric);
  if (left.size === 0 || right.size === 0) {
    const known = new Set(
      [a, b].flatMap(({ perQuery }) => Object.values(perQuery).flatMap((values) => Object.keys(values))),
    );
    throw new ConfigError(
      `metric: expected one that both evaluations have (${[...known].join(", ")}), received ${quoted(metric)}`,
    );
  }
  const unpaired = [...left.keys()]
    .filter((query) => !right.has(query))
    .concat([...right.keys()].filter((query) => !left.has(query)));
  if (unpaired.length > 0) {
    throw new ConfigError(
      `compare: expected evaluations of the same queries; ${unpaired.length} are in one of them only, e.g. ${quoted(unpaired[0] ?? "")}`,
    );
  }
  return [...left].map(([query, value]) => value - (right.get(query) ?? 0));
}

function scoresOf({ perQuery }: Pick<Evaluation, "perQuery">, metric: string): ReadonlyMap<string, number> {
  const scores = new Map<string, number>();
  for (const [query, values] of Object.entries(perQuery)) {
    const value: unknown = Object.hasOwn(values, metric) ? values[metric] : undefined;
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw unexpected("perQuery", `a number as ${metric} of ${quoted(query)}`, value);
    }
    scores.set(query, value);
  }
  return scores;
}
