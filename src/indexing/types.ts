import type { ChunkRow } from "./chunk-rows.ts";
import type { CheckedDocument } from "./document.ts";
import type { Ledger } from "./ledger.ts";
import type { LexicalLeg } from "../retriever/lexical-leg.ts";
import type { Opening } from "../retriever/opening.ts";
import type { Parts } from "../retriever/parts.ts";
import type { Outcome, Tally } from "./tally.ts";
import type { StoredChunk } from "../types.ts";

/** What indexing works with. */
export interface Indexing {
  readonly parts: Parts;
  readonly opening: Opening;
  readonly lexical: LexicalLeg | undefined;
  readonly tenant: string | null;
  /** Of a staged generation: to be verified before it is published. */
  readonly ledger?: Ledger;
}

/** One call of it. */
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
export interface Change {
  readonly document: CheckedDocument;
  readonly before: ReadonlyMap<string, StoredChunk>;
  readonly rows: readonly ChunkRow[];
  readonly outcome: Outcome;
}
