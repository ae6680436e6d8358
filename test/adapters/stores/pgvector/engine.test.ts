import { PGlite } from "@electric-sql/pglite";
import { vector as vectorExtension } from "@electric-sql/pglite-pgvector";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namesOf } from "../../../../adapters/stores/pgvector/names.ts";
import { postgresStore } from "../../../../adapters/stores/pgvector/store.ts";
import { type PostgresClient, type PostgresQueries, pgvector } from "../../../../adapters/stores/pgvector.ts";
import { seededRandom } from "../../../../src/testing/random.ts";
import { denseRanking } from "../../../../src/testing/ranking.ts";
import { open, row, rows, spec, terms, vector } from "../../../../src/testing/store-rows.ts";
import type { ChunkWrite, IndexSpec, Store } from "../../../../src/types.ts";
import { type OpenEngine, openPglite } from "./engines.ts";

const signal = new AbortController().signal;
let engine: OpenEngine;
beforeAll(async () => {
  engine = await openPglite();
});
afterAll(() => engine.close());

/** Ranks nothing one by one that an index could find. */
function indexedStore(table: string, client: PostgresClient = engine.client): Store {
  const names = namesOf({ schema: "public", table });
  return postgresStore({ client, names, index: "hnsw", rowLevelSecurity: false, exactRows: 0 });
}

/** A client that notes every statement, and may change it. */
function listening(change = (text: string): string => text): {
  readonly client: PostgresClient;
  readonly statements: string[];
} {
  const statements: string[] = [];
  const inner = engine.client as PGlite;
  const noted = (queries: Pick<PGlite, "query">) => ({
    query: (text: string, values?: unknown[]) => {
      statements.push(text);
      return queries.query<Record<string, unknown>>(change(text), values);
    },
  });
  return {
    statements,
    client: { ...noted(inner), transaction: (run) => inner.transaction((each) => run(noted(each))) },
  };
}

describe("what is created", () => {
  test("nothing before `prepare`, and nothing by a search that finds nothing", async () => {
    const { client, statements } = listening();
    const store = pgvector({ client, table: "untouched", schema: "elsewhere" });
    expect(statements).toEqual([]);
    await expect(store.prepare(spec, { signal, create: false })).resolves.toBeUndefined();
    expect(statements.filter((text) => !text.startsWith("SELECT"))).toEqual([]);
    await open(store);
    const { rows: found } = await client.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'elsewhere' ORDER BY 1",
    );
    expect(found).toEqual([{ tablename: "untouched" }, { tablename: "untouched_1" }]);
    statements.length = 0;
    await open(store);
    expect(statements.filter((text) => !text.startsWith("SELECT"))).toEqual([]);
  });

  test("a staged generation gets its vector index when it is published", async () => {
    const { client, statements } = listening();
    const index = await open(pgvector({ client, table: "staged" }), spec, true);
    await index.write(...rows("guide", 3));
    expect(statements.filter((text) => text.includes("hnsw (vector"))).toEqual([]);
    await pgvector({ client, table: "staged" }).publish(index.scope.generation, { signal });
    expect(statements.filter((text) => text.includes("hnsw (vector"))).toHaveLength(1);
  });

  test("a staged generation that was forgotten goes with the next one", async () => {
    const store = engine.emptyStore({ table: "forgotten" });
    const first = await open(store, spec, true);
    const second = await open(store, spec, true);
    await engine.client.query("UPDATE forgotten SET created_at = now() - interval '8 days' WHERE generation = 1");
    await store.publish(second.scope.generation, { signal });
    await expect(first.count()).rejects.toThrow('generation "1" is not there; it may have been retired');
    expect(await second.count()).toEqual({ documents: 0, chunks: 0 });
  });

  test("an index none is none, until it is asked for", async () => {
    const tables = { table: "plain" };
    const index = await open(engine.emptyStore({ ...tables, index: "none" }));
    await index.write(...rows("guide", 3));
    const indexes = async (): Promise<number> =>
      (await engine.client.query("SELECT 1 FROM pg_indexes WHERE indexname = 'plain_1_vector'")).rows.length;
    expect(await indexes()).toBe(0);
    await open(engine.emptyStore(tables));
    expect(await indexes()).toBe(1);
  });
});

describe("where it halts", () => {
  test("without the extension", async () => {
    const bare = await PGlite.create({ extensions: { vector: vectorExtension } });
    const store = pgvector({ client: bare });
    await expect(store.prepare(spec, { signal })).rejects.toMatchObject({
      name: "ConfigError",
      message: "client: the extension vector is not in this database. Run CREATE EXTENSION vector; there.",
    });
    const { rows: made } = await bare.query("SELECT 1 FROM pg_tables WHERE tablename LIKE 'groundline%'");
    expect(made).toEqual([]);
    await bare.close();
  });

  test.each([
    [
      { encoding: "UTF8", visible: true, version: "0.7.4" },
      "expected the extension vector 0.8 or later, received 0.7.4",
    ],
    [{ encoding: "UTF8", visible: false, version: "0.8.0" }, "not on the search_path"],
    [{ encoding: "LATIN1", visible: true, version: "0.8.0" }, "expected a database in UTF8, received one in LATIN1"],
    [{ encoding: "UTF8", visible: false }, "does not have the extension vector (pgvector)"],
  ])("on a server like %o", async (server, message) => {
    const answering: PostgresQueries & { transaction<T>(run: (each: PostgresQueries) => Promise<T>): Promise<T> } = {
      query: (text: string) => Promise.resolve({ rows: text.includes("server_encoding") ? [server] : [] }),
      transaction: (run) => run(answering),
    };
    await expect(pgvector({ client: answering }).prepare(spec, { signal })).rejects.toMatchObject({
      name: "ConfigError",
    });
    await expect(pgvector({ client: answering }).prepare(spec, { signal })).rejects.toThrow(message);
  });

  test("at tables of a later release", async () => {
    await open(engine.emptyStore({ table: "later" }));
    await engine.client.query("UPDATE later SET layout = 99");
    await expect(engine.emptyStore({ table: "later" }).prepare(spec, { signal })).rejects.toThrow(
      "generation 1 was written by a later release",
    );
  });

  test("at what it cannot hold", async () => {
    const huge = { ...spec, dense: { dimensions: 16_001, metric: "cosine" } } as const;
    await expect(engine.emptyStore().prepare(huge, { signal })).rejects.toMatchObject({ name: "UnsupportedError" });
    const index = await open(engine.emptyStore());
    const ids = Uint32Array.from({ length: 16_001 }, (_, id) => id);
    const wordy = row("wordy", 0, { legs: { terms: { ids, counts: ids.map(() => 1) } } });
    await expect(index.write(wordy)).rejects.toMatchObject({ name: "UnsupportedError" });
    await expect(index.forTenant("t".repeat(1_001)).count()).rejects.toMatchObject({ name: "UnsupportedError" });
    await expect(index.forTenant("").count()).rejects.toMatchObject({ name: "ScopeError" });
    for (const zero of [vector(0, 0, 0, 0), vector(Number.NaN, 0, 0, 0)]) {
      await expect(index.write(row("zero", 0, { legs: { vector: zero } }))).rejects.toMatchObject({
        name: "AdapterError",
      });
      await expect(index.search({ limit: 1, dense: { vector: zero } })).rejects.toMatchObject({ name: "AdapterError" });
    }
    for (const generation of ["7", "1; DROP TABLE x", "-1", "", "1e9", "01"]) {
      const scope = { generation, tenant: null };
      await expect(engine.emptyStore().count(scope, undefined, { signal })).rejects.toThrow("is not there");
    }
  });
});

describe("long and odd ids", () => {
  test("a document id of any length is read, listed in order and replaced", async () => {
    const index = await open(engine.emptyStore());
    const ids = ["x", "y"].map((end) => "long ".repeat(2_000) + end);
    await index.write(...ids.map((id) => row(id, 0)));
    expect((await index.list({ limit: 1 })).map(({ id }) => id)).toEqual(ids);
    await index.erase(ids[0] ?? "");
    expect((await index.read(...ids)).map(({ documentId }) => documentId)).toEqual(ids.slice(1));
  });

  test("documents are listed in the order of JavaScript, page by page", async () => {
    const index = await open(engine.emptyStore());
    const pieces = ["a", "\u{10ffff}", "\ue000", "\uffff", "\u{10000}", "\ud7ff", "\u0001"];
    const ids = pieces.flatMap((a) => pieces.map((b) => a + b));
    await index.write(...ids.map((id) => row(id, 0)));
    expect((await index.list({ limit: 5 })).map(({ id }) => id)).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  });
});

describe("the vector index", () => {
  const random = seededRandom(11);
  const some = (dimensions: number): Float32Array =>
    Float32Array.from({ length: dimensions }, () => random.next() - 0.5);
  const load = (dimensions: number, count: number): readonly ChunkWrite[] =>
    rows("guide", count).map((chunk, number) => ({
      ...chunk,
      metadata: { year: number },
      legs: { vector: some(dimensions) },
    }));

  test.each([
    ["cosine", 16],
    ["dot", 16],
    ["euclidean", 16],
    ["cosine", 2_001],
    ["euclidean", 4_000],
    ["cosine", 4_001],
  ] as const)("finds by %s of %d dimensions what a scan finds", async (metric, dimensions) => {
    const table = `nearest_${metric}_${dimensions}`;
    const given: IndexSpec = { ...spec, dense: { dimensions, metric } };
    const index = await open(indexedStore(table), given);
    const written = load(dimensions, dimensions > 1_000 ? 40 : 400);
    await index.write(...written);
    await engine.client.query(`ANALYZE ${table}_1`);
    for (let run = 0; run < 3; run++) {
      const asked = some(dimensions);
      const expected = denseRanking(written, asked, metric).slice(0, 10);
      const { dense } = await index.search({ limit: 10, dense: { vector: asked } });
      expect(dense?.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      dense?.forEach(({ score }, place) => expect(score).toBeCloseTo(expected[place]?.score ?? Number.NaN, 4));
    }
  });

  test("leaves the settings of the connection as they were", async () => {
    const index = await open(indexedStore("settings"));
    await index.write(...rows("guide", 20));
    await index.search({ limit: 5, dense: { vector: vector(1, 0, 0, 0) } });
    const { rows: left } = await engine.client.query("SELECT current_setting('hnsw.ef_search') AS value");
    expect(left).toEqual([{ value: "40" }]);
  });

  // The planner is left no other way than the index.
  const forced = ["seqscan", "bitmapscan", "sort"].map((way) => `set_config('enable_${way}', 'off', true)`).join(", ");
  test.each([
    ["goes on until enough have passed the filter", "'relaxed_order'", 1],
    ["gives up early, and all are ranked after all", "'off'", 2],
  ])("%s", async (_what, scan, searches) => {
    const { client, statements } = listening((text) =>
      text
        .replace("'relaxed_order'", scan)
        .replace("'200'", "'10'")
        .replace("SELECT set_config('hnsw", `SELECT ${forced}, set_config('hnsw`),
    );
    const index = await open(indexedStore(`far_${searches}`, client));
    const near = rows("near", 300, { metadata: { product: "web" } });
    const far = rows("far", 30, { metadata: { product: "api" } });
    const at = (chunk: ChunkWrite, x: number, y: number): ChunkWrite => ({
      ...chunk,
      legs: { vector: vector(x, y, 0, 0) },
    });
    await index.write(
      ...near.map((chunk, y) => at(chunk, 1, y / 1_000)),
      ...far.map((chunk, y) => at(chunk, -1, y / 1_000)),
    );
    statements.length = 0;
    const filter = { op: "in", field: "product", kind: "string", values: ["api"] } as const;
    const { dense } = await index.search({ limit: 25, filter, dense: { vector: vector(1, 0, 0, 0) } });
    expect(dense).toHaveLength(25);
    expect(statements.filter((text) => text.includes("dense AS"))).toHaveLength(searches);
  });

  test("where there is none, ties are cut by id too", async () => {
    const index = await open(engine.emptyStore({ index: "none" }));
    const tied = rows("tied", 30);
    await index.write(...tied);
    const { dense } = await index.search({ limit: 10, dense: { vector: vector(1, 0, 0, 0) } });
    expect(dense?.map(({ id }) => id)).toEqual(
      tied
        .map(({ id }) => id)
        .toSorted()
        .slice(0, 10),
    );
  });
});

describe("the text of statements", () => {
  test("depends on the shape of a query, not on its values", async () => {
    const { client, statements } = listening();
    const index = await open(pgvector({ client, table: "shapes" }));
    const texts = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
      statements.length = 0;
      await work();
      return [...statements];
    };
    const search = (year: number, name: string) => () =>
      index.search({
        limit: year,
        dense: { vector: vector(year, 1, 0, 0) },
        lexical: terms({ [year]: 1 }),
        filter: {
          op: "and",
          parts: [
            { op: "in", field: name, kind: "string", values: [name, `${year}`].slice(0, (year % 2) + 1) },
            { op: "not", part: { op: "range", field: name, kind: "number", gte: year } },
            {
              op: "or",
              parts: [
                { op: "prefix", field: name, value: name },
                { op: "exists", field: name },
              ],
            },
          ],
        },
      });
    const first = await texts(search(1, "a"));
    expect(await texts(search(2, `'; DROP TABLE shapes; -- "$1 \\`))).toEqual(first);
    expect(await texts(() => index.write(row("a", 0), row("b", 0)))).toEqual(
      await texts(() => index.write(row("it's", 0))),
    );
  });
});
