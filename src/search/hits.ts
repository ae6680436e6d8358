import { minMax } from "../fusion.ts";
import type { Hit, LegScore } from "../retriever-types.ts";
import { restoreMetadata, type MetadataShape } from "../schema/schema.ts";
import type { Candidate, Chunk, StoredChunk } from "../types.ts";

/** The candidate lists of a search. */
export interface Legs {
  readonly dense?: readonly Candidate[] | undefined;
  readonly lexical?: readonly Candidate[] | undefined;
}

/** Each leg's view of a chunk, by id. Normalised only where there are two legs to compare. */
export function legScores(leg: readonly Candidate[] = [], both: boolean): ReadonlyMap<string, LegScore> {
  const normalized = both ? minMax(leg) : [];
  return new Map(
    leg.map(({ id, score }, index): [string, LegScore] => {
      const share = normalized[index];
      return [id, { score, rank: index + 1, ...(share !== undefined && { normalized: share }) }];
    }),
  );
}

/** A stored row as its user knows it. The metadata is what the schema put out, so the cast restores its type. */
export function chunkOf<M>(stored: StoredChunk, shape: MetadataShape): Chunk<M> {
  const { id, documentId, span, line, text, title, headings, context, parent, tokens, metadata } = stored;
  return {
    id,
    documentId,
    span: { ...span },
    line,
    text,
    ...(title !== undefined && { title }),
    headings: [...headings],
    ...(context !== undefined && { context }),
    ...(parent !== undefined && { parent: { ...parent } }),
    ...(tokens !== undefined && { tokens }),
    metadata: restoreMetadata(metadata, shape) as M,
  };
}

export function hitOf<M>(chunk: Chunk<M>, score: number, scores: Hit<M>["scores"], explain: Hit<M>["explain"]): Hit<M> {
  const { documentId, span, headings, line } = chunk;
  return {
    chunk,
    score,
    scores,
    citation: { documentId, span, headings, line },
    ...(explain !== undefined && { explain }),
  };
}
