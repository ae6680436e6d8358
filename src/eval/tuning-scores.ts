import { indexedText } from "../chunkers/indexed-text.ts";
import { byScore, minMax } from "../fusion.ts";
import { sha256 } from "../indexing/digest.ts";
import { rerankTexts } from "../rerank/reranking.ts";
import type { Candidate, Reranker, SourceDocument } from "../types.ts";
import { bestGrades, trueSpans, type Budget, type EvalQuery } from "./judgments.ts";
import { measure } from "./measure.ts";
import { spanScores, withinBudget, type DocumentSpan, type Passage } from "./spans.ts";
import { cachedJson } from "./tuning-cache.ts";
import { weightingOf, type Lists, type RankedRows } from "./tuning-lists.ts";
import type { Space } from "./tuning-space.ts";
import type { TuningCache, TuningChoice } from "./tuning-types.ts";

/** What `evaluate` would say of a retriever with these settings, from the lists alone: no index, no embedder. */

export interface ScorerOptions {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  readonly lists: Lists;
  /** undefined: nDCG@10 over documents. */
  readonly budget: Budget | undefined;
  /** Of legs that no combination weighs. */
  readonly fusion: Space["fusion"];
  readonly reranker: Reranker | undefined;
  readonly cache: TuningCache | undefined;
  readonly signal: AbortSignal;
}

/** A combination's score on a query. */
export type Scorer = (choice: TuningChoice, query: number) => Promise<number>;

/** A passage with what a reranker reads of it. */
interface Row extends Passage {
  readonly indexed: string;
}

/** The rows that either leg found, with both scores on the scale 0…1. */
interface Mixed {
  readonly rows: readonly number[];
  readonly dense: Float64Array;
  readonly lexical: Float64Array;
}

export function scorerOf(options: ScorerOptions): Scorer {
  const { documents, queries, lists, budget: given, fusion, reranker, cache, signal } = options;
  const budget = given && counting(given);
  const rows = new Map<number, Row>();
  const rowOf = (row: number): Row => {
    const known = rows.get(row) ?? read(documents, lists.rows[row]);
    rows.set(row, known);
    return known;
  };
  const truths: readonly (readonly DocumentSpan[])[] = queries.map(({ judgments }) => trueSpans(judgments));
  const grades = queries.map(({ judgments }) => bestGrades(judgments));
  const mixes = new Map<string, Mixed>();
  const relevances = new Map<string, Map<string, number>>();

  const fused = (choice: TuningChoice, query: number): readonly Candidate[] => {
    const limit = Math.max(choice.candidates, choice.topK);
    const dense = lists.dense?.[query];
    const lexical = lists.lexical[weightingOf(choice)]?.[query];
    if (dense === undefined || lexical === undefined) return candidatesOf(dense ?? lexical, limit);
    const { denseWeight } = choice;
    if (denseWeight === undefined) {
      const legs = { dense: candidatesOf(dense, limit), lexical: candidatesOf(lexical, limit) };
      return (fusion ?? never)(legs);
    }
    const key = `${query} ${limit} ${weightingOf(choice)}`;
    const mix = mixes.get(key) ?? mixed(dense, lexical, limit);
    mixes.set(key, mix);
    return weighed(mix, denseWeight);
  };

  /** In the reranker's order, each pair of query and text scored once. */
  const reranked = async (
    candidates: readonly Candidate[],
    query: number,
    model: Reranker,
  ): Promise<readonly Candidate[]> => {
    const asked = queries[query]?.text ?? "";
    const known = relevances.get(asked) ?? new Map<string, number>();
    relevances.set(asked, known);
    const texts = candidates.map(({ id }) => rowOf(Number(id)).indexed);
    const missing = [...new Set(texts.filter((text) => !known.has(text)))];
    const key =
      model.fingerprint === undefined || missing.length === 0
        ? undefined
        : `rerank-${sha256(JSON.stringify([model.fingerprint, asked, missing]))}`;
    const scores = await cachedJson(cache, key, () => rerankTexts(model, asked, missing, { signal }));
    for (const [index, text] of missing.entries()) known.set(text, scores[index] ?? 0);
    return candidates.map(({ id }, index) => ({ id, score: known.get(texts[index] ?? "") ?? 0 })).toSorted(byScore);
  };

  return async (choice, query) => {
    let ranking = fused(choice, query);
    if (reranker !== undefined && choice.rerank !== undefined && choice.rerank > 0) {
      ranking = await reranked(ranking.slice(0, Math.max(choice.topK, choice.rerank)), query, reranker);
    }
    const hits = ranking.slice(0, choice.topK);
    if (budget !== undefined) {
      const context = withinBudget(
        hits.map(({ id }) => rowOf(Number(id))),
        budget,
      );
      return spanScores(context, truths[query] ?? []).recall;
    }
    const best = new Map<string, number>();
    for (const { id, score } of hits) {
      const { documentId } = rowOf(Number(id));
      if (!best.has(documentId)) best.set(documentId, score);
    }
    const { mean } = measure({ q: Object.fromEntries(best) }, { q: grades[query] ?? {} }, ["ndcg@10"]);
    return mean["ndcg@10"];
  };
}

/** Without a weight there is a fusion of the user's own, or one leg. */
function never(): never {
  throw new Error("two legs without a weight and without a fusion");
}

/** The place as an id whose order as a string is the order of the places. */
function idOf(row: number): string {
  return String(row).padStart(9, "0");
}

function candidatesOf(leg: RankedRows | undefined, limit: number): readonly Candidate[] {
  return (leg?.rows ?? []).slice(0, limit).map((row, index) => ({ id: idOf(row), score: leg?.scores[index] ?? 0 }));
}

function mixed(dense: RankedRows, lexical: RankedRows, limit: number): Mixed {
  const places = new Map<number, number>();
  for (const row of [...dense.rows.slice(0, limit), ...lexical.rows.slice(0, limit)]) {
    if (!places.has(row)) places.set(row, places.size);
  }
  const scaled = (leg: RankedRows): Float64Array => {
    const values = new Float64Array(places.size);
    const shares = minMax(candidatesOf(leg, limit));
    for (const [index, share] of shares.entries()) values[places.get(leg.rows[index] ?? 0) ?? 0] = share;
    return values;
  };
  return { rows: [...places.keys()], dense: scaled(dense), lexical: scaled(lexical) };
}

/** `convex()`, on scores that are scaled already. */
function weighed({ rows, dense, lexical }: Mixed, weight: number): readonly Candidate[] {
  const scores = dense.map((value, index) => weight * value + (1 - weight) * (lexical[index] ?? 0));
  const order = rows.map((_, index) => index);
  order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || (rows[a] ?? 0) - (rows[b] ?? 0));
  return order.map((index) => ({ id: idOf(rows[index] ?? 0), score: scores[index] ?? 0 }));
}

function read(documents: readonly SourceDocument[], row: Lists["rows"][number] | undefined): Row {
  const document = documents[row?.document ?? 0];
  if (row === undefined || document === undefined) throw new Error("a list names a chunk that it does not have");
  const { start, end } = row.parent ?? row;
  const { id, title, text } = document;
  return {
    documentId: id,
    start,
    end,
    text: text.slice(start, end),
    indexed: indexedText({ title, context: row.context, text: text.slice(row.start, row.end) }),
  };
}

/** The same slices come up in every combination: each is counted once. */
function counting(budget: Budget): Budget {
  if (!("tokens" in budget)) return budget;
  const { tokens, tokenizer } = budget;
  const counts = new Map<string, number>();
  const count = (text: string): number => {
    const known = counts.get(text) ?? tokenizer.count(text);
    counts.set(text, known);
    return known;
  };
  return { tokens, tokenizer: { name: tokenizer.name, count } };
}
