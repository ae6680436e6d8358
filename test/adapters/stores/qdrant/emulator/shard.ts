/** One shard: its points and the statistics of its sparse vectors, which no other shard sees. */
import { comparePointIds, type PointId, pointKey } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Seen } from "./payload-index.ts";
import { isSparse, type Vector } from "./vectors.ts";

export interface Point extends Seen {
  readonly id: PointId;
  readonly key: string;
  readonly version: number;
  readonly payload: JsonObject;
  readonly vectors: ReadonlyMap<string, Vector>;
}

/** Of one sparse vector name. A deleted point stays in these numbers until the optimiser has run. */
export interface Statistics {
  /** Vectors with at least one index. */
  vectors: number;
  readonly frequencies: Map<number, number>;
}

export interface Replica {
  readonly node: number;
  state: "Active" | "Dead";
}

export interface Shard {
  readonly id: number;
  /** With custom sharding. */
  readonly shardKey: string | number | undefined;
  readonly replicas: Replica[];
  readonly points: Map<string, Point>;
  readonly statistics: Map<string, Statistics>;
  /** The points by id; undefined after a change. */
  sorted: readonly Point[] | undefined;
}

export function emptyShard(id: number, shardKey: Shard["shardKey"], nodes: readonly number[]): Shard {
  const replicas = nodes.map((node): Replica => ({ node, state: "Active" }));
  return { id, shardKey, replicas, points: new Map(), statistics: new Map(), sorted: undefined };
}

export function pointsInOrder(shard: Shard): readonly Point[] {
  shard.sorted ??= [...shard.points.values()].toSorted((a, b) => comparePointIds(a.id, b.id));
  return shard.sorted;
}

export function findPoint(shards: readonly Shard[], id: PointId): { shard: Shard; point: Point } | undefined {
  const key = pointKey(id);
  for (const shard of shards) {
    const point = shard.points.get(key);
    if (point !== undefined) return { shard, point };
  }
  return undefined;
}

/** Stores the point; one with its id is replaced whole, and its terms leave the statistics. */
export function store(shard: Shard, point: Point): void {
  const before = shard.points.get(point.key)?.vectors ?? new Map<string, Vector>();
  for (const name of new Set([...before.keys(), ...point.vectors.keys()])) {
    count(shard, name, before.get(name), point.vectors.get(name));
  }
  replace(shard, point);
}

/** The statistics stay as they are: so do those of vectors that were deleted alone. */
export function replace(shard: Shard, point: Point): void {
  shard.points.set(point.key, point);
  shard.sorted = undefined;
}

export function remove(shard: Shard, key: string): void {
  if (shard.points.delete(key)) shard.sorted = undefined;
}

/** Call it to have points and statistics as they were. */
export function remember(shard: Shard): () => void {
  const points = new Map(shard.points);
  const statistics = Array.from(shard.statistics, ([name, { vectors, frequencies }]): [string, Statistics] => {
    return [name, { vectors, frequencies: new Map(frequencies) }];
  });
  return () => {
    shard.points.clear();
    shard.statistics.clear();
    for (const [key, point] of points) shard.points.set(key, point);
    for (const [name, counts] of statistics) shard.statistics.set(name, counts);
    shard.sorted = undefined;
  };
}

/** What the optimiser does in the end: deleted points leave the statistics. */
export function vacuum(shard: Shard): void {
  shard.statistics.clear();
  for (const { vectors } of shard.points.values()) {
    for (const [name, vector] of vectors) count(shard, name, undefined, vector);
  }
}

/** An empty vector does not count, and one that comes in its place does not begin to: so the server has it. */
function count(shard: Shard, name: string, before: Vector | undefined, after: Vector | undefined): void {
  const left = terms(before);
  const come = terms(after);
  if (left.length + come.length === 0) return;
  let statistics = shard.statistics.get(name);
  if (statistics === undefined) shard.statistics.set(name, (statistics = { vectors: 0, frequencies: new Map() }));
  if (come.length > 0 && before === undefined) statistics.vectors++;
  if (left.length > 0 && come.length === 0) statistics.vectors--;
  for (const index of left) statistics.frequencies.set(index, (statistics.frequencies.get(index) ?? 0) - 1);
  for (const index of come) statistics.frequencies.set(index, (statistics.frequencies.get(index) ?? 0) + 1);
}

function terms(vector: Vector | undefined): readonly number[] {
  return vector !== undefined && isSparse(vector) ? vector.indices : [];
}
