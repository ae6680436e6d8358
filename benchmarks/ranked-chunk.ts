import type { ChunkWrite } from "../src/types.ts";

/** What a store keeps of a made-up document of one chunk, with numbers to filter by. */
export function rankedChunk(
  id: string,
  rank: number,
  legs: ChunkWrite["legs"],
  others: Readonly<Record<string, number>> = {},
): ChunkWrite {
  return {
    id,
    documentId: id,
    documentHash: "",
    ordinal: 0,
    span: { start: 0, end: 0 },
    line: 1,
    text: "",
    gap: "",
    headings: [],
    metadata: { rank, ...others },
    legs,
  };
}
