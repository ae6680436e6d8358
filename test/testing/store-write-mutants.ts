import { AdapterError } from "../../src/errors.ts";
import type { ChunkWrite, Store, StoredChunk, Terms } from "../../src/types.ts";
import { referenceStore } from "./reference-store.ts";
import { eachChunk, rewriting, withChunks, wrapped } from "./wrapped-store.ts";

/** Bugs of `replace`. */
export const writeMutants: Readonly<Record<string, () => Store>> = {
  "drops every 101st row": () =>
    wrapped((store) => ({
      replace: (change, options) => {
        let row = 0;
        return store.replace(
          withChunks(change, (chunks) => chunks.filter(() => ++row % 101 !== 0)),
          options,
        );
      },
    })),
  "upserts and never removes": () =>
    wrapped((store) => ({
      async replace(change, options) {
        const documents = [];
        for (const { id, chunks } of change.documents) {
          const before = await store.read(change.scope, { documentIds: [id] }, options);
          const stale = before.filter((old) => !chunks.some((chunk) => chunk.id === old.id));
          documents.push({ id, chunks: [...chunks, ...stale.map(kept)] });
        }
        return store.replace({ ...change, documents }, options);
      },
    })),
  "removes stale rows only where something was written": () =>
    wrapped((store) => ({
      replace: (change, options) =>
        store.replace({ ...change, documents: change.documents.filter(({ chunks }) => chunks.length > 0) }, options),
    })),
  "deletes documents that were changed since they were listed": () =>
    wrapped((store) => ({ replace: ({ scope, documents }, options) => store.replace({ scope, documents }, options) })),
  "writes the first document of a change": () =>
    wrapped((store) => ({
      replace: (change, options) => store.replace({ ...change, documents: change.documents.slice(0, 1) }, options),
    })),
  "loses kept legs": () => rewriting((chunk) => (chunk.legs === "kept" ? { ...chunk, legs: {} } : chunk)),
  "leaves the metadata of kept rows as it was": () =>
    rewritingKept((chunk, before) => ({ ...chunk, metadata: before?.metadata ?? chunk.metadata })),
  "leaves the place of kept rows as it was": () =>
    rewritingKept((chunk, { span, ordinal } = chunk) => ({ ...chunk, span, ordinal })),
  "invents a row for kept legs": () =>
    wrapped((store) => ({
      async replace(change, options) {
        const chunkIds = change.documents.flatMap(({ chunks }) => chunks.map(({ id }) => id));
        const present = new Set((await store.read(change.scope, { chunkIds }, options)).map(({ id }) => id));
        const invented = (chunk: ChunkWrite): ChunkWrite =>
          chunk.legs !== "kept" || present.has(chunk.id) ? chunk : { ...chunk, legs: {} };
        return store.replace(eachChunk(change, invented), options);
      },
    })),
  "writes a change document by document": () =>
    wrapped((store) => ({
      async replace({ scope, documents }, options) {
        for (const document of documents) await store.replace({ scope, documents: [document] }, options);
      },
    })),
  "takes the last of a document that is given twice": () =>
    wrapped((store) => ({
      replace: (change, options) =>
        store.replace(
          { ...change, documents: [...new Map(change.documents.map((each) => [each.id, each])).values()] },
          options,
        ),
    })),
  "calls a conflict final": () =>
    wrapped((store) => ({
      async replace(change, options) {
        try {
          await store.replace(change, options);
        } catch (cause) {
          options.signal.throwIfAborted();
          throw new AdapterError("mutant", "no such row", { retryable: false, code: "conflict", cause });
        }
      },
    })),
  "keeps an old leg that was not written again": () =>
    rewriting(
      (chunk) => (chunk.legs !== "kept" && Object.keys(chunk.legs).length === 0 ? { ...chunk, legs: "kept" } : chunk),
      true,
    ),
  "reads vectors from the start of their buffer": () =>
    rewriting((chunk) => {
      if (chunk.legs === "kept" || chunk.legs.vector === undefined) return chunk;
      const { buffer, length } = chunk.legs.vector;
      return { ...chunk, legs: { ...chunk.legs, vector: new Float32Array(buffer, 0, length) } };
    }),
  "reads terms from the start of their buffer": () =>
    rewritingTerms(({ ids, counts }) => ({ ids: new Uint32Array(ids.buffer, 0, ids.length), counts })),
  "keeps the caller's arrays": () => referenceStore({ copied: (write) => write }),
  "loses the term 0": () =>
    rewritingTerms(({ ids, counts }) => ({ ids: ids.filter(Boolean), counts: counts.slice(ids[0] === 0 ? 1 : 0) })),
  "loses counts above 255": () =>
    rewritingTerms(({ ids, counts }) => ({ ids, counts: Uint32Array.from(Uint8Array.from(counts)) })),
};

function rewritingKept(map: (chunk: ChunkWrite, before: StoredChunk | undefined) => ChunkWrite): Store {
  return wrapped((store) => ({
    async replace(change, options) {
      const chunkIds = change.documents.flatMap(({ chunks }) => chunks.map(({ id }) => id));
      const before = await store.read(change.scope, { chunkIds }, options);
      const mapped = eachChunk(change, (chunk) =>
        chunk.legs === "kept"
          ? map(
              chunk,
              before.find(({ id }) => id === chunk.id),
            )
          : chunk,
      );
      return store.replace(mapped, options);
    },
  }));
}

function rewritingTerms(map: (terms: Terms) => Terms): Store {
  return rewriting((chunk) =>
    chunk.legs === "kept" || chunk.legs.terms === undefined
      ? chunk
      : { ...chunk, legs: { ...chunk.legs, terms: map(chunk.legs.terms) } },
  );
}

function kept(chunk: StoredChunk): ChunkWrite {
  return { ...chunk, legs: "kept" };
}
