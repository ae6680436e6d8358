import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pgvector, type PostgresQueries } from "../../../../adapters/stores/pgvector.ts";
import { open, rows, type ScopedStore, spec, terms } from "../../../../src/testing/store-rows.ts";
import { expectHostileFiltersExact, hostileRuns } from "../hostile.ts";
import { expectNoForeignRows, of } from "../tenancy.ts";
import { becomeOrdinary, type OpenEngine, openPglite } from "./engines.ts";

const signal = new AbortController().signal;
let engine: OpenEngine;
beforeAll(async () => {
  engine = await openPglite();
});
afterAll(() => engine.close());

describe("attacks on a tenant", () => {
  test("filters, ids and names reach no foreign row, count or score", async () => {
    await expectNoForeignRows(engine.emptyStore({ table: "attacked" }));
  });

  test(`${hostileRuns} hostile filters have the exact answer, or are refused by a typed error`, async () => {
    await expectHostileFiltersExact(engine.emptyStore({ table: "hostile" }), (text) => !text.includes("\0"));
  });

  test("what Postgres cannot hold is refused in a filter, and absent as an id", async () => {
    const { read, readChunks, search } = await open(engine.emptyStore());
    for (const text of ["a\0", "\ud800", "a\udfffb"]) {
      expect(await read(text)).toEqual([]);
      expect(await readChunks(text)).toEqual([]);
      for (const filter of [
        { op: "in", field: "product", kind: "string", values: [text] },
        { op: "in", field: text, kind: "string", values: ["a"] },
        { op: "prefix", field: "product", value: text },
        { op: "exists", field: text },
        { op: "range", field: "year", kind: "number", gte: Number.NaN },
        { op: "range", field: "year", kind: "number", gte: "2024" },
        { op: "range", field: "published", kind: "date", lt: "soon" },
      ] as const) {
        await expect(search({ limit: 1, filter, lexical: terms({ 1: 1 }) })).rejects.toMatchObject({
          name: "FilterError",
        });
      }
    }
  });
});

describe("row-level security", () => {
  let secured: OpenEngine;
  let root: ScopedStore;
  beforeAll(async () => {
    secured = await openPglite();
    await becomeOrdinary(secured.client);
    root = await open(secured.emptyStore({ table: "secured", rowLevelSecurity: true }));
    await root.forTenant("acme").write(of("acme", "guide"));
    await root.forTenant("rival").write(of("rival", "guide"), of("rival", "secret"));
    await root.write(of("", "unscoped"));
  });
  afterAll(() => secured.close());

  /** Raw SQL, with the setting made as an application would, or not made. */
  const raw = (tenant: string | undefined, text: string): Promise<readonly Record<string, unknown>[]> => {
    const { client } = secured;
    if (!("transaction" in client)) throw new Error("expected PGlite");
    return client.transaction(async (each: PostgresQueries) => {
      if (tenant !== undefined) await each.query("SELECT set_config('groundline.tenant', $1, true)", [tenant]);
      return (await each.query(text)).rows;
    });
  };

  test.each([
    [undefined, []],
    ["", []],
    ["acme", []],
    ["=", [""]],
    ["=acme", ["acme"]],
    ["=rival", ["rival", "rival"]],
    ["=nobody", []],
  ])("raw SQL under the setting %o reads %o", async (tenant, expected) => {
    const found = await raw(tenant, "SELECT tenant FROM secured_1");
    expect(found.map((each) => each["tenant"])).toEqual(expected);
    expect(await raw(tenant, "SELECT count(*)::int AS n FROM secured_1")).toEqual([{ n: expected.length }]);
  });

  test("raw SQL writes, changes and deletes nothing of another tenant", async () => {
    const copied =
      'INSERT INTO secured_1 SELECT (jsonb_populate_record(c, \'{"tenant":"rival","id":"x"}\')).* FROM secured_1 AS c';
    await expect(raw("=acme", copied)).rejects.toMatchObject({ code: "42501" });
    await expect(raw("=acme", "UPDATE secured_1 SET tenant = 'rival'")).rejects.toMatchObject({ code: "42501" });
    expect(await raw("=acme", "UPDATE secured_1 SET text = 'x' WHERE tenant = 'rival' RETURNING id")).toEqual([]);
    expect(await raw("=acme", "DELETE FROM secured_1 WHERE tenant = 'rival' RETURNING id")).toEqual([]);
    expect(await root.forTenant("rival").count()).toEqual({ documents: 2, chunks: 2 });
  });

  test("both sides must agree on it", async () => {
    const { emptyStore } = secured;
    const without = emptyStore({ table: "secured", rowLevelSecurity: false });
    await expect(without.prepare(spec, { signal })).rejects.toThrow("rowLevelSecurity: expected true");
    const plain = await open(emptyStore({ table: "plain" }));
    await plain.forTenant("acme").write(...rows("guide", 2));
    const secure = pgvector({ client: secured.client, table: "plain", rowLevelSecurity: true });
    await expect(secure.prepare(spec, { signal, create: false })).rejects.toThrow("prepared without it");
    const now = await open(secure);
    expect(await raw(undefined, "SELECT 1 FROM plain_1")).toEqual([]);
    expect(await now.forTenant("acme").count()).toEqual({ documents: 1, chunks: 2 });
  });
});
