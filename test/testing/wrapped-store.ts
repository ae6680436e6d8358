import { memory } from "../../src/stores/memory.ts";
import type { ChunkWrite, Replacement, Store } from "../../src/types.ts";

/** The in-memory store with some calls answered wrongly. */
export function wrapped(wrong: (store: Store) => Partial<Store>): Store {
  const store = memory();
  return { ...store, ...wrong(store) };
}

export function withChunks(
  change: Replacement,
  map: (chunks: readonly ChunkWrite[]) => readonly ChunkWrite[],
): Replacement {
  const documents = change.documents.map(({ id, chunks }) => ({ id, chunks: map(chunks) }));
  return { ...change, documents };
}

export function eachChunk(change: Replacement, map: (chunk: ChunkWrite) => ChunkWrite): Replacement {
  return withChunks(change, (chunks) => chunks.map(map));
}

export function rewriting(map: (chunk: ChunkWrite) => ChunkWrite, known = false): Store {
  return wrapped((store) => ({
    async replace(change, options) {
      const chunkIds = change.documents.flatMap(({ chunks }) => chunks.map(({ id }) => id));
      const present = new Set((await store.read(change.scope, { chunkIds }, options)).map(({ id }) => id));
      return store.replace(
        eachChunk(change, (chunk) => (known && !present.has(chunk.id) ? chunk : map(chunk))),
        options,
      );
    },
  }));
}
