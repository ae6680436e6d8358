import type { QdrantClient } from "@qdrant/js-client-rest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEmulator } from "./engines.ts";

type Cluster = Awaited<ReturnType<typeof openEmulator>>;

let cluster: Cluster;
let client: QdrantClient;
beforeEach(async () => {
  cluster = await openEmulator({ nodes: 3 });
  client = cluster.client;
});
afterEach(() => cluster.close());

const points = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: from + at, vector: { dense: [at, 1] } }));

/** 200, or the status of the refusal. */
async function status(work: Promise<unknown>): Promise<number> {
  return work.then(
    () => 200,
    (error: unknown) => (error as { status: number }).status,
  );
}

async function create(replicas: number, writeConsistency: number): Promise<string> {
  const name = cluster.freshName();
  await client.createCollection(name, {
    vectors: { dense: { size: 2, distance: "Dot" } },
    shard_number: 3,
    replication_factor: replicas,
    write_consistency_factor: writeConsistency,
  });
  await client.upsert(name, { wait: true, points: points(0, 30) });
  return name;
}

/** One node of three is dead: what was measured on a cluster. */
test.each([
  { replicas: 2, factor: 2, quorum: 500, all: 500, write: 500 },
  { replicas: 2, factor: 1, quorum: 500, all: 500, write: 200 },
  { replicas: 3, factor: 2, quorum: 200, all: 500, write: 200 },
])("$replicas replicas, $factor must write", async ({ replicas, factor, quorum, all, write }) => {
  const name = await create(replicas, factor);
  cluster.emulator.kill(2);
  const read = (consistency?: "quorum" | "majority" | "all" | 2) =>
    status(client.query(name, { query: [1, 0], using: "dense", ...(consistency !== undefined && { consistency }) }));
  expect(await read()).toBe(200);
  expect(await read("quorum")).toBe(quorum);
  expect(await read(2)).toBe(quorum);
  expect(await read("majority")).toBe(all);
  expect(await read("all")).toBe(all);
  expect(await status(client.upsert(name, { wait: true, points: points(100, 30) }))).toBe(write);
  expect((await client.count(name)).count).toBe(60); // also after the 500
  expect(await status(client.upsert(name, { wait: true, points: points(200, 30) }))).toBe(200); // the dead are marked
  cluster.emulator.revive(2);
  expect(await read("all")).toBe(200);
});

test("a shard whose only replica is dead fails every read, and a write is half applied", async () => {
  const name = await create(1, 1);
  cluster.emulator.kill(2);
  for (const work of [client.count(name), client.scroll(name), client.retrieve(name, { ids: [1] })]) {
    expect(await status(work)).toBe(500);
  }
  expect(await status(client.upsert(name, { wait: true, points: points(100, 30) }))).toBe(500);
  cluster.emulator.revive(2);
  const { count } = await client.count(name);
  expect(count).toBeGreaterThan(30);
  expect(count).toBeLessThan(60);
});

test("without most of the nodes no collection and no alias is made", async () => {
  const name = await create(3, 1);
  cluster.emulator.kill(1);
  cluster.emulator.kill(2);
  expect(await status(client.createCollection(cluster.freshName(), { timeout: 3 }))).toBe(500);
  const actions = [{ create_alias: { collection_name: name, alias_name: cluster.freshName() } }];
  expect(await status(client.updateCollectionAliases({ actions }))).toBe(500);
  expect(await status(client.query(name, { query: [1, 0], using: "dense" }))).toBe(200);
});

test("each shard key has its own points and its own idf", async () => {
  const name = cluster.freshName();
  await client.createCollection(name, { sparse_vectors: { bm25: { modifier: "idf" } }, sharding_method: "custom" });
  const point = (id: number, indices: number[]) => ({
    id,
    vector: { bm25: { indices, values: indices.map(() => 1) } },
  });
  expect(await status(client.upsert(name, { wait: true, points: [point(1, [1])] }))).toBe(400);
  await expect(client.query(name, { query: { indices: [1], values: [1] }, using: "bm25" })).rejects.toThrow(
    "fetch failed",
  );
  for (const key of ["a", "b"]) await client.createShardKey(name, { shard_key: key });
  await client.upsert(name, { wait: true, shard_key: "a", points: [point(1, [1]), point(2, [2])] });
  await client.upsert(name, { wait: true, shard_key: "b", points: [point(1, [1]), point(3, [1, 2])] });
  expect((await client.count(name)).count).toBe(4); // one id under two keys is two points
  const scores = async (shard_key: string) => {
    const found = await client.query(name, { query: { indices: [1], values: [1] }, using: "bm25", shard_key });
    return found.points.map(({ score }) => score);
  };
  const idf = (total: number, having: number) =>
    expect.closeTo(Math.log(1 + (total - having + 0.5) / (having + 0.5)), 5);
  expect(await scores("a")).toEqual([idf(2, 1)]);
  expect(await scores("b")).toEqual([idf(2, 2), idf(2, 2)]);
});
