import type { ChunkRow } from "./chunk-rows.ts";
import type { CheckedDocument } from "./document.ts";
import type { Outcome, Tally } from "./tally.ts";
import type { StoredChunk } from "../types.ts";

/** One call that writes, or tells what writing would do. */
export interface IndexRun {
  readonly tally: Tally;
  /** Takes the ids of the documents. */
  readonly seen: Set<string>;
  /** Failures of single documents of an array are collected too, not only those of a stream. */
  readonly collect: boolean;
  /** true: read and compare, change nothing. */
  readonly dry: boolean;
  readonly signal: AbortSignal;
}

/** A document, what is stored of it, and what it shall consist of. */
export interface DocumentChange {
  readonly document: CheckedDocument;
  readonly before: ReadonlyMap<string, StoredChunk>;
  readonly rows: readonly ChunkRow[];
  readonly outcome: Outcome;
}
