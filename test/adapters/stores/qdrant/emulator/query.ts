/** A query as it comes in: leaves that search, and fusions over the answers of others. */
import { readCount, readFlag, readFloat, readList, readObject, readPositive, readString } from "./body.ts";
import { type Filter, readFilter } from "./filter.ts";
import { parsePointId, type PointId } from "./ids.ts";
import { asFloat, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { type Path, readPath } from "./paths.ts";
import { invalid, malformed, notEmulated } from "./refusal.ts";
import { parseFloats, parseSparse, type Vector } from "./vectors.ts";

export type Search =
  | { readonly kind: "vector"; readonly vector: Vector }
  | { readonly kind: "id"; readonly id: PointId }
  | { readonly kind: "rrf"; readonly k: number; readonly weights: readonly number[] | undefined }
  | { readonly kind: "dbsf" }
  | { readonly kind: "sample" };

export interface Query {
  readonly prefetch: readonly Query[];
  /** Without one: the points by id, each with score 1. */
  readonly search: Search | undefined;
  readonly using: string | undefined;
  readonly filter: Filter | undefined;
  readonly limit: number;
  readonly offset: number;
  readonly threshold: number | undefined;
  readonly exact: boolean;
  readonly ef: number | undefined;
  /** Undefined: every point of the shard counts, deleted ones too. */
  readonly corpus: Filter | undefined;
  readonly lookup: { readonly collection: string; readonly vector: string } | undefined;
}

export interface Shown {
  readonly payload: boolean | { readonly include: readonly Path[] } | { readonly exclude: readonly Path[] };
  readonly vector: boolean | readonly string[];
}

export function readQuery(value: Json, at: string): Query {
  const body = readObject(value, "struct QueryRequest");
  const { prefetch } = body;
  const list = prefetch === undefined || prefetch === null ? [] : isList(prefetch) ? prefetch : [prefetch];
  const limit = readPositive(body["limit"], `${at}.limit`) ?? 10;
  const params =
    body["params"] === undefined || body["params"] === null ? {} : readObject(body["params"], "struct SearchParams");
  return {
    prefetch: list.map((item, index) => readQuery(item, `${at}.prefetch[${index}]`)),
    search: body["query"] === undefined || body["query"] === null ? undefined : readSearch(body["query"], at),
    using: body["using"] === undefined || body["using"] === null ? undefined : readString(body["using"], "using"),
    filter: readFilter(body["filter"], `${at}.filter`),
    limit,
    offset: readCount(body["offset"]) ?? 0,
    threshold: readFloat(body["score_threshold"]),
    exact: readFlag(params["exact"]) ?? false,
    ef: readPositive(params["hnsw_ef"], `${at}.params.hnsw_ef`),
    corpus: readCorpus(params["idf"], `${at}.params.idf`),
    lookup: readLookup(body["lookup_from"]),
  };
}

const noQuery = "Expected some form of vector, id, or a type of query";

function readSearch(value: Json, at: string): Search {
  const id = parsePointId(value);
  if (id !== undefined) return { kind: "id", id };
  const vector = readQueryVector(value, at);
  if (vector !== undefined) return { kind: "vector", vector };
  if (!isObject(value)) throw malformed(noQuery);
  const { nearest, fusion, rrf } = value;
  if (nearest !== undefined) {
    if (isObject(value["mmr"])) throw notEmulated("mmr");
    const search = readSearch(nearest, at);
    if (search.kind === "vector" || search.kind === "id") return search;
  }
  if (fusion === "rrf") return { kind: "rrf", k: 2, weights: undefined };
  if (fusion === "dbsf") return { kind: "dbsf" };
  if (isObject(rrf)) return readRrf(rrf, at);
  if (value["sample"] === "random") return { kind: "sample" };
  for (const other of ["formula", "order_by", "recommend", "discover", "context", "relevance_feedback"]) {
    if (other in value) throw notEmulated(`${other} queries`);
  }
  throw malformed(noQuery);
}

/** Two lists of numbers are a sparse vector, in the server's reading. */
function readQueryVector(value: Json, at: string): Vector | undefined {
  if (isObject(value)) return "indices" in value ? parseSparse(value, `${at}.query`) : undefined;
  if (!isList(value)) return undefined;
  if (value.length === 2 && value.every(isList))
    return parseSparse({ indices: value[0] as Json, values: value[1] as Json }, `${at}.query`);
  return parseFloats(value);
}

function readRrf(rrf: JsonObject, at: string): Search {
  const k = rrf["k"];
  if (k !== undefined && k !== null && (typeof k !== "number" || !Number.isInteger(k) || k < 0))
    throw malformed(noQuery);
  if (k === 0) throw invalid(`${at}.query.rrf.k`, "value 0 invalid, must be 1 or larger");
  const { weights } = rrf;
  const floats = weights === undefined || weights === null ? undefined : readList(weights, "weights").map(asFloat);
  if (floats?.includes(undefined)) throw malformed(noQuery);
  return { kind: "rrf", k: k ?? 2, weights: floats as number[] | undefined };
}

function readCorpus(idf: Json | undefined, at: string): Filter | undefined {
  if (idf === undefined || idf === null || idf === "global") return undefined;
  const corpus = isObject(idf) && isObject(idf["corpus"]) ? readFilter(idf["corpus"], `${at}.corpus`) : undefined;
  if (corpus === undefined) throw malformed("data did not match any variant of untagged enum IdfParams");
  return corpus;
}

function readLookup(value: Json | undefined): Query["lookup"] {
  if (value === undefined || value === null) return undefined;
  const { collection, vector } = readObject(value, "struct LookupLocation");
  return { collection: readString(collection, "collection"), vector: typeof vector === "string" ? vector : "" };
}

/** What of a point is answered; `absent` stands when the request says nothing about the payload. */
export function readShown(body: JsonObject, absent: boolean): Shown {
  const vector = body["with_vector"] ?? body["with_vectors"] ?? false;
  if (typeof vector !== "boolean" && !(isList(vector) && vector.every((name) => typeof name === "string"))) {
    throw malformed("Expected a boolean, or an array of strings");
  }
  return { payload: readPayloadShown(body["with_payload"], absent), vector };
}

const noSelection = "Expected a boolean, an array of strings, or an object with an include/exclude field";

function readPayloadShown(value: Json | undefined, absent: boolean): Shown["payload"] {
  if (value === undefined || value === null) return absent;
  if (typeof value === "boolean") return value;
  if (isList(value)) return { include: readPaths(value) };
  if (isObject(value) && isList(value["include"]) && isList(value["exclude"])) throw malformed(noSelection);
  if (isObject(value) && isList(value["include"])) return { include: readPaths(value["include"]) };
  if (isObject(value) && isList(value["exclude"])) return { exclude: readPaths(value["exclude"]) };
  throw malformed(noSelection);
}

function readPaths(list: readonly Json[]): Path[] {
  return list.map((item) => readPath(readString(item, "with_payload")));
}
