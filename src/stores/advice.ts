import { thrownByCallback } from "../errors.ts";
import type { Commit } from "./memory-store.ts";
import type { Change, MemoryState } from "./memory-state.ts";

/**
 * What an in-memory store says once, when it has grown past what memory is the best place for: beyond a million chunks
 * their texts fill the heap that JavaScript has by default (about 4 GB), and an exhaustive search takes tens of
 * milliseconds of one thread, for which Postgres and Qdrant have indexes, disks and other machines.
 */
export interface MemoryAdvice {
  /** Which limit was passed. */
  readonly reason: "chunks" | "vectors";
  /** Of all generations and tenants. */
  readonly chunks: number;
  readonly vectorBytes: number;
  /** 1,000,000 chunks; 2 GiB of vectors. */
  readonly limits: { readonly chunks: number; readonly vectorBytes: number };
  readonly message: string;
}

const limits = { chunks: 1_000_000, vectorBytes: 2 ** 31 };

/** Chunks that are written before everything is counted again. */
const mostUncounted = 65_536;

/** The commit, and then calls back after the write that passed a limit, which waits for that and rejects with what it throws. */
export function advised(
  commit: Commit,
  state: MemoryState,
  onAdvice: ((advice: MemoryAdvice) => unknown) | undefined,
): Commit {
  let uncounted = mostUncounted;
  let said = onAdvice === undefined;

  const look = (written: number): MemoryAdvice | undefined => {
    uncounted -= written;
    if (uncounted > 0) return undefined;
    let [chunks, vectorBytes] = [0, 0];
    for (const { tenants } of state.generations.values()) {
      for (const held of tenants.values()) {
        chunks += held.chunks;
        vectorBytes += held.dense?.bytes ?? 0;
      }
    }
    uncounted = Math.min(mostUncounted, limits.chunks - chunks);
    if (chunks < limits.chunks && vectorBytes < limits.vectorBytes) return undefined;
    said = true;
    const reason = chunks >= limits.chunks ? "chunks" : "vectors";
    const held = `${chunks} chunks and ${Math.round(vectorBytes / 2 ** 20)} MiB of vectors`;
    const message = `The in-memory store holds ${held}: Postgres (groundline/pgvector) or Qdrant serve so many better.`;
    return { reason, chunks, vectorBytes, limits, message };
  };

  return async (plan, apply, ...rest) => {
    let advice: MemoryAdvice | undefined;
    const applied = (change: Change): void => {
      apply(change);
      if (said || change.op !== "replace") return;
      advice = look(change.documents.reduce((sum, { chunks }) => sum + chunks.length, 0));
    };
    await commit(plan, applied, ...rest);
    if (advice === undefined) return;
    try {
      await onAdvice?.(advice);
    } catch (reason) {
      const error: object = Object(reason);
      thrownByCallback.add(error);
      throw error;
    }
  };
}
