import { breather } from "../signal.ts";
import { sha256 } from "../indexing/digest.ts";
import { createRetriever } from "../retriever.ts";
import type { RetrieverOptions } from "../retriever-types.ts";
import type { MetadataSchema } from "../schema/standard-schema.ts";
import { memory } from "../stores/memory.ts";
import type { Candidate, Chunker, SourceDocument } from "../types.ts";
import type { EvalQuery } from "./judgments.ts";
import { cachedJson } from "./tuning-cache.ts";
import type { TuningCache, TuningChoice } from "./tuning-types.ts";

/** What the legs find for every query in one way of chunking: all that fusion, reranking and budgets work on. */

/** A candidate's place in its document: `text` is cut from there. */
export interface ListedChunk {
  /** Index among the documents. */
  readonly document: number;
  readonly start: number;
  readonly end: number;
  readonly parent?: { readonly start: number; readonly end: number };
  readonly context?: string;
}

/** Best first. Rows are places in `Lists.rows`, which stand in the order of the chunks' ids: so ties break as in a search. */
export interface RankedRows {
  readonly rows: readonly number[];
  readonly scores: readonly number[];
}

/** By index of the query. Plain JSON. */
export interface Lists {
  readonly chunks: number;
  readonly rows: readonly ListedChunk[];
  readonly dense?: readonly RankedRows[];
  /** By `weighting`. */
  readonly lexical: Readonly<Record<string, readonly RankedRows[]>>;
}

export interface ListsOptions {
  readonly documents: readonly SourceDocument[];
  readonly queries: readonly EvalQuery[];
  readonly base: RetrieverOptions<MetadataSchema>;
  readonly chunker: Chunker;
  /** What k1 and b the lexical leg is read with; one without any where there is no such leg. */
  readonly weightings: readonly Pick<TuningChoice, "k1" | "b">[];
  readonly depth: number;
  readonly signal: AbortSignal;
  readonly cache: TuningCache | undefined;
  /** Of documents and queries; undefined without a cache. */
  readonly hash: string | undefined;
  readonly onProgress: (phase: "index" | "search", done: number) => unknown;
}

export function weightingOf({ k1, b }: Pick<TuningChoice, "k1" | "b">): string {
  return `${k1} ${b}`;
}

/** From the cache, or from an index in memory. */
export async function listsOf(options: ListsOptions): Promise<Lists> {
  const { base, chunker, weightings, depth, hash } = options;
  const { embedder, analyzer, lexical, store, bm25 } = base;
  // A chunker without a fingerprint may cut otherwise tomorrow.
  const key =
    hash === undefined || chunker.fingerprint === undefined
      ? undefined
      : `lists-${sha256(
          JSON.stringify([
            hash,
            chunker.fingerprint,
            embedder?.fingerprint,
            embedder?.metric,
            analyzer?.fingerprint,
            lexical,
            store?.latent,
            bm25?.averageLength,
            weightings,
            depth,
          ]),
        )}`;
  return cachedJson(options.cache, key, () => makeLists(options));
}

type ByQuery = readonly (readonly Candidate[])[];

async function makeLists(options: ListsOptions): Promise<Lists> {
  const { documents, base, weightings, signal, onProgress } = options;
  const dense: { leg?: ByQuery } = {};
  const lexical: Record<string, ByQuery> = {};
  const known = new Map<string, ListedChunk>();
  let chunkCount = 0;
  for (const [variant, weighting] of weightings.entries()) {
    const first = variant === 0;
    const { embedder, store, ...others } = base;
    const { k1, b } = weighting;
    const retriever = createRetriever({
      ...others,
      // The dense leg does not depend on k1 and b.
      ...(first && embedder !== undefined && { embedder }),
      store: memory({ latent: first && store?.latent !== undefined }),
      chunker: options.chunker,
      bm25: { ...base.bm25, ...(k1 !== undefined && { k1 }), ...(b !== undefined && { b }) },
    });
    await retriever.index(documents, {
      signal,
      onProgress: ({ documents: done }) => (first ? onProgress("index", done) : undefined),
    });
    const legs = await searched(options, retriever, first);
    if (first) {
      if (legs.dense !== undefined) dense.leg = legs.dense;
      chunkCount = (await retriever.count(undefined, { signal })).chunks;
    }
    if (legs.lexical !== undefined) lexical[weightingOf(weighting)] = legs.lexical;
    await addRows(known, [...(legs.dense ?? []), ...(legs.lexical ?? [])], documents, retriever, signal);
  }
  const ids = [...known.keys()].toSorted();
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const ranked = (leg: ByQuery): readonly RankedRows[] =>
    leg.map((candidates) => ({
      rows: candidates.map(({ id }) => rowOf.get(id) ?? 0),
      scores: candidates.map(({ score }) => score),
    }));
  return {
    chunks: chunkCount,
    rows: ids.flatMap((id) => known.get(id) ?? []),
    ...(dense.leg !== undefined && { dense: ranked(dense.leg) }),
    lexical: Object.fromEntries(Object.entries(lexical).map(([name, leg]) => [name, ranked(leg)])),
  };
}

type Searched = ReturnType<typeof createRetriever<MetadataSchema>>;

async function searched(
  { queries, depth, signal, onProgress }: ListsOptions,
  retriever: Searched,
  first: boolean,
): Promise<{ readonly dense?: ByQuery; readonly lexical?: ByQuery }> {
  const dense: (readonly Candidate[])[] = [];
  const lexical: (readonly Candidate[])[] = [];
  const breathe = breather(signal);
  for (const [done, { text, filter }] of queries.entries()) {
    await breathe();
    const { trace } = await retriever.search(text, {
      topK: 1,
      candidates: depth,
      rerank: false,
      trace: true,
      signal,
      ...(filter !== undefined && { filter }),
    });
    if (trace?.dense !== undefined) dense.push(trace.dense);
    if (trace?.lexical !== undefined) lexical.push(trace.lexical);
    if (first) await onProgress("search", done + 1);
  }
  // The latent leg is there for all queries or, with too few documents, for none but blank ones.
  return {
    ...(dense.length === queries.length && { dense }),
    ...(lexical.length === queries.length && { lexical }),
  };
}

const PAGE = 256;

/** Where the candidates stand in their documents. */
async function addRows(
  known: Map<string, ListedChunk>,
  lists: ByQuery,
  documents: readonly SourceDocument[],
  retriever: Searched,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(lists.flatMap((list) => list.map(({ id }) => id)));
  const breathe = breather(signal);
  for (let start = 0; start < documents.length; start += PAGE) {
    await breathe();
    const page = documents.slice(start, start + PAGE);
    const indexes = new Map(page.map(({ id }, index) => [id, start + index]));
    const chunks = await retriever.get([...indexes.keys()], { signal });
    for (const { id, documentId, span, parent, context } of chunks) {
      if (!wanted.has(id)) continue;
      known.set(id, {
        document: indexes.get(documentId) ?? 0,
        start: span.start,
        end: span.end,
        ...(parent !== undefined && { parent: { start: parent.start, end: parent.end } }),
        ...(context !== undefined && { context }),
      });
    }
  }
}
