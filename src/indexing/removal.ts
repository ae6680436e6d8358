import { breather } from "../signal.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";
import type { Opened } from "../scope/opening.ts";
import { retrying } from "../retry.ts";
import { documentPages, storedRows } from "../stores/reading.ts";
import { unstorable } from "../text.ts";
import type { FilterTree, Scope } from "../types.ts";

/** Documents deleted at a time. */
const pageSize = 256;

export interface Removed {
  documents: number;
  chunks: number;
}

/** Deletes documents by id, or where they match the filter still; answers with what was there. */
export async function removeDocuments(
  { parts, lexical, tenant }: RetrieverScope,
  { generation }: Opened,
  documentIds: Iterable<string>,
  { signal, filter }: { readonly signal: AbortSignal; readonly filter?: FilterTree | undefined },
): Promise<Removed> {
  const { store } = parts;
  const scope: Scope = { generation, tenant };
  const removed: Removed = { documents: 0, chunks: 0 };
  const ids = [...new Set(documentIds)];
  const breathe = breather(signal);
  for (let start = 0; start < ids.length; start += pageSize) {
    await breathe();
    const page = ids.slice(start, start + pageSize);
    const stored = await storedRows(store, scope, { documentIds: page }, { signal });
    // In memory both take long where documents have many chunks.
    await breathe();
    // All of them, of which another call may have written one by now: the store and a lexical index lose the same.
    const documents = page.flatMap((id) => (unstorable(id) === undefined ? { id, chunks: [] } : []));
    const replace = async (): Promise<ReadonlySet<string> | undefined> => {
      await store.replace({ scope, documents, ...(filter && { filter }) }, { signal });
      const left = filter && (await store.read(scope, { documentIds: page }, { signal }));
      return left?.[0] && new Set(left.map(({ documentId }) => documentId));
    };
    // Some may have been changed since they were listed.
    const left = await (lexical?.replace(scope, documents, signal, replace) ?? retrying(replace, { signal }));
    const gone = stored.filter(({ documentId }) => left?.has(documentId) !== true);
    removed.documents += new Set(gone.map(({ documentId }) => documentId)).size;
    removed.chunks += gone.length;
  }
  return removed;
}

/** Deletes every document that has a matching chunk and is not in `except`, page by page. */
export async function removeMatching(
  within: RetrieverScope,
  opened: Opened,
  options: {
    readonly filter: FilterTree | undefined;
    readonly except?: ReadonlySet<string>;
    readonly signal: AbortSignal;
    onRemoved?(removed: Removed): void;
  },
): Promise<Removed> {
  const { filter, except, signal } = options;
  const scope: Scope = { generation: opened.generation, tenant: within.tenant };
  const total: Removed = { documents: 0, chunks: 0 };
  for await (const { documents } of documentPages(within.parts.store, scope, { signal }, filter)) {
    const ids = documents.flatMap(({ id }) => (except?.has(id) === true ? [] : id));
    const removed = await removeDocuments(within, opened, ids, { signal, filter });
    total.documents += removed.documents;
    total.chunks += removed.chunks;
    if (removed.documents > 0) options.onRemoved?.(removed);
  }
  return total;
}
