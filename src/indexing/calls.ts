import { ConfigError, FilterError, PartialIndexError, shown, unexpected } from "../errors.ts";
import { callOptions, checkOptions, expectType } from "../options.ts";
import type { Documents, IndexOptions, Retriever } from "../retriever-types.ts";
import { filterFor } from "../search/request.ts";
import { withDeadline } from "../signal.ts";
import type { Opened } from "../scope/opening.ts";
import type { CallOptions, IndexReport, Metadata } from "../types.ts";
import { checkedIds } from "./document-ids.ts";
import { indexDocuments } from "./indexing.ts";
import { removeDocuments, removeMatching, type Removed } from "./removal.ts";
import { tally } from "./tally.ts";
import type { IndexRun } from "./types.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";

/** The calls of a scope that write, or tell what writing would do. */
export type IndexingCalls = Pick<Retriever, "index" | "plan" | "sync" | "delete" | "clear">;

const indexOptions = [...callOptions, "onFailure", "onProgress"];

export function indexingCalls(within: RetrieverScope): IndexingCalls {
  const { parts, opening } = within;

  /** Tells the ledger by how many chunks a call changed their number. */
  const booked = async <T>(stage: string, run: () => Promise<T>, changeOf: (result: T) => number): Promise<T> => {
    const book = stage === "plan" ? undefined : within.ledger?.begin(within.tenant);
    let change: number | undefined;
    try {
      const result = await run();
      change = changeOf(result);
      return result;
    } finally {
      book?.(change);
    }
  };

  /** Runs `remove` on what is there. */
  const removing = (
    stage: "delete" | "clear",
    options: CallOptions | undefined,
    remove: (opened: Opened, signal: AbortSignal) => Promise<Removed>,
  ): Promise<Removed> => {
    const run = async (signal: AbortSignal): Promise<Removed> => {
      const opened = await opening.find(signal);
      return opened === undefined ? { documents: 0, chunks: 0 } : remove(opened, signal);
    };
    return booked(
      stage,
      () => withDeadline(stage, options, run),
      ({ chunks }) => -chunks,
    );
  };

  const runIndexing = async (
    stage: "index" | "sync" | "plan",
    documents: Documents<Metadata>,
    options: IndexOptions,
    then?: (run: IndexRun, opened: Opened | undefined) => Promise<void>,
  ): Promise<IndexReport> => {
    const { onFailure = "throw", onProgress } = options;
    if (onFailure !== "throw" && onFailure !== "collect") {
      throw unexpected("onFailure", '"throw" or "collect"', onFailure);
    }
    expectType("onProgress", onProgress, "function");
    const counts = tally(Array.isArray(documents) ? documents.length : undefined, onProgress);
    const seen = new Set<string>();
    const report = await booked(
      stage,
      async () => {
        await withDeadline(stage, options, async (signal) => {
          const run: IndexRun = {
            tally: counts,
            seen,
            collect: onFailure === "collect",
            dry: stage === "plan",
            signal,
          };
          const opened = await indexDocuments(within, documents, run);
          // A document that failed may be one that is to stay: only a whole run may delete.
          if (counts.failures === 0) await then?.(run, opened);
        });
        return counts.report();
      },
      ({ chunks, failed }) => (failed.length > 0 ? Number.NaN : chunks.added - chunks.deleted),
    );
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
      expectType("allowEmpty", allowEmpty, "boolean");
      const tree = filter === undefined ? undefined : filterFor(filter, parts);
      const refuseEmpty = (): never => {
        throw new ConfigError("sync: the input has no documents, which deletes everything; allowEmpty: true allows it");
      };
      if (Array.isArray(documents) && documents.length === 0 && !allowEmpty) refuseEmpty();
      return runIndexing("sync", documents, options, async ({ tally: counts, seen, signal }, indexed) => {
        if (seen.size === 0 && !allowEmpty) refuseEmpty();
        const opened = indexed ?? (await opening.find(signal));
        if (opened === undefined) return;
        const onRemoved = ({ documents: removed, chunks }: Removed): void => {
          counts.deleted(removed, chunks);
          counts.progress("delete");
        };
        await removeMatching(within, opened, { filter: tree, except: seen, signal, onRemoved });
        await counts.told();
      });
    },
    async delete(target, options) {
      checkOptions("delete", options, callOptions);
      const ids = documentIdsOf(target);
      if (ids !== undefined) {
        return removing("delete", options, (opened, signal) => removeDocuments(within, opened, ids, { signal }));
      }
      checkOptions("delete", target, ["filter"]);
      const { filter: given } = target as { readonly filter: unknown };
      if (given === undefined || given === null) throw new FilterError("", `expected a filter, received ${given}`);
      const filter = filterFor(given, parts);
      if (filter.op === "always") {
        throw new FilterError("", "expected a filter that selects something; clear() deletes everything");
      }
      return removing("delete", options, (opened, signal) => removeMatching(within, opened, { filter, signal }));
    },
    async clear(options) {
      checkOptions("clear", options, callOptions);
      return removing("clear", options, (opened, signal) =>
        removeMatching(within, opened, { filter: undefined, signal }),
      );
    },
  };
}

function documentIdsOf(target: unknown): readonly string[] | undefined {
  if (Array.isArray(target)) return checkedIds(target);
  if (typeof target === "object" && target !== null && Object.keys(target).length > 0) return undefined;
  throw new ConfigError(
    `delete: expected document ids or { filter }, received ${shown(target)}; clear() deletes everything`,
  );
}
