/** Routes about points: writing, reading, searching. */
import { readFlag, readList, readObject, readPositive } from "./body.ts";
import { checkRead, planWrite } from "./cluster.ts";
import { type Collection, shardsOf } from "./collection.ts";
import { readFilter } from "./filter.ts";
import { comparePointIds, pointIdOfPath, pointKey, readPointId } from "./ids.ts";
import { type Json, type JsonObject, shortest } from "./json.ts";
import { predicateOf } from "./match.ts";
import { readReadParameters, readWriteParameters } from "./parameters.ts";
import { excluded, included } from "./paths.ts";
import { readQuery, readShown, type Shown } from "./query.ts";
import { notEmulated, notFound, Refusal, wrongInput } from "./refusal.ts";
import { checkQuery, runQuery, type Scored } from "./search.ts";
import { findPoint, type Point, pointsInOrder, remember, type Shard } from "./shard.ts";
import { bodyOf, type Call, collectionOf, findCollection } from "./state.ts";
import { checkExact, checkFilter, checkLimit, checkSparseLength, takeTokens } from "./strict.ts";
import type { Update } from "./update.ts";
import { checkDimensions, readOperations, targets } from "./updates.ts";
import { isSparse, type Sparse } from "./vectors.ts";

export type Result = unknown;

/** A route that reads one change from its body and applies it. */
export function write(read: (body: Json) => Update): (call: Call) => Result {
  return (call) => {
    const parameters = readWriteParameters(call.search);
    const update = read(bodyOf(call));
    const collection = collectionOf(call);
    checkUpdates([update], collection);
    return applied(call, parameters, collection, update);
  };
}

/** All are read before one is applied; those before a refused one stay applied. */
export function batchUpdate(call: Call): Result {
  const parameters = readWriteParameters(call.search);
  const updates = readOperations(bodyOf(call));
  const collection = collectionOf(call);
  checkUpdates(updates, collection);
  return updates.map((update) => applied(call, parameters, collection, update));
}

function checkUpdates(updates: readonly Update[], collection: Collection): void {
  const size = updates.reduce((sum, update) => sum + Math.max(1, update.size), 0);
  takeTokens(collection, "write", size);
  for (const update of updates) {
    checkLimit(collection, "upsert_max_batchsize", update.size, "upsert limit");
    for (const filter of update.filters) checkFilter(collection, filter, "update");
    for (const vectors of update.vectors) {
      for (const [name, vector] of vectors)
        if (isSparse(vector)) checkSparseLength(collection, name, vector.indices.length);
    }
  }
}

/** Without `wait` nobody hears of a refusal that comes while applying. */
function applied(
  call: Call,
  { wait, ordering }: ReturnType<typeof readWriteParameters>,
  collection: Collection,
  update: Update,
): Result {
  const shards = targets(update, collection);
  checkDimensions(update, collection);
  const operation_id = ++collection.operations;
  const plan = planWrite(collection, shards, call.state.nodes, ordering);
  const change = () => applyTo(update, collection, shards, plan.reached);
  if (call.acknowledgeOnly) {
    call.state.pending.push(change);
    return { operation_id, status: "acknowledged" };
  }
  try {
    change();
  } catch (error) {
    if (wait || !(error instanceof Refusal)) throw error;
  }
  plan.finish();
  return { operation_id, status: wait ? "completed" : "acknowledged" };
}

/** Shards that no node serves keep what they had. */
function applyTo(update: Update, collection: Collection, shards: readonly Shard[], reached: readonly Shard[]): void {
  const undo = shards.filter((shard) => !reached.includes(shard)).map(remember);
  try {
    update.apply(collection, shards);
  } finally {
    for (const restore of undo) restore();
  }
}

/** What a read needs: the collection, and the shards that the request is about, all of them served. */
function reading(call: Call, body: JsonObject): { collection: Collection; shards: readonly Shard[] } {
  const { consistency, timeout } = readReadParameters(call.search);
  const collection = collectionOf(call);
  if (timeout !== undefined) checkLimit(collection, "max_timeout", timeout, "timeout");
  const shards = shardsOf(collection, body["shard_key"], false);
  checkRead(shards, call.state.nodes, consistency);
  return { collection, shards };
}

function shown(collection: Collection, shard: Shard, point: Point, show: Shown): Record<string, unknown> {
  const { payload, vector } = show;
  const record: Record<string, unknown> = { id: point.id };
  if (payload === true) record["payload"] = point.payload;
  else if (payload !== false)
    record["payload"] =
      "include" in payload ? included(point.payload, payload.include) : excluded(point.payload, payload.exclude);
  if (vector !== false) record["vector"] = shownVectors(collection, point, vector);
  if (shard.shardKey !== undefined) record["shard_key"] = shard.shardKey;
  return record;
}

function shownVectors({ dense }: Collection, { vectors }: Point, which: true | readonly string[]): unknown {
  const plain = vectors.get("");
  if (which === true && plain !== undefined && dense.size === 1) return plain;
  const named = [...vectors].filter(([name]) => which === true || which.includes(name));
  return Object.fromEntries(
    named.map(([name, vector]) => [name, vector instanceof Float32Array ? vector : sparseShown(vector)]),
  );
}

function sparseShown({ indices, values }: Sparse): Record<string, unknown> {
  return { indices, values };
}

export function retrieve(call: Call): Result {
  const body = readObject(bodyOf(call), "struct PointRequest");
  const ids = readList(body["ids"], "ids").map(readPointId);
  const show = readShown(body, false);
  const { collection, shards } = reading(call, body);
  takeTokens(collection, "read", 1);
  const found = ids.map((id) => findPoint(shards, id)).filter((hit) => hit !== undefined);
  return distinct(found).map(({ shard, point }) => shown(collection, shard, point, show));
}

export function getPoint(call: Call): Result {
  const text = call.names[1] ?? "";
  const id = pointIdOfPath(text);
  if (id === undefined) throw wrongInput(`Can not recognize "${text}" as point id`);
  const { collection, shards } = reading(call, {});
  const found = findPoint(shards, id);
  if (found === undefined) throw notFound(`Point with id ${pointKey(id)} does not exists!`);
  return shown(collection, found.shard, found.point, { payload: true, vector: true });
}

export function scroll(call: Call): Result {
  const body = readObject(bodyOf(call), "struct ScrollRequest");
  const limit = readPositive(body["limit"], "scroll_request.limit") ?? 10;
  const offset = body["offset"] === undefined || body["offset"] === null ? undefined : readPointId(body["offset"]);
  const filter = readFilter(body["filter"], "scroll_request.filter");
  const show = readShown(body, true);
  if (body["order_by"] !== undefined && body["order_by"] !== null) throw notEmulated("order_by");
  const { collection, shards } = reading(call, body);
  checkLimit(collection, "max_query_limit", limit, "limit");
  checkFilter(collection, filter, "retrieve");
  takeTokens(collection, "read", 1);
  const selects = predicateOf(filter, collection.indexes);
  const hits = shards
    .flatMap((shard) =>
      pointsInOrder(shard)
        .filter(selects)
        .map((point) => ({ shard, point })),
    )
    .filter(({ point }) => offset === undefined || comparePointIds(point.id, offset) >= 0);
  const all = distinct(shards.length === 1 ? hits : hits.toSorted((a, b) => comparePointIds(a.point.id, b.point.id)));
  const points = all.slice(0, limit).map(({ shard, point }) => shown(collection, shard, point, show));
  return { points, next_page_offset: all[limit]?.point.id ?? null };
}

export function count(call: Call): Result {
  const body = readObject(bodyOf(call), "struct CountRequest");
  const filter = readFilter(body["filter"], "count_request.filter");
  const exact = readFlag(body["exact"]) ?? true;
  const { collection, shards } = reading(call, body);
  checkExact(collection, exact);
  checkFilter(collection, filter, "retrieve");
  takeTokens(collection, "read", 1);
  const selects = predicateOf(filter, collection.indexes);
  let total = 0;
  for (const shard of shards) for (const point of shard.points.values()) if (selects(point)) total++;
  return { count: total };
}

export function query(call: Call): Result {
  const body = bodyOf(call);
  const search = prepared(call, body, "internal");
  takeTokens(search.collection, "read", 1);
  return search.run();
}

export function queryBatch(call: Call): Result {
  const searches = readList(readObject(bodyOf(call), "struct QueryRequestBatch")["searches"], "searches");
  const prepare = searches.map((body, index) => prepared(call, body, `searches[${index}].internal`));
  const collection = collectionOf(call);
  checkLimit(collection, "search_max_batchsize", searches.length, "search batch size");
  takeTokens(collection, "read", searches.length);
  return prepare.map(({ run }) => run());
}

function prepared(call: Call, value: Json, at: string): { collection: Collection; run(): Result } {
  const request = readQuery(value, at);
  const body = readObject(value, "struct QueryRequest");
  const show = readShown(body, false);
  const { collection, shards } = reading(call, body);
  if (collection.shards.length === 0) throw new Refusal(0, "the server breaks down over a query without shards");
  checkQuery(collection, request);
  return {
    collection,
    run() {
      const lookup = (name: string) => {
        if (!call.state.collections.has(name) && !call.state.aliases.has(name))
          throw notFound(`Collection ${name} not found`);
        return findCollection(call.state, name).shards;
      };
      const hits = runQuery(request, { collection, shards, seed: call.state.requests, lookup });
      return { points: hits.map((hit) => ({ ...shown(collection, hit.shard, hit.point, show), ...scoreOf(hit) })) };
    },
  };
}

function scoreOf({ point, score }: Scored): Record<string, unknown> {
  return { version: point.version, score: shortest(score) };
}

/** The same id under two shard keys is answered once. */
function distinct<Item extends { readonly point: Point }>(list: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return list.filter(({ point }) => !seen.has(point.key) && seen.add(point.key));
}
