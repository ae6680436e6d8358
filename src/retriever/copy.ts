import { AdapterError, ConfigError, FingerprintError, quoted, shown, unexpected } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { callOptions, checkOptions, expectType } from "../options.ts";
import type { RetrieverOptions } from "../retriever-types.ts";
import { retrying } from "../retry.ts";
import type { MetadataSchema, StandardSchema } from "../schema/standard-schema.ts";
import { breather, withDeadline } from "../signal.ts";
import { documentPages, storedRows } from "../stores/reading.ts";
import { unstorable } from "../text.ts";
import type { CallOptions, ChunkWrite, Metadata, PortOptions, Scope, Store } from "../types.ts";
import { assemble } from "../scope/parts.ts";
import { verifyAnswers } from "./verification.ts";

/** What the index was made with, as for `createRetriever` but for the store, and how to copy it. */
export type CopyOptions<
  S extends MetadataSchema = StandardSchema<Metadata>,
  T extends "required" | undefined = undefined,
> = Omit<RetrieverOptions<S, T>, "store" | "fusion" | "reranker"> &
  CallOptions & {
    /** Whose chunks, where the index has tenants: a store does not list them. */
    readonly tenants?: readonly string[];
    readonly onProgress?: (progress: CopyProgress) => unknown;
  };

export interface CopyProgress {
  /** Documents looked at so far, of all tenants. */
  readonly documents: number;
  /** Chunks written so far. */
  readonly chunks: number;
}

export interface CopyReport {
  /** `copied` now; `present`: there already, from a call before. */
  readonly documents: { readonly copied: number; readonly present: number };
  readonly chunks: number;
}

interface Copying {
  readonly from: Store;
  readonly to: Store;
  readonly source: Scope;
  readonly target: Scope;
  readonly options: PortOptions;
  /** Whether documents that seem to be there are read and compared. */
  readonly thorough: boolean;
  /** Stores in memory let no timer run by themselves. */
  readonly breathe: () => Promise<void>;
  readonly onPage: (documents: number, copied: number, chunks: number) => Promise<void>;
}

/** Chunks written at a time. */
const pageSize = 256;

/**
 * Copies an index to another store: chunks with their vectors and terms, so nothing is embedded again and every score
 * stays. Run again after a failure or an abort, it goes on where it was. In the end the counts are compared, and a sample
 * of the copied chunks must be found.
 *
 * @example await copy(memoryStore, pgvector({ client }), { embedder, metadata: schema });
 */
export async function copy<
  S extends MetadataSchema = StandardSchema<Metadata>,
  T extends "required" | undefined = undefined,
>(from: Store, to: Store, options: CopyOptions<S, T> = {}): Promise<CopyReport> {
  checkOptions("copy", options, [
    "metadata",
    "fields",
    "chunker",
    "embedder",
    "lexical",
    "bm25",
    "analyzer",
    "tenancy",
    "tenants",
    "onProgress",
    ...callOptions,
  ]);
  const { tenants, onProgress, signal: caller, timeout, ...described } = options;
  const call = { ...(caller !== undefined && { signal: caller }), ...(timeout !== undefined && { timeout }) };
  expectType("onProgress", onProgress, "function");
  if (from === to) throw new ConfigError("copy: from and to are one store");
  if (typeof from?.export !== "function") throw unexpected("from", "a Store with export()", from);
  expectPart("store", from, "from");
  expectPart("store", to, "to");
  const parts = assemble<S, T>({ ...described, store: from } satisfies RetrieverOptions<S, T>);
  // The target must fit the same parts.
  assemble<S, T>({ ...described, store: to } satisfies RetrieverOptions<S, T>);
  const tenantIds = tenantsOf(tenants, parts.tenancy);

  return withDeadline("copy", call, async (signal) => {
    const port = { signal };
    const breathe = breather(signal);
    const spec = parts.specFor(parts.averageLength ?? 1);
    const source = await retrying(() => from.prepare(spec, { signal, create: false }), port);
    if (source === undefined) throw new ConfigError("from: nothing was ever indexed into this store");
    const target = await retrying(() => to.prepare(source.spec, port), port);
    if (target === undefined) throw new AdapterError(to.name, "prepare opened nothing");
    const [stored, given] = [target.spec.lexical?.averageLength, source.spec.lexical?.averageLength];
    // Scores would differ from the source's.
    if (stored !== given) throw new FingerprintError([{ key: "lexical.averageLength", stored, given }]);

    const documents = { copied: 0, present: 0 };
    let chunks = 0;
    const onPage: Copying["onPage"] = async (seen, copied, written) => {
      documents.copied += copied;
      documents.present += seen - copied;
      chunks += written;
      await onProgress?.({ documents: documents.copied + documents.present, chunks });
    };
    for (const tenant of tenantIds) {
      const scope: Scope = { generation: target.generation, tenant };
      const copying = {
        from,
        to,
        source: { generation: source.generation, tenant },
        target: scope,
        options: port,
        breathe,
      };
      await copyScope({ ...copying, thorough: false, onPage });
      if (!(await sameCounts(copying))) {
        // A document that was being replaced when its copy was cut off has its hash already, and not all of its chunks.
        await copyScope({
          ...copying,
          thorough: true,
          // These were counted as present.
          onPage: (_, copied, written) => onPage(0, Math.min(copied, documents.present), written),
        });
        if (!(await sameCounts(copying))) {
          throw new AdapterError(to.name, "the copy has not as many chunks as the source: was it written meanwhile?", {
            retryable: true,
          });
        }
      }
      await verifyAnswers(to, scope, target.spec, port);
    }
    return { documents, chunks };
  });
}

function tenantsOf(tenants: unknown, tenancy: boolean): readonly (string | null)[] {
  if (tenants === undefined && !tenancy) return [null];
  if (!Array.isArray(tenants) || tenants.length === 0) {
    throw unexpected("tenants", "a list of tenants, whose chunks are to be copied", tenants);
  }
  for (const tenant of tenants as readonly unknown[]) {
    if (typeof tenant !== "string" || tenant === "") throw unexpected("tenants", "non-empty strings", tenant);
    const problem = unstorable(tenant);
    if (problem !== undefined) throw new ConfigError(`tenants: ${shown(tenant)} has ${problem}`);
  }
  return tenancy ? (tenants as readonly string[]) : [null, ...(tenants as readonly string[])];
}

async function sameCounts({
  from,
  to,
  source,
  target,
  options,
}: Pick<Copying, "from" | "to" | "source" | "target" | "options">): Promise<boolean> {
  const [there, here] = await Promise.all([
    retrying(() => from.count(source, undefined, options), options),
    retrying(() => to.count(target, undefined, options), options),
  ]);
  return there.chunks === here.chunks && there.documents === here.documents;
}

/** Both stores list their documents in the same order: they are gone through side by side. */
async function copyScope(copying: Copying): Promise<void> {
  const { from, to, source, target, options, onPage, thorough } = copying;
  const present = listed(to, target, options);
  let there = await present.next();
  for await (const { documents, after } of documentPages(from, source, options)) {
    const missing = new Set<string>();
    for (const { id, hash } of documents) {
      const stored = there.value;
      if (stored !== undefined && stored.id < id) throw foreign(to, stored.id);
      if (thorough || stored?.id !== id || stored.hash !== hash) missing.add(id);
      if (stored?.id === id) there = await present.next();
    }
    const { copied, chunks } =
      missing.size === 0 ? { copied: 0, chunks: 0 } : await copyDocuments(copying, missing, after);
    await onPage(documents.length, copied, chunks);
  }
  if (there.value !== undefined) throw foreign(to, there.value.id);
}

/** Of one page that begins after `before`. */
async function copyDocuments(
  { from, to, source, target, options, breathe, thorough }: Copying,
  missing: ReadonlySet<string>,
  before: string | undefined,
): Promise<{ copied: number; chunks: number }> {
  let [copied, written] = [0, 0];
  let left = missing.size;
  for (let after = before; left > 0;) {
    await breathe();
    const page = { limit: pageSize, ...(after !== undefined && { after }) };
    const exported = await retrying(async () => from.export?.(source, page, options), options);
    const byDocument = new Map<string, ChunkWrite[]>();
    for (const chunk of exported?.chunks ?? []) {
      if (!missing.has(chunk.documentId)) continue;
      const mine = byDocument.get(chunk.documentId);
      if (mine === undefined) byDocument.set(chunk.documentId, [chunk]);
      else mine.push(chunk);
    }
    left -= byDocument.size;
    if (thorough) {
      const documentIds = [...byDocument.keys()];
      const stored = await storedRows(to, target, { documentIds }, options);
      for (const [id, chunks] of byDocument) {
        const ids = new Set(stored.flatMap((chunk) => (chunk.documentId === id ? chunk.id : [])));
        if (ids.size === chunks.length && chunks.every((chunk) => ids.has(chunk.id))) byDocument.delete(id);
      }
    }
    const documents = Array.from(byDocument, ([id, chunks]) => ({ id, chunks }));
    if (documents.length > 0) await retrying(() => to.replace({ scope: target, documents }, options), options);
    copied += documents.length;
    written += documents.reduce((sum, { chunks }) => sum + chunks.length, 0);
    after = exported?.next;
    // A document that went meanwhile is not waited for.
    if (after === undefined) break;
  }
  return { copied, chunks: written };
}

async function* listed(
  store: Store,
  scope: Scope,
  options: PortOptions,
): AsyncGenerator<{ readonly id: string; readonly hash: string }, undefined> {
  for await (const { documents } of documentPages(store, scope, options)) yield* documents;
}

function foreign(to: Store, id: string): ConfigError {
  return new ConfigError(
    `to: ${to.name} holds document ${quoted(id)}, which the source does not; copy deletes nothing, so clear it first`,
  );
}
