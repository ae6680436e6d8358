import { indexedText } from "../chunkers/text/indexed-text.ts";
import { AdapterError, ConfigError, shown, TimeoutError, UnsupportedError } from "../errors.ts";
import { byScore } from "../fusion.ts";
import { candidatesFault } from "./candidates.ts";
import type { certaintyOf } from "./confidence.ts";
import { chunkOf, hitOf, legScores, type Legs } from "./hits.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";
import { queryTerms } from "../lexical/terms.ts";
import type { Opened } from "../scope/opening.ts";
import type { Degradation, SearchOptions, SearchResult, Timings } from "../retriever-types.ts";
import { retrying } from "../retry.ts";
import { searchRequest, type SearchRequest } from "./request.ts";
import { withDeadline } from "../signal.ts";
import { storedRows } from "../stores/reading.ts";
import type { Candidate, Embedder, Store, StoreAnswer, StoredChunk, StoreQuery } from "../types.ts";

/** What the legs found, with every candidate's row. */
interface Found extends Legs {
  readonly chunks: ReadonlyMap<string, StoredChunk>;
  readonly statistics?: StoreAnswer["statistics"];
  readonly degraded: readonly Degradation[];
  readonly opened: Opened | undefined;
  /** Milliseconds. */
  readonly embed?: number | undefined;
}

/** One query's way: request, legs, fusion, reranker, hits. */
export async function search<M>(
  within: RetrieverScope,
  query: string,
  options: SearchOptions<M> = {},
): Promise<SearchResult<M>> {
  const { parts } = within;
  const request = searchRequest(query, options, parts);
  const started = performance.now();
  const found = await withDeadline("search", options, (signal) => find(within, request, signal));
  const searched = performance.now();
  const dense = aboveLeast(found.dense, request.minScore.dense);
  const lexical = aboveLeast(found.lexical, request.minScore.lexical);
  const both = dense !== undefined && lexical !== undefined;
  const fused = both ? fuse({ dense, lexical }, found.chunks, within) : (dense ?? lexical ?? []);
  const fusedAt = performance.now();
  const { fingerprint, ...certainty }: Partial<ReturnType<typeof certaintyOf>> = request.confidence
    ? (await import("./on-demand.ts")).certaintyOf(found, { ...options, query, tenant: within.tenant }, parts)
    : {};

  const left = options.timeout === undefined ? {} : { timeout: Math.max(1, options.timeout - (fusedAt - started)) };
  const { reranked, degraded } = await rerank(within, request, fused, found.chunks, { ...options, ...left });
  const ended = performance.now();

  const best = (reranked ?? fused).slice(0, request.topK);
  const denseScores = legScores(dense, both);
  const lexicalScores = legScores(lexical, both);
  const explain = request.explain
    ? (await import("./on-demand.ts")).explanations(request.query, found, parts)
    : undefined;
  const hits = best.flatMap(({ id, score }) => {
    const stored = found.chunks.get(id);
    if (stored === undefined) return [];
    const [ofDense, ofLexical] = [denseScores.get(id), lexicalScores.get(id)];
    const scores = {
      ...(ofDense && { dense: ofDense }),
      ...(ofLexical && { lexical: ofLexical }),
      ...(reranked && { rerank: score }),
    };
    return [hitOf(chunkOf<M>(stored, parts.shape), score, scores, explain?.(stored))];
  });
  const timings: Timings = {
    total: ended - started,
    search: searched - started - (found.embed ?? 0),
    ...(found.embed !== undefined && { embed: found.embed }),
    ...(both && { fuse: fusedAt - searched }),
    ...(request.rerank !== undefined && { rerank: ended - fusedAt }),
  };
  return {
    hits,
    scoreKind: reranked ? "rerank" : both ? "fused" : dense ? (parts.embedder?.metric ?? "cosine") : "bm25",
    timings,
    degraded: [...found.degraded, ...degraded],
    ...certainty,
    ...(request.trace && {
      trace: {
        ...(dense && { dense }),
        ...(lexical && { lexical }),
        fused,
        ...(reranked && { reranked }),
        ...(fingerprint !== undefined && { fingerprint }),
      },
    }),
  };
}

/** Both legs, under the scope and the filter. */
async function find(within: RetrieverScope, request: SearchRequest, signal: AbortSignal): Promise<Found> {
  const { parts, opening, tenant, lexical: lexicalLeg } = within;
  const { filter, legs, query, candidates: limit } = request;
  const nothing: Found = {
    dense: legs.dense ? [] : undefined,
    lexical: legs.lexical ? [] : undefined,
    chunks: new Map(),
    degraded: [],
    opened: undefined,
  };
  if (filter?.op === "never" || query.trim() === "") return nothing;
  const opened = await opening.find(signal);
  if (opened === undefined) return nothing;

  const scope = { generation: opened.generation, tenant };
  const { terms } = queryTerms(parts.analyzer, [query]);
  const embedStarted = performance.now();
  const vector = legs.dense && parts.embedder ? await vectorOf(query, parts.embedder, signal) : undefined;
  const embed = vector && performance.now() - embedStarted;
  const inStore = legs.lexical && parts.lexical === "store";
  const storeQuery: StoreQuery = {
    scope,
    limit,
    ...(filter !== undefined && { filter }),
    ...(legs.dense && { dense: vector === undefined ? { terms } : { vector } }),
    ...(inStore && { lexical: terms }),
    ...((request.explain || request.confidence) && { statistics: true }),
  };
  const [answer, own] = await Promise.all([
    legs.dense || inStore ? searchStore(parts.store, storeQuery, signal) : emptyAnswer,
    legs.lexical && lexicalLeg !== undefined ? searchOwnLeg(lexicalLeg, request, scope, signal) : undefined,
  ]);
  const absent = answer.absent?.find(({ leg }) => leg === "dense");
  if (absent !== undefined && !legs.lexical)
    throw new UnsupportedError(`mode: "dense" cannot be searched: ${absent.reason}`);
  const { lexical, chunks } = own === undefined ? answer : await withRows(own, answer.chunks, within, scope, signal);
  return {
    dense: absent === undefined ? answer.dense : undefined,
    lexical,
    chunks,
    statistics: answer.statistics,
    degraded: absent === undefined ? [] : [{ stage: "latent", reason: absent.reason }],
    opened,
    embed,
  };
}

/** What calls models is loaded by the first search that has one. */
async function vectorOf(query: string, embedder: Embedder, signal: AbortSignal): Promise<Float32Array> {
  const { embedQuery } = await import("./on-demand.ts");
  return embedQuery(embedder, query, { signal });
}

const emptyAnswer: StoreAnswer = { chunks: new Map() };

async function searchOwnLeg(
  leg: NonNullable<RetrieverScope["lexical"]>,
  { query, filter, candidates: limit }: SearchRequest,
  scope: StoreQuery["scope"],
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  await leg.ready(scope, signal);
  const asked = { scope, text: query, limit, ...(filter !== undefined && { filter }) };
  const found = await retrying(() => leg.index.search(asked, { signal }), { signal });
  const fault = candidatesFault(found);
  if (fault !== undefined) throw new AdapterError("lexical", fault);
  return found;
}

async function searchStore(store: Store, query: StoreQuery, signal: AbortSignal): Promise<StoreAnswer> {
  const answer: unknown = await retrying(() => store.search(query, { signal }), { signal });
  const { chunks, absent, statistics, ...legs } = Object(answer) as Partial<StoreAnswer>;
  const refuse = (fault: string): never => {
    throw new AdapterError(store.name, `search(): ${fault}`);
  };
  if (typeof chunks?.get !== "function") return refuse(`expected chunks by id, received ${shown(answer)}`);
  for (const leg of ["dense", "lexical"] as const) {
    if (query[leg] === undefined || absent?.some((one) => one.leg === leg) === true) continue;
    const fault = candidatesFault(legs[leg], chunks);
    if (fault !== undefined) refuse(`${leg} leg and its chunks: ${fault}`);
  }
  if (query.statistics && query.lexical && !Array.isArray(statistics?.frequencies)) {
    refuse(`expected statistics, received ${shown(statistics)}`);
  }
  return answer as StoreAnswer;
}

/** A leg of its own knows ids only: the rows come from the store, and what the store does not know is dropped. */
async function withRows(
  candidates: readonly Candidate[],
  chunks: StoreAnswer["chunks"],
  { parts }: RetrieverScope,
  scope: StoreQuery["scope"],
  signal: AbortSignal,
): Promise<Pick<StoreAnswer, "lexical" | "chunks">> {
  const chunkIds = candidates.flatMap(({ id }) => (chunks.has(id) ? [] : id));
  const rows = chunkIds.length === 0 ? [] : await storedRows(parts.store, scope, { chunkIds }, { signal });
  const all = new Map([...chunks, ...rows.map((row): [string, StoredChunk] => [row.id, row])]);
  return { lexical: candidates.filter(({ id }) => all.has(id)), chunks: all };
}

function aboveLeast(
  leg: readonly Candidate[] | undefined,
  least: number | undefined,
): readonly Candidate[] | undefined {
  return least === undefined ? leg : leg?.filter(({ score }) => score >= least);
}

function fuse(
  legs: Record<keyof Legs, readonly Candidate[]>,
  chunks: Found["chunks"],
  { parts }: RetrieverScope,
): readonly Candidate[] {
  const fused = parts.fusion(legs, { dense: parts.denseWeight ?? 0.5 });
  const fault = candidatesFault(fused, chunks);
  if (fault !== undefined) throw new ConfigError(`fusion: ${fault}`);
  return fused;
}

interface Reranked {
  readonly reranked?: readonly Candidate[];
  readonly degraded: readonly Degradation[];
}

/** The best candidates in the reranker's order; or, where it fails or is late, as they were, which `degraded` tells. */
async function rerank(
  { parts }: RetrieverScope,
  { rerank: settings, query, minScore }: SearchRequest,
  fused: readonly Candidate[],
  chunks: Found["chunks"],
  options: Pick<SearchOptions, "signal" | "timeout">,
): Promise<Reranked> {
  const { reranker } = parts;
  if (settings === undefined || reranker === undefined) return { degraded: [] };
  const candidates = fused.slice(0, settings.candidates);
  const texts = candidates.map(({ id }) => indexedText(chunks.get(id) ?? { text: "" }));
  try {
    const scores = await withDeadline("rerank", options, async (signal) => {
      const { rerankTexts } = await import("./on-demand.ts");
      return rerankTexts(reranker, query, texts, { signal });
    });
    const reranked = candidates.map(({ id }, index) => ({ id, score: scores[index] ?? 0 }));
    return { reranked: aboveLeast(reranked.toSorted(byScore), minScore.rerank) ?? [], degraded: [] };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (settings.onFailure === "throw") throw error;
    const reason = error instanceof TimeoutError ? "the reranker was late" : "the reranker failed";
    return { degraded: [{ stage: "rerank", reason: `${reason}; hits are in the order of the candidates`, error }] };
  }
}
