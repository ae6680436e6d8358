import { indexedText } from "../chunkers/text/indexed-text.ts";
import type { CheckedDocument } from "../indexing/document.ts";
import type { LexicalIndex, Scope, Store, StoredChunk } from "../types.ts";

/** A lexical leg beside the store: kept in step with it, refilled from it where it does not outlive the process. */
export interface LexicalLeg {
  readonly index: LexicalIndex;
  /** After the store was written. */
  replace(scope: Scope, documents: readonly LexicalDocument[], signal: AbortSignal): Promise<void>;
  /** Before a search. */
  ready(scope: Scope, signal: AbortSignal): Promise<void>;
}
export interface LexicalDocument {
  readonly id: CheckedDocument["id"];
  readonly chunks: readonly StoredChunk[];
}

const pageSize = 256;

export function lexicalLeg(index: LexicalIndex, store: Store): LexicalLeg {
  /** By scope: filled, or being filled. Only for an index that starts empty with the process. */
  const fills = new Map<string, Promise<void>>();
  /** Filled, oldest first. */
  const generations = new Set<string>();
  const keyOf = ({ generation, tenant }: Scope): string => JSON.stringify([generation, tenant]);

  const write = (scope: Scope, documents: readonly LexicalDocument[], signal: AbortSignal): Promise<void> =>
    index.replace(
      {
        scope,
        documents: documents.map(({ id, chunks }) => ({
          id,
          chunks: chunks.map((chunk) => ({ id: chunk.id, text: indexedText(chunk), metadata: chunk.metadata })),
        })),
      },
      { signal },
    );

  const fill = async (scope: Scope, signal: AbortSignal): Promise<void> => {
    // A store keeps the live generation and the one before it, where a search that is slow may still be.
    const [oldest = ""] = generations.add(scope.generation);
    if (generations.size > 2) {
      generations.delete(oldest);
      await index.retire?.(oldest);
    }
    let after: string | undefined;
    do {
      const page = await store.list(scope, { limit: pageSize, ...(after !== undefined && { after }) }, { signal });
      if (page.documents.length === 0 && after === undefined) {
        // Any name may be asked for as a tenant's: of those that have nothing, nothing is kept.
        fills.delete(keyOf(scope));
        return;
      }
      const documents = new Map(page.documents.map(({ id }) => [id, [] as StoredChunk[]]));
      const chunks = await store.read(scope, { documentIds: [...documents.keys()] }, { signal });
      for (const chunk of chunks) documents.get(chunk.documentId)?.push(chunk);
      await write(
        scope,
        Array.from(documents, ([id, mine]) => ({ id, chunks: mine })),
        signal,
      );
      after = page.next;
    } while (after !== undefined);
  };

  return {
    index,
    async replace(scope, documents, signal) {
      const key = keyOf(scope);
      const filling = fills.get(key);
      if (!index.durable && filling === undefined) return;
      const filled = await filling?.then(
        () => true,
        () => false,
      );
      // A fill that failed, as by the abort of the search that began it, is begun anew by a search and sees this write.
      if (filled === false) return;
      try {
        await write(scope, documents, signal);
      } catch (error) {
        // What it holds is unknown now: the next search fills it again.
        fills.delete(key);
        throw error;
      }
    },
    async ready(scope, signal) {
      if (index.durable) return;
      const key = keyOf(scope);
      for (;;) {
        signal.throwIfAborted();
        const first = !fills.has(key);
        const filling = fills.get(key) ?? fill(scope, signal);
        fills.set(key, filling);
        try {
          return await filling;
        } catch (error) {
          if (fills.get(key) === filling) fills.delete(key);
          // Someone else's attempt ended with someone else's reason: try again with one's own signal.
          if (first) throw error;
        }
      }
    },
  };
}
