import type { IndexOptions, IndexProgress } from "../retriever-types.ts";
import type { IndexReport } from "../types.ts";

export interface Outcome {
  readonly kind: "added" | "updated" | "unchanged";
  readonly chunks: { readonly added: number; readonly kept: number; readonly deleted: number };
}

/** Counts what an indexing call does, tells its progress, and is its report in the end. */
export interface Tally {
  done(outcome: Outcome): void;
  /** Stored documents that were not in the input. */
  deleted(documents: number, chunks: number): void;
  embedded(texts: number): void;
  readonly failed: (documentId: string, error: unknown) => void;
  readonly failures: number;
  /** Throws what the caller's callback throws. */
  progress(phase: IndexProgress["phase"]): void;
  /** Waits for a callback that is async; rejects with what it rejects with. */
  told(): Promise<unknown>;
  report(): IndexReport;
}

export function tally(total: number | undefined, onProgress: IndexOptions["onProgress"]): Tally {
  const documents = { added: 0, updated: 0, unchanged: 0, deleted: 0 };
  const chunks = { added: 0, kept: 0, deleted: 0 };
  const failed: IndexReport["failed"][number][] = [];
  let embedded = 0;
  let telling: Promise<unknown> = Promise.resolve();

  return {
    done(outcome) {
      documents[outcome.kind]++;
      chunks.added += outcome.chunks.added;
      chunks.kept += outcome.chunks.kept;
      chunks.deleted += outcome.chunks.deleted;
    },
    deleted(count, chunkCount) {
      documents.deleted += count;
      chunks.deleted += chunkCount;
    },
    embedded(texts) {
      embedded += texts;
    },
    failed(documentId, error) {
      failed.push({ documentId, error });
    },
    get failures() {
      return failed.length;
    },
    progress(phase) {
      const answer = onProgress?.({
        phase,
        documents: documents.added + documents.updated + documents.unchanged + failed.length,
        chunks: chunks.added + chunks.kept,
        embedded,
        ...(total !== undefined && { total }),
      });
      if (answer === undefined) return;
      telling = Promise.all([telling, Promise.resolve(answer)]);
      // Whoever waits for it hears of it.
      telling.catch(() => undefined);
    },
    told: () => telling,
    report: () => ({ documents, chunks, embedded, failed }),
  };
}
