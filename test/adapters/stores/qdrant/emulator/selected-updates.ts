/** Changes of points that are there already: by their ids or by a filter. */
import { readList, readObject, readString } from "./body.ts";
import type { Collection } from "./collection.ts";
import { type Filter, readFilter } from "./filter.ts";
import { fitted, readPoints, unknownVector } from "./given-points.ts";
import { parsePointId, type PointId, pointKey } from "./ids.ts";
import { emptyObject, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { predicateOf } from "./match.ts";
import { mergedAt, readPath, withoutKey } from "./paths.ts";
import { badRequest, malformed, missingPoint, Refusal } from "./refusal.ts";
import { findPoint, type Point, remove, replace, type Shard, store } from "./shard.ts";
import type { Update } from "./update.ts";

interface Selection {
  readonly ids: readonly PointId[] | undefined;
  readonly filter: Filter | undefined;
}

/** Ids win over a filter. An empty filter selects every point. */
function readSelection(body: JsonObject, missing: string): Selection {
  const { points } = body;
  if (isList(points)) {
    const ids = points.map(parsePointId);
    if (!ids.every((id) => id !== undefined)) throw malformed(missing);
    if (ids.length === 0) throw badRequest("Empty update request");
    return { ids, filter: undefined };
  }
  const filter = readFilter(body["filter"], "filter");
  if (filter === undefined) throw malformed(missing);
  return { ids: undefined, filter };
}

/** Runs over what is selected; an id that is not there is refused after the others are done. */
function forSelected(
  selection: Selection,
  collection: Collection,
  shards: readonly Shard[],
  change: (shard: Shard, point: Point) => void,
): void {
  if (selection.ids === undefined) {
    const selects = predicateOf(selection.filter, collection.indexes);
    for (const shard of shards) for (const point of [...shard.points.values()].filter(selects)) change(shard, point);
    return;
  }
  const missing: PointId[] = [];
  for (const id of selection.ids) {
    const found = findPoint(shards, id);
    if (found === undefined) missing.push(id);
    else change(found.shard, found.point);
  }
  if (missing[0] !== undefined) throw missingPoint(missing[0]);
}

function selecting(
  body: JsonObject,
  missing: string,
  change: (shard: Shard, point: Point, collection: Collection) => void,
): Update {
  const selection = readSelection(body, missing);
  return {
    filters: selection.filter === undefined ? [] : [selection.filter],
    size: 0,
    shardKey: body["shard_key"],
    vectors: [],
    apply(collection, shards) {
      forSelected(selection, collection, shards, (shard, point) => change(shard, point, collection));
    },
  };
}

const noSelector = "data did not match any variant of untagged enum PointsSelector";
const noTarget = "Either list of point ids or filter must be provided";

export function readDelete(value: Json): Update {
  if (!isObject(value)) throw malformed(noSelector);
  let selection: Selection;
  try {
    selection = readSelection(value, noSelector);
  } catch (error) {
    throw error instanceof Refusal && error.message.startsWith("Format error") ? malformed(noSelector) : error;
  }
  const keys = selection.ids?.map(pointKey);
  return {
    filters: selection.filter === undefined ? [] : [selection.filter],
    size: 0,
    shardKey: value["shard_key"],
    vectors: [],
    apply(collection, shards) {
      if (keys === undefined)
        return forSelected(selection, collection, shards, (shard, point) => remove(shard, point.key));
      for (const shard of shards) for (const key of keys) remove(shard, key);
    },
  };
}

export function readSetPayload(value: Json): Update {
  const body = readObject(value, "struct SetPayload");
  if (body["payload"] === undefined) throw malformed("missing field `payload`");
  const payload = readObject(body["payload"], "a map");
  const path = body["key"] === undefined || body["key"] === null ? [] : readPath(readString(body["key"], "key"));
  return selecting(body, noTarget, (shard, point, { operations }) => {
    store(shard, { ...point, version: operations, payload: mergedAt(point.payload, path, payload) as JsonObject });
  });
}

export function readOverwritePayload(value: Json): Update {
  const body = readObject(value, "struct SetPayload");
  if (body["payload"] === undefined) throw malformed("missing field `payload`");
  const payload = readObject(body["payload"], "a map");
  return selecting(body, noTarget, (shard, point, { operations }) =>
    store(shard, { ...point, version: operations, payload }),
  );
}

export function readDeletePayload(value: Json): Update {
  const body = readObject(value, "struct DeletePayload");
  const paths = readList(body["keys"], "keys").map((key) => readPath(readString(key, "keys")));
  return selecting(body, noTarget, (shard, point, { operations }) => {
    const payload = paths.reduce<Json>((rest, path) => withoutKey(rest, path), point.payload) as JsonObject;
    store(shard, { ...point, version: operations, payload });
  });
}

export function readClearPayload(value: Json): Update {
  return selecting(readObject(value, "struct PointsSelector"), noSelector, (shard, point, { operations }) => {
    store(shard, { ...point, version: operations, payload: emptyObject() });
  });
}

export function readUpdateVectors(value: Json): Update {
  const body = readObject(value, "struct UpdateVectors");
  const points = readPoints(readList(body["points"], "points"));
  if (points.length === 0) throw badRequest("Empty update request");
  return {
    filters: [],
    size: points.length,
    shardKey: body["shard_key"],
    vectors: points.map(({ vectors }) => vectors),
    apply(collection, shards) {
      for (const { id, vectors } of points) {
        const found = findPoint(shards, id);
        if (found === undefined) throw missingPoint(id);
        const merged = new Map([...found.point.vectors, ...fitted(vectors, collection)]);
        store(found.shard, { ...found.point, version: collection.operations, vectors: merged });
      }
    },
  };
}

export function readDeleteVectors(value: Json): Update {
  const body = readObject(value, "struct DeleteVectors");
  const names = readList(body["vector"], "vector").map((name) => readString(name, "vector"));
  const update = selecting(body, noTarget, (shard, point, { operations }) => {
    replace(shard, {
      ...point,
      version: operations,
      vectors: new Map([...point.vectors].filter(([name]) => !names.includes(name))),
    });
  });
  return {
    ...update,
    apply(collection, shards) {
      const unknown = names.find((name) => !collection.dense.has(name) && !collection.sparse.has(name));
      if (unknown !== undefined) throw unknownVector(unknown);
      update.apply(collection, shards);
    },
  };
}
