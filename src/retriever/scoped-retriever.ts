import { deferred } from "../deferred.ts";
import { unexpected } from "../errors.ts";
import type { IndexingCalls } from "../indexing/calls.ts";
import { checkedIds } from "../indexing/document-ids.ts";
import { chunkOf } from "../search/hits.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";
import { callOptions, checkOptions, wholeNumber } from "../options.ts";
import type { Retriever } from "../retriever-types.ts";
import { retrying } from "../retry.ts";
import { storedRows } from "../stores/reading.ts";
import { filterFor } from "../search/request.ts";
import { search } from "../search/search.ts";
import { breather, withDeadline } from "../signal.ts";
import { unstorable } from "../text.ts";
import type { CallOptions, Chunk, Metadata, Scope, StoredChunk } from "../types.ts";

const defaultPage = 1_000;
/** Documents read at a time, so that stores in memory let a timer run. */
const readPage = 256;

/** The calls of one scope: a tenant's, or the unscoped ones. */
export function scopedRetriever(within: RetrieverScope): Retriever {
  const { parts, opening, tenant } = within;
  const { store, shape } = parts;

  /** Runs `ask` on what is there; `otherwise` is the answer where nothing was ever indexed. */
  const reading = <T>(
    stage: string,
    options: CallOptions | undefined,
    otherwise: T,
    ask: (scope: Scope, signal: AbortSignal) => Promise<T>,
  ): Promise<T> =>
    withDeadline(stage, options, async (signal) => {
      const opened = await opening.find(signal);
      if (opened === undefined) return otherwise;
      return retrying(() => ask({ generation: opened.generation, tenant }, signal), { signal });
    });

  /** What writes. */
  const writing = async (): Promise<IndexingCalls> => (await import("../indexing/calls.ts")).indexingCalls(within);

  return {
    ...deferred(writing, "index", "plan", "sync", "delete", "clear"),
    async get(documentIds, options) {
      checkOptions("get", options, callOptions);
      const ids = [...new Set(checkedIds(documentIds))];
      return reading("get", options, [], async (scope, signal) => {
        const breathe = breather(signal);
        const chunks: Chunk[] = [];
        for (let start = 0; start < ids.length; start += readPage) {
          await breathe();
          const page = ids.slice(start, start + readPage);
          const places = new Map(page.map((id, place) => [id, place]));
          const placeOf = ({ documentId }: StoredChunk): number => places.get(documentId) ?? 0;
          const rows = await storedRows(store, scope, { documentIds: page }, { signal });
          const inOrder = rows.toSorted((a, b) => placeOf(a) - placeOf(b) || a.ordinal - b.ordinal);
          for (const row of inOrder) chunks.push(chunkOf<Metadata>(row, shape));
        }
        return chunks;
      });
    },
    async list(options = {}) {
      checkOptions("list", options, [...callOptions, "filter", "after", "limit"]);
      const { filter, after } = options;
      if (after !== undefined && (typeof after !== "string" || unstorable(after) !== undefined)) {
        throw unexpected("after", "a document id", after);
      }
      const page = {
        limit: wholeNumber("limit", options.limit, 1, defaultPage),
        ...(filter !== undefined && { filter: filterFor(filter, parts) }),
        ...(after !== undefined && { after }),
      };
      const listed = await reading("list", options, { documents: [] }, (scope, signal) =>
        store.list(scope, page, { signal }),
      );
      const documentIds = listed.documents.map(({ id }) => id);
      return { documentIds, ...(listed.next !== undefined && { next: listed.next }) };
    },
    async count(filter, options) {
      checkOptions("count", options, callOptions);
      const tree = filter === undefined ? undefined : filterFor(filter, parts);
      return reading("count", options, { documents: 0, chunks: 0 }, (scope, signal) =>
        store.count(scope, tree, { signal }),
      );
    },
    search: (query, options) => search(within, query, options),
  };
}
