/// <reference lib="esnext.disposable" preserve="true" />
import type { Filter } from "./filter/language.ts";
import type { InputOf, MetadataSchema, OutputOf, StandardSchema } from "./schema/standard-schema.ts";
import type {
  Analyzer,
  CallOptions,
  Candidate,
  Chunk,
  Chunker,
  Embedder,
  Field,
  Fusion,
  IndexReport,
  LexicalIndex,
  Metadata,
  Reranker,
  SourceDocument,
  Span,
  Store,
} from "./types.ts";

/** The product as its users see it: what goes into a retriever and what comes out. */

export interface RetrieverOptions<
  S extends MetadataSchema = StandardSchema<Metadata>,
  T extends "required" | undefined = undefined,
> {
  /** zod or any Standard Schema: validates on the way in, types everything. */
  readonly metadata?: S;
  /** Needed where kinds cannot be read from the schema (neither zod nor a JSON Schema of its own): ConfigError without. */
  readonly fields?: { readonly [K in keyof OutputOf<S> & string]?: Field };
  /** Default `memory()`. */
  readonly store?: Store;
  /** Default `recursive()`. */
  readonly chunker?: Chunker;
  /** Default none: BM25, or hybrid where the store has a latent leg. */
  readonly embedder?: Embedder;
  /** Default: the store's own BM25 leg. `false`: dense only. */
  readonly lexical?: LexicalIndex | false;
  /**
   * Default k1 1.2, b 0.75. `averageLength` is fixed for a generation. Default: measured on the first `index` call (1,000
   * chunks at most); with tenancy 64, because nothing is learned across tenants.
   */
  readonly bm25?: { readonly k1?: number; readonly b?: number; readonly averageLength?: number };
  /** Default `english()`. */
  readonly analyzer?: Analyzer;
  /** Default `convex()`. */
  readonly fusion?: Fusion;
  readonly reranker?: Reranker;
  /** "required": nothing can be called without a tenant. */
  readonly tenancy?: T;
}

/** Counts never fall; the last call has the final counts, and `documents` equals `total` where the total is known. */
export interface IndexProgress {
  readonly phase: "read" | "chunk" | "embed" | "write" | "delete";
  readonly documents: number;
  readonly chunks: number;
  readonly embedded: number;
  /** Documents in the input, where it is an array. */
  readonly total?: number;
}

export interface IndexOptions extends CallOptions {
  /**
   * The rest is finished either way. Default "throw": a PartialIndexError that carries the report.
   *
   * An array is checked as a whole first: what is no document rejects before anything is indexed, in both modes, and so
   * does metadata that the schema refuses, unless it is collected.
   */
  readonly onFailure?: "throw" | "collect";
  /** May be async: the call waits for it, and rejects with what it throws. */
  readonly onProgress?: (progress: IndexProgress) => unknown;
}

export interface SearchOptions<M = Metadata> extends CallOptions {
  /** Default 10. */
  readonly topK?: number;
  /** Per leg, before fusion. Default 100, at least `topK`. */
  readonly candidates?: number;
  readonly filter?: Filter<M>;
  /** Default: every leg there is. Asking for a leg that is not there is a ConfigError. */
  readonly mode?: "hybrid" | "dense" | "lexical";
  /** Default: on where a reranker is configured, 50 candidates (at least `topK`, whatever is given), "degrade". */
  readonly rerank?: boolean | { readonly candidates?: number; readonly onFailure?: "degrade" | "throw" };
  /**
   * On a leg's own score or the reranker's: a fused score means nothing across queries. What a leg scores below is no
   * candidate of that leg; the other leg may still find it.
   */
  readonly minScore?: { readonly dense?: number; readonly lexical?: number; readonly rerank?: number };
  /** Adds each term's share of the lexical score to the hits. */
  readonly explain?: boolean;
  /** Adds the candidate lists to the result. */
  readonly trace?: boolean;
  /** Adds `confidence` to the result. */
  readonly confidence?: boolean;
  /** What `calibrate` of groundline/eval learned about this index: adds `confidence` and `answerable` to the result. */
  readonly calibration?: Calibration;
}

/**
 * From which confidence on a question counts as answerable, learned on one index: a FingerprintError on any other. Plain
 * JSON, to keep beside the index.
 */
export interface Calibration {
  readonly fingerprint: string;
  readonly threshold: number;
  /** Questions without an answer here that would be called answerable. */
  readonly falseFound: ErrorRate;
  /** Questions with an answer here that would be refused. */
  readonly falseNotFound: ErrorRate;
}

export interface ErrorRate {
  /** On queries that the threshold was not learned from. */
  readonly rate: number;
  /** In 95 of 100 cases as many fresh queries of both kinds show rates inside both intervals. */
  readonly interval: readonly [number, number];
}

export interface Citation {
  readonly documentId: string;
  readonly span: Span;
  readonly headings: readonly string[];
  readonly line: number;
}

/** `normalized` is the core's min-max over the leg's candidates, whatever the fusion; absent where there is one leg. */
export interface LegScore {
  readonly score: number;
  readonly rank: number;
  readonly normalized?: number;
}

export interface Hit<M = Metadata> {
  readonly chunk: Chunk<M>;
  /** Higher is better, always. What it means is in `SearchResult.scoreKind`. */
  readonly score: number;
  readonly scores: { readonly dense?: LegScore; readonly lexical?: LegScore; readonly rerank?: number };
  readonly citation: Citation;
  /** With `explain`: the share of each term in the lexical score. */
  readonly explain?: readonly { readonly term: string; readonly score: number }[];
}

/** Milliseconds. */
export interface Timings {
  readonly total: number;
  readonly search: number;
  readonly embed?: number;
  readonly fuse?: number;
  readonly rerank?: number;
}

/** What was left out of an answer and why. A query that cannot be embedded rejects instead: that would be another search. */
export interface Degradation {
  readonly stage: "latent" | "rerank";
  readonly reason: string;
  readonly error?: unknown;
}

export interface SearchResult<M = Metadata> {
  readonly hits: readonly Hit<M>[];
  readonly scoreKind: "bm25" | "cosine" | "dot" | "euclidean" | "fused" | "rerank";
  readonly timings: Timings;
  readonly degraded: readonly Degradation[];
  /**
   * (BM25 coverage + cosine) / 2 of the best chunk, 0…1 for vectors of unit length: whether anything here is about this. It
   * cannot tell that a passage about it lacks the answer.
   */
  readonly confidence?: number;
  /** Only with a `calibration`: false means that the answer model should say "not found". */
  readonly answerable?: boolean;
  /** With `trace`: the candidate lists, for evaluation. */
  readonly trace?: {
    readonly dense?: readonly Candidate[];
    readonly lexical?: readonly Candidate[];
    readonly fused: readonly Candidate[];
    readonly reranked?: readonly Candidate[];
    /** With `confidence`: what a calibration is tied to. */
    readonly fingerprint?: string;
  };
}

/** What is no array is taken as a stream: document by document, in bounded memory. */
export type Documents<M> =
  | readonly SourceDocument<M>[]
  | Iterable<SourceDocument<M>>
  | AsyncIterable<SourceDocument<M>>;

export interface Searchable<M = Metadata> {
  search(query: string, options?: SearchOptions<M>): Promise<SearchResult<M>>;
}

export interface Retriever<In = Metadata, Out = In> extends Searchable<Out> {
  /** These documents now consist of exactly this; stale chunks go, unchanged ones stay. */
  index(documents: Documents<In>, options?: IndexOptions): Promise<IndexReport>;
  /**
   * `index`, then delete every stored document (matching `filter`, when given) that was not in the input. Deletes nothing
   * after a failure or an abort. An empty input throws unless allowed.
   */
  sync(
    documents: Documents<In>,
    options?: IndexOptions & { readonly filter?: Filter<Out>; readonly allowEmpty?: boolean },
  ): Promise<IndexReport>;
  /** The dry run: what `index` would do, at no cost but that of the chunker: `semantic()` embeds sentences to cut them. */
  plan(documents: Documents<In>, options?: CallOptions): Promise<IndexReport>;
  /**
   * An empty filter throws; `clear` is the call for everything. By a filter: what another call changes meanwhile, so that it
   * matches no more, stays.
   */
  delete(
    target: readonly string[] | { readonly filter: Filter<Out> },
    options?: CallOptions,
  ): Promise<{ documents: number; chunks: number }>;
  clear(options?: CallOptions): Promise<{ documents: number; chunks: number }>;
  /** The chunks of these documents, in the order of the ids and then of the text. An unknown id has none. */
  get(documentIds: readonly string[], options?: CallOptions): Promise<readonly Chunk<Out>[]>;
  /** Document ids in ascending order, 1,000 a page by default. */
  list(
    options?: CallOptions & { readonly filter?: Filter<Out>; readonly after?: string; readonly limit?: number },
  ): Promise<{ readonly documentIds: readonly string[]; readonly next?: string }>;
  count(filter?: Filter<Out>, options?: CallOptions): Promise<{ documents: number; chunks: number }>;
}

export interface Closable {
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Unscoped calls mean the tenant `null`, a scope of its own: never the union of tenants. */
export interface RootRetriever<In = Metadata, Out = In> extends Retriever<In, Out>, Closable {
  forTenant(tenant: string): Retriever<In, Out>;
  stage(options?: CallOptions): Promise<Staged<RootRetriever<In, Out>>>;
}

/** With `tenancy: "required"` there is nothing to search without a tenant. */
export interface TenantRetriever<In = Metadata, Out = In> extends Closable {
  forTenant(tenant: string): Retriever<In, Out>;
  stage(options?: CallOptions): Promise<Staged<TenantRetriever<In, Out>>>;
}

/**
 * A new generation beside the live one: fill it, then switch in one step. A model upgrade is this, staged from a retriever
 * that has the new model and the same store. It begins empty: what is not indexed into it, for each tenant, is not there once
 * it is published.
 */
export type Staged<R> = R & {
  /**
   * What was staged, and the retriever that staged it, are then the live index, and so is what is opened later. Any other that
   * was open stays on its own generation, writes too, which goes with the publication after this one.
   */
  publish(options?: CallOptions): Promise<void>;
  /** Lets go of what was staged; the next `index` begins anew. */
  discard(options?: CallOptions): Promise<void>;
};

export type RetrieverOf<S extends MetadataSchema, T extends "required" | undefined> = [T] extends ["required"]
  ? TenantRetriever<InputOf<S>, OutputOf<S>>
  : RootRetriever<InputOf<S>, OutputOf<S>>;
