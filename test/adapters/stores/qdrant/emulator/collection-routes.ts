/** Routes about collections, their indexes, shards and aliases. */
import { readList, readObject, readPositive, readString } from "./body.ts";
import { checkConsensus, checkRead, planWrite } from "./cluster.ts";
import { addShards, createCollection, describe, updateCollection } from "./collection.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { readWriteParameters } from "./parameters.ts";
import { readIndex } from "./payload-index.ts";
import { readPath } from "./paths.ts";
import { badRequest, malformed, missingCollection, notFound, Refusal, wrongInput } from "./refusal.ts";
import { store } from "./shard.ts";
import { bodyOf, type Call, collectionOf, type State } from "./state.ts";
import { checkIndexCount } from "./strict.ts";
import { readDense, readSparseConfig } from "./vector-config.ts";

type Result = Json | JsonObject;

function agree({ state, search }: Call): void {
  checkConsensus(state.nodes, readWriteParameters(search).timeout ?? 10);
}

export function listCollections({ state }: Call): Result {
  return { collections: [...state.collections.keys()].map((name) => ({ name })) };
}

export function collectionExists({ state, names }: Call): Result {
  const name = names[0] ?? "";
  return { exists: state.collections.has(state.aliases.get(name) ?? name) };
}

export function getCollection(call: Call): Result {
  const collection = collectionOf(call);
  checkRead(collection.shards, call.state.nodes, 1);
  return describe(collection);
}

export function putCollection(call: Call): Result {
  const { state, names } = call;
  const name = names[0] ?? "";
  const body = readObject(bodyOf(call), "struct CreateCollection");
  checkName(name);
  agree(call);
  if (state.aliases.has(name))
    throw wrongInput(`Can't create collection with name ${name}. Alias with the same name already exists`);
  if (state.collections.has(name)) throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
  state.collections.set(name, createCollection(name, body, state.nodes.length));
  return true;
}

function checkName(name: string): void {
  const refused = (why: string) => new Refusal(422, `Validation error in path parameters: [collection_name: ${why}]`);
  if (name.length > 255) throw refused(`value "${name}" invalid, must be from 1 to 255 characters`);
  const bad = ["/", "\\", "\0", ":", "*", "?", '"', "<", ">", "|"].find((character) => name.includes(character));
  if (bad !== undefined) throw refused(`collection name cannot contain "${bad}" char`);
  if (name === "." || name === "..")
    throw new Refusal(500, `Service internal error: ./storage/collections/${name} exists`);
}

export function patchCollection(call: Call): Result {
  const body = readObject(bodyOf(call), "struct UpdateCollection");
  const collection = collectionOf(call);
  agree(call);
  updateCollection(collection, body);
  return true;
}

/** An alias is no name to delete by. */
export function deleteCollection(call: Call): Result {
  const { state, names } = call;
  const name = names[0] ?? "";
  agree(call);
  if (!state.collections.delete(name)) return false;
  for (const [alias, collection] of state.aliases) if (collection === name) state.aliases.delete(alias);
  return true;
}

export function putIndex(call: Call): Result {
  const body = readObject(bodyOf(call), "struct CreateFieldIndex");
  const field = readString(body["field_name"], "field_name");
  readPath(field);
  const schema = body["field_schema"];
  const index = schema === undefined || schema === null ? undefined : readIndex(schema);
  const collection = collectionOf(call);
  if (index === undefined)
    throw badRequest("Can't auto-detect field type, please specify `field_schema` in the request");
  checkIndexCount(collection);
  return written(call, () => collection.indexes.set(field, index));
}

export function deleteIndex(call: Call): Result {
  const collection = collectionOf(call);
  return written(call, () => collection.indexes.delete(call.names[1] ?? ""));
}

function written(call: Call, change: () => void): Result {
  const { wait, ordering } = readWriteParameters(call.search);
  const collection = collectionOf(call);
  const plan = planWrite(collection, collection.shards, call.state.nodes, ordering);
  change();
  plan.finish();
  return { operation_id: ++collection.operations, status: wait ? "completed" : "acknowledged" };
}

export function putVectorName(call: Call): Result {
  const body = readObject(bodyOf(call), "struct CreateVectorName");
  const collection = collectionOf(call);
  const name = call.names[1] ?? "";
  return written(call, () => {
    if (isObject(body["sparse"])) {
      const config = readSparseConfig(body["sparse"]);
      collection.sparse.set(name, config);
      collection.params["sparse_vectors"] = {
        ...(collection.params["sparse_vectors"] as JsonObject),
        [name]: config.given,
      };
    } else {
      const made = readDense({ [name]: body["dense"] ?? null }).get(name);
      if (made === undefined) throw malformed("data did not match any variant of untagged enum VectorNameConfig");
      collection.dense.set(name, made);
      collection.params["vectors"] = { ...(collection.params["vectors"] as JsonObject), [name]: made.given };
    }
  });
}

export function deleteVectorName(call: Call): Result {
  const collection = collectionOf(call);
  const name = call.names[1] ?? "";
  return written(call, () => {
    collection.dense.delete(name);
    collection.sparse.delete(name);
    for (const section of ["vectors", "sparse_vectors"])
      delete (collection.params[section] as JsonObject | undefined)?.[name];
    for (const shard of collection.shards) {
      for (const point of Array.from(shard.points.values())) {
        if (point.vectors.has(name))
          store(shard, { ...point, vectors: new Map([...point.vectors].filter(([key]) => key !== name)) });
      }
    }
  });
}

export function listShardKeys(call: Call): Result {
  return {
    shard_keys: [...new Set(collectionOf(call).shards.map(({ shardKey }) => shardKey))].map((key) => ({
      key: key ?? null,
    })),
  };
}

function readShardKey(call: Call): string | number {
  const key = readObject(bodyOf(call), "struct CreateShardingKey")["shard_key"];
  if (typeof key !== "string" && typeof key !== "number")
    throw malformed("data did not match any variant of untagged enum ShardKey");
  return key;
}

export function putShardKey(call: Call): Result {
  const key = readShardKey(call);
  const body = readObject(bodyOf(call), "struct CreateShardingKey");
  const count = readPositive(body["shards_number"], "shards_number");
  const copies = readPositive(body["replication_factor"], "replication_factor");
  const collection = collectionOf(call);
  agree(call);
  if (!collection.custom) throw badRequest("Shard Key cannot be created with Auto sharding method");
  if (collection.shards.some(({ shardKey }) => shardKey === key))
    throw badRequest(`Sharding key ${JSON.stringify(key)} already exists for collection ${collection.name}`);
  addShards(collection, { shardKey: key, count, copies, nodes: call.state.nodes.length });
  return true;
}

export function deleteShardKey(call: Call): Result {
  const key = readShardKey(call);
  const { shards } = collectionOf(call);
  agree(call);
  const kept = shards.filter(({ shardKey }) => shardKey !== key);
  if (kept.length === shards.length) throw badRequest(`Shard key ${JSON.stringify(key)} not found`);
  shards.splice(0, shards.length, ...kept);
  return true;
}

/** As node 0 sees it. */
export function getCluster(call: Call): Result {
  const { shards } = collectionOf(call);
  const replicas = shards.flatMap((shard) => shard.replicas.map((replica) => ({ shard, replica })));
  return {
    peer_id: 1,
    shard_count: shards.length,
    local_shards: replicas
      .filter(({ replica }) => replica.node === 0)
      .map(({ shard, replica }) => ({ shard_id: shard.id, points_count: shard.points.size, state: replica.state })),
    remote_shards: replicas
      .filter(({ replica }) => replica.node !== 0)
      .map(({ shard, replica }) => ({ shard_id: shard.id, peer_id: replica.node + 1, state: replica.state })),
    shard_transfers: [],
  };
}

function aliasList(entries: Iterable<[string, string]>): Result {
  return { aliases: Array.from(entries, ([alias_name, collection_name]) => ({ alias_name, collection_name })) };
}

export function listAliases({ state }: Call): Result {
  return aliasList(state.aliases);
}

export function listCollectionAliases({ state, names }: Call): Result {
  return aliasList([...state.aliases].filter(([, collection]) => collection === names[0]));
}

/** One by one: when an action is refused, those before it stay. */
export function changeAliases(call: Call): Result {
  const actions = readList(readObject(bodyOf(call), "struct ChangeAliasesOperation")["actions"], "actions").map(
    readAction,
  );
  agree(call);
  for (const act of actions) act(call.state);
  return true;
}

function readAction(value: Json): (state: State) => void {
  const unreadable = malformed("data did not match any variant of untagged enum AliasOperations");
  if (!isObject(value)) throw unreadable;
  const text = (body: Json | undefined, field: string): string => {
    if (!isObject(body) || typeof body[field] !== "string") throw unreadable;
    return body[field];
  };
  if ("create_alias" in value) {
    const collection = text(value["create_alias"], "collection_name");
    const alias = text(value["create_alias"], "alias_name");
    return ({ collections, aliases }) => {
      if (collections.has(alias)) throw new Refusal(409, `Wrong input: Collection \`${alias}\` already exists!`);
      if (!collections.has(collection)) throw missingCollection(collection);
      aliases.set(alias, collection);
    };
  }
  if ("delete_alias" in value) {
    const alias = text(value["delete_alias"], "alias_name");
    return ({ aliases }) => aliases.delete(alias);
  }
  if ("rename_alias" in value) {
    const from = text(value["rename_alias"], "old_alias_name");
    const to = text(value["rename_alias"], "new_alias_name");
    return ({ aliases }) => {
      const collection = aliases.get(from);
      if (collection === undefined) throw notFound(`Alias ${from} does not exists!`);
      aliases.delete(from);
      aliases.set(to, collection);
    };
  }
  throw unreadable;
}
