import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { qdrant } from "../../../../adapters/stores/qdrant.ts";
import { own } from "../../../../src/http/reply.ts";
import { memory } from "../../../../src/stores/memory.ts";
import { randomMetadata, randomTree } from "../../../../src/testing/filter-rows.ts";
import { seededRandom } from "../../../../src/testing/random.ts";
import { open, row, rows, type ScopedStore, terms, uuid, vector } from "../../../../src/testing/store-rows.ts";
import type { ChunkWrite, Store } from "../../../../src/types.ts";
import { rejection } from "../../../rejection.ts";
import type { Emulator, Request } from "./emulator/index.ts";
import { openEmulator, type OpenEngine } from "./engines.ts";

let engine: OpenEngine & { readonly emulator: Emulator };
beforeAll(async () => {
  engine = await openEmulator();
});
afterAll(() => engine.close());

async function asked(work: () => Promise<unknown>): Promise<readonly Request[]> {
  engine.emulator.forget();
  await work();
  return [...engine.emulator.requests];
}

function shortened({ method, path }: Request): string {
  return `${method} ${path.replace(/\?.*/, "").replace(/\/collections\/[^/]+/, "")}`;
}

const ids = (candidates: readonly { readonly id: string }[] | undefined): readonly string[] =>
  (candidates ?? []).map(({ id }) => id);

describe("requests", () => {
  test("both legs and their rows are one, and a replacement is a look, a write and another look", async () => {
    const index = await open(engine.emptyStore());
    const writing = await asked(() => index.write(...rows("guide", 3)));
    expect(writing.map(shortened)).toEqual(["POST /points", "POST /points/batch", "POST /points"]);
    const changing = await asked(() => index.write(row("guide", 0, { legs: "kept" }), row("guide", 9)));
    const kinds = [writing, changing].map((requests) => {
      const { operations } = JSON.parse(requests[1]?.body ?? "") as { operations: readonly object[] };
      return operations.flatMap((operation) => Object.keys(operation));
    });
    expect(kinds).toEqual([
      ["upsert", "delete"],
      ["set_payload", "upsert", "delete", "set_payload"],
    ]);
    const query = { limit: 5, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) };
    const [search, ...more] = await asked(() => index.search(query));
    expect(more).toEqual([]);
    const { searches } = JSON.parse(search?.body ?? "") as { searches: readonly Record<string, unknown>[] };
    const corpus = { must: [{ key: "tenant", match: { value: "-" } }] };
    expect(searches.map(({ using, params, filter }) => ({ using, params, filter }))).toEqual([
      { using: "dense", params: { exact: true }, filter: corpus },
      { using: "terms", params: { idf: { corpus } }, filter: corpus },
    ]);
    expect(await asked(() => index.search({ ...query, filter: { op: "never" } }))).toEqual([]);
  });

  test("a write is divided by points and by bytes", async () => {
    const index = await open(engine.emptyStore());
    const upserts = async (...written: readonly ChunkWrite[]): Promise<readonly number[]> =>
      (await asked(() => index.write(...written))).flatMap(({ path, body }) => {
        if (!path.includes("/points/batch")) return [];
        const { operations } = JSON.parse(body) as { operations: readonly Record<string, { points?: unknown[] }>[] };
        return operations.flatMap(({ upsert }) => upsert?.points?.length ?? []);
      });
    expect(await upserts(...rows("many", 600))).toEqual([256, 256, 88]);
    expect(await upserts(...rows("large", 5, { text: "x".repeat(3_000_000) }))).toEqual([2, 2, 1]);
    expect(await index.count()).toEqual({ documents: 2, chunks: 605 });
  });

  test("above 100,000 rows in the tenant the graph is asked, else all are ranked", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    const { scope, write } = await open(store);
    await write(...rows("guide", 3));
    const large = (points: number) => async (): Promise<unknown> => {
      const info = await engine.client.getCollection(collection);
      const body = JSON.stringify({ result: { ...info, points_count: points }, status: "ok", time: 0 });
      const isInfo = ({ method, path }: { method: string; path: string }): boolean =>
        method === "GET" && path === `/collections/${scope.generation}`;
      engine.emulator.inject({ kind: "answer", status: 200, body }, { when: isInfo });
      const query = { scope, limit: 400, dense: { vector: vector(1, 0, 0, 0) } };
      return qdrant({ client: engine.client, collection }).search(query, { signal: new AbortController().signal });
    };
    const paramsOf = (requests: readonly Request[]): unknown => {
      const search = requests.find(({ path }) => path.includes("/query/batch"));
      return own((own(JSON.parse(search?.body ?? "{}"), "searches") as unknown[])[0], "params");
    };
    expect(paramsOf(await asked(large(100_000)))).toEqual({ exact: true });
    const estimated = await asked(large(100_001));
    expect(paramsOf(estimated)).toEqual({ exact: true });
    const estimate = estimated.find(({ path }) => path.includes("/count"));
    expect(JSON.parse(estimate?.body ?? "")).toMatchObject({ exact: false });
    const body = JSON.stringify({ result: { count: 100_001 }, status: "ok", time: 0 });
    engine.emulator.inject({ kind: "answer", status: 200, body }, { when: ({ path }) => path.includes("/count") });
    expect(paramsOf(await asked(large(200_000)))).toEqual({ hnsw_ef: 800 });
  });

  test("ties are fetched until one scores lower, and cut by id", async () => {
    const index = await open(engine.emptyStore());
    const tied = rows("tied", 300);
    await index.write(...tied, row("other", 0, { legs: { vector: vector(1, 1, 0, 0), terms: terms({ 1: 1, 2: 9 }) } }));
    const query = { limit: 10, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) };
    const expected = ids(tied).toSorted().slice(0, 10);
    for (let run = 0; run < 5; run++) {
      const { dense, lexical, chunks } = await index.search(query);
      expect([ids(dense), ids(lexical)]).toEqual([expected, expected]);
      expect([...chunks.keys()].toSorted()).toEqual(expected);
    }
    expect((await asked(() => index.search(query))).map(shortened)).not.toHaveLength(1);
    // All were deleted between the look at the legs and that at their rows.
    const gone = { kind: "answer", status: 200, body: JSON.stringify({ result: [], status: "ok", time: 0 }) } as const;
    engine.emulator.inject(gone, { when: ({ path }) => /\/points(?:\?|$)/.test(path) });
    const rest = await index.search(query);
    expect([...rest.chunks.keys()].toSorted()).toEqual(
      [...new Set([...ids(rest.dense), ...ids(rest.lexical)])].toSorted(),
    );
    engine.emulator.heal();
    expect((await asked(() => index.search({ ...query, limit: 300 }))).map(shortened)).toHaveLength(1);
  });
});

describe("strict mode", () => {
  const strict = {
    enabled: true,
    unindexed_filtering_retrieve: false,
    unindexed_filtering_update: false,
    max_query_limit: 64,
    upsert_max_batchsize: 7,
    condition_max_size: 9,
    search_max_batchsize: 2,
    search_max_hnsw_ef: 64,
  };

  test("has nothing to refuse, with limits as low as the rows that tie", async () => {
    const store = engine.emptyStore();
    const [there, here] = [await open(store), await open(memory())];
    await engine.client.updateCollection(there.scope.generation, { strict_mode_config: strict });
    const again = qdrantOf(there);
    const index = await open(again);
    const random = seededRandom(5);
    const written = Array.from({ length: 60 }, (_, number) =>
      row(`document ${number % 20}`, number, { metadata: randomMetadata(random) }),
    );
    for (const each of [index, here]) await each.write(...written);
    expect(await index.count()).toEqual(await here.count());
    const listed = await here.list({ limit: 7 });
    expect(await index.list({ limit: 7 })).toEqual(listed);
    const documents = listed.map(({ id }) => id);
    expect(await index.read(...documents)).toEqual(await here.read(...documents));
    for (let run = 0; run < 60; run++) {
      const filter = randomTree(random);
      const query = { limit: 20, filter, lexical: terms({ 1: 1 }), statistics: true };
      const [expected, received] = [await here.search(query), await index.search(query)];
      expect(ids(received.lexical), JSON.stringify(filter)).toEqual(ids(expected.lexical));
      expect(await index.count(filter)).toEqual(await here.count(filter));
    }
    await index.write(row("document 0", 0));
    await index.erase("document 1");
    expect((await index.count()).documents).toBe(19);
    const error = await rejection(index.search({ limit: 65, lexical: terms({ 1: 1 }) }));
    expect(error).toMatchObject({ name: "UnsupportedError" });
  });

  test("without exact search the graph is asked, within what is allowed", async () => {
    const first = await open(engine.emptyStore());
    await first.write(...rows("guide", 3));
    const config = { enabled: true, search_allow_exact: false, search_max_hnsw_ef: 64 };
    await engine.client.updateCollection(first.scope.generation, { strict_mode_config: config });
    const index = await open(qdrantOf(first));
    await index.write(...rows("guide", 4));
    const { dense } = await index.search({ limit: 5, dense: { vector: vector(1, 0, 0, 0) } });
    expect(dense).toHaveLength(4);
    const error = await rejection(index.count());
    expect(error).toMatchObject({ name: "AdapterError", status: 400, retryable: false });
  });

  /** Another process: what it knows of the collection is new. */
  function qdrantOf({ scope }: ScopedStore): Store {
    return qdrant({ client: engine.client, collection: scope.generation.replace(/-0$/, "") });
  }
});

describe("documents in their order", () => {
  const endings = ["", "-a", "/\u{1f642}", "/\uffff", "/x/y/z", "\u0001", "\u{10ffff}"];
  const idsOf = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, number) => `handbook/2024/chapter-${number}`).flatMap((id, number) =>
      number % 40 === 0 ? endings.map((ending) => id + ending) : id,
    );

  test("are found in some twenty looks a page, however many there are", async () => {
    const index = await open(engine.emptyStore());
    const documents = idsOf(3_000);
    for (let start = 0; start < documents.length; start += 1_000) {
      await index.write(...documents.slice(start, start + 1_000).map((id) => row(id, 0)));
    }
    const sorted = documents.toSorted((a, b) => (a < b ? -1 : 1));
    let listed: readonly { readonly id: string }[] = [];
    const requests = await asked(async () => (listed = await index.list({ limit: 256 })));
    expect(ids(listed)).toEqual(sorted);
    expect(requests.length / Math.ceil(sorted.length / 256)).toBeLessThanOrEqual(25);
    const filter = { op: "not", part: { op: "exists", field: "year" } } as const;
    expect((await index.list({ limit: 500, filter })).map(({ id }) => id)).toEqual(sorted);
    expect(await index.count(filter)).toEqual({ documents: sorted.length, chunks: sorted.length });
  });

  test("one document of many matching rows is listed once", async () => {
    const index = await open(engine.emptyStore());
    await index.write(...rows("long", 1_500), ...rows("long/er", 400), ...rows("lo", 2), row("m", 0));
    const filter = { op: "not", part: { op: "exists", field: "year" } } as const;
    expect((await index.list({ limit: 2, filter })).map(({ id }) => id)).toEqual(["lo", "long", "long/er", "m"]);
    expect(await index.count(filter)).toEqual({ documents: 4, chunks: 1_903 });
  });
});

describe("a server before 1.19", () => {
  let older: OpenEngine & { readonly emulator: Emulator };
  beforeAll(async () => {
    older = await openEmulator();
    const body = JSON.stringify({ title: "qdrant", version: "1.18.2", commit: "" });
    older.emulator.inject({ kind: "answer", status: 200, body }, { times: 1_000, when: ({ path }) => path === "/" });
  });
  afterAll(() => older.close());

  test("has idf as the weights of the query, which deleted rows and other tenants do not change", async () => {
    const [there, here] = [await open(older.emptyStore()), await open(memory())];
    const written = bm25Rows(50);
    for (const index of [there, here]) {
      await index.forTenant("rival").write(...written.map((chunk) => ({ ...chunk, id: uuid(`rival ${chunk.id}`) })));
      await index.write(...written);
      await index.erase(...written.slice(0, 10).map(({ documentId }) => documentId));
    }
    await expectSameBm25(there, here);
    expect(older.emulator.requests.some(({ body }) => body.includes('"idf"'))).toBe(false);
  });

  test("refuses a beginning in a filter, and lists documents by reading them all", async () => {
    const index = await open(older.emptyStore());
    const documents = Array.from({ length: 700 }, (_, number) => `document ${number}`);
    await index.write(...documents.map((id) => row(id, 0)));
    const filter = { op: "prefix", field: "product", value: "a" } as const;
    expect(await rejection(index.count(filter))).toMatchObject({ name: "FilterError" });
    expect((await index.list({ limit: 300 })).map(({ id }) => id)).toEqual(documents.toSorted());
    expect(older.emulator.requests.some(({ body }) => body.includes('"prefix":"'))).toBe(false);
  });
});

describe("a cluster", () => {
  let cluster: OpenEngine & { readonly emulator: Emulator };
  beforeAll(async () => {
    cluster = await openEmulator({ nodes: 3 });
  });
  afterAll(() => cluster.close());

  test.each([
    ["three shards", { shards: 3 }],
    ["six shards with replicas", { shards: 6, replicas: 2 }],
    ["a shard key for each tenant", { shardKeyPerTenant: true }],
    ["three shards for each tenant", { shardKeyPerTenant: true, shards: 3 }],
  ] as const)("of %s ranks as one shard does", async (_what, options) => {
    const [there, one, here] = [
      await open(cluster.emptyStore(options)),
      await open(engine.emptyStore()),
      await open(memory()),
    ];
    const written = bm25Rows(150);
    for (const index of [there, one, here]) {
      await index.write(...written);
      await index.erase("document 3", "document 4");
      await index
        .forTenant("rival")
        .write(...bm25Rows(20).map((chunk) => ({ ...chunk, id: uuid(`rival ${chunk.id}`) })));
    }
    await expectSameBm25(there, here);
    await expectSameBm25(there, one);
  });

  test("counts for idf once in ten seconds, and at once after its own writes", async () => {
    const index = await open(cluster.emptyStore({ shards: 3 }));
    await index.write(...bm25Rows(30));
    const counts = async (query: Parameters<typeof terms>[0]): Promise<number> => {
      cluster.emulator.forget();
      await index.search({ limit: 5, lexical: terms(query) });
      return cluster.emulator.requests.filter(({ path }) => path.includes("/count")).length;
    };
    expect(await counts({ 1: 1, 2: 1 })).toBe(3);
    expect(await counts({ 1: 1, 2: 1 })).toBe(0);
    expect(await counts({ 2: 1, 3: 1 })).toBe(1);
    await index.write(row("new", 0, { legs: { terms: terms({ 2: 1 }) } }));
    expect(await counts({ 2: 1 })).toBe(2);
  });

  test("reads with a quorum while one of three nodes is dead, and writes whatever it answers with", async () => {
    const options = { shards: 3, replicas: 3, writeConsistency: 2, readConsistency: "quorum" } as const;
    const index = await open(cluster.emptyStore(options));
    await index.write(...rows("guide", 20));
    cluster.emulator.kill(2);
    expect(await index.read("guide")).toHaveLength(20);
    expect((await index.search({ limit: 30, lexical: terms({ 1: 1 }) })).lexical).toHaveLength(20);
    for (let attempt = 0; attempt < 5; attempt++) {
      const written = await index.write(...rows("other", 5)).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (written === undefined) break;
      expect(written).toMatchObject({ name: "AdapterError", retryable: true });
    }
    expect(await index.read("other")).toHaveLength(5);
    cluster.emulator.revive(2);
    expect(await index.count()).toEqual({ documents: 2, chunks: 25 });
  });

  test("a collection that was made for the server's idf and then got more shards is refused", async () => {
    const collection = engine.freshName();
    const { scope, write } = await open(qdrant({ client: engine.client, collection }));
    await write(...rows("guide", 2));
    const info = await engine.client.getCollection(collection);
    const config = { ...info.config, params: { ...info.config.params, shard_number: 2 } };
    const body = JSON.stringify({ result: { ...info, config }, status: "ok", time: 0 });
    engine.emulator.inject(
      { kind: "answer", status: 200, body },
      { when: ({ method, path }) => method === "GET" && path.endsWith("-0") },
    );
    const searching = qdrant({ client: engine.client, collection }).search(
      { scope, limit: 1, lexical: terms({ 1: 1 }) },
      { signal: new AbortController().signal },
    );
    const error = await rejection(searching);
    expect(error).toMatchObject({ name: "UnsupportedError" });
    expect(String(error)).toContain("was made for the idf of one shard");
  });

  test("a tenant that has written nothing has no shards, and finds nothing", async () => {
    const index = await open(cluster.emptyStore({ shardKeyPerTenant: true }));
    const nobody = index.forTenant("nobody");
    const query = { limit: 5, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }), statistics: true };
    expect(await nobody.search(query)).toEqual({
      dense: [],
      lexical: [],
      chunks: new Map(),
      statistics: { chunks: 0, frequencies: [0] },
    });
    expect(await nobody.list({ limit: 5 })).toEqual([]);
    expect(await nobody.read("guide")).toEqual([]);
    expect(await nobody.count()).toEqual({ documents: 0, chunks: 0 });
  });
});

function bm25Rows(count: number): readonly ChunkWrite[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, (_, number) => {
    const counts: Record<number, number> = {};
    for (let word = 0; word < 12; word++) counts[Math.floor(random.next() ** 2 * 30)] = 1 + random.below(4);
    const vectorOf = vector(...Array.from({ length: 4 }, () => random.next() - 0.5));
    const legs = number % 7 === 0 ? { vector: vectorOf } : { vector: vectorOf, terms: terms(counts) };
    return row(`document ${number}`, 0, { legs });
  });
}

/** Equal scores but for 32 bits, in the same order but for scores as close as that. */
async function expectSameBm25(there: ScopedStore, here: ScopedStore): Promise<void> {
  for (const counts of [{ 0: 1 }, { 1: 1, 5: 2 }, { 0: 1, 7: 1, 13: 1, 29: 1 }, { 2: 1, 999: 1 }]) {
    const query = { limit: 40, lexical: terms(counts), dense: { vector: vector(1, 2, 3, 4) }, statistics: true };
    const [received, expected] = [await there.search(query), await here.search(query)];
    expect(received.statistics).toEqual(expected.statistics);
    for (const leg of ["lexical", "dense"] as const) {
      expect(received[leg]?.length).toBe(expected[leg]?.length);
      const scores = new Map(expected[leg]?.map(({ id, score }) => [id, score]));
      received[leg]?.forEach(({ id, score }, place) => {
        expect(score).toBeCloseTo(expected[leg]?.[place]?.score ?? Number.NaN, 4);
        expect(score).toBeCloseTo(scores.get(id) ?? score, 4);
      });
    }
  }
}
