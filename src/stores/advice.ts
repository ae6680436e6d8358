import { expectType } from "../options.ts";
import type { Commit } from "./memory-store.ts";
import type { MemoryState } from "./memory-state.ts";

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

export function checkAdvice(onAdvice: unknown): void {
  expectType("onAdvice", onAdvice, "function");
}

/** The same, and calls back, on its own, after the write that passed a limit. */
export function advised(
  commit: Commit,
  state: MemoryState,
  onAdvice: ((advice: MemoryAdvice) => void) | undefined,
): Commit {
  let uncounted = mostUncounted;
  let said = onAdvice === undefined;

  const look = (written: number): void => {
    uncounted -= written;
    if (uncounted > 0) return;
    let [chunks, vectorBytes] = [0, 0];
    for (const { tenants } of state.generations.values()) {
      for (const held of tenants.values()) {
        chunks += held.chunks;
        vectorBytes += held.vectorBytes;
      }
    }
    uncounted = Math.min(mostUncounted, limits.chunks - chunks);
    if (chunks < limits.chunks && vectorBytes < limits.vectorBytes) return;
    said = true;
    const reason = chunks >= limits.chunks ? "chunks" : "vectors";
    const held = `${chunks} chunks and ${Math.round(vectorBytes / 2 ** 20)} MiB of vectors`;
    const message = `The in-memory store holds ${held}: Postgres (groundline/pgvector) or Qdrant serve so many better.`;
    queueMicrotask(() => onAdvice?.({ reason, chunks, vectorBytes, limits, message }));
  };

  return (plan, apply, ...rest) =>
    commit(
      plan,
      (change) => {
        apply(change);
        if (said || change.op !== "replace") return;
        look(change.documents.reduce((sum, { chunks }) => sum + chunks.length, 0));
      },
      ...rest,
    );
}
