import { unexpected } from "./errors.ts";
import { checkOptions, fraction } from "./options.ts";
import type { Candidate, Fusion } from "./types.ts";

/**
 * Min-max normalised scores, weighted: `dense · d + (1 − dense) · l`. The default.
 *
 * A candidate that a leg did not find has 0 there; a leg whose scores are all equal, or that has one candidate, gives 1.
 * The other leg missing altogether leaves this one alone.
 *
 * @param options.dense Weight of the dense leg, 0…1. Default: the embedder's own.
 */
export function convex(options: { readonly dense?: number } = {}): Fusion {
  checkFusion("convex", options);
  return (legs, weights) => weighted(legs, options.dense ?? weights.dense, minMax);
}

/**
 * Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): the sum of `weight / (k + rank)`, ranks from 1. Both legs weigh
 * the same unless told otherwise, as the paper has it: the embedder's weight belongs to scores, not to ranks.
 *
 * @param options.k Default 60.
 */
export function rrf(options: { readonly k?: number; readonly dense?: number } = {}): Fusion {
  checkFusion("rrf", options, "k");
  const { k = 60, dense = 0.5 } = options;
  if (!Number.isFinite(k) || k < 0) throw unexpected("rrf.k", "a number of at least 0", k);
  return (legs) => weighted(legs, dense, (candidates) => candidates.map((_, index) => 1 / (k + index + 1)));
}

/**
 * Distribution-based: `(s − (μ − 3σ)) / 6σ` over the leg's candidates, weighted. Never clamped: a single strong hit lies
 * beyond three deviations and must stay ahead. Equal scores give 1; a candidate that a leg did not find has 0 there.
 */
export function dbsf(options: { readonly dense?: number } = {}): Fusion {
  checkFusion("dbsf", options);
  return (legs, weights) => weighted(legs, options.dense ?? weights.dense, threeSigma);
}

/** A leg's scores on the scale 0…1, in the order given; 1 for all where they do not differ. */
export function minMax(candidates: readonly Candidate[]): readonly number[] {
  let low = Infinity;
  let high = -Infinity;
  for (const { score } of candidates) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  return candidates.map(({ score }) => (high > low ? (score - low) / (high - low) : 1));
}

/** The formula does not change under scaling, so it is taken of min-max scores, where no square can over- or underflow. */
function threeSigma(candidates: readonly Candidate[]): readonly number[] {
  const scores = minMax(candidates);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  const equal = scores.every((score) => score === scores[0]);
  return scores.map((score) => (equal ? 1 : (score - (mean - 3 * deviation)) / (6 * deviation)));
}

type Normalise = (candidates: readonly Candidate[]) => readonly number[];

function weighted(legs: Parameters<Fusion>[0], dense: number, normalise: Normalise): readonly Candidate[] {
  const { dense: denseLeg, lexical: lexicalLeg } = legs;
  const scores = new Map<string, number>();
  const add = (candidates: readonly Candidate[], weight: number): void => {
    const normalised = normalise(candidates);
    candidates.forEach(({ id }, index) => scores.set(id, (scores.get(id) ?? 0) + weight * (normalised[index] ?? 0)));
  };
  const both = denseLeg !== undefined && lexicalLeg !== undefined;
  if (denseLeg !== undefined) add(denseLeg, both ? dense : 1);
  if (lexicalLeg !== undefined) add(lexicalLeg, both ? 1 - dense : 1);
  return [...scores].map(([id, score]) => ({ id, score })).toSorted(byScore);
}

/** Best first; ties by id, in UTF-16 order, the same on every machine. */
export function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function checkFusion(name: string, options: { readonly dense?: number }, ...others: readonly string[]): void {
  checkOptions(name, options, ["dense", ...others]);
  fraction(`${name}.dense`, options.dense, 0);
}
