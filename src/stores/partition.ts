import type { VectorRows } from "../dense/rows.ts";
import { AdapterError, quoted } from "../errors.ts";
import { evaluateFilter } from "../filter/evaluate.ts";
import { postings } from "../lexical/postings.ts";
import type {
  Candidate,
  ChunkWrite,
  FilterTree,
  IndexSpec,
  Replacement,
  Store,
  StoreAnswer,
  StoredChunk,
  StoreQuery,
  Terms,
} from "../types.ts";
import { hasRow } from "../row-set.ts";
import { columns } from "./columns.ts";
import type { LatentLeg } from "./latent-leg.ts";
import { checkLegs, checkReplacement, foreignChunk, notKept } from "./refusals.ts";
import { sortedIds } from "./sorted-ids.ts";

/** Documents between two breaks. */
const slice = 512;

type Which = { readonly documentIds: readonly string[] } | { readonly chunkIds: readonly string[] };

/** What the in-memory store holds for one tenant of one generation: rows, and both legs over the same row numbers. */
export interface Partition {
  readonly chunks: number;
  readonly dense: VectorRows | undefined;
  readonly latent: LatentLeg | undefined;
  /** Everything that could fail, before anything is changed: a `replace` happens as a whole or not at all. */
  check(documents: Replacement["documents"]): void;
  /** Of these documents those with a chunk that the filter selects. */
  matching<D extends { readonly id: string }>(documents: readonly D[], filter: FilterTree | undefined): readonly D[];
  /** Of documents that were checked. */
  replace(documents: readonly HeldDocument[]): void;
  documentIds(): Iterable<string>;
  /** In the order of its text. */
  rowsOf(documentId: string): readonly number[];
  chunkAt(row: number): StoredChunk | undefined;
  termsOf(row: number): Terms | undefined;
  read(which: Which): readonly StoredChunk[];
  /** These yield now and then, so that whoever drives them may let others run, who may write. */
  export(page: { readonly after?: string; readonly limit: number }): Steps<"export">;
  list(page: { readonly filter?: FilterTree; readonly after?: string; readonly limit: number }): Steps<"list">;
  search(query: StoreQuery): Steps<"search">;
  count(filter: FilterTree | undefined): Steps<"count">;
  /** What a search may have to wait for: the fit of the latent leg. */
  ready(query: StoreQuery, signal: AbortSignal): Promise<void>;
}

/** What such a call of a store answers, in steps. */
type Steps<Call extends "export" | "list" | "search" | "count"> = Generator<
  void,
  Awaited<ReturnType<NonNullable<Store[Call]>>>,
  undefined
>;

/** A row with its legs as they are given, or as they are held. */
export type HeldRow = StoredChunk & {
  readonly legs:
    | "kept"
    | {
        readonly vector?: Float32Array;
        readonly terms?: Terms;
        readonly packed?: Uint8Array;
        /** The model of the latent leg was fitted when this row was there. */
        readonly fitted?: boolean;
      };
};
export interface HeldDocument {
  readonly id: string;
  readonly chunks: readonly HeldRow[];
}

/** What makes the dense legs of a partition, where there are any. */
export interface DenseLegs {
  readonly vectors?: () => VectorRows;
  readonly latent?: (termsOf: (row: number) => Terms | undefined) => LatentLeg;
}

/** Of the spec, only legs matter here: they never change, while fields may be added. */
export function partition(spec: IndexSpec, storeName: string, legsOf: DenseLegs): Partition {
  /** By row number; a row that was freed is a hole until it is used again. */
  const rows: (StoredChunk | undefined)[] = [];
  const free: number[] = [];
  const rowById = new Map<string, number>();
  /** Row numbers of each document, in the order of its text. */
  const rowsByDocument = new Map<string, readonly number[]>();
  /** Sorted on demand: listing is rare, and writing must not pay for it. Some of them may be gone. */
  let inOrder: readonly string[] | undefined;
  const lexical = postings();
  const dense = legsOf.vectors?.();
  const latent = legsOf.latent?.((row) => lexical.termsOf(row));
  const fields = columns(
    (row) => rows[row]?.metadata,
    () => rows.length,
  );
  /** Of rows, ever: what was interrupted by one begins again. */
  let changes = 0;

  const check = (documents: Replacement["documents"]): void => {
    checkReplacement(storeName, documents, spec);
    for (const { id: documentId, chunks } of documents) {
      for (const { id, legs } of chunks) {
        const row = rowById.get(id);
        if (row !== undefined && rows[row]?.documentId !== documentId) throw foreignChunk(storeName, id);
        if (legs === "kept") {
          if (row === undefined) throw notKept(storeName, id);
          continue;
        }
        lexical.check(legs.terms);
      }
    }
  };

  const remove = (row: number): void => {
    const chunk = rows[row];
    if (chunk === undefined) return;
    rowById.delete(chunk.id);
    rows[row] = undefined;
    free.push(row);
    fields.delete(row);
    lexical.delete(row);
    latent?.changed(row);
    dense?.delete(row);
  };

  const write = ({ legs, ...chunk }: HeldRow): number => {
    const row = rowById.get(chunk.id) ?? free.pop() ?? rows.length;
    rows[row] = chunk;
    rowById.set(chunk.id, row);
    fields.set(row, chunk.metadata);
    if (legs === "kept") return row;
    if (legs.terms === undefined) lexical.delete(row);
    else lexical.set(row, legs.terms);
    latent?.changed(row);
    if (legs.fitted === true) latent?.fitted(row);
    if (legs.vector !== undefined) dense?.set(row, legs.vector);
    else if (legs.packed === undefined) dense?.delete(row);
    else if (dense?.unpack(row, legs.packed) !== true) {
      throw new AdapterError(storeName, `the packed vector of chunk ${quoted(chunk.id)} is none`);
    }
    return row;
  };

  const idOf = (row: number): string => rows[row]?.id ?? "";
  const precedes = (a: number, b: number): boolean => idOf(a) < idOf(b);
  const candidatesOf = (found: { readonly rows: Uint32Array; readonly scores: Float64Array }): readonly Candidate[] =>
    Array.from(found.rows, (row, index) => ({ id: idOf(row), score: found.scores[index] ?? 0 }));

  function* idsAfter(after: string | undefined): Generator<void, readonly string[], undefined> {
    const before = changes;
    const ids = inOrder ?? (yield* sortedIds([...rowsByDocument.keys()]));
    if (before === changes) inOrder = ids;
    if (after === undefined) return ids;
    let low = 0;
    for (let high = ids.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((ids[middle] ?? "") <= after) low = middle + 1;
      else high = middle;
    }
    return ids.slice(low);
  }
  const matchOf = (id: string, filter: FilterTree | undefined): StoredChunk | undefined =>
    chunksOf(id).find(({ metadata }) => filter === undefined || evaluateFilter(filter, metadata));
  const chunkBy = (id: string): StoredChunk | undefined => rows[rowById.get(id) ?? -1];
  const rowsOf = (documentId: string): readonly number[] => rowsByDocument.get(documentId) ?? [];
  const chunksOf = (documentId: string): readonly StoredChunk[] => rowsOf(documentId).flatMap((row) => rows[row] ?? []);

  function* searched(query: StoreQuery): Generator<void, StoreAnswer, undefined> {
    const { filter, limit, dense: denseQuery, lexical: terms, statistics } = query;
    checkLegs(storeName, query, spec, latent !== undefined);
    const allowed = filter === undefined ? {} : { allowed: yield* fields.match(filter) };
    const legs: {
      dense?: readonly Candidate[];
      lexical?: readonly Candidate[];
      absent?: NonNullable<StoreAnswer["absent"]>;
    } = {};
    if (denseQuery !== undefined) {
      const options = { limit, precedes, ...allowed };
      const steps =
        "vector" in denseQuery ? dense?.search(denseQuery.vector, options) : latent?.search(denseQuery.terms, options);
      const reason = "terms" in denseQuery ? latent?.absence(rowsByDocument.size) : undefined;
      if (reason !== undefined) legs.absent = [{ leg: "dense", reason }];
      else if (steps !== undefined) legs.dense = candidatesOf(yield* steps);
    }
    if (terms !== undefined && spec.lexical !== undefined) {
      legs.lexical = candidatesOf(lexical.search(terms, { limit, spec: spec.lexical, precedes, ...allowed }));
    }
    const chunks = new Map<string, StoredChunk>();
    for (const { id } of [...(legs.dense ?? []), ...(legs.lexical ?? [])]) {
      const chunk = chunkBy(id);
      if (chunk !== undefined) chunks.set(id, chunk);
    }
    if (statistics !== true || terms === undefined) return { ...legs, chunks };
    const frequencies = Array.from(terms.ids, (id) => lexical.frequency(id));
    return { ...legs, chunks, statistics: { chunks: lexical.rows, frequencies } };
  }

  function* counted(filter: FilterTree): Steps<"count"> {
    const matching = yield* fields.match(filter);
    let documents = 0;
    let looked = 0;
    for (const mine of rowsByDocument.values()) {
      if (++looked % slice === 0) yield;
      if (mine.some((row) => hasRow(matching, row))) documents++;
    }
    return { documents, chunks: matching.size };
  }

  /** Begun again when rows change meanwhile, in the end without a break, so that writes cannot hold it up for ever. */
  function* undisturbed<T>(begin: () => Generator<void, T, undefined>): Generator<void, T, undefined> {
    for (let breaks = 3; ; breaks--) {
      const before = changes;
      const steps = begin();
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
        if (breaks > 0) yield;
        if (changes !== before) break;
      }
    }
  }

  return {
    get chunks() {
      return rowById.size;
    },
    dense,
    latent,
    check,
    documentIds: () => rowsByDocument.keys(),
    rowsOf,
    chunkAt: (row) => rows[row],
    termsOf: (row) => lexical.termsOf(row),
    matching: (documents, filter) => documents.filter(({ id }) => filter === undefined || matchOf(id, filter)),
    replace(documents) {
      changes++;
      for (const { id, chunks } of documents) {
        const before = rowsOf(id);
        // Stale rows go first, so that their row numbers are used again.
        const stays = new Set(chunks.map((chunk) => chunk.id));
        for (const row of before) if (!stays.has(idOf(row))) remove(row);
        if (chunks.length > 0) {
          if (before.length === 0) inOrder = undefined;
          rowsByDocument.set(id, chunks.toSorted((a, b) => a.ordinal - b.ordinal).map(write));
        } else {
          rowsByDocument.delete(id);
          if (rowsByDocument.size * 2 < (inOrder?.length ?? 0)) inOrder = undefined;
        }
      }
    },
    read(which) {
      if ("documentIds" in which) return which.documentIds.flatMap(chunksOf);
      return which.chunkIds.flatMap((id) => chunkBy(id) ?? []);
    },
    *export({ after, limit }) {
      const exported: ChunkWrite[] = [];
      for (const documentId of yield* idsAfter(after)) {
        // Whole documents: the page may be larger than asked for, never smaller than one of them.
        for (const row of rowsOf(documentId)) {
          const chunk = rows[row];
          const vector = dense?.vectorOf(row);
          const terms = lexical.termsOf(row);
          if (chunk === undefined) continue;
          exported.push({ ...chunk, legs: { ...(vector && { vector }), ...(terms && { terms }) } });
        }
        if (exported.length >= limit) return { chunks: exported, next: documentId };
      }
      return { chunks: exported };
    },
    *list({ filter, after, limit }) {
      const documents: { id: string; hash: string }[] = [];
      let last: string | undefined;
      let looked = 0;
      for (const id of yield* idsAfter(after)) {
        if (++looked % slice === 0) yield;
        const match = matchOf(id, filter);
        if (match === undefined) continue;
        if (documents.length === limit && last !== undefined) return { documents, next: last };
        documents.push({ id: (last = id), hash: match.documentHash });
      }
      return { documents };
    },
    async ready({ dense: denseQuery }, signal) {
      if (denseQuery !== undefined && "terms" in denseQuery) await latent?.ready(rowsByDocument.size, signal);
    },
    search: (query) => undisturbed(() => searched(query)),
    *count(filter) {
      if (filter !== undefined) return yield* undisturbed(() => counted(filter));
      return { documents: rowsByDocument.size, chunks: rowById.size };
    },
  };
}
