import { indexedText } from "../chunkers/text/indexed-text.ts";
import { retrying } from "../retry.ts";
import { documentPages, storedRows } from "../stores/reading.ts";
import type { LexicalIndex, Scope, Store, StoredChunk } from "../types.ts";

/** A lexical leg beside the store: kept in step with it, refilled from it where it does not outlive the process. */
export interface LexicalLeg {
  readonly index: LexicalIndex;
  /**
   * After the store was written by `writeStore`. Answers with what that does; anything but undefined, or a failure, says that nobody knows
   * what the store has now, so that the next search fills it again.
   */
  replace<T>(
    scope: Scope,
    documents: readonly LexicalDocument[],
    signal: AbortSignal,
    writeStore: () => Promise<T | undefined>,
  ): Promise<T | undefined>;
  /** Before a search. */
  ready(scope: Scope, signal: AbortSignal): Promise<void>;
  /** When a generation is gone. */
  retire(generation: string): Promise<void>;
  /** Lets go of all but these: of one that is searched again, it is filled again. */
  keep(generations: readonly (string | undefined)[]): Promise<void>;
  /** What it held may be gone then: a retriever that shares it fills it again. */
  close(): Promise<void>;
}
export interface LexicalDocument {
  readonly id: string;
  readonly chunks: readonly StoredChunk[];
}

export function lexicalLeg(index: LexicalIndex, store: Store): LexicalLeg {
  /** By generation and tenant: filled, or being filled. Only for an index that starts empty with the process. */
  const fills = new Map<string, Map<string | null, Promise<void>>>();
  /** Documents that are being written, and by which call: of two, the store alone knows whose it has in the end. */
  const writing = new Map<string, readonly string[]>();

  const write = (scope: Scope, documents: readonly LexicalDocument[], signal: AbortSignal): Promise<void> => {
    const change = {
      scope,
      documents: documents.map(({ id, chunks }) => ({
        id,
        chunks: chunks.map((chunk) => ({ id: chunk.id, text: indexedText(chunk), metadata: chunk.metadata })),
      })),
    };
    return retrying(() => index.replace(change, { signal }), { signal });
  };
  const retire = async (generation: string): Promise<void> => {
    fills.delete(generation);
    await index.retire?.(generation);
  };
  /** The next search fills it again, after a fill that is running: what that has read may be older. */
  const lose = ({ generation, tenant }: Scope): void => {
    const mine = fills.get(generation);
    const lost = mine?.get(tenant)?.then(() => Promise.reject(new Error("lost")));
    lost?.catch(() => undefined);
    if (lost !== undefined) mine?.set(tenant, lost);
  };

  const fill = async (scope: Scope, signal: AbortSignal): Promise<void> => {
    for await (const page of documentPages(store, scope, { signal })) {
      if (page.documents.length === 0 && page.after === undefined) {
        // Any name may be asked for as a tenant's: of those that have nothing, nothing is kept.
        fills.get(scope.generation)?.delete(scope.tenant);
        return;
      }
      const documents = new Map(page.documents.map(({ id }) => [id, [] as StoredChunk[]]));
      const documentIds = [...documents.keys()];
      const chunks = await storedRows(store, scope, { documentIds }, { signal });
      for (const chunk of chunks) documents.get(chunk.documentId)?.push(chunk);
      await write(
        scope,
        Array.from(documents, ([id, mine]) => ({ id, chunks: mine })),
        signal,
      );
    }
  };

  return {
    index,
    retire,
    async keep(generations) {
      for (const generation of fills.keys()) if (!generations.includes(generation)) await retire(generation);
    },
    async close() {
      fills.clear();
      await index.close?.();
    },
    async replace(scope, documents, signal, writeStore) {
      const mine = documents.map(({ id }) => JSON.stringify([scope, id]));
      for (const key of mine) writing.set(key, mine);
      let isKnown = false;
      try {
        const refused = await writeStore();
        if (refused !== undefined) return refused;
        const filling = fills.get(scope.generation)?.get(scope.tenant);
        // A fill that failed, as by the abort of the search that began it, is begun anew by a search and sees this write.
        const filled = filling?.then(
          () => true,
          () => false,
        );
        if (await (filled ?? index.durable)) await write(scope, documents, signal);
        isKnown = mine.every((key) => writing.get(key) === mine);
        return undefined;
      } finally {
        for (const key of mine) writing.delete(key);
        if (!isKnown) lose(scope);
      }
    },
    async ready(scope, signal) {
      if (index.durable) return;
      for (;;) {
        signal.throwIfAborted();
        const mine = fills.get(scope.generation) ?? new Map<string | null, Promise<void>>();
        fills.set(scope.generation, mine);
        const known = mine.get(scope.tenant);
        const filling = known ?? fill(scope, signal);
        mine.set(scope.tenant, filling);
        try {
          return await filling;
        } catch (error) {
          if (mine.get(scope.tenant) === filling) mine.delete(scope.tenant);
          // Someone else's attempt ended with someone else's reason: try again with one's own signal.
          if (known === undefined) throw error;
        }
      }
    },
  };
}
