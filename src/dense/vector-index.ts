import { finished } from "../signal.ts";
import { ConfigError, shown, unexpected } from "../errors.ts";
import { type IdRows, idRows, type IdSet, passes } from "../id-rows.ts";
import { checkOptions, expectOptions, wholeNumber } from "../options.ts";
import { type RowSet, rowSet } from "../row-set.ts";
import { unstorable } from "../text.ts";
import type { Candidate } from "../types.ts";
import type { Metric } from "./shape.ts";
import type { VectorRows } from "./rows.ts";
import { restOf } from "./saved-rows.ts";
import { codedDimensions, type Profile, vectorRows } from "./vector-rows.ts";
import {
  bytesHeld,
  type ByteSource,
  metrics,
  profiles,
  readVectors,
  type Settings,
  vectorsBytes,
} from "./vectors-snapshot.ts";

export type { Candidate } from "../types.ts";
export type { IdSet } from "../id-rows.ts";

export interface VectorsOptions {
  /** 2…4096. */
  readonly dimensions: number;
  /** Default "cosine". Higher is better for all: a euclidean score is the negative distance. */
  readonly metric?: Metric;
  /**
   * Default "balanced": exact up to 1,024 vectors; beyond, about 2.2 bytes a dimension instead of 4 and many times as
   * fast, recall .99 and more, scores exact to 1e-4. "exact" keeps and scans the values as they were given.
   */
  readonly profile?: Profile;
}

export interface VectorSearchOptions {
  /** Default 10. */
  readonly topK?: number;
  /** A set made by `ids` is pushed into the scan; a function is asked about every id before it. */
  readonly where?: IdSet | ((id: string) => boolean);
}

/** Vectors by id, searched exactly. Live: each write is searchable at once. */
export interface VectorIndex {
  /** Made once, used in any number of searches; it follows what is added and deleted later. */
  ids(ids: Iterable<string>): IdSet;
  /** Replaces the vector of an id that is there already. */
  add(id: string, vector: Float32Array): void;
  /** Vectors one after the other, as many as there are ids. All of them or, where one is refused, none. */
  addAll(ids: readonly string[], vectors: Float32Array): void;
  /** Whether it was there. */
  delete(id: string): boolean;
  /** Best first, by id where scores are the same. */
  search(vector: Float32Array, options?: VectorSearchOptions): readonly Candidate[];
  readonly size: number;
  /** Bytes held for vectors, ids apart. */
  readonly bytes: number;
  /** For `vectorsFromBytes`: versioned and checksummed. */
  toBytes(): Uint8Array;
}

/** @example const index = vectors({ dimensions: 384 }); index.add("a", vector); index.search(query, { topK: 5 }); */
export function vectors(options: VectorsOptions): VectorIndex {
  expectOptions("vectors", options);
  checkOptions("vectors", options, ["dimensions", "metric", "profile"]);
  const { dimensions, metric = "cosine", profile = "balanced" } = options;
  if (!Number.isSafeInteger(dimensions) || dimensions < 2 || dimensions > codedDimensions) {
    throw unexpected("vectors.dimensions", `a whole number from 2 to ${codedDimensions}`, dimensions);
  }
  if (!metrics.includes(metric)) {
    throw unexpected("vectors.metric", `one of ${metrics.join(", ")}`, metric);
  }
  if (!profiles.includes(profile)) {
    throw unexpected("vectors.profile", `one of ${profiles.join(", ")}`, profile);
  }
  const settings: Settings = { dimensions, metric, profile };
  return indexOf(settings, idRows(), vectorRows(settings));
}

function indexOf(settings: Settings, rows: IdRows, held: VectorRows): VectorIndex {
  const { dimensions, metric } = settings;

  const check = (name: () => string, vector: Float32Array): void => {
    if (!(vector instanceof Float32Array) || vector.length !== dimensions) {
      const received = vector instanceof Float32Array ? vector.length : shown(vector);
      throw new ConfigError(`vectors: expected a Float32Array of ${dimensions} for ${name()}, received ${received}`);
    }
    let zero = true;
    for (let i = 0; i < dimensions; i++) {
      const value = vector[i] as number;
      if (!Number.isFinite(value)) {
        throw new ConfigError(`vectors: expected finite numbers for ${name()}, received ${value} at ${i}`);
      }
      if (value !== 0) zero = false;
    }
    if (zero && metric === "cosine") {
      throw new ConfigError(`vectors: the vector for ${name()} is zero, which has no cosine`);
    }
  };
  const checkId = (id: unknown): void => {
    const problem = typeof id === "string" ? unstorable(id) : undefined;
    if (problem !== undefined) throw new ConfigError(`vectors: the id ${shown(id)} has ${problem}`);
    if (typeof id !== "string" || id === "") throw unexpected("vectors", "an id", id);
  };
  const put = (id: string, vector: Float32Array): void => held.set(rows.rowOf(id) ?? rows.add(id), vector);

  const rowsWhere = (test: (id: string) => boolean): RowSet => {
    const documents = rows.documents();
    const passed = documents.flatMap(({ row, id }) => (passes(test, id) ? row : []));
    return rowSet((documents.at(-1)?.row ?? -1) + 1, passed);
  };

  return {
    get size() {
      return rows.size;
    },
    get bytes() {
      return held.bytes;
    },
    ids: (ids) => rows.ids(ids),
    add(id, vector) {
      checkId(id);
      check(() => shown(id), vector);
      put(id, vector);
    },
    addAll(ids, all) {
      if (!Array.isArray(ids)) throw unexpected("vectors", "an array of ids", ids);
      if (!(all instanceof Float32Array) || all.length !== ids.length * dimensions) {
        const received = all instanceof Float32Array ? `${all.length} numbers` : shown(all);
        throw new ConfigError(
          `vectors: expected ${ids.length} × ${dimensions} numbers in a Float32Array, received ${received}`,
        );
      }
      const vectorAt = (index: number): Float32Array => all.subarray(index * dimensions, (index + 1) * dimensions);
      for (const [index, id] of ids.entries()) {
        checkId(id);
        check(() => shown(id), vectorAt(index));
      }
      for (const [index, id] of ids.entries()) put(id, vectorAt(index));
    },
    delete(id) {
      const row = rows.rowOf(id);
      if (row === undefined) return false;
      held.delete(row);
      rows.delete(id);
      return true;
    },
    search(vector, searchOptions = {}) {
      checkOptions("search", searchOptions, ["topK", "where"]);
      check(() => "the query", vector);
      const limit = wholeNumber("topK", searchOptions.topK, 1, 10);
      const { where } = searchOptions;
      const chosen =
        where === undefined ? undefined : typeof where === "function" ? rowsWhere(where) : rows.rowsIn(where);
      const precedes = (a: number, b: number): boolean => rows.idOf(a) < rows.idOf(b);
      const found = finished(held.search(vector, { limit, precedes, ...(chosen && { allowed: chosen }) }));
      return Array.from(found.rows, (row, index) => ({ id: rows.idOf(row), score: found.scores[index] ?? 0 }));
    },
    toBytes: () => vectorsBytes(settings, rows.documents(), held),
  };
}

/** The index that `toBytes` wrote. Bytes that are no snapshot, or damaged in any place, are a `SnapshotError`. */
export function vectorsFromBytes(bytes: Uint8Array): VectorIndex;
export function vectorsFromBytes(bytes: Uint8Array, options?: unknown): VectorIndex {
  checkOptions("vectorsFromBytes", options, []);
  return finished(vectorsFrom(bytesHeld(bytes))).index;
}

/**
 * The same from anywhere. Of bytes that can be read again, what few rows of a search need is read when it is wanted, until
 * all `rest` was called or something is written.
 */
export function* vectorsFrom(
  source: ByteSource,
): Generator<void, { readonly index: VectorIndex; readonly rest: readonly (() => void)[] }, undefined> {
  const { settings, ids, held } = yield* readVectors(source);
  return { index: indexOf(settings, idRows(ids), held), rest: restOf(held) };
}
