/** Points as a request gives them, and their vectors as the collection keeps them. */
import { readList, readObject } from "./body.ts";
import type { Collection } from "./collection.ts";
import { type PointId, readPointId } from "./ids.ts";
import { emptyObject, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { invalid, malformed, type Refusal, wrongInput } from "./refusal.ts";
import {
  type GivenVector,
  isSparse,
  kindsDiffer,
  parseFloats,
  parseSparse,
  parseVectors,
  refuseVectors,
  stored,
  type Vector,
} from "./vectors.ts";

export interface GivenPoint {
  readonly id: PointId;
  readonly vectors: ReadonlyMap<string, GivenVector>;
  readonly payload: JsonObject;
}

export function readPoints(list: readonly Json[]): GivenPoint[] {
  return list.map((item, index) => {
    const point = readObject(item, "struct PointStruct");
    for (const field of ["id", "vector"]) if (point[field] === undefined) throw malformed(`missing field \`${field}\``);
    const id = readPointId(point["id"]);
    const vectors = parseVectors(point["vector"], `points[${index}].vector`) ?? refuseVectors();
    return { id, vectors, payload: readPayload(point["payload"]) };
  });
}

/** The form of columns: ids, vectors and payloads beside each other. */
export function readColumns(batch: JsonObject): GivenPoint[] {
  const ids = readList(batch["ids"], "ids").map(readPointId);
  const given = batch["vectors"];
  const columns: [string, Json][] = isObject(given) ? Object.entries(given) : [["", given ?? null]];
  for (const [, column] of columns) {
    if (!isList(column)) throw malformed("data did not match any variant of untagged enum BatchVectorStruct");
    if (column.length !== ids.length)
      throw invalid("batch.batch", `number of ids and vectors must be equal (${ids.length} != ${column.length})`);
  }
  const payloads = batch["payloads"];
  return ids.map((id, index) => {
    const vectors = columns.map(([name, column]): [string, GivenVector] => {
      const item = isList(column) ? column[index] : undefined;
      return [name, (isObject(item) ? parseSparse(item, "batch.vectors") : parseFloats(item)) ?? refuseVectors()];
    });
    return { id, vectors: new Map(vectors), payload: readPayload(isList(payloads) ? payloads[index] : undefined) };
  });
}

function readPayload(value: Json | undefined): JsonObject {
  return value === undefined || value === null ? emptyObject() : readObject(value, "a map");
}

/** The vectors as the collection stores them; a name that it does not have, or another kind, is refused. */
export function fitted(vectors: ReadonlyMap<string, GivenVector>, collection: Collection): Map<string, Vector> {
  return new Map(
    [...vectors].map(([name, vector]): [string, Vector] => {
      const dense = collection.dense.get(name);
      if (dense === undefined && !collection.sparse.has(name)) throw unknownVector(name);
      if (vector === "multi" || isSparse(vector) !== (dense === undefined)) return kindsDiffer(vector);
      return [name, dense === undefined || isSparse(vector) ? vector : stored(vector, dense.distance)];
    }),
  );
}

export function unknownVector(name: string): Refusal {
  return wrongInput(`Not existing vector name error: ${name}`);
}
