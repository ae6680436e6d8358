import { ConfigError, FilterError, PartialIndexError, shown } from "../errors.ts";
import { chunkOf } from "../search/hits.ts";
import { indexDocuments } from "../indexing/indexing.ts";
import type { Indexing } from "../indexing/types.ts";
import { checkOptions, wholeNumber } from "../options.ts";
import { removeDocuments, removeMatching, type Removed } from "../indexing/removal.ts";
import type { Documents, IndexOptions, IndexReport, Retriever } from "../retriever-types.ts";
import { retrying } from "../retry.ts";
import { filterFor } from "../search/request.ts";
import { search } from "../search/search.ts";
import { withDeadline } from "../signal.ts";
import { tally, type Tally } from "../indexing/tally.ts";
import type { CallOptions, Metadata, Scope } from "../types.ts";

const callOptions = ["signal", "timeout"];
const indexOptions = [...callOptions, "onFailure", "onProgress"];
const defaultPage = 1_000;

/** The calls of one scope: a tenant's, or the unscoped ones. */
export function scopedRetriever(indexing: Indexing): Retriever {
  const { parts, opening, tenant } = indexing;
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

  const runIndexing = async (
    stage: "index" | "sync" | "plan",
    documents: Documents<Metadata>,
    options: IndexOptions,
    then?: (counts: Tally, seen: ReadonlySet<string>, signal: AbortSignal) => Promise<void>,
  ): Promise<IndexReport> => {
    const { onFailure = "throw", onProgress } = options;
    if (onFailure !== "throw" && onFailure !== "collect") {
      throw new ConfigError(`onFailure: expected "throw" or "collect", received ${shown(onFailure)}`);
    }
    const counts = tally(Array.isArray(documents) ? documents.length : undefined, onProgress);
    const seen = new Set<string>();
    await withDeadline(stage, options, async (signal) => {
      const run = { tally: counts, seen, collect: onFailure === "collect", dry: stage === "plan", signal };
      await indexDocuments(indexing, documents, run);
      // A document that failed may be one that is to stay: only a whole run may delete.
      if (counts.failures === 0) await then?.(counts, seen, signal);
    });
    const report = counts.report();
    if (report.failed.length > 0 && onFailure === "throw") throw new PartialIndexError(report);
    return report;
  };

  return {
    async index(documents, options = {}) {
      checkOptions("index", options, indexOptions);
      return runIndexing("index", documents, options);
    },
    async plan(documents, options = {}) {
      checkOptions("plan", options, callOptions);
      return runIndexing("plan", documents, { ...options, onFailure: "collect" });
    },
    async sync(documents, options = {}) {
      checkOptions("sync", options, [...indexOptions, "filter", "allowEmpty"]);
      const { filter, allowEmpty = false } = options;
      const tree = filter === undefined ? undefined : filterFor(filter, parts);
      const refuseEmpty = (): never => {
        throw new ConfigError(
          "sync: the input has no documents, so everything would be deleted; pass allowEmpty: true if that is meant",
        );
      };
      if (Array.isArray(documents) && documents.length === 0 && !allowEmpty) refuseEmpty();
      return runIndexing("sync", documents, options, async (counts, seen, signal) => {
        if (seen.size === 0 && !allowEmpty) refuseEmpty();
        const opened = await opening.find(signal);
        if (opened === undefined) return;
        const onRemoved = ({ documents: removed, chunks }: Removed): void => {
          counts.deleted(removed, chunks);
          counts.progress("delete");
        };
        await removeMatching(indexing, opened, { filter: tree, except: seen, signal, onRemoved });
      });
    },
    async delete(target, options) {
      checkOptions("delete", options, callOptions);
      const ids = documentIdsOf(target);
      if (ids !== undefined) {
        return withDeadline("delete", options, async (signal) => {
          const opened = await opening.find(signal);
          return opened === undefined ? { documents: 0, chunks: 0 } : removeDocuments(indexing, opened, ids, signal);
        });
      }
      checkOptions("delete", target, ["filter"]);
      const filter = filterFor((target as { readonly filter: unknown }).filter ?? null, parts);
      if (filter.op === "always") {
        throw new FilterError(
          "",
          "expected a filter that selects something, received one that selects everything; clear() deletes everything",
        );
      }
      return withDeadline("delete", options, async (signal) => {
        const opened = await opening.find(signal);
        return opened === undefined
          ? { documents: 0, chunks: 0 }
          : removeMatching(indexing, opened, { filter, signal });
      });
    },
    async clear(options) {
      checkOptions("clear", options, callOptions);
      return withDeadline("clear", options, async (signal) => {
        const opened = await opening.find(signal);
        if (opened === undefined) return { documents: 0, chunks: 0 };
        return removeMatching(indexing, opened, { filter: undefined, signal });
      });
    },
    async get(documentIds, options) {
      checkOptions("get", options, callOptions);
      const ids = [...new Set(checkedIds(documentIds))];
      const chunks = await reading("get", options, [], (scope, signal) =>
        store.read(scope, { documentIds: ids }, { signal }),
      );
      const order = new Map(ids.map((id, index) => [id, index]));
      return chunks
        .toSorted((a, b) => (order.get(a.documentId) ?? 0) - (order.get(b.documentId) ?? 0) || a.ordinal - b.ordinal)
        .map((chunk) => chunkOf<Metadata>(chunk, shape));
    },
    async list(options = {}) {
      checkOptions("list", options, [...callOptions, "filter", "after", "limit"]);
      const { filter, after } = options;
      if (after !== undefined && typeof after !== "string") {
        throw new ConfigError(`after: expected a document id, received ${shown(after)}`);
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
    search: (query, options) => search(indexing, query, options),
  };
}

function documentIdsOf(target: unknown): readonly string[] | undefined {
  if (Array.isArray(target)) return checkedIds(target);
  if (typeof target === "object" && target !== null) return undefined;
  throw new ConfigError(`delete: expected document ids or { filter }, received ${shown(target)}`);
}

function checkedIds(documentIds: unknown): readonly string[] {
  if (!Array.isArray(documentIds))
    throw new ConfigError(`documentIds: expected an array, received ${shown(documentIds)}`);
  return Array.from(documentIds, (id: unknown, index) => {
    if (typeof id === "string" && id !== "") return id;
    throw new ConfigError(`documentIds[${index}]: expected a non-empty string, received ${shown(id)}`);
  });
}
