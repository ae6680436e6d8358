import { recursive } from "../chunkers/recursive.ts";
import type { ChunkerOptions } from "../chunkers/options.ts";
import { ConfigError } from "../errors.ts";
import { callOptions, checkOptions, expectOptions, expectType, wholeNumber } from "../options.ts";
import { createRetriever } from "../retriever.ts";
import type { Hit, Retriever, RetrieverOptions, SearchOptions } from "../retriever-types.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import { withDeadline } from "../signal.ts";
import { memory } from "../stores/memory.ts";
import type { CallOptions, Chunker } from "../types.ts";
import { evaluate, type Evaluation } from "./evaluate.ts";
import { type AnyDocument, checkBase, checkRun, expectArray } from "./inputs.ts";
import { checkQueries, type EvalQuery } from "./judgments.ts";
import { type Budget, budgetOf, passageOf } from "./spans.ts";

/** What would have happened with one knob turned. */

export interface CounterfactualOptions extends CallOptions {
  readonly documents: readonly AnyDocument[];
  readonly queries: readonly EvalQuery[];
  /** Of the retriever that is looked at; built in memory. Of a store only whether it has a latent leg is taken. */
  readonly base?: RetrieverOptions<MetadataSchema>;
  /** Makes the chunks of every size. Default `recursive`. */
  readonly chunker?: (options: ChunkerOptions) => Chunker;
  /** Default 600. */
  readonly size?: number;
  /** Default 0.25. */
  readonly overlap?: number;
  /** Default 10. */
  readonly topK?: number;
  /** Default 4,000 characters. */
  readonly budget?: Budget;
  readonly onProgress?: (done: number, total: number, knob: string) => unknown;
}

export interface Counterfactual {
  readonly knob: string;
  /** Queries that missed and now have all of the answer in the context; queries that had it and now miss. */
  readonly fixes: readonly string[];
  readonly breaks: readonly string[];
}

/** Plain JSON. */
export interface CounterfactualReport {
  readonly queries: number;
  readonly misses: Evaluation["misses"];
  readonly knobs: readonly Counterfactual[];
  /** Missed queries that at least one knob fixes, the oracle apart. */
  readonly fixable: readonly string[];
}

const ORACLE = "oracle rerank";
/** Candidates that the oracle puts in order. */
const ORACLE_DEPTH = 100;
/** Documents that the latent leg needs at least. */
const LATENT_LEAST = 50;

interface Run {
  readonly knob: string;
  readonly retriever: Retriever;
  readonly queries: readonly EvalQuery[];
  readonly topK: number;
  readonly budget: Budget;
}

/**
 * Runs the queries again with one knob turned at a time: larger chunks, other overlap, twice the topK, twice the budget,
 * another leg, no filter, and a reranker that knows the answers; and says what each fixes and what it breaks.
 *
 * A knob that fixes much and breaks as much is none to turn.
 */
export async function counterfactuals(options: CounterfactualOptions): Promise<CounterfactualReport> {
  expectOptions("counterfactuals", options);
  checkOptions("counterfactuals", options, [
    "documents",
    "queries",
    "base",
    "chunker",
    "size",
    "overlap",
    "topK",
    "budget",
    "onProgress",
    ...callOptions,
  ]);
  checkRun(options);
  const { documents, queries, base = {}, chunker = recursive, overlap = 0.25 } = options;
  const { budget = { characters: 4_000 } } = options;
  expectType("chunker", chunker, "function");
  const size = wholeNumber("size", options.size, 1, 600);
  const topK = wholeNumber("topK", options.topK, 1, 10);
  budgetOf(budget);
  expectArray("documents", documents);
  checkQueries(queries);
  checkBase(base);
  if ("chunker" in base) throw new ConfigError("base.chunker: expected none: give what makes it as `chunker`");
  if (typeof base.lexical === "object") {
    throw new ConfigError("base.lexical: an index of its own cannot be built anew for each knob.");
  }
  const judged = queries.filter(({ judgments }) => judgments.length > 0);

  return withDeadline("counterfactuals", options, async (signal) => {
    const latent = base.store?.latent !== undefined;
    const built = async (own: ChunkerOptions, withLatent = latent): Promise<Retriever> => {
      const retriever = createRetriever({ ...base, store: memory({ latent: withLatent }), chunker: chunker(own) });
      await retriever.index(documents, { signal });
      return retriever;
    };
    const standing = { retriever: await built({ size, overlap }), queries: judged, topK, budget };
    const doubled = twice(budget);
    const runs: (() => Promise<Run>)[] = [
      async () => ({ ...standing, knob: "as it is" }),
      async () => ({ ...standing, knob: "chunk size × 2", retriever: await built({ size: size * 2, overlap }) }),
      overlap > 0
        ? async () => ({ ...standing, knob: "no overlap", retriever: await built({ size, overlap: 0 }) })
        : async () => ({ ...standing, knob: "overlap 0.25", retriever: await built({ size, overlap: 0.25 }) }),
      async () => ({ ...standing, knob: "topK × 2", topK: topK * 2 }),
      async () => ({ ...standing, knob: "budget × 2", budget: doubled }),
      async () => ({ ...standing, knob: "topK × 2, budget × 2", topK: topK * 2, budget: doubled }),
      ...otherLegs(base, latent, documents.length).map((mode) => async (): Promise<Run> => {
        if (mode === "latent")
          return { ...standing, knob: "latent leg added", retriever: await built({ size, overlap }, true) };
        return { ...standing, knob: `${mode} leg alone`, retriever: searching(standing.retriever, { mode }) };
      }),
      ...(judged.some(({ filter }) => filter !== undefined)
        ? [async () => ({ ...standing, knob: "filter off", queries: judged.map(unfiltered) })]
        : []),
      async () => ({ ...standing, knob: ORACLE, retriever: oracle(standing.retriever, judged) }),
    ];
    const missed: { readonly knob: string; readonly misses: Evaluation["misses"] }[] = [];
    for (const make of runs) {
      const run = await make();
      const { misses } = await evaluate(run.retriever, run.queries, {
        topK: run.topK,
        budget: run.budget,
        metrics: [],
        signal,
      });
      missed.push({ knob: run.knob, misses });
      await options.onProgress?.(missed.length, runs.length, run.knob);
    }
    return reported(judged.length, missed);
  });
}

function reported(
  queries: number,
  [first, ...others]: readonly { readonly knob: string; readonly misses: Evaluation["misses"] }[],
): CounterfactualReport {
  const misses = first?.misses ?? [];
  const before = new Set(misses.map(({ queryId }) => queryId));
  const knobs = others.map(({ knob, misses: left }): Counterfactual => {
    const after = new Set(left.map(({ queryId }) => queryId));
    return {
      knob,
      fixes: [...before].filter((id) => !after.has(id)),
      breaks: [...after].filter((id) => !before.has(id)),
    };
  });
  const fixed = new Set(knobs.flatMap(({ knob, fixes }) => (knob === ORACLE ? [] : fixes)));
  return { queries, misses, knobs, fixable: [...before].filter((id) => fixed.has(id)) };
}

function twice(budget: Budget): Budget {
  return "tokens" in budget ? { ...budget, tokens: budget.tokens * 2 } : { characters: budget.characters * 2 };
}

/** What else could be searched: each leg alone where there are two; with BM25 alone, the leg that needs no model. */
function otherLegs(
  base: RetrieverOptions<MetadataSchema>,
  latent: boolean,
  documents: number,
): readonly ("dense" | "lexical" | "latent")[] {
  if (base.lexical === false) return [];
  if (base.embedder !== undefined) return ["dense", "lexical"];
  if (documents < LATENT_LEAST) return [];
  return latent ? ["dense", "lexical"] : ["latent"];
}

function unfiltered({ id, text, judgments }: EvalQuery): EvalQuery {
  return { id, text, judgments };
}

function searching(retriever: Retriever, more: SearchOptions): Retriever {
  return { ...retriever, search: (query, options) => retriever.search(query, { ...options, ...more }) };
}

/**
 * Of the candidates those that touch the truth come first; the rest stays in order. To be asked these queries one after
 * another, as `evaluate` does: two of them may have one text and other judgments.
 */
function oracle(retriever: Retriever, queries: readonly EvalQuery[]): Retriever {
  const asked = queries.values();
  return {
    ...retriever,
    async search(query, options = {}) {
      const { topK = 10 } = options;
      const truth = asked.next().value?.judgments ?? [];
      const found = await retriever.search(query, { ...options, topK: Math.max(topK, ORACLE_DEPTH), rerank: false });
      const right = ({ chunk }: Hit): boolean => {
        const { documentId, start, end } = passageOf(chunk);
        return truth.some(
          (judgment) =>
            judgment.documentId === documentId &&
            (judgment.grade ?? 1) > 0 &&
            (judgment.span === undefined || (judgment.span.start < end && start < judgment.span.end)),
        );
      };
      const hits = [...found.hits.filter(right), ...found.hits.filter((hit) => !right(hit))].slice(0, topK);
      return { ...found, hits };
    },
  };
}
