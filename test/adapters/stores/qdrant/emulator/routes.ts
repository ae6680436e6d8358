/** From a request to its answer: the table of routes, and the envelope around results and refusals. */
import {
  changeAliases,
  collectionExists,
  deleteCollection,
  deleteIndex,
  deleteShardKey,
  deleteVectorName,
  getCluster,
  getCollection,
  listAliases,
  listCollectionAliases,
  listCollections,
  listShardKeys,
  patchCollection,
  putCollection,
  putIndex,
  putShardKey,
  putVectorName,
} from "./collection-routes.ts";
import { printJson } from "./json.ts";
import { batchUpdate, count, getPoint, query, queryBatch, retrieve, scroll, write } from "./point-routes.ts";
import { notEmulated, Refusal } from "./refusal.ts";
import {
  readClearPayload,
  readDelete,
  readDeletePayload,
  readDeleteVectors,
  readOverwritePayload,
  readSetPayload,
  readUpdateVectors,
} from "./selected-updates.ts";
import type { Call, State } from "./state.ts";
import { readUpsert } from "./updates.ts";

export interface Request {
  readonly method: string;
  /** With its query part, as it came. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `*` stands for one decoded segment. */
const routes: Readonly<Record<string, (call: Call) => unknown>> = {
  "GET collections": listCollections,
  "GET collections/*": getCollection,
  "PUT collections/*": putCollection,
  "PATCH collections/*": patchCollection,
  "DELETE collections/*": deleteCollection,
  "GET collections/*/exists": collectionExists,
  "GET collections/*/aliases": listCollectionAliases,
  "GET collections/*/cluster": getCluster,
  "GET collections/*/shards": listShardKeys,
  "PUT collections/*/shards": putShardKey,
  "POST collections/*/shards/delete": deleteShardKey,
  "PUT collections/*/index": putIndex,
  "DELETE collections/*/index/*": deleteIndex,
  "PUT collections/*/vectors/*": putVectorName,
  "DELETE collections/*/vectors/*": deleteVectorName,
  "GET aliases": listAliases,
  "POST collections/aliases": changeAliases,
  "PUT collections/*/points": write(readUpsert),
  "POST collections/*/points": retrieve,
  "GET collections/*/points/*": getPoint,
  "POST collections/*/points/delete": write(readDelete),
  "POST collections/*/points/scroll": scroll,
  "POST collections/*/points/count": count,
  "POST collections/*/points/query": query,
  "POST collections/*/points/query/batch": queryBatch,
  "POST collections/*/points/batch": batchUpdate,
  "POST collections/*/points/payload": write(readSetPayload),
  "PUT collections/*/points/payload": write(readOverwritePayload),
  "POST collections/*/points/payload/delete": write(readDeletePayload),
  "POST collections/*/points/payload/clear": write(readClearPayload),
  "PUT collections/*/points/vectors": write(readUpdateVectors),
  "POST collections/*/points/vectors/delete": write(readDeleteVectors),
  "POST collections/*/points/query/groups": refuse("groups"),
  "POST collections/*/facet": refuse("facets"),
  "POST collections/*/points/search": refuse("the old search"),
  "POST collections/*/points/recommend": refuse("the old recommendations"),
  "POST collections/*/points/discover": refuse("the old discovery"),
};

function refuse(what: string): () => never {
  return () => {
    throw notEmulated(what);
  };
}

const table = Object.entries(routes).map(([pattern, run]) => {
  const [method = "", path = ""] = pattern.split(" ");
  return { method, segments: path.split("/"), run };
});

const texts: Readonly<Record<string, string>> = {
  "/healthz": "healthz check passed",
  "/livez": "healthz check passed",
  "/readyz": "all shards are ready", // also when they are not
};

const bodyLimit = 33554432;

export function answer(state: State, request: Request, acknowledgeOnly: boolean): Answer {
  state.requests++;
  const [path = "", search = ""] = request.path.split("?", 2);
  const text = request.method === "GET" ? texts[path] : undefined;
  if (text !== undefined) return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: text };
  if (request.method === "GET" && path === "/")
    return json(200, { title: "qdrant - vector search engine", version: "1.19.0" });
  const route = find(request.method, path);
  if (route === undefined) return { status: 404, headers: {}, body: "" };
  try {
    const size = Buffer.byteLength(request.body);
    if (size > bodyLimit)
      throw new Refusal(400, `JSON payload (${size} bytes) is larger than allowed (limit: ${bodyLimit} bytes).`);
    const call: Call = {
      state,
      names: route.names,
      search: new URLSearchParams(search),
      text: request.body,
      acknowledgeOnly,
    };
    return json(200, { result: route.run(call), status: "ok", time: 0 });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return json(error.status, { status: { error: error.message }, time: 0 }, error.headers);
  }
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: printJson(body) };
}

/** A route with more literal segments comes before one with a `*` in their place. */
function find(method: string, path: string): { names: string[]; run(call: Call): unknown } | undefined {
  const given = path
    .split("/")
    .filter((segment) => segment !== "")
    .map(decoded);
  const fitting = table.filter(
    ({ method: wanted, segments }) =>
      wanted === method &&
      segments.length === given.length &&
      segments.every((segment, at) => segment === "*" || segment === given[at]),
  );
  const stars = (segments: readonly string[]) => segments.filter((segment) => segment === "*").length;
  const [best] = fitting.toSorted((a, b) => stars(a.segments) - stars(b.segments));
  return best && { names: given.filter((_, at) => best.segments[at] === "*"), run: best.run };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
