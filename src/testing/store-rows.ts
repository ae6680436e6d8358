import type {
  ChunkWrite,
  FilterTree,
  IndexSpec,
  LexicalSpec,
  PortOptions,
  Scope,
  Store,
  StoreAnswer,
  StoredChunk,
  StoreQuery,
  Terms,
} from "../types.ts";
import { expectThat } from "./expectation.ts";
import { filterFields } from "./filter-rows.ts";

/** What the cases for stores write, and how they write it. */

export const bm25: LexicalSpec = { k1: 1.2, b: 0.75, averageLength: 6 };

export const spec: IndexSpec = {
  fingerprint: { model: "conformance/four", chunker: "conformance", dimensions: 4, normalized: true },
  fields: filterFields,
  tenancy: false,
  dense: { dimensions: 4, metric: "cosine" },
  lexical: bm25,
};

/** A row that has both legs unless told otherwise. Ids are UUIDs and differ by tenant, as the core makes them. */
export function row(documentId: string, ordinal: number, given: Partial<ChunkWrite> = {}): ChunkWrite {
  const text = `chunk ${ordinal} of ${documentId}`;
  const start = ordinal * 100;
  return {
    id: uuid(`${documentId} ${ordinal}`),
    documentId,
    documentHash: `hash of ${documentId}`,
    ordinal,
    span: { start, end: start + text.length },
    line: ordinal + 1,
    text,
    gap: "",
    headings: [],
    metadata: {},
    legs: { vector: vector(1, 0, 0, 0), terms: terms({ 1: 1 }) },
    ...given,
  };
}

/** The rows 0 … n - 1 of one document. */
export function rows(documentId: string, count: number, given: Partial<ChunkWrite> = {}): readonly ChunkWrite[] {
  return Array.from({ length: count }, (_, ordinal) => row(documentId, ordinal, given));
}

export function storedPart(written: ChunkWrite): StoredChunk {
  const { legs: _, ...stored } = written;
  return stored;
}

export function vector(...values: readonly number[]): Float32Array {
  return Float32Array.from(values);
}

/** `{ term: count }`; integer keys come in ascending order, as the port wants them. */
export function terms(counts: Readonly<Record<number, number>>): Terms {
  return {
    ids: Uint32Array.from(Object.keys(counts), Number),
    counts: Uint32Array.from(Object.values(counts)),
  };
}

/** The same UUID for the same label, by four rounds of FNV-1a. */
export function uuid(label: string): string {
  const words = [1, 2, 3, 4].map((round) => {
    let hash = Math.imul(0x811c9dc5, round);
    for (let index = 0; index < label.length; index++) hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, "0");
  });
  const hex = words.join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A store bound to one scope, so that a case says only what it is about. */
export interface ScopedStore {
  readonly scope: Scope;
  /** As `prepare` answered. */
  readonly spec: IndexSpec;
  readonly options: PortOptions;
  forTenant(tenant: string | null): ScopedStore;
  /** Every document named by a row now consists of exactly its rows. */
  write(...rows: readonly ChunkWrite[]): Promise<void>;
  erase(...documentIds: readonly string[]): Promise<void>;
  read(...documentIds: readonly string[]): Promise<readonly StoredChunk[]>;
  readChunks(...chunkIds: readonly string[]): Promise<readonly StoredChunk[]>;
  search(query: Omit<StoreQuery, "scope">): Promise<StoreAnswer>;
  count(filter?: FilterTree): Promise<{ documents: number; chunks: number }>;
  /** All pages of `list`. */
  list(page: {
    filter?: FilterTree;
    limit: number;
  }): Promise<readonly { readonly id: string; readonly hash: string }[]>;
}

export async function open(store: Store, given: IndexSpec = spec, fresh = false): Promise<ScopedStore> {
  const options: PortOptions = { signal: new AbortController().signal };
  const opened = await store.prepare(given, fresh ? { ...options, fresh } : options);
  expectThat(opened !== undefined, "prepare to open a generation", opened);
  return scoped(store, { generation: opened.generation, tenant: null }, opened.spec, options);
}

function scoped(store: Store, scope: Scope, stored: IndexSpec, options: PortOptions): ScopedStore {
  return {
    scope,
    spec: stored,
    options,
    forTenant: (tenant) => scoped(store, { ...scope, tenant }, stored, options),
    write: (...written) => {
      const ids = [...new Set(written.map(({ documentId }) => documentId))];
      const documents = ids.map((id) => ({ id, chunks: written.filter(({ documentId }) => documentId === id) }));
      return store.replace({ scope, documents }, options);
    },
    erase: (...ids) => store.replace({ scope, documents: ids.map((id) => ({ id, chunks: [] })) }, options),
    read: (...documentIds) => store.read(scope, { documentIds }, options),
    readChunks: (...chunkIds) => store.read(scope, { chunkIds }, options),
    search: (query) => store.search({ scope, ...query }, options),
    count: (filter) => store.count(scope, filter, options),
    list: (page) => allPages((after) => store.list(scope, { ...page, ...after }, options), page.limit),
  };
}

async function allPages<T>(
  turn: (after: { after?: string }) => Promise<{ readonly documents: readonly T[]; readonly next?: string }>,
  limit: number,
): Promise<readonly T[]> {
  const listed: T[] = [];
  let after: { after?: string } = {};
  for (let pages = 0; pages < 1_000; pages++) {
    const { documents, next } = await turn(after);
    expectThat(documents.length <= limit, `at most ${limit} documents on a page`, documents.length);
    listed.push(...documents);
    if (next === undefined) return listed;
    after = { after: next };
  }
  throw new Error("list: expected a last page, received 1,000 pages");
}

export function idsOf(entries: Iterable<{ readonly id: string }> | undefined): readonly string[] {
  return Array.from(entries ?? [], ({ id }) => id);
}
