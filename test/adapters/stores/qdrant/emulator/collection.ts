/** A collection: what was asked for when it was created, its indexes and its shards. */
import { kindOf, readCount, readPositive } from "./body.ts";
import { emptyObject, isList, isObject, type Json, type JsonObject, printJson } from "./json.ts";
import type { PayloadIndex } from "./payload-index.ts";
import { readPath, valuesAt } from "./paths.ts";
import { badRequest, invalid, malformed, wrongInput } from "./refusal.ts";
import { emptyShard, type Shard } from "./shard.ts";
import { checkVectorName, type DenseConfig, readDense, readSparse, type SparseConfig } from "./vector-config.ts";

export interface Collection {
  readonly name: string;
  readonly dense: Map<string, DenseConfig>;
  readonly sparse: Map<string, SparseConfig>;
  readonly params: JsonObject;
  readonly custom: boolean;
  readonly shards: Shard[];
  readonly indexes: Map<string, PayloadIndex>;
  /** Sections that `PATCH` merges into. */
  readonly sections: Map<string, Json>;
  metadata: JsonObject | undefined;
  strict: JsonObject | undefined;
  operations: number;
  /** Tokens left under `read_rate_limit` and `write_rate_limit`. */
  readonly tokens: { read: number | undefined; write: number | undefined };
}

const sectionDefaults: Readonly<Record<string, JsonObject>> = {
  hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10000, max_indexing_threads: 0, on_disk: false },
  optimizer_config: {
    deleted_threshold: 0.2,
    vacuum_min_vector_number: 1000,
    default_segment_number: 0,
    max_segment_size: null,
    memmap_threshold: null,
    indexing_threshold: 10000,
    flush_interval_sec: 5,
    max_optimization_threads: null,
    prevent_unoptimized: null,
  },
  wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 },
};

export function createCollection(name: string, body: JsonObject, nodes: number): Collection {
  const dense = readDense(body["vectors"]);
  const sparse = readSparse(body["sparse_vectors"]);
  for (const key of sparse.keys()) {
    if (dense.has(key))
      throw wrongInput(`Dense and sparse vector names must be unique - duplicate found with '${key}'`);
  }
  for (const key of dense.keys()) checkVectorName(key, "dense");
  for (const key of sparse.keys()) checkVectorName(key, "sparse");
  const custom = body["sharding_method"] === "custom";
  const shardCount = readPositive(body["shard_number"], "shard_number");
  const replication = readPositive(body["replication_factor"], "replication_factor") ?? 1;
  const params: JsonObject = {
    vectors:
      isObject(body["vectors"]) && dense.has("") && "size" in body["vectors"]
        ? (dense.get("")?.given ?? null)
        : Object.fromEntries([...dense].map(([key, config]) => [key, config.given])),
    shard_number: shardCount ?? (custom ? 1 : nodes),
    ...(custom && { sharding_method: "custom" }),
    replication_factor: replication,
    write_consistency_factor: readPositive(body["write_consistency_factor"], "write_consistency_factor") ?? 1,
    on_disk_payload: body["on_disk_payload"] ?? true,
    ...(sparse.size > 0 && {
      sparse_vectors: Object.fromEntries([...sparse].map(([key, config]) => [key, config.given])),
    }),
  };
  const collection: Collection = {
    name,
    dense,
    sparse,
    params,
    custom,
    shards: [],
    indexes: new Map(),
    sections: new Map(Object.entries(sectionDefaults)),
    metadata: undefined,
    strict: undefined,
    operations: 0,
    tokens: { read: undefined, write: undefined },
  };
  updateCollection(collection, body);
  if (!custom) addShards(collection, { nodes });
  return collection;
}

interface NewShards {
  readonly shardKey?: Shard["shardKey"];
  readonly count?: number | undefined;
  readonly copies?: number | undefined;
  readonly nodes: number;
}

/** Shards are dealt to the nodes in turn, replicas to the nodes after; how many is the collection's unless it is said. */
export function addShards({ params, shards }: Collection, { shardKey, nodes, ...given }: NewShards): void {
  const count = given.count ?? Number(params["shard_number"]);
  const copies = Math.min(given.copies ?? Number(params["replication_factor"]), nodes);
  for (let added = 0; added < count; added++) {
    const id = shards.length;
    const on = Array.from({ length: copies }, (_, copy) => (id + copy) % nodes);
    shards.push(emptyShard(id, shardKey, on));
  }
}

/** What `PATCH` may change, and `PUT` may set. */
export function updateCollection(collection: Collection, body: JsonObject): void {
  const metadata = body["metadata"];
  if (metadata !== undefined && metadata !== null) {
    if (!isObject(metadata)) throw malformed(`invalid type: ${kindOf(metadata)}, expected a map`);
    const created = collection.metadata === undefined;
    const merged = Object.assign(emptyObject(), collection.metadata ?? {}, metadata);
    for (const [key, value] of Object.entries(metadata)) if (value === null && !created) delete merged[key];
    collection.metadata = merged;
  }
  const strict = body["strict_mode_config"];
  if (isObject(strict)) {
    collection.strict = Object.assign(emptyObject(), collection.strict ?? {}, strict);
    collection.tokens.read = undefined;
    collection.tokens.write = undefined;
  }
  for (const [section, field] of [
    ["hnsw_config", "hnsw_config"],
    ["optimizer_config", "optimizers_config"],
    ["wal_config", "wal_config"],
  ] as const) {
    const given = body[field];
    if (section === "hnsw_config" && isObject(given)) checkGraph(given);
    if (isObject(given))
      collection.sections.set(
        section,
        Object.assign(emptyObject(), collection.sections.get(section) as JsonObject, given),
      );
  }
  if (isObject(body["quantization_config"])) {
    collection.sections.set("quantization_config", checkedQuantization(body["quantization_config"]));
  }
}

function checkGraph(given: JsonObject): void {
  readCount(given["m"]);
  const construct = readCount(given["ef_construct"]);
  if (construct !== undefined && construct < 4) {
    throw invalid("hnsw_config.ef_construct", `value ${construct} invalid, must be 4 or larger`);
  }
}

function checkedQuantization(given: JsonObject): JsonObject {
  const { scalar, product, binary } = given;
  const known =
    (isObject(scalar) && scalar["type"] === "int8") ||
    (isObject(product) && /^"x(4|8|16|32|64)"$/.test(printJson(product["compression"]))) ||
    isObject(binary);
  if (!known) throw malformed("data did not match any variant of untagged enum QuantizationConfig");
  return given;
}

export function describe(collection: Collection): JsonObject {
  const points = collection.shards.flatMap((shard) => [...shard.points.values()]);
  const schema = [...collection.indexes].map(([field, index]): [string, Json] => {
    const path = readPath(field);
    const filled = points.filter(({ payload }) =>
      valuesAt(payload, path).some((value) => value !== null && !(isList(value) && value.length === 0)),
    );
    return [field, { data_type: index.type, ...(index.options && { params: index.options }), points: filled.length }];
  });
  return {
    status: "green",
    optimizer_status: "ok",
    indexed_vectors_count: 0,
    points_count: points.length,
    segments_count: 2 * collection.shards.length,
    config: {
      params: collection.params,
      ...Object.fromEntries([...collection.sections].filter(([section]) => section !== "quantization_config")),
      quantization_config: collection.sections.get("quantization_config") ?? null,
      ...(collection.strict && { strict_mode_config: collection.strict }),
      ...(collection.metadata && { metadata: collection.metadata }),
    },
    payload_schema: Object.fromEntries(schema),
    update_queue: { length: 0 },
  };
}

/** The shards that a request is about. Reads without a key take all; writes under custom sharding must name one. */
export function shardsOf(collection: Collection, given: Json | undefined, write: boolean): readonly Shard[] {
  if (given === undefined || given === null) {
    if (write && collection.custom) throw wrongInput("Shard key not specified");
    return collection.shards;
  }
  const keys = isList(given)
    ? given
    : isObject(given) && "target" in given
      ? [fallbackKey(collection, given)]
      : [given];
  return keys.flatMap((key) => {
    const found = collection.shards.filter((shard) => shard.shardKey === key);
    if (found.length === 0) throw (write ? wrongInput : badRequest)(`Shard key ${JSON.stringify(key)} not found`);
    return found;
  });
}

function fallbackKey(collection: Collection, given: JsonObject): Json {
  const { target, fallback } = given as { target: Json; fallback: Json };
  return collection.shards.some((shard) => shard.shardKey === target) ? target : fallback;
}
