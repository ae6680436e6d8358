/**
 * The nouns and the ports: all that an adapter author must read.
 *
 * Generics live at the edge. A port is never generic over metadata: it gets what the core has validated already.
 */

declare global {
  /** The platform's: DOM, Node.js, a worker. Named here for a project that has the types of none. */
  interface AbortSignal {}
}

// ── nouns

export type FieldValue =
  | string
  | number
  | boolean
  | Date
  | readonly string[]
  | readonly number[]
  | readonly boolean[]
  | readonly Date[]
  | null
  | undefined;
/** Flat. A type alias with an index signature on purpose: the inferred output of a schema matches it. */
export type Metadata = { readonly [field: string]: FieldValue };

/** UTF-16 offsets into `SourceDocument.text`, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Any other key, but the `span` and `line` of rows, is a DocumentError: what is to be stored besides goes into `metadata`. */
export type SourceDocument<M = Metadata> = {
  readonly id: string;
  readonly text: string;
  /** Part of what every chunk of the document is indexed with, never of the passage returned. */
  readonly title?: string;
} & ({} extends M ? { readonly metadata?: M } : { readonly metadata: M });

export interface Chunk<M = Metadata> {
  readonly id: string;
  readonly documentId: string;
  /** `document.text.slice(span.start, span.end) === text`, always. */
  readonly span: Span;
  /** Of `span.start`, from 1. */
  readonly line: number;
  readonly text: string;
  readonly title?: string;
  readonly headings: readonly string[];
  /** What it was indexed with besides its own text: heading path, table header, scope chain. */
  readonly context?: string;
  /** The larger passage that this one stands in, for small-to-big retrieval. */
  readonly parent?: Span & { readonly text: string };
  readonly tokens?: number;
  readonly metadata: M;
}

export interface Candidate {
  readonly id: string;
  readonly score: number;
}

export type FieldKind = "string" | "number" | "boolean" | "date";
export interface Field {
  readonly kind: FieldKind;
  readonly array: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /**
   * Milliseconds for the whole call, which rejects with a TimeoutError when they are over; where a part works without a
   * break, such as a chunker that cuts a text in one go, as soon as that has answered. An abort likewise.
   */
  readonly timeout?: number;
}

/** What a port gets: the caller's signal and timeout, already one signal. */
export interface PortOptions {
  readonly signal: AbortSignal;
}

// ── port: chunker

/**
 * A chunker returns spans; the core slices. Overlap is overlapping spans.
 *
 * `context` is what a chunk is indexed with beyond its own text. `oversize` marks one grapheme larger than the limit,
 * the only excess there is. The limit counts title, context and text together.
 */
export interface Piece extends Span {
  readonly headings?: readonly string[];
  readonly parent?: Span;
  readonly context?: string;
  readonly tokens?: number;
  readonly oversize?: true;
}
export interface Chunker {
  /**
   * Calls of a retriever and `split` give a signal. Under one, `recursive()`, `sentences()` and `fixed()` cut a long text in
   * steps and answer with a promise; `markdown()`, `html()` and `code()` cut it in one go, which no abort interrupts.
   */
  (
    document: { readonly text: string; readonly title?: string },
    options?: Partial<PortOptions>,
  ): readonly Piece[] | Promise<readonly Piece[]>;
  /** Name and settings. Without one, documents are always cut again and compared by chunk id. */
  readonly fingerprint?: string;
  stream?(
    parts: AsyncIterable<string>,
    options?: Partial<PortOptions>,
  ): AsyncIterable<Piece & { readonly text: string }>;
}
/** Counts the tokens of a model, for sizes. Search terms are the business of an `Analyzer`. */
export interface Tokenizer {
  readonly name: string;
  count(text: string): number;
  encode?(text: string): readonly number[];
}

// ── ports: models, fusion, analysis

export interface Embedder {
  readonly fingerprint: { readonly provider: string; readonly model: string; readonly dimensions: number };
  /** Default "cosine". */
  readonly metric?: "cosine" | "dot" | "euclidean";
  readonly limits?: {
    readonly items?: number;
    readonly tokens?: number;
    readonly bytes?: number;
    readonly inputTokens?: number;
  };
  /** How much fusion trusts this leg by default, 0…1. */
  readonly fusionWeight?: number;
  embed(
    texts: readonly string[],
    options: CallOptions & { readonly role: "document" | "query" },
  ): Promise<readonly Float32Array[]>;
}

/** One score per text, in the order of the texts; higher is better. */
export interface Reranker {
  (query: string, texts: readonly string[], options?: CallOptions): Promise<readonly number[]>;
  readonly fingerprint?: string;
  readonly limits?: { readonly items?: number };
}

/**
 * Joins two candidate lists into one, best first.
 *
 * `weights.dense` is the embedder's `fusionWeight`, else the store's `latent.fusionWeight`, else 0.5; a weight given to
 * the fusion itself wins.
 */
export type Fusion = (
  legs: { readonly dense?: readonly Candidate[]; readonly lexical?: readonly Candidate[] },
  weights: { readonly dense: number },
) => readonly Candidate[];

/** Turns text into search terms, for BM25. */
export interface Analyzer {
  readonly fingerprint: string;
  terms(text: string): readonly string[];
}

// ── port: store

/** A Date is its canonical ISO string here; null, undefined and [] are gone. */
export type StoredValue = string | number | boolean;
export type StoredMetadata = Readonly<Record<string, StoredValue | readonly StoredValue[]>>;

/**
 * The generation is pinned when a retriever opens: after another process publishes, the one that is open stays whole.
 */
export interface Scope {
  readonly generation: string;
  readonly tenant: string | null;
}

/**
 * Search terms as integers: |murmur3_32| mod 1e9, ascending and unique; beside them, how often each stands in the text.
 *
 * Counts, not weights: explanation and the latent leg need them; `saturate(terms, spec.lexical)` weighs. A query term
 * weighs idf × its count.
 */
export interface Terms {
  readonly ids: Uint32Array;
  readonly counts: Uint32Array;
}

export interface LexicalSpec {
  readonly k1: number;
  readonly b: number;
  /** Fixed for the generation on every store, so that scores agree everywhere and a write changes no other row. */
  readonly averageLength: number;
}
export interface IndexSpec {
  /** Compared key by key; both sides go into the error. */
  readonly fingerprint: Readonly<Record<string, string | number | boolean>>;
  readonly fields: Readonly<Record<string, Field>>;
  readonly tenancy: boolean;
  readonly dense?: { readonly dimensions: number; readonly metric: "cosine" | "dot" | "euclidean" };
  readonly lexical?: LexicalSpec;
}

export interface StoredChunk {
  readonly id: string;
  readonly documentId: string;
  readonly documentHash: string;
  readonly ordinal: number;
  readonly span: Span;
  readonly line: number;
  readonly text: string;
  /** What stands between the chunk before and this one, so that any stretch of a document can be given back. */
  readonly gap: string;
  readonly title?: string;
  readonly headings: readonly string[];
  readonly context?: string;
  readonly parent?: Span & { readonly text: string };
  readonly tokens?: number;
  readonly metadata: StoredMetadata;
}

/**
 * "kept": the row exists; everything but its legs is overwritten. A missing row is an AdapterError "conflict", retryable.
 */
export interface ChunkWrite extends StoredChunk {
  readonly legs: "kept" | { readonly vector?: Float32Array; readonly terms?: Terms };
}

/** Afterwards each document consists of exactly these chunks; none deletes it. */
export interface Replacement {
  readonly scope: Scope;
  readonly documents: readonly { readonly id: string; readonly chunks: readonly ChunkWrite[] }[];
  /**
   * Given with documents that are to be deleted: of these only those that have a chunk which it selects, in the same step;
   * others were changed since they were listed, and stay.
   */
  readonly filter?: FilterTree;
}

export interface StoreQuery {
  readonly scope: Scope;
  readonly filter?: FilterTree;
  /** Per leg. */
  readonly limit: number;
  /** `terms` only where the store declares `latent`. */
  readonly dense?: { readonly vector: Float32Array } | { readonly terms: Terms };
  /** idf is taken over the scope, not over the filter. */
  readonly lexical?: Terms;
  /** Asked for by `explain` and by confidence. */
  readonly statistics?: boolean;
}

/** Checked before it is used: what is not as it says here is an AdapterError of the store. */
export interface StoreAnswer {
  /**
   * Each leg that was asked for, unless it is `absent`. Score descending, id ascending; higher is better for every metric.
   */
  readonly dense?: readonly Candidate[];
  readonly lexical?: readonly Candidate[];
  /** Every candidate's row, once. */
  readonly chunks: ReadonlyMap<string, StoredChunk>;
  /** `chunks`: rows of the scope that have terms. `frequencies`: in how many of them, in the order of `lexical.ids`. */
  readonly statistics?: { readonly chunks: number; readonly frequencies: readonly number[] };
  /** A leg that could not take part, e.g. the latent one under 50 documents. */
  readonly absent?: readonly { readonly leg: "dense" | "lexical"; readonly reason: string }[];
}

/** Both legs of a chunk in one row, so an upsert is atomic and a search is one round trip. */
export interface Store {
  readonly name: string;
  /** A dense leg of its own, searched by terms. */
  readonly latent?: { readonly fusionWeight: number };
  /**
   * Opens the live generation or creates it; with `fresh`, an unpublished one. Idempotent; throws FingerprintError
   * (`checkSpec` compares). Answers with the spec as stored.
   *
   * `create: false` is how a search opens: where there is no live generation, nothing is made and the answer is undefined.
   */
  prepare(
    spec: IndexSpec,
    options: PortOptions & { readonly fresh?: boolean; readonly create?: boolean },
  ): Promise<{ readonly generation: string; readonly spec: IndexSpec } | undefined>;
  /**
   * One atomic switch. The previous generation stays readable until it is retired; older ones may be let go. Answers with
   * those, so that a lexical index of its own lets go of them, too.
   */
  publish(generation: string, options: PortOptions): Promise<readonly string[] | void>;
  retire(generation: string, options: PortOptions): Promise<void>;
  /**
   * Where it is not atomic, some row of a document must have another `documentHash` until all are there: a document of which
   * every row has the right one is taken for whole.
   *
   * What was aborted may reject when it is known what came of it: nobody waits, but a lexical index of its own is looked at then.
   */
  replace(change: Replacement, options: PortOptions): Promise<void>;
  read(
    scope: Scope,
    which: { readonly documentIds: readonly string[] } | { readonly chunkIds: readonly string[] },
    options: PortOptions,
  ): Promise<readonly StoredChunk[]>;
  /**
   * Rows with their legs, for copying to another store: whole documents in the order of `list`, so that a page may hold
   * more than `limit` chunks and can go to `replace` as it is. `next` is a document's id.
   */
  export?(
    scope: Scope,
    page: { readonly after?: string; readonly limit: number },
    options: PortOptions,
  ): Promise<{ readonly chunks: readonly ChunkWrite[]; readonly next?: string }>;
  list(
    scope: Scope,
    page: { readonly filter?: FilterTree; readonly after?: string; readonly limit: number },
    options: PortOptions,
  ): Promise<{
    readonly documents: readonly { readonly id: string; readonly hash: string }[];
    readonly next?: string;
  }>;
  /** One round trip for both legs. */
  search(query: StoreQuery, options: PortOptions): Promise<StoreAnswer>;
  count(
    scope: Scope,
    filter: FilterTree | undefined,
    options: PortOptions,
  ): Promise<{ documents: number; chunks: number }>;
  close?(): Promise<void>;
}

/** What a filter is compiled to, once. Closed: every adapter switches exhaustively. */
export type FilterTree =
  | { readonly op: "and" | "or"; readonly parts: readonly FilterTree[] }
  | { readonly op: "not"; readonly part: FilterTree }
  | { readonly op: "always" | "never" }
  | { readonly op: "exists"; readonly field: string }
  | { readonly op: "in"; readonly field: string; readonly kind: FieldKind; readonly values: readonly StoredValue[] }
  | { readonly op: "prefix"; readonly field: string; readonly value: string }
  | {
      readonly op: "range";
      readonly field: string;
      readonly kind: "number" | "date";
      readonly gt?: StoredValue;
      readonly gte?: StoredValue;
      readonly lt?: StoredValue;
      readonly lte?: StoredValue;
    };

// ── port: lexical index

/**
 * A lexical leg of its own, e.g. wink. Written after the store; candidates that the store does not know are dropped.
 * Two round trips.
 */
export interface LexicalIndex {
  readonly fingerprint: string;
  /** false: filled from the store before the first search, and then told of what this process writes. Not of what others do. */
  readonly durable: boolean;
  /** Called before documents are written to the store, so that what is missing, such as a package, is told at once. */
  prepare?(options: PortOptions): Promise<void>;
  replace(
    change: {
      readonly scope: Scope;
      readonly documents: readonly {
        readonly id: string;
        readonly chunks: readonly { readonly id: string; readonly text: string; readonly metadata: StoredMetadata }[];
      }[];
    },
    options: PortOptions,
  ): Promise<void>;
  search(
    query: { readonly scope: Scope; readonly text: string; readonly limit: number; readonly filter?: FilterTree },
    options: PortOptions,
  ): Promise<readonly Candidate[]>;
  /**
   * What is held of this generation may go: the store has let go of it, because it was staged and discarded, or with a
   * publication. Where the answer of that was lost it is not told, and what is held stays, to be found by nobody.
   */
  retire?(generation: string): Promise<void>;
  close?(): Promise<void>;
}

// ── reports

/** What an indexing call did, or would do. */
export interface IndexReport {
  /** A blank text has no chunks, so there is nothing to store of it: unchanged, unless there were chunks before. */
  readonly documents: {
    readonly added: number;
    readonly updated: number;
    readonly unchanged: number;
    readonly deleted: number;
  };
  readonly chunks: { readonly added: number; readonly kept: number; readonly deleted: number };
  /** Texts sent to the embedder: the chunk ids that were not stored before. A metadata-only change costs none. */
  readonly embedded: number;
  readonly failed: readonly { readonly documentId: string; readonly error: unknown }[];
}
