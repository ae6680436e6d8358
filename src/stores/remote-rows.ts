import type { ChunkWrite } from "../types.ts";

/** What stores write alike that send rows to a server. */

/** Nine digits give back the same 32-bit float. */
export function inNineDigits(value: number): number {
  return Number(value.toPrecision(9));
}

/** The first one of a document: some things are written once for all of them. */
export function firstChunk(chunks: readonly ChunkWrite[]): ChunkWrite | undefined {
  let first = chunks[0];
  for (const chunk of chunks) if (first !== undefined && chunk.ordinal < first.ordinal) first = chunk;
  return first;
}
