import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pgvector } from "../../../../adapters/stores/pgvector.ts";
import { open, row, rows, type ScopedStore, spec, terms, vector } from "../../../../src/testing/store-rows.ts";

/** What only a server has: several connections at once, and statements that can be cancelled. */

const connectionString = process.env["GROUNDLINE_PG_URL"];
if (connectionString === undefined) console.log("GROUNDLINE_PG_URL is not set: no tests of pools on a server.");

describe.runIf(connectionString !== undefined)("pgvector on a pool", () => {
  const schema = `groundline_pool_${process.pid}_${Date.now().toString(36)}`;
  let pool: pg.Pool;
  /** One that looks on, and one that locks: inside a transaction the list of what runs stands still. */
  let watcher: pg.Client;
  let locker: pg.Client;
  beforeAll(async () => {
    pool = new pg.Pool({ connectionString, max: 4 });
    watcher = new pg.Client({ connectionString });
    locker = new pg.Client({ connectionString });
    await Promise.all([watcher.connect(), locker.connect()]);
  });
  afterAll(async () => {
    await watcher.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await Promise.all([watcher.end(), locker.end()]);
    await pool.end();
  });

  const table = (name: string): Promise<ScopedStore> => open(pgvector({ client: pool, schema, table: name }));
  const expectIdle = (): void => expect([pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0]);
  const waitingFor = async (name: string): Promise<number> => {
    const { rows: found } = await watcher.query(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
      [`%${schema}%${name}%`],
    );
    return found.length;
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) {
      if (await holds()) return;
      await setTimeout(20);
    }
    throw new Error("waited for nothing");
  };

  test("sixteen processes prepare one index", async () => {
    const pools = Array.from({ length: 16 }, () => new pg.Pool({ connectionString, max: 1 }));
    const opened = await Promise.all(
      pools.map((client) => open(pgvector({ client, schema: `${schema}_many`, table: "many" }))),
    );
    expect(new Set(opened.map(({ scope }) => scope.generation))).toEqual(new Set(["1"]));
    await watcher.query(`DROP SCHEMA ${schema}_many CASCADE`);
    await Promise.all(pools.map((each) => each.end()));
  });

  test("an abort cancels what runs on the server, also in a pool of one connection", async () => {
    const small = new pg.Pool({ connectionString, max: 1 });
    for (const client of [pool, small]) {
      const index = await open(pgvector({ client, schema, table: "aborted" }));
      await index.write(...rows("guide", 2));
      const store = pgvector({ client, schema, table: "aborted" });
      const query = { scope: index.scope, limit: 1, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) };
      for (const call of [
        (signal: AbortSignal) => store.count(index.scope, undefined, { signal }),
        (signal: AbortSignal) => store.search(query, { signal }),
        (signal: AbortSignal) =>
          store.replace({ scope: index.scope, documents: [{ id: "guide", chunks: [] }] }, { signal }),
      ]) {
        await locker.query(`BEGIN; LOCK TABLE ${schema}.aborted_1 IN ACCESS EXCLUSIVE MODE`);
        const controller = new AbortController();
        const reason = new Error("gone");
        const work = call(controller.signal).catch((error: unknown) => error);
        await until(async () => (await waitingFor("aborted_1")) > 0);
        controller.abort(reason);
        expect(await work).toBe(reason);
        await until(async () => (await waitingFor("aborted_1")) === 0);
        await locker.query("ROLLBACK");
      }
      expect(await index.count()).toEqual({ documents: 1, chunks: 2 });
      expect(client.totalCount - client.idleCount).toBe(0);
    }
    await small.end();
    expectIdle();
  });

  test("a connection that the server ends is an error to retry, and the next call works", async () => {
    const index = await table("ended");
    await index.write(...rows("guide", 2));
    await locker.query(`BEGIN; LOCK TABLE ${schema}.ended_1 IN ACCESS EXCLUSIVE MODE`);
    const work = index.write(row("guide", 0)).catch((error: unknown) => error);
    await until(async () => (await waitingFor("ended_1")) > 0);
    await watcher.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
      [`%${schema}%ended_1%`],
    );
    expect(await work).toMatchObject({ name: "AdapterError", retryable: true });
    await locker.query("ROLLBACK");
    expect(await index.count()).toEqual({ documents: 1, chunks: 2 });
    expectIdle();
  });

  test("a statement timeout of the caller's is an error to retry", async () => {
    const index = await table("timed");
    const hurried = new pg.Pool({ connectionString, max: 2, statement_timeout: 50 });
    await locker.query(`BEGIN; LOCK TABLE ${schema}.timed_1 IN ACCESS EXCLUSIVE MODE`);
    const store = pgvector({ client: hurried, schema, table: "timed" });
    const signal = new AbortController().signal;
    await expect(store.count(index.scope, undefined, { signal })).rejects.toMatchObject({
      retryable: true,
      cause: { code: "57014" },
    });
    await locker.query("ROLLBACK");
    expect(hurried.totalCount - hurried.idleCount).toBe(0);
    await hurried.end();
  });

  test("writers of one document come one after the other", async () => {
    const index = await table("contested");
    const sizes = Array.from({ length: 9 }, (_, number) => 1 + (number % 6));
    const versions = sizes.map((size, version) => {
      const chunks = rows("guide", size, { text: `version ${version}`, documentHash: `hash ${version}` });
      return chunks.map((chunk) => ({ ...chunk, id: `${chunk.id}-${version % 3}` }));
    });
    await Promise.all(versions.map((version) => index.write(...version)));
    const found = await index.read("guide");
    const texts = new Set(found.map(({ text }) => text));
    expect(texts.size).toBe(1);
    expect(found).toHaveLength(sizes[Number([...texts][0]?.slice(8))] ?? -1);
    expect(await index.count()).toEqual({ documents: 1, chunks: found.length });
    expectIdle();
  });

  test("writers of many documents in any order never wait for each other", async () => {
    const index = await table("crossed");
    const ids = Array.from({ length: 20 }, (_, number) => `document ${number}`);
    const orders = [ids, ids.toReversed(), ids.toSorted(), ids.slice(7).concat(ids.slice(0, 7))];
    for (let round = 0; round < 3; round++) {
      await Promise.all(orders.map((order) => index.write(...order.flatMap((id) => rows(id, 3)))));
    }
    expect(await index.count()).toEqual({ documents: 20, chunks: 60 });
    expectIdle();
  });

  test("whoever searches while a generation is published and the old one retired gets one of them, whole", async () => {
    const old = await table("switched");
    await old.write(...rows("guide", 4));
    const store = pgvector({ client: pool, schema, table: "switched" });
    const fresh = await open(store, spec, true);
    await fresh.write(...rows("guide", 6));
    const searching = Array.from({ length: 30 }, async () => {
      const now = await open(pgvector({ client: pool, schema, table: "switched" }));
      const { lexical } = await now.search({ limit: 10, lexical: terms({ 1: 1 }) });
      return lexical?.length;
    });
    await store.publish(fresh.scope.generation, fresh.options);
    expect((await Promise.all(searching)).filter((count) => count !== 4 && count !== 6)).toEqual([]);
    await store.retire(old.scope.generation, old.options);
    await expect(old.count()).rejects.toThrow("is not there; it may have been retired");
    expectIdle();
  });
});
