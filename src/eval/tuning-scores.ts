import { indexedText } from "../chunkers/text/indexed-text.ts";
import { minMax } from "../fusion.ts";
import { sha256 } from "../indexing/digest.ts";
import { rerankTexts } from "../rerank/reranking.ts";
import type { Candidate, Reranker, SourceDocument } from "../types.ts";
import { bestGrades, trueSpans, type EvalQuery } from "./judgments.ts";
import { measure } from "./measure.ts";
import { type Budget, type DocumentSpan, type Passage, spanScores, withinBudget } from "./spans.ts";
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

/** A place in `Lists.rows` with its score. */
interface Ranked {
  readonly row: number;
  readonly score: number;
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

  /** The first `most` of the fused ranking. */
  const fused = (choice: TuningChoice, query: number, most: number): readonly Ranked[] => {
    const limit = Math.max(choice.candidates, choice.topK);
    const dense = lists.dense?.[query];
    const lexical = lists.lexical[weightingOf(choice)]?.[query];
    if (dense === undefined || lexical === undefined) return rankedOf(candidatesOf(dense ?? lexical, limit), most);
    const { denseWeight } = choice;
    if (denseWeight === undefined) {
      const legs = { dense: candidatesOf(dense, limit), lexical: candidatesOf(lexical, limit) };
      return rankedOf((fusion ?? never)(legs), most);
    }
    const key = `${query} ${limit} ${weightingOf(choice)}`;
    const mix = mixes.get(key) ?? mixed(dense, lexical, limit);
    mixes.set(key, mix);
    return weighed(mix, denseWeight, most);
  };

  /** In the reranker's order, each pair of query and text scored once. */
  const reranked = async (
    candidates: readonly Ranked[],
    query: number,
    model: Reranker,
  ): Promise<readonly Ranked[]> => {
    const asked = queries[query]?.text ?? "";
    const known = relevances.get(asked) ?? new Map<string, number>();
    relevances.set(asked, known);
    const texts = candidates.map(({ row }) => rowOf(row).indexed);
    const missing = [...new Set(texts.filter((text) => !known.has(text)))];
    const key =
      model.fingerprint === undefined || missing.length === 0
        ? undefined
        : `rerank-${sha256(JSON.stringify([model.fingerprint, asked, missing]))}`;
    const scores = await cachedJson(cache, key, () => rerankTexts(model, asked, missing, { signal }));
    for (const [index, text] of missing.entries()) known.set(text, scores[index] ?? 0);
    return candidates
      .map(({ row }, index) => ({ row, score: known.get(texts[index] ?? "") ?? 0 }))
      .toSorted((a, b) => b.score - a.score || a.row - b.row);
  };

  return async (choice, query) => {
    const { topK, rerank = 0 } = choice;
    const reranks = reranker !== undefined && rerank > 0;
    const found = fused(choice, query, reranks ? Math.max(topK, rerank) : topK);
    const ranking = reranks ? await reranked(found, query, reranker) : found;
    const hits = ranking.slice(0, topK);
    if (budget === undefined) return documentScore(hits, (row) => rowOf(row).documentId, grades[query] ?? {});
    const context = withinBudget(
      hits.map(({ row }) => rowOf(row)),
      budget,
    );
    return spanScores(context, truths[query] ?? []).recall;
  };
}

/** nDCG@10 looks at ten documents; what ties with the tenth may stand before it in trec_eval's order. */
const LOOKED_AT = 10;

function documentScore(
  hits: readonly Ranked[],
  documentOf: (row: number) => string,
  grades: Readonly<Record<string, number>>,
): number {
  const best = new Map<string, number>();
  let last = -Infinity;
  for (const { row, score } of hits) {
    if (best.size >= LOOKED_AT && Math.fround(score) < last) break;
    const documentId = documentOf(row);
    if (best.has(documentId)) continue;
    best.set(documentId, score);
    last = Math.fround(score);
  }
  const { mean } = measure({ q: Object.fromEntries(best) }, { q: grades }, ["ndcg@10"]);
  return mean["ndcg@10"];
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

function rankedOf(candidates: readonly Candidate[], most: number): readonly Ranked[] {
  return candidates.slice(0, most).map(({ id, score }) => ({ row: Number(id), score }));
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
function weighed({ rows, dense, lexical }: Mixed, weight: number, most: number): readonly Ranked[] {
  const scores = new Float64Array(rows.length);
  for (let index = 0; index < scores.length; index++) {
    scores[index] = weight * (dense[index] ?? 0) + (1 - weight) * (lexical[index] ?? 0);
  }
  const order = Uint32Array.from(rows.keys()).toSorted(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || (rows[a] ?? 0) - (rows[b] ?? 0),
  );
  return Array.from(order.subarray(0, most), (index) => ({ row: rows[index] ?? 0, score: scores[index] ?? 0 }));
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
