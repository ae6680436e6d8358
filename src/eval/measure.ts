import { ConfigError, quoted, unexpected } from "../errors.ts";
import { expectArray, expectTable } from "./inputs.ts";
import { meanOf } from "./statistics.ts";

/** Ranking metrics over documents, as trec_eval 9.0 defines them (C. Buckley, NIST). */

/** With `@k`, over the first k documents; without, over all that were retrieved. */
export type Metric =
  | `${"ndcg" | "recall" | "precision" | "map" | "mrr" | "hit"}@${number}`
  | "ndcg"
  | "map"
  | "mrr"
  | "rprecision"
  | "bpref";

/** Query → document → score; higher is better. */
export type Run = Readonly<Record<string, Readonly<Record<string, number>>>>;
/** Query → document → grade, a whole number: 1 and more is relevant, 0 is judged and not, below 0 is not judged. */
export type Qrels = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Measurement<K extends string> {
  readonly mean: Readonly<Record<K, number>>;
  readonly perQuery: Readonly<Record<string, Readonly<Record<K, number>>>>;
  /** Queries of the run that `qrels` does not know. They count nowhere. */
  readonly unjudged: readonly string[];
}

/**
 * trec_eval's numbers: means over every query of `qrels` (its `-c`), so that a query without results counts 0.
 *
 * Documents of equal score stand in descending order of id, and scores are compared as 32-bit floats, as in trec_eval 9.
 * trec_eval's names: `ndcg_cut_k`, `recall_k`, `P_k`, `map_cut_k`, `success_k` (hit), `recip_rank` (mrr), `Rprec`.
 *
 * @example measure({ q1: { a: 1.5, b: 0.3 } }, { q1: { b: 1 } }, ["ndcg@10", "mrr"]).mean.mrr // 0.5
 */
export function measure<const K extends Metric>(run: Run, qrels: Qrels, metrics: readonly K[]): Measurement<K> {
  expectTable("run", run, "scores by document");
  expectTable("qrels", qrels, "grades by document");
  expectArray("metrics", metrics, 'names such as "ndcg@10"');
  const scorers = metrics.map((metric) => [metric, parseMetric(metric).score] as const);
  const perQuery = Object.entries(qrels).map(([query, grades]) => {
    // Not `run[query]`: a query may be called "constructor".
    const ranking = judged(query, Object.hasOwn(run, query) ? run[query] : undefined, grades);
    return [query, recordOf(scorers.map(([metric, score]) => [metric, score(ranking)]))] as const;
  });
  if (perQuery.length === 0) throw new ConfigError("qrels: expected at least one query, received none");
  const mean = metrics.map((metric) => [metric, meanOf(perQuery.map(([, values]) => values[metric]))] as const);
  return {
    mean: recordOf(mean),
    perQuery: recordOf(perQuery),
    unjudged: Object.keys(run).filter((query) => !Object.hasOwn(qrels, query)),
  };
}

/** `Object.fromEntries` with the keys' type; it defines properties, so `__proto__` is a key like any other. */
function recordOf<K extends string, V>(entries: readonly (readonly [K, V])[]): Record<K, V> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has exactly these keys
  return Object.fromEntries(entries) as Record<K, V>;
}

/** What the metrics see of one query. */
interface Ranking {
  /** By rank; undefined where the document was not judged. */
  readonly grades: readonly (number | undefined)[];
  /** Every positive grade, retrieved or not, best first. */
  readonly ideal: readonly number[];
  /** How many documents are judged and not relevant, retrieved or not. */
  readonly irrelevant: number;
}

function judged(
  query: string,
  scores: Readonly<Record<string, number>> | undefined,
  grades: Readonly<Record<string, number>>,
): Ranking {
  const known = new Map<string, number>();
  for (const [document, grade] of Object.entries(grades)) {
    if (!Number.isSafeInteger(grade)) {
      throw unexpected("qrels", `a whole number as the grade of ${quoted(document)} for ${quoted(query)}`, grade);
    }
    if (grade >= 0) known.set(document, grade);
  }
  const values = [...known.values()];
  return {
    grades: ranked(query, scores ?? {}).map((document) => known.get(document)),
    ideal: values.filter((grade) => grade > 0).toSorted((a, b) => b - a),
    irrelevant: values.filter((grade) => grade === 0).length,
  };
}

/** Documents by score, best first; ties by id, descending. A score that is no number is a ConfigError. */
export function ranked(query: string, scores: Readonly<Record<string, number>>): readonly string[] {
  const documents = Object.keys(scores);
  const values = Float32Array.from(documents, (document) => {
    const score = scores[document];
    if (typeof score === "number" && !Number.isNaN(score)) return score;
    throw unexpected("run", `a number as the score of ${quoted(document)} for ${quoted(query)}`, score);
  });
  // Most runs come in order.
  if (values.every((value, index) => index === 0 || value < (values[index - 1] ?? 0))) return documents;
  return [...documents.keys()]
    .toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || compareBytes(documents[b] ?? "", documents[a] ?? ""))
    .map((index) => documents[index] ?? "");
}

/** The order of the UTF-8 bytes, C's `strcmp`. JavaScript's `<` puts astral characters before U+E000…U+FFFF. */
function compareBytes(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const difference = codePointOrder(a.charCodeAt(at)) - codePointOrder(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Moves the surrogates above everything else, where the characters they stand for belong. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

interface ParsedMetric {
  /** How many documents it looks at; none: all. */
  readonly cutoff?: number;
  readonly score: (ranking: Ranking) => number;
}

/** Metrics that need a cutoff, and metrics that can do without; the others take none. */
const cuttable: Readonly<Record<string, (ranking: Ranking, cutoff: number) => number>> = {
  ndcg: ({ grades, ideal }, cutoff) => ratio(gain(grades.slice(0, cutoff)), gain(ideal.slice(0, cutoff))),
  recall: (ranking, cutoff) => ratio(relevantIn(ranking, cutoff), ranking.ideal.length),
  precision: (ranking, cutoff) => relevantIn(ranking, cutoff) / cutoff,
  map: averagePrecision,
  mrr: reciprocalRank,
  hit: (ranking, cutoff) => (relevantIn(ranking, cutoff) > 0 ? 1 : 0),
};
const uncuttable: Readonly<Record<string, (ranking: Ranking) => number>> = {
  rprecision: (ranking) => ratio(relevantIn(ranking, ranking.ideal.length), ranking.ideal.length),
  bpref: binaryPreference,
};
const withoutCutoff: ReadonlySet<string> = new Set(["ndcg", "map", "mrr", ...Object.keys(uncuttable)]);

/** Throws a ConfigError where there is no such metric. */
export function parseMetric(metric: string): ParsedMetric {
  const [name = "", digits, ...rest] = typeof metric === "string" ? metric.split("@") : [];
  if (digits === undefined && withoutCutoff.has(name)) {
    const score = uncuttable[name] ?? ((ranking: Ranking) => cuttable[name]?.(ranking, Infinity) ?? 0);
    return { score };
  }
  const cutoff = Number(digits);
  if (Object.hasOwn(cuttable, name) && rest.length === 0 && /^[1-9][0-9]*$/.test(digits ?? "")) {
    return { cutoff, score: (ranking) => cuttable[name]?.(ranking, cutoff) ?? 0 };
  }
  const names = [...Object.keys(cuttable).map((known) => `${known}@k`), ...withoutCutoff];
  throw unexpected("metrics", `one of ${names.join(", ")} with a whole k from 1`, metric);
}

function relevantIn({ grades }: Ranking, cutoff: number): number {
  return grades.slice(0, cutoff).filter(isRelevant).length;
}

function isRelevant(grade: number | undefined): boolean {
  return grade !== undefined && grade > 0;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Σ grade / log2(rank + 1): linear gain (Järvelin, Kekäläinen 2002), not the exponential one of web search. */
function gain(grades: readonly (number | undefined)[]): number {
  return grades.reduce<number>((sum, grade = 0, index) => sum + grade / Math.log2(index + 2), 0);
}

/** Precision at each relevant document, averaged over all relevant ones, retrieved or not. */
function averagePrecision({ grades, ideal }: Ranking, cutoff: number): number {
  let found = 0;
  let sum = 0;
  for (const [index, grade] of grades.slice(0, cutoff).entries()) {
    if (isRelevant(grade)) sum += ++found / (index + 1);
  }
  return ratio(sum, ideal.length);
}

function reciprocalRank({ grades }: Ranking, cutoff: number): number {
  const index = grades.slice(0, cutoff).findIndex(isRelevant);
  return index === -1 ? 0 : 1 / (index + 1);
}

/** How seldom judged irrelevant documents stand above relevant ones; the unjudged are passed over (Buckley, Voorhees 2004). */
function binaryPreference({ grades, ideal, irrelevant }: Ranking): number {
  const relevant = ideal.length;
  let above = 0;
  let sum = 0;
  for (const grade of grades) {
    if (grade === 0) above++;
    else if (isRelevant(grade)) sum += 1 - ratio(Math.min(above, relevant), Math.min(irrelevant, relevant));
  }
  return ratio(sum, relevant);
}
