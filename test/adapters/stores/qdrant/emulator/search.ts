/** Running a query: leaves per shard, cut at their limit; fusion over the lists of all shards. */
import type { Collection } from "./collection.ts";
import { type Filter, joined } from "./filter.ts";
import { unknownVector } from "./given-points.ts";
import { fusedByDistribution, fusedByRank } from "./fusion.ts";
import { predicateOf } from "./match.ts";
import type { Query } from "./query.ts";
import { badRequest, missingPoint, wrongInput } from "./refusal.ts";
import { findPoint, type Point, pointsInOrder, type Shard } from "./shard.ts";
import { checkExact, checkFilter, checkLimit } from "./strict.ts";
import { denseScore, isSparse, kindsDiffer, smallerIsBetter, sparseScore, stored, type Vector } from "./vectors.ts";

export interface Scored {
  readonly point: Point;
  readonly shard: Shard;
  readonly score: number;
}

export interface Context {
  readonly collection: Collection;
  readonly shards: readonly Shard[];
  /** Changes the order of equal scores from request to request, as the server does. */
  readonly seed: number;
  /** The shards of another collection, for `lookup_from`. */
  lookup(name: string): readonly Shard[];
}

export function checkQuery(collection: Collection, query: Query): void {
  checkLimit(collection, "max_query_limit", query.limit, "limit");
  checkExact(collection, query.exact);
  if (query.ef !== undefined) checkLimit(collection, "search_max_hnsw_ef", query.ef, "hnsw_ef");
  checkFilter(collection, query.filter, "retrieve");
  checkFilter(collection, query.corpus, "retrieve");
  for (const prefetch of query.prefetch) checkQuery(collection, prefetch);
}

export function runQuery(query: Query, context: Context): Scored[] {
  return ranked(query, undefined, context, query.offset + query.limit).slice(query.offset);
}

function ranked(query: Query, outer: Filter | undefined, context: Context, limit: number): Scored[] {
  const filter = joined(outer, query.filter);
  const { search, threshold } = query;
  if (search?.kind === "rrf" || search?.kind === "dbsf") {
    if (query.using !== undefined) throw badRequest("Fusion queries cannot be combined with the 'using' field.");
    if (query.prefetch.length === 0) throw wrongInput("Validation failed: cannot apply Fusion without prefetches");
    const lists = query.prefetch.map((prefetch) => ranked(prefetch, filter, context, prefetch.limit));
    const fused = search.kind === "rrf" ? fusedByRank(lists, search.k, search.weights) : fusedByDistribution(lists);
    const above = fused.filter(({ score }) => threshold === undefined || score >= threshold);
    return ordered(above, false, context).slice(0, limit);
  }
  const only = candidatesOf(query, filter, context);
  const selects = predicateOf(filter, context.collection.indexes);
  if (search === undefined || search.kind === "sample") {
    const all = context.shards.flatMap((shard) =>
      pointsInOrder(shard)
        .filter((point) => selects(point) && only(point))
        .map((point) => ({ point, shard, score: 1 })),
    );
    return (search === undefined ? all : ordered(all, false, context)).slice(0, limit);
  }
  const using = query.using ?? "";
  const score = scorer(query, using, context, filter !== undefined);
  const ascending = smallerIsBetter(context.collection.dense.get(using)?.distance ?? "Dot");
  const lists = context.shards.map((shard) => {
    const scoreHere = score(shard);
    const hits: Scored[] = [];
    for (const point of shard.points.values()) {
      const vector = point.vectors.get(using);
      if (vector === undefined || !selects(point) || !only(point)) continue;
      const value = scoreHere(vector, point);
      if (value === undefined || (threshold !== undefined && !(ascending ? value < threshold : value > threshold)))
        continue;
      hits.push({ point, shard, score: value });
    }
    return ordered(hits, ascending, context).slice(0, limit);
  });
  return distinct(ordered(lists.flat(), ascending, context)).slice(0, limit);
}

/** A leaf over prefetches rescores what they found. */
function candidatesOf(query: Query, filter: Filter | undefined, context: Context): (point: Point) => boolean {
  if (query.prefetch.length === 0) return () => true;
  const found = new Set(
    query.prefetch
      .flatMap((prefetch) => ranked(prefetch, filter, context, prefetch.limit))
      .map(({ point }) => point.key),
  );
  return ({ key }) => found.has(key);
}

type Score = (vector: Vector, point: Point) => number | undefined;

/** With a filter each point is scored; without one postings are summed, and a sum of 0 is no hit. */
function scorer(query: Query, using: string, context: Context, filtered: boolean): (shard: Shard) => Score {
  const { collection } = context;
  const dense = collection.dense.get(using);
  const sparse = collection.sparse.get(using);
  if (dense === undefined && sparse === undefined) throw unknownVector(using);
  const { vector, except } = queryVector(query, using, context);
  if (dense !== undefined) {
    if (isSparse(vector)) return kindsDiffer(vector);
    if (vector.length !== dense.size)
      throw wrongInput(`Vector dimension error: expected dim: ${dense.size}, got ${vector.length}`);
    const wanted = stored(vector, dense.distance);
    return () =>
      (given, { key }) =>
        key === except || isSparse(given) ? undefined : denseScore(wanted, given, dense.distance);
  }
  if (!isSparse(vector)) return kindsDiffer(vector);
  const corpus = query.corpus === undefined ? undefined : predicateOf(query.corpus, collection.indexes);
  return (shard) => {
    const factors = sparse?.idf === true ? idfs(shard, using, vector.indices, corpus) : undefined;
    const weights = new Map(
      vector.indices.map((index, place) => [index, (vector.values[place] as number) * (factors?.[place] ?? 1)]),
    );
    return (given, { key }) => {
      const value = key !== except && isSparse(given) ? sparseScore(weights, given) : undefined;
      return value === 0 && !filtered ? undefined : value;
    };
  };
}

function queryVector({ search, lookup }: Query, using: string, context: Context): { vector: Vector; except?: string } {
  if (search?.kind === "vector") return { vector: search.vector };
  if (search?.kind !== "id") throw new Error("A leaf has a vector or an id.");
  const found = findPoint(lookup === undefined ? context.shards : context.lookup(lookup.collection), search.id);
  const vector = found?.point.vectors.get(lookup?.vector ?? using);
  if (found === undefined || vector === undefined) throw missingPoint(search.id);
  return lookup === undefined ? { vector, except: found.point.key } : { vector };
}

/** Of a shard alone. Over a corpus only live points count, an empty vector with them; else deleted points count too. */
function idfs(
  shard: Shard,
  using: string,
  indices: readonly number[],
  corpus: ((point: Point) => boolean) | undefined,
): number[] {
  let { vectors: total = 0, frequencies = new Map<number, number>() } = shard.statistics.get(using) ?? {};
  if (corpus !== undefined) {
    total = 0;
    frequencies = new Map(indices.map((index) => [index, 0]));
    for (const point of shard.points.values()) {
      const vector = point.vectors.get(using);
      if (vector === undefined || !isSparse(vector) || !corpus(point)) continue;
      total++;
      for (const index of vector.indices) {
        const before = frequencies.get(index);
        if (before !== undefined) frequencies.set(index, before + 1);
      }
    }
  }
  return indices.map((index) => {
    const having = frequencies.get(index) ?? 0;
    return Math.fround(Math.log(1 + (total - having + 0.5) / (having + 0.5)));
  });
}

/** Best first; not-a-number counts as the largest. Equal scores in no order that anyone may rely on. */
function ordered(list: readonly Scored[], ascending: boolean, { seed }: Context): Scored[] {
  const sign = ascending ? 1 : -1;
  return list
    .map((item) => ({ item, place: shuffled(item.point.key, seed) }))
    .toSorted((a, b) => sign * compare(a.item.score, b.item.score) || a.place - b.place)
    .map(({ item }) => item);
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function shuffled(key: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x5bd1e995) ^ (hash >>> 13);
  return hash >>> 0;
}

/** The same id under two shard keys is answered once, unless its scores differ. */
function distinct(list: readonly Scored[]): Scored[] {
  const seen = new Set<string>();
  return list.filter(({ point, score }) => !seen.has(`${point.key} ${score}`) && seen.add(`${point.key} ${score}`));
}
