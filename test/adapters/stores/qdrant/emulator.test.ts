import { QdrantClient } from "@qdrant/js-client-rest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, internalError, refused, tooManyRequests } from "./emulator/index.ts";
import { openEmulator } from "./engines.ts";

let emulator: Emulator;
let client: QdrantClient;
beforeEach(async () => {
  const opened = await openEmulator();
  emulator = opened.emulator;
  client = new QdrantClient({ url: emulator.url, checkCompatibility: false }); // as users have it: gzip is accepted
  await client.createCollection("docs", {
    vectors: { dense: { size: 2, distance: "Cosine" } },
    sparse_vectors: { bm25: { modifier: "idf" } },
  });
});
afterEach(() => emulator.close());

function point(id: number, dense: number[]) {
  return { id, vector: { dense }, payload: { n: id } };
}

test("a large answer is compressed for who accepts it, and reads the same", async () => {
  const points = Array.from({ length: 300 }, (_, id) => point(id, [1, id]));
  await client.upsert("docs", { wait: true, points });
  const plain = new QdrantClient({
    url: emulator.url,
    checkCompatibility: false,
    headers: { "accept-encoding": "identity" },
  });
  expect(await plain.scroll("docs", { limit: 300 })).toEqual(await client.scroll("docs", { limit: 300 }));
});

test("each fault", async () => {
  const write = () => client.upsert("docs", { wait: true, points: [point(1, [1, 0])] });
  const stored = async () => (await client.count("docs")).count;
  emulator.inject({ kind: "reset", when: "before" });
  await expect(write()).rejects.toThrow("fetch failed");
  expect(await stored()).toBe(0);
  emulator.inject({ kind: "reset", when: "after" });
  await expect(write()).rejects.toThrow("fetch failed");
  expect(await stored()).toBe(1);
  emulator.inject(tooManyRequests("37"), { when: ({ method }) => method === "PUT" });
  expect(await stored()).toBe(1);
  await expect(write()).rejects.toMatchObject({ retry_after: 3 }); // the client reads one character
  emulator.inject(internalError(true), { when: ({ body }) => body.includes('"points":[1]') });
  await expect(client.delete("docs", { wait: true, points: [1] })).rejects.toMatchObject({ status: 500 });
  expect(await stored()).toBe(0);
  emulator.inject(refused(503, "busy", { "retry-after": "2" }));
  await expect(write()).rejects.toMatchObject({ status: 503 });
  for (const kind of ["truncated", "half-json"] as const) {
    emulator.inject({ kind });
    await expect(write(), kind).rejects.toBeInstanceOf(Error);
  }
  emulator.inject({ kind: "hang" });
  const hasty = new QdrantClient({ url: emulator.url, checkCompatibility: false, timeout: 50 });
  await expect(hasty.getCollections()).rejects.toThrow("aborted");
  emulator.inject({ kind: "acknowledged" });
  expect((await client.delete("docs", { wait: true, points: [1] })).status).toBe("acknowledged");
  expect(await stored()).toBe(1);
  emulator.settle();
  expect(await stored()).toBe(0);
});

test("three shards have their own idf, and a dead node is a 500", async () => {
  const { client: three, emulator: cluster } = await openEmulator({ nodes: 3 });
  try {
    await three.createCollection("docs", { sparse_vectors: { bm25: { modifier: "idf" } }, shard_number: 3 });
    const points = Array.from({ length: 60 }, (_, id) => {
      return { id, vector: { bm25: { indices: id % 2 === 0 ? [1, 7] : [7], values: id % 2 === 0 ? [1, 1] : [1] } } };
    });
    await three.upsert("docs", { wait: true, points });
    const { points: hits } = await three.query("docs", {
      query: { indices: [1], values: [1] },
      using: "bm25",
      limit: 60,
    });
    expect(new Set(hits.map(({ score }) => score)).size).toBe(3);
    cluster.kill(2);
    await expect(three.count("docs")).rejects.toMatchObject({ status: 500 });
    await expect(three.upsert("docs", { wait: true, points })).rejects.toMatchObject({ status: 500 });
    cluster.revive(2);
    expect((await three.count("docs")).count).toBe(60);
  } finally {
    await cluster.close();
  }
});
