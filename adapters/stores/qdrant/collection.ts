import { ConfigError, shown, UnsupportedError } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { notThere } from "../../../src/stores/generation-refusals.ts";
import type { FieldKind, IndexSpec } from "../../../src/types.ts";
import { atLeast, type Json, type Server } from "./client.ts";
import { name, refused } from "./faults.ts";
import { pathOf } from "./filter.ts";

/** One collection holds one generation: what it is created with, and what is read of it. */

export interface ClusterOptions {
  readonly shards: number;
  readonly replicas: number;
  readonly writeConsistency?: number | undefined;
  readonly readConsistency?: "quorum" | "all" | number | undefined;
  readonly shardKeyPerTenant: boolean;
}

/** Of what is kept in a collection's metadata. A release that changes it raises it and reads what is older. */
const LAYOUT = 1;
export interface GenerationRecord {
  readonly layout: number;
  readonly spec: IndexSpec;
  /** Milliseconds, by the clock of who did it. */
  readonly createdAt: number;
  readonly publishedAt?: number;
  /** The collection that was live before this one. */
  readonly previous?: string;
}

export interface Collection {
  readonly record: GenerationRecord | undefined;
  readonly status: unknown;
  readonly points: number;
  readonly shards: number;
  /** A shard key for each tenant. */
  readonly custom: boolean;
  /** The server weighs the terms of a query by its own idf. */
  readonly weighted: boolean;
  readonly indexes: Json;
  readonly limits: Limits;
  readonly vectors: unknown;
  readonly sparse: unknown;
}

/** Of strict mode. */
export interface Limits {
  readonly rows: number;
  readonly upserts: number;
  readonly values: number;
  readonly exact: boolean;
  readonly ef: number;
}

const distances = { cosine: "Cosine", dot: "Dot", euclidean: "Euclid" } as const;
const indexTypes: Readonly<Record<FieldKind, Json>> = {
  string: { type: "keyword", prefix: true },
  // Not integer: it loses fractions, and the largest numbers.
  number: { type: "float" },
  boolean: { type: "bool" },
  date: { type: "datetime" },
};

/** The dense leg's vector and the lexical one's. */
export const DENSE = "dense";
export const TERMS = "terms";

/** By path: everything that a filter of ours names, so that strict mode has nothing to refuse. */
function indexesOf(spec: IndexSpec): Readonly<Record<string, Json>> {
  return {
    tenant: { type: "keyword", is_tenant: true },
    document: { type: "keyword", prefix: true },
    first: { type: "bool" },
    terms: { type: "integer", lookup: true, range: false },
    ...Object.fromEntries(Object.entries(spec.fields).map(([field, { kind }]) => [pathOf(field), indexTypes[kind]])),
  };
}

/** Server-side idf is per shard: it is asked for only where there is one. */
export async function createCollection(
  server: Server,
  collection: string,
  spec: IndexSpec,
  { shards, replicas, writeConsistency, shardKeyPerTenant }: ClusterOptions,
  signal: AbortSignal,
): Promise<void> {
  const weighted = shards === 1 && atLeast(await server.version(signal), [1, 19]);
  await server
    .call(
      "createCollection",
      {
        collection_name: collection,
        vectors: spec.dense ? { [DENSE]: { size: spec.dense.dimensions, distance: distances[spec.dense.metric] } } : {},
        ...(spec.lexical && { sparse_vectors: { [TERMS]: weighted ? { modifier: "idf" } : {} } }),
        shard_number: shards,
        ...(shardKeyPerTenant && { sharding_method: "custom" }),
        replication_factor: replicas,
        ...(writeConsistency !== undefined && { write_consistency_factor: writeConsistency }),
        metadata: { groundline: { layout: LAYOUT, spec, createdAt: Date.now() } satisfies GenerationRecord },
      },
      signal,
    )
    .catch((error: unknown) => {
      // Someone else was first, or an attempt whose answer was lost.
      if (own(error, "status") !== 409) throw error;
    });
}

export async function updateRecord(
  server: Server,
  collection: string,
  record: GenerationRecord,
  signal: AbortSignal,
): Promise<void> {
  await server.call("updateCollection", { collection_name: collection, metadata: { groundline: record } }, signal);
  const { record: stored } = await readCollection(server, collection, signal);
  if (stored !== undefined) return;
  throw new UnsupportedError(`${name}: the server keeps no metadata of a collection; Qdrant 1.16 or later does`);
}

/** A record as a new collection has it: what its creation did not leave behind is written by `updateRecord`. */
export function newRecord(spec: IndexSpec): GenerationRecord {
  return { layout: LAYOUT, spec, createdAt: Date.now() };
}

/** Compared with what is there: creating an index again replaces one of another type, and forgets `is_tenant`. */
export async function createIndexes(
  server: Server,
  collection: string,
  spec: IndexSpec,
  there: Json,
  signal: AbortSignal,
): Promise<void> {
  const missing = Object.entries(indexesOf(spec)).filter(([path, wanted]) => {
    const found = own(there, path);
    if (found === undefined) return true;
    const type = own(found, "data_type");
    if (type !== wanted["type"]) {
      throw new ConfigError(
        `collection: expected the index on ${path} of ${collection} to be ${String(wanted["type"])}, received ${String(type)}; delete it and index again`,
      );
    }
    return wanted["is_tenant"] === true && own(own(found, "params"), "is_tenant") !== true;
  });
  const create = ([field_name, field_schema]: readonly [string, Json]): Promise<unknown> =>
    server.call("createFieldIndex", { collection_name: collection, wait: true, field_name, field_schema }, signal);
  await Promise.all(missing.map(create));
}

export async function readCollection(server: Server, collection: string, signal: AbortSignal): Promise<Collection> {
  const info = await server.call("getCollection", { collection_name: collection }, signal).catch((error: unknown) => {
    throw own(error, "status") === 404 ? notThere(name, collection) : error;
  });
  const config = own(info, "config");
  const parameters = own(config, "params");
  const sparse = own(parameters, "sparse_vectors");
  const indexes = own(info, "payload_schema");
  return {
    record: recordOf(own(own(config, "metadata"), "groundline"), collection),
    status: own(info, "status"),
    points: numberOr(own(info, "points_count"), 0),
    shards: numberOr(own(parameters, "shard_number"), 1),
    custom: own(parameters, "sharding_method") === "custom",
    weighted: own(own(sparse, TERMS), "modifier") === "idf",
    indexes: indexesIn(indexes),
    limits: limitsOf(own(config, "strict_mode_config")),
    vectors: own(parameters, "vectors"),
    sparse,
  };
}

/** By path as it is written here: a server may quote more keys than it must. */
function indexesIn(schema: unknown): Json {
  const entries = Object.entries(typeof schema === "object" && schema !== null ? schema : {});
  return Object.fromEntries(
    entries.map(([path, index]) => [path.replace(/"([A-Za-z0-9_-]+)"/g, "$1"), index as unknown]),
  );
}

function recordOf(record: unknown, collection: string): GenerationRecord | undefined {
  const layout = own(record, "layout");
  if (typeof layout !== "number") return undefined;
  if (layout <= LAYOUT) return record as GenerationRecord;
  throw new ConfigError(`collection: ${collection} was written by a later release of groundline.`);
}

function limitsOf(strict: unknown): Limits {
  const of = (limit: string): unknown => (own(strict, "enabled") === true ? own(strict, limit) : undefined);
  return {
    rows: numberOr(of("max_query_limit"), Number.POSITIVE_INFINITY),
    upserts: numberOr(of("upsert_max_batchsize"), Number.POSITIVE_INFINITY),
    values: numberOr(of("condition_max_size"), Number.POSITIVE_INFINITY),
    exact: of("search_allow_exact") !== false,
    ef: numberOr(of("search_max_hnsw_ef"), Number.POSITIVE_INFINITY),
  };
}

/**
 * The vectors that the spec speaks of are there, in name and size. The server does not see to it: an upsert that it refuses
 * for an unknown name may be there in part, and all of it after a restart.
 */
export function checkVectors({ dense, lexical }: IndexSpec, { vectors, sparse }: Collection, collection: string): void {
  const stored = own(vectors, DENSE);
  const size = own(stored, "size");
  if (dense !== undefined && (size !== dense.dimensions || own(stored, "distance") !== distances[dense.metric])) {
    throw refused(
      `expected a vector ${DENSE} of ${dense.dimensions} dimensions for ${dense.metric} in ${collection}, there is one of ${shown(size)} for ${shown(own(stored, "distance"))}`,
    );
  }
  if (lexical !== undefined && own(sparse, TERMS) === undefined) {
    throw refused(`expected a sparse vector ${TERMS} in ${collection}, there is none`);
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
