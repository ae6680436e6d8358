import type { Chunker, CallOptions } from "../types.ts";
import type { ChunkerOptions } from "../chunkers/options.ts";
import type { RetrieverOptions } from "../retriever-types.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import type { AnyDocument } from "./inputs.ts";
import type { EvalQuery } from "./judgments.ts";
import type { Budget } from "./spans.ts";

/** What `tune` is asked and what it answers. */

/** The values to try; every combination is a candidate. The default of each axis is always among them. */
export interface TuningSpace {
  /** By name; the first is the default. Default `{ recursive }`. */
  readonly chunker?: Readonly<Record<string, (options: ChunkerOptions) => Chunker>>;
  /** Default 300, 400, 600, 800, 1200. */
  readonly size?: readonly number[];
  /** Shares of the size below 1, or units. Default 0, 0.25. */
  readonly overlap?: readonly number[];
  /** Default 5, 10, 20, 30, 50, 100. Hits are a ranking's beginning, so the answer is the fewest that lose nothing. */
  readonly topK?: readonly number[];
  /** Per leg, before fusion. Default 100 alone. */
  readonly candidates?: readonly number[];
  /** Weights of the dense leg in `convex()`. Default .1, .2, .3, .5, .7, .9 where there are two legs. */
  readonly denseWeight?: readonly number[];
  /** Default 1.2 alone. */
  readonly k1?: readonly number[];
  /** Default .75 alone. */
  readonly b?: readonly number[];
  /** How many candidates the reranker of `base` reads; 0: it is left out. Default 0 and 50 where there is a reranker. */
  readonly rerank?: readonly number[];
}

/** One combination. What the legs and parts of `base` do not have is absent. */
export interface TuningChoice {
  readonly chunker: string;
  readonly size: number;
  readonly overlap: number;
  readonly topK: number;
  readonly candidates: number;
  readonly denseWeight?: number;
  readonly k1?: number;
  readonly b?: number;
  readonly rerank?: number;
}

/** Where vectors and candidate lists are kept between runs. Keys are names with a content hash; a value never changes. */
export interface TuningCache {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array): Promise<void>;
}

export interface TuningProgress {
  readonly phase: "index" | "search" | "score";
  /** Which chunks are being made or searched, e.g. "recursive 600, overlap 0.25". */
  readonly chunks: string;
  /** Seconds, from the pace so far; absent before there is one. */
  readonly left?: number;
}

export interface TuneOptions extends CallOptions {
  readonly documents: readonly AnyDocument[];
  readonly queries: readonly EvalQuery[];
  /**
   * The parts that stay: embedder, analyzer, metadata, reranker. Chunkers belong in `space.chunker`. Everything is indexed in
   * memory; of a store only whether it has a latent leg is taken.
   */
  readonly base?: RetrieverOptions<MetadataSchema>;
  readonly space?: TuningSpace;
  /** What is compared with: where tuning starts and what it stays with. Default: the package's defaults. */
  readonly standard?: Partial<Omit<TuningChoice, "topK">>;
  /** How much the answer model is given. Default 4,000 characters. Of no account where no query has true spans. */
  readonly budget?: Budget;
  /** "grid" reads every combination on every query: for whole tables. Default "halving". */
  readonly search?: "halving" | "grid";
  /** Of the orders in which queries are read and of the tests. Default 1. */
  readonly seed?: number;
  /** Makes a run resumable, and the next one cheap. In Node.js: `fileCache` of groundline/node. */
  readonly cache?: TuningCache;
  /** Units of work: documents to index and queries to search, for each way of chunking. */
  readonly onProgress?: (done: number, total: number, progress: TuningProgress) => unknown;
}

/** A combination with what was read of it. Plain JSON. */
export interface TuningRow extends TuningChoice {
  readonly score: number;
  /** Queries it was read on: fewer where it was given up early. */
  readonly queries: number;
  readonly chunks: number;
  /** To the default, on the same queries. */
  readonly gain: number;
}

/** What of the best combination was found and what is left of it on queries it was not chosen by. */
export interface Challenger {
  readonly choice: TuningChoice;
  /** Gain over the default on the queries that chose it. */
  readonly apparent: number;
  /** Gain over the default of what the other folds chose, fold by fold. */
  readonly heldOut: number;
  readonly interval: readonly [number, number];
  /** Two-sided, of the paired randomisation test on the held-out differences. */
  readonly p: number;
  /** How many queries it takes to show this gain; absent where there is none. */
  readonly needed?: number;
}

/** Plain JSON. */
export interface TuningReport {
  /** The default, unless there is significant evidence for another one. */
  readonly chosen: TuningChoice & { /** To paste. */ readonly source: string };
  readonly moved: boolean;
  /** `spanRecall@budget` where there are true spans, else `ndcg@10` over documents. */
  readonly metric: string;
  /** Queries that count: with true spans, or with a judgment. */
  readonly queries: number;
  /** How many of the folds there were: queries about the same document are in the same one. */
  readonly folds: number;
  /** What the chosen one scores on all of them, and what the default does. */
  readonly score: number;
  readonly standard: TuningRow;
  /**
   * Gain of the chosen over the default on queries that it was not chosen by; 0 where the default stays. In 95 % of cases as
   * many fresh queries show a gain inside `interval`.
   */
  readonly heldOutGain: number;
  readonly interval: readonly [number, number];
  /** How much better the best looked on the queries that chose it than on others. */
  readonly optimism: number;
  readonly challenger: Challenger;
  /** Readings of one combination on one query, and how many a full grid takes. */
  readonly evaluations: number;
  readonly grid: number;
  /** Best first. */
  readonly table: readonly TuningRow[];
  /** The chosen one's score at each topK. */
  readonly depths: readonly { readonly topK: number; readonly score: number }[];
  /** With "grid": what every way of chunking scores at each topK, with the chosen one's other settings. */
  readonly surface?: readonly {
    readonly chunker: string;
    readonly size: number;
    readonly overlap: number;
    readonly topK: number;
    readonly score: number;
  }[];
  /** The way of the search: how many combinations were read on how many queries, those they differ on first, and the best mean. */
  readonly rungs: readonly { readonly queries: number; readonly combinations: number; readonly best: number }[];
  /**
   * In plain words: too few queries, documents that folds share, a budget that the default does not fill, sizes left out
   * because a document cannot be cut so or an overlap is none.
   */
  readonly notes: readonly string[];
}
