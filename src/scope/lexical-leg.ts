import { indexedText } from "../chunkers/text/indexed-text.ts";
import { retrying } from "../retry.ts";
import { documentPages, storedRows } from "../stores/reading.ts";
import type { LexicalIndex, Scope, Store, StoredChunk } from "../types.ts";

/** A lexical leg beside the store: kept in step with it, refilled from it where it does not outlive the process. */
export interface LexicalLeg {
  readonly index: LexicalIndex;
  /**
   * After the store was written by `writeStore`, which is retried. Answers with what that does; anything but undefined, or a
   * failure, says that nobody knows what the store has now, so that the next search looks.
   */
  replace<T>(
    scope: Scope,
    documents: readonly LexicalDocument[],
    signal: AbortSignal,
    writeStore: () => Promise<T | undefined>,
  ): Promise<T | undefined>;
  /** What the store has of these documents. */
  copy(scope: Scope, documentIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** Before a search. */
  ready(scope: Scope, signal: AbortSignal): Promise<void>;
  /** When generations are gone. Those that the index could not be told of are told again with the next. */
  retire(generations: readonly string[]): Promise<void>;
  /** What it held may be gone then: a retriever that shares it fills it again. */
  close(): Promise<void>;
}
export interface LexicalDocument {
  readonly id: string;
  readonly chunks: readonly StoredChunk[];
}

/** What is known of a tenant's part of an index. */
interface Held {
  readonly generation: string;
  /** Filled, or being filled. */
  filled: Promise<void> | undefined;
  /**
   * Documents that are being written, and by which call; undefined where the index may have other chunks than the store: it
   * is not known what a write that failed has done, nor which one of two came first.
   */
  readonly unsettled: Map<string, readonly string[] | undefined>;
}

/** What is known of all indexes beside one store: what is written through one is unsettled in the others. */
const beside = new WeakMap<Store, readonly WeakRef<Map<string, Held>>[]>();

export function lexicalLeg(index: LexicalIndex, store: Store): LexicalLeg {
  /** By scope: those that were filled; of an index that is durable, those where something is unsettled. */
  const all = new Map<string, Held>();
  beside.set(store, [...(beside.get(store) ?? []).filter((one) => one.deref() !== undefined), new WeakRef(all)]);
  /** Generations that the index is still to be told of. */
  const gone = new Set<string>();

  const keyOf = ({ generation, tenant }: Scope): string => JSON.stringify([generation, tenant]);
  const heldOf = (scope: Scope): Held => {
    const { generation } = scope;
    const filled = index.durable ? Promise.resolve() : undefined;
    const held = all.get(keyOf(scope)) ?? { generation, filled, unsettled: new Map() };
    all.set(keyOf(scope), held);
    return held;
  };
  const noted = (scope: Scope): Held | undefined => (index.durable ? heldOf(scope) : all.get(keyOf(scope)));

  /** `retrying`. An attempt that was given up may yet do what it was to do: documents are looked at again after it. */
  const attempted = async <T>(
    scope: Scope,
    documents: readonly LexicalDocument[],
    signal: AbortSignal,
    run: () => Promise<T>,
  ): Promise<T> => {
    let last: Promise<unknown> | undefined;
    const doubt = (): void => {
      for (const { id } of documents) noted(scope)?.unsettled.set(id, undefined);
    };
    try {
      return await retrying(() => (last = run()), { signal });
    } catch (error) {
      last?.then(doubt, doubt);
      throw error;
    }
  };
  const write = (scope: Scope, documents: readonly LexicalDocument[], signal: AbortSignal): Promise<void> => {
    const change = {
      scope,
      documents: documents.map(({ id, chunks }) => ({
        id,
        chunks: chunks.map((chunk) => ({ id: chunk.id, text: indexedText(chunk), metadata: chunk.metadata })),
      })),
    };
    return attempted(scope, documents, signal, () => index.replace(change, { signal }));
  };

  /** `run` makes the index have of these documents what the store has, or answers `false`. */
  const settling = async (scope: Scope, ids: readonly string[], run: () => Promise<boolean | void>): Promise<void> => {
    const before = noted(scope);
    for (const id of ids) before?.unsettled.set(id, ids);
    let isSettled = false;
    try {
      isSettled = (await run()) !== false;
    } finally {
      const unsettled = noted(scope)?.unsettled;
      for (const id of ids) {
        if (isSettled && unsettled?.get(id) === ids) unsettled.delete(id);
        else unsettled?.set(id, undefined);
      }
      if (index.durable && unsettled?.size === 0) all.delete(keyOf(scope));
    }
  };
  const copied = async (scope: Scope, documentIds: readonly string[], signal: AbortSignal): Promise<void> => {
    const documents = new Map(documentIds.map((id) => [id, [] as StoredChunk[]]));
    const chunks = await storedRows(store, scope, { documentIds }, { signal });
    for (const chunk of chunks) documents.get(chunk.documentId)?.push(chunk);
    const copies = Array.from(documents, ([id, mine]) => ({ id, chunks: mine }));
    await write(scope, copies, signal);
  };
  const copy: LexicalLeg["copy"] = (scope, ids, signal) => settling(scope, ids, () => copied(scope, ids, signal));
  const fill = async (scope: Scope, { unsettled }: Held, signal: AbortSignal): Promise<void> => {
    for await (const { documents, after } of documentPages(store, scope, { signal })) {
      const isEmpty = documents.length === 0 && after === undefined;
      // Any name may be asked for as a tenant's: of those that have nothing, nothing is kept.
      if (isEmpty && unsettled.size === 0) all.delete(keyOf(scope));
      if (isEmpty) return;
      const ids = documents.map(({ id }) => id);
      await copied(scope, ids, signal);
    }
  };

  return {
    index,
    async retire(generations) {
      for (const generation of generations) gone.add(generation);
      for (const generation of gone) {
        for (const [key, held] of all) if (held.generation === generation) all.delete(key);
        await index.retire?.(generation);
        gone.delete(generation);
      }
    },
    async close() {
      all.clear();
      await index.close?.();
    },
    async replace(scope, documents, signal, writeStore) {
      const ids = documents.map(({ id }) => id);
      const written = async (): ReturnType<typeof writeStore> => {
        try {
          return await writeStore();
        } finally {
          for (const one of beside.get(store) ?? []) {
            const other = one.deref();
            if (other !== all) for (const id of ids) other?.get(keyOf(scope))?.unsettled.set(id, undefined);
          }
        }
      };
      let refused: Awaited<ReturnType<typeof writeStore>>;
      await settling(scope, ids, async () => {
        refused = await attempted(scope, documents, signal, written);
        if (refused !== undefined) return false;
        const held = noted(scope);
        const isFilled = await held?.filled?.then(
          () => true,
          () => false,
        );
        if (isFilled === true) await write(scope, documents, signal);
        return isFilled === true || held === undefined;
      });
      return refused;
    },
    copy,
    async ready(scope, signal) {
      while (!index.durable || all.has(keyOf(scope))) {
        signal.throwIfAborted();
        const held = heldOf(scope);
        const isFirst = held.filled === undefined;
        const filled = (held.filled ??= fill(scope, held, signal));
        try {
          await filled;
        } catch (error) {
          if (held.filled === filled) held.filled = undefined;
          // Someone else's attempt ended with someone else's reason: try again with one's own signal.
          if (isFirst) throw error;
          continue;
        }
        const ids = [...held.unsettled].flatMap(([id, by]) => (by === undefined ? id : []));
        if (ids.length > 0) await copy(scope, ids, signal);
        return;
      }
    },
  };
}
