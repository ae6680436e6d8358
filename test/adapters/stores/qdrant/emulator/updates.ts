/** Changes of points: each is read whole, then checked, then applied point by point, as far as it goes. */
import { readList, readObject } from "./body.ts";
import { type Collection, shardsOf } from "./collection.ts";
import { readFilter } from "./filter.ts";
import { fitted, readColumns, readPoints } from "./given-points.ts";
import { type PointId, pointKey } from "./ids.ts";
import { isList, isObject, type Json, printJson } from "./json.ts";
import { predicateOf } from "./match.ts";
import { badRequest, malformed, Refusal, wrongInput } from "./refusal.ts";
import {
  readClearPayload,
  readDelete,
  readDeletePayload,
  readDeleteVectors,
  readOverwritePayload,
  readSetPayload,
  readUpdateVectors,
} from "./selected-updates.ts";
import { type Shard, store } from "./shard.ts";
import type { Update } from "./update.ts";

/** Refused before anything is written, and without waiting: only the length of dense vectors. */
export function checkDimensions(update: Update, collection: Collection): void {
  for (const vectors of update.vectors) {
    for (const [name, vector] of vectors) {
      const config = collection.dense.get(name);
      if (config === undefined || !(vector instanceof Float32Array) || vector.length === config.size) continue;
      throw wrongInput(
        `Vector dimension error: expected dim: ${config.size}, got ${vector.length}${name === "" ? "" : ` for vector '${name}'`}`,
      );
    }
  }
}

function shardOf(shards: readonly Shard[], id: PointId): Shard {
  let hash = 0x811c9dc5;
  for (const character of pointKey(id)) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  const shard = shards[((hash ^ (hash >>> 15)) >>> 0) % shards.length];
  if (shard === undefined) throw new Refusal(500, "Service internal error: the collection has no shard");
  return shard;
}

export function readUpsert(value: Json): Update {
  const body = readObject(value, "struct PointsList");
  const points = isList(body["points"])
    ? readPoints(body["points"])
    : isObject(body["batch"])
      ? readColumns(body["batch"])
      : undefined;
  if (points === undefined) throw malformed("Invalid PointInsertOperations format");
  if (points.length === 0) throw badRequest("Empty update request");
  const mode = body["update_mode"] ?? "upsert";
  if (mode !== "upsert" && mode !== "insert_only" && mode !== "update_only") {
    throw malformed(
      `unknown variant \`${typeof mode === "string" ? mode : printJson(mode)}\`, expected one of \`upsert\`, \`insert_only\`, \`update_only\``,
    );
  }
  const filter = readFilter(body["update_filter"], "update_filter");
  return {
    filters: [], // strict mode does not look at update_filter
    size: points.length,
    shardKey: body["shard_key"],
    vectors: points.map(({ vectors }) => vectors),
    apply(collection, shards) {
      const selects = predicateOf(filter, collection.indexes);
      const present = new Set(
        points.map(({ id }) => pointKey(id)).filter((key) => shards.some((shard) => shard.points.has(key))),
      );
      for (const { id, vectors, payload } of points) {
        const key = pointKey(id);
        const shard = shardOf(shards, id);
        const before = shard.points.get(key);
        if (present.has(key) ? mode === "insert_only" : mode === "update_only") continue;
        if (present.has(key) && filter !== undefined && before !== undefined && !selects(before)) continue;
        store(shard, { id, key, version: collection.operations, payload, vectors: fitted(vectors, collection) });
      }
    },
  };
}

const operations: Readonly<Record<string, (value: Json) => Update>> = {
  upsert: readUpsert,
  delete: readDelete,
  set_payload: readSetPayload,
  overwrite_payload: readOverwritePayload,
  delete_payload: readDeletePayload,
  clear_payload: readClearPayload,
  update_vectors: readUpdateVectors,
  delete_vectors: readDeleteVectors,
};

/** All operations are read before one is applied. */
export function readOperations(value: Json): Update[] {
  return readList(readObject(value, "struct UpdateOperations")["operations"], "operations").map((item) => {
    const name = isObject(item) ? Object.keys(operations).find((key) => key in item) : undefined;
    const read = name === undefined ? undefined : operations[name];
    if (!isObject(item) || name === undefined || read === undefined) throw noOperation();
    try {
      return read(item[name] as Json);
    } catch (error) {
      throw error instanceof Refusal && error.message.startsWith("Format error") ? noOperation() : error;
    }
  });
}

function noOperation(): Refusal {
  return malformed("data did not match any variant of untagged enum UpdateOperation");
}

export function targets(update: Update, collection: Collection): readonly Shard[] {
  return shardsOf(collection, update.shardKey, true);
}
