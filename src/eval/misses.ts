import { quoted } from "../errors.ts";
import type { AnyFilter } from "../filter/language.ts";
import { matches } from "../filter/matches.ts";
import type { Hit, Retriever, SearchResult } from "../retriever-types.ts";
import type { Candidate, Chunk, Metadata, Span } from "../types.ts";
import { trueSpans, type EvalQuery } from "./judgments.ts";
import { missingOf, passageOf, union, type DocumentSpan } from "./spans.ts";

/** Why a query missed: where in the pipeline the answer was lost. */

/** From the corpus to the prompt, in this order. */
export type MissCause =
  /** No chunk of the document is stored. */
  | "not-in-corpus"
  /** The document is stored, a part of the answer is in none of its chunks. */
  | "lost-by-chunker"
  /** The query's own filter excludes the document. */
  | "filtered"
  /** No leg found a chunk with the answer: ask for more `candidates`, another analyzer, embedder or chunk size. */
  | "not-a-candidate"
  /** It was found, behind the first topK. */
  | "below-topk"
  /** It was among the first topK until the reranker came. */
  | "demoted-by-reranker"
  /** The answer runs across chunks, and only some of them came. */
  | "split"
  /** It ranked among the first topK, and yet is no hit. */
  | "deduplicated"
  /** It is a hit, and the context was full before it. */
  | "dropped-by-budget";

export interface Miss {
  readonly queryId: string;
  readonly cause: MissCause;
  readonly detail: string;
}

/** One query's way through the pipeline. */
interface Trail<M> {
  readonly query: EvalQuery<M>;
  readonly hits: readonly Hit<M>[];
  readonly trace: NonNullable<SearchResult["trace"]>;
  /** What the answer model is given. */
  readonly context: readonly DocumentSpan[];
  readonly topK: number;
}

/** Reads the chunks of a document; each document once. */
type ChunksOf<M> = (documentId: string) => Promise<readonly Chunk<M>[]>;

export function chunkReader<M>(retriever: Pick<Retriever<never, M>, "get">, signal: AbortSignal): ChunksOf<M> {
  const read = new Map<string, Promise<readonly Chunk<M>[]>>();
  return (documentId) => {
    const known = read.get(documentId) ?? retriever.get([documentId], { signal });
    read.set(documentId, known);
    return known;
  };
}

/**
 * The cause, where the query missed.
 *
 * With true spans a query misses when any of them is not wholly in the context; each missing one has the cause of the
 * chunk that came furthest, and the query that of the span that was lost first. With documents alone it misses when none
 * of the relevant ones is in the context, and the one that came furthest tells.
 */
export async function missOf<M>(trail: Trail<M>, chunksOf: ChunksOf<M>): Promise<Miss | undefined> {
  const spans = trueSpans(trail.query.judgments);
  const lost = await (spans.length > 0 ? lostSpan(trail, spans, chunksOf) : lostDocuments(trail, chunksOf));
  return lost && { queryId: trail.query.id, ...lost };
}

type Lost = Pick<Miss, "cause" | "detail">;

/** The causes as a chunk meets them on its way. */
export const missCauses: readonly MissCause[] = [
  "not-in-corpus",
  "lost-by-chunker",
  "filtered",
  "not-a-candidate",
  "below-topk",
  "demoted-by-reranker",
  "split",
  "deduplicated",
  "dropped-by-budget",
];
const stageOf = ({ cause }: Lost): number => missCauses.indexOf(cause);
const earliest = (lost: readonly Lost[]): Lost | undefined => lost.toSorted((a, b) => stageOf(a) - stageOf(b))[0];
const furthest = (lost: readonly Lost[]): Lost | undefined => lost.toSorted((a, b) => stageOf(b) - stageOf(a))[0];

async function lostSpan<M>(
  trail: Trail<M>,
  spans: readonly DocumentSpan[],
  chunksOf: ChunksOf<M>,
): Promise<Lost | undefined> {
  const lost: Lost[] = [];
  for (const span of spans) {
    const held = union(trail.context.filter(({ documentId }) => documentId === span.documentId));
    const missing = missingOf(span, held);
    if (missing.length === 0) continue;
    lost.push(causeOfSpan(trail, span, missing, await chunksOf(span.documentId)));
  }
  return earliest(lost);
}

function causeOfSpan<M>(
  trail: Trail<M>,
  span: DocumentSpan,
  missing: readonly Span[],
  chunks: readonly Chunk<M>[],
): Lost {
  const where = `${span.start} to ${span.end} of ${quoted(span.documentId)}`;
  if (chunks.length === 0) return notInCorpus(span.documentId);
  const passages = chunks.map((chunk) => ({ chunk, passage: passageOf(chunk) }));
  const stored = union(passages.map(({ passage }) => passage));
  const [gap] = missingOf(span, stored);
  if (gap !== undefined) {
    // Offsets of another text, or in code points, as a rule.
    const last = stored.at(-1)?.end ?? 0;
    const beyond = gap.end > last ? `; the last chunk ends at ${last}, and spans count UTF-16 units` : "";
    return { cause: "lost-by-chunker", detail: `no chunk has ${gap.start} to ${gap.end}, of ${where}${beyond}` };
  }
  const touching = passages.filter(({ passage }) =>
    missing.some(({ start, end }) => passage.start < end && start < passage.end),
  );
  const whole = touching.filter(({ passage }) => passage.start <= span.start && span.end <= passage.end);
  const furthestCause = furthest(
    (whole.length > 0 ? whole : touching).map(({ chunk }) => causeOfChunk(trail, chunk, where)),
  );
  const found = furthestCause ?? notInCorpus(span.documentId);
  const partly = missing.reduce((sum, { start, end }) => sum + end - start, 0) < span.end - span.start;
  if (whole.length > 0 || !partly || found.cause === "filtered") return found;
  return { cause: "split", detail: `a part of ${where} is in the context; the other: ${found.cause}, ${found.detail}` };
}

async function lostDocuments<M>(trail: Trail<M>, chunksOf: ChunksOf<M>): Promise<Lost | undefined> {
  const relevant = trail.query.judgments.filter(({ grade = 1 }) => grade > 0).map(({ documentId }) => documentId);
  const held = new Set(trail.context.map(({ documentId }) => documentId));
  if (relevant.some((documentId) => held.has(documentId))) return undefined;
  const lost: Lost[] = [];
  for (const documentId of relevant) {
    const chunks = await chunksOf(documentId);
    const best = furthest(chunks.map((chunk) => causeOfChunk(trail, chunk, quoted(documentId))));
    lost.push(best ?? notInCorpus(documentId));
  }
  return furthest(lost);
}

function notInCorpus(documentId: string): Lost {
  return { cause: "not-in-corpus", detail: `no chunk of ${quoted(documentId)} is stored` };
}

/** Where a chunk that is not in the context was left behind. */
function causeOfChunk<M>({ query, hits, trace, topK }: Trail<M>, chunk: Chunk<M>, what: string): Lost {
  // Filters and metadata are typed by M at the edge only.
  const filter: AnyFilter | undefined = query.filter;
  if (filter !== undefined && !matches(filter, chunk.metadata as Metadata)) {
    return { cause: "filtered", detail: `the query's filter excludes ${quoted(chunk.documentId)}` };
  }
  const rankIn = (list: readonly Candidate[]): number => 1 + list.findIndex(({ id }) => id === chunk.id);
  const asHit = 1 + hits.findIndex((hit) => hit.chunk.id === chunk.id);
  if (asHit > 0)
    return { cause: "dropped-by-budget", detail: `${what} is hit ${asHit}, behind what filled the budget` };
  const fused = rankIn(trace.fused);
  const rank = trace.reranked === undefined ? fused : rankIn(trace.reranked);
  if (rank > 0 && rank <= topK)
    return { cause: "deduplicated", detail: `${what} ranked ${rank}, and is not among the hits` };
  if (fused === 0) {
    return { cause: "not-a-candidate", detail: `${what} is not among the ${trace.fused.length} candidates` };
  }
  const ranked = rank > 0 ? `ranked ${rank}` : "left out";
  return fused <= topK
    ? {
        cause: "demoted-by-reranker",
        detail: `${what} was candidate ${fused}, ${ranked} by the reranker; topK ${topK}`,
      }
    : { cause: "below-topk", detail: `${what} was candidate ${fused}; topK ${topK}` };
}
