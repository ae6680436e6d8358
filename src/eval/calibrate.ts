import { ConfigError, shown, unexpected } from "../errors.ts";
import { callOptions, checkOptions } from "../options.ts";
import type { Calibration, ErrorRate, SearchOptions, Searchable } from "../retriever-types.ts";
import { breather, finishedSlowly, withDeadline } from "../signal.ts";
import type { CallOptions } from "../types.ts";
import { freshCounts, neededForRate, quantile } from "./intervals.ts";
import { checkRun, expectAnswer, expectRecords, expectSearchable } from "./inputs.ts";
import { checkQueries, type EvalQuery } from "./judgments.ts";
import { randomBits, seedOf, shuffled } from "./random.ts";

/** From which confidence on a question counts as answerable. */

/** Below it a quantile is a single query's luck. */
const LEAST = 10;
const FOLDS = 5;
const RESAMPLES = 1_000;
/** Of each interval, so that both hold at once in 95 of 100 cases. */
const LEVEL = 0.975;
/** Half the width of an interval that is good enough to rely on. */
const CLOSE = 0.05;

export interface CalibrateOptions extends CallOptions {
  /** The share of unanswerable questions that may be called answerable. Default 0.1. */
  readonly falseFound?: number;
  /** Of folds and resamples. Default 1. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => unknown;
}

export interface CalibrationReport extends Calibration {
  /** What it was learned from. */
  readonly queries: { readonly answerable: number; readonly unanswerable: number };
  /** So many of each kind bring the rates within five points of what they are, 19 times in 20. */
  readonly needed: { readonly answerable: number; readonly unanswerable: number };
  /** Whether there were so many. */
  readonly trusted: boolean;
}

/**
 * Learns a threshold of `confidence` from questions that the documents answer and questions that they do not: the lowest
 * one that calls no more than `falseFound` of the latter answerable.
 *
 * It tells questions about something else; a question whose passage is here and lacks the answer it cannot tell. So take
 * unanswerable questions of the kind that users ask. Rates are read on queries that the threshold was not learned from.
 *
 * @example
 * const calibration = await calibrate(docs, answerable, unanswerable);
 * const { answerable: found } = await docs.search(question, { calibration });
 */
export async function calibrate<M>(
  retriever: Searchable<M>,
  answerable: readonly EvalQuery<M>[],
  unanswerable: readonly { readonly id: string; readonly text: string }[],
  options: CalibrateOptions = {},
): Promise<CalibrationReport> {
  checkOptions("calibrate", options, ["falseFound", "seed", "onProgress", ...callOptions]);
  checkRun(options);
  const { falseFound = 0.1, onProgress } = options;
  if (!(Number.isFinite(falseFound) && falseFound >= 0 && falseFound < 1)) {
    throw unexpected("falseFound", "a share from 0 to below 1", falseFound);
  }
  const seed = seedOf(options.seed);
  expectSearchable(retriever);
  checkKind("answerable", answerable);
  checkKind("unanswerable", unanswerable);
  checkQueries(answerable);
  expectRecords("unanswerable", unanswerable, "{ id, text }");
  const without = unanswerable.map(({ id, text }): EvalQuery<M> => ({ id, text, judgments: [] }));
  checkQueries(without);

  return withDeadline("calibrate", options, async (signal) => {
    const total = answerable.length + unanswerable.length;
    const breathe = breather(signal);
    const read: number[] = [];
    let fingerprint: string | undefined;
    for (const query of [...answerable, ...without]) {
      await breathe();
      const asked: SearchOptions<M> = { topK: 1, rerank: false, confidence: true, trace: true, signal };
      const { filter } = query;
      const result = await retriever.search(query.text, { ...asked, ...(filter !== undefined && { filter }) });
      signal.throwIfAborted();
      expectAnswer(result);
      if (result.confidence === undefined) {
        throw new ConfigError(
          "calibrate: expected a search that answers with `confidence`, received one that does not",
        );
      }
      const here = result.trace?.fingerprint;
      if (fingerprint !== undefined && here !== undefined && here !== fingerprint) {
        throw new ConfigError(
          "calibrate: the index changed while it was searched, or not all legs answered each query.",
        );
      }
      fingerprint ??= here;
      read.push(result.confidence);
      await onProgress?.(read.length, total);
    }
    if (fingerprint === undefined) throw new ConfigError("calibrate: expected an index with documents, received none");
    const sides = { found: read.slice(0, answerable.length), lost: read.slice(answerable.length) };
    return { fingerprint, ...(await finishedSlowly(learning(sides, falseFound, seed), breathe)) };
  });
}

function checkKind(name: string, queries: unknown): void {
  if (Array.isArray(queries) && queries.length >= LEAST) return;
  const received = Array.isArray(queries) ? String(queries.length) : shown(queries);
  throw new ConfigError(`${name}: expected at least ${LEAST} queries to learn from, received ${received}`);
}

/** Confidences of questions with and without an answer. */
export interface Sides {
  readonly found: readonly number[];
  readonly lost: readonly number[];
}

/** Exported for the trials of its intervals. */
export function* learning(
  sides: Sides,
  allowed: number,
  seed: number,
): Generator<void, Omit<CalibrationReport, "fingerprint">, undefined> {
  const { found, lost } = sides;
  const next = randomBits(seed);
  const rates = crossFitted(sides, allowed, next);
  const [freshFound, freshLost] = [[], []] as [number[], number[]];
  for (let round = 0; round < RESAMPLES; round++) {
    yield;
    const threshold = thresholdOf(resampled(sides, next), allowed);
    const fresh = errorsOf(resampled(sides, next), threshold);
    freshFound.push(fresh.falseFound / lost.length);
    freshLost.push(fresh.falseNotFound / found.length);
  }
  const falseFound = rateOf(rates.falseFound, lost.length, freshFound);
  const falseNotFound = rateOf(rates.falseNotFound, found.length, freshLost);
  const needed = {
    answerable: neededForRate(falseNotFound.rate, CLOSE),
    unanswerable: neededForRate(falseFound.rate, CLOSE),
  };
  return {
    threshold: thresholdOf(sides, allowed),
    falseFound,
    falseNotFound,
    queries: { answerable: found.length, unanswerable: lost.length },
    needed,
    trusted: found.length >= needed.answerable && lost.length >= needed.unanswerable,
  };
}

/**
 * The interval holds what the counts say of fresh ones, and what learning anew from other queries does to the threshold;
 * neither alone is wide enough where errors are few, or where a threshold stands on a slope.
 */
function rateOf(errors: number, count: number, fresh: readonly number[]): ErrorRate {
  const sorted = fresh.toSorted((a, b) => a - b);
  const tail = (1 - LEVEL) / 2;
  const [low, high] = freshCounts(errors, count, LEVEL);
  return {
    rate: errors / count,
    interval: [Math.min(low / count, quantile(sorted, tail)), Math.max(high / count, quantile(sorted, 1 - tail))],
  };
}

interface Errors {
  readonly falseFound: number;
  readonly falseNotFound: number;
}

/** How often a threshold errs on queries that it was not learned from, each query being one of them once. */
function crossFitted(sides: Sides, allowed: number, next: () => number): Errors {
  const parted = (values: readonly number[]): readonly (readonly number[])[] => {
    const order = shuffled(values.length, next);
    return Array.from({ length: FOLDS }, (_, fold) =>
      order.filter((_index, at) => at % FOLDS === fold).map((index) => values[index] ?? 0),
    );
  };
  const [found, lost] = [parted(sides.found), parted(sides.lost)];
  const sum = { falseFound: 0, falseNotFound: 0 };
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = (parts: typeof found): readonly number[] => parts.filter((_, index) => index !== fold).flat();
    const threshold = thresholdOf({ found: others(found), lost: others(lost) }, allowed);
    const errors = errorsOf({ found: found[fold] ?? [], lost: lost[fold] ?? [] }, threshold);
    sum.falseFound += errors.falseFound;
    sum.falseNotFound += errors.falseNotFound;
  }
  return sum;
}

function errorsOf({ found, lost }: Sides, threshold: number): Errors {
  return {
    falseFound: lost.filter((value) => value >= threshold).length,
    falseNotFound: found.filter((value) => value < threshold).length,
  };
}

/** Between the highest unanswerable one that is refused and what comes above it, of either kind. */
export function thresholdOf({ found, lost }: Sides, allowed: number): number {
  // Typed arrays sort as numbers: this runs a thousand times over.
  const sorted = Float64Array.from(lost).toSorted();
  const highest = sorted[sorted.length - 1 - Math.floor(allowed * sorted.length)] ?? 0;
  let above = Infinity;
  for (const value of found) if (value > highest && value < above) above = value;
  for (const value of sorted) if (value > highest && value < above) above = value;
  // Nothing is above: refuse everything seen, and call answerable what is better than all of it.
  return above === Infinity ? highest + Number.EPSILON : (highest + above) / 2;
}

function resampled({ found, lost }: Sides, next: () => number): Sides {
  const again = (values: readonly number[]): number[] =>
    values.map(() => values[Math.floor((next() / 2 ** 32) * values.length)] ?? 0);
  return { found: again(found), lost: again(lost) };
}
