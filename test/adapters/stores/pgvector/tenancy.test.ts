import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pgvector, type PostgresQueries } from "../../../../adapters/stores/pgvector.ts";
import { randomTree } from "../../../../src/testing/filter-rows.ts";
import { seededRandom } from "../../../../src/testing/random.ts";
import { open, row, rows, type ScopedStore, spec, terms, uuid, vector } from "../../../../src/testing/store-rows.ts";
import { becomeOrdinary, type OpenEngine, openPglite } from "./engines.ts";

const signal = new AbortController().signal;
let engine: OpenEngine;
beforeAll(async () => {
  engine = await openPglite();
});
afterAll(() => engine.close());

function of(tenant: string, documentId: string): ReturnType<typeof row> {
  return row(documentId, 0, { id: uuid(`${tenant} / ${documentId}`), context: tenant, metadata: { tenant } });
}

describe("attacks on a tenant", () => {
  test("filters, ids and names reach no foreign row, count or score", async () => {
    const root = await open(engine.emptyStore({ table: "attacked" }));
    const acme = root.forTenant("acme");
    await acme.write(of("acme", "guide"));
    const query = { limit: 50, lexical: terms({ 1: 1 }), dense: { vector: vector(1, 0, 0, 0) }, statistics: true };
    const alone = await acme.search(query);
    await root.forTenant("rival").write(...Array.from({ length: 20 }, (_, number) => of("rival", `secret ${number}`)));
    await root.write(of("", "unscoped"));
    expect(await acme.search(query)).toEqual(alone);

    const random = seededRandom(404);
    const hostile = [
      "rival",
      "",
      "' OR TRUE --",
      "acme' OR tenant = 'rival",
      "%",
      "*",
      '{"$ne":null}',
      "\\",
      "$1",
      "__proto__",
    ];
    for (let run = 0; run < 400; run++) {
      const text = random.pick(hostile as [string, ...string[]]);
      const field = random.pick(["tenant", "id", text, "tenant' IS NOT NULL OR '"]);
      const filter = random.pick([
        { op: "in", field, kind: "string", values: [text, "rival"] } as const,
        { op: "not", part: { op: "prefix", field, value: text } } as const,
        { op: "or", parts: [{ op: "always" }, { op: "exists", field }] } as const,
        randomTree(random),
      ]);
      const about = JSON.stringify(filter);
      const answer = await acme.search({ ...query, filter });
      expect(
        [...answer.chunks.values()].filter(({ context }) => context !== "acme"),
        about,
      ).toEqual([]);
      expect(answer.statistics, about).toEqual(alone.statistics);
      expect((await acme.count(filter)).chunks, about).toBeLessThanOrEqual(1);
      expect(await acme.list({ filter, limit: 5 }), about).not.toContainEqual(
        expect.objectContaining({ id: "secret 1" }),
      );
      expect(await acme.read(text, "secret 1", "unscoped"), about).toEqual([]);
      expect(await acme.readChunks(text, of("rival", "secret 1").id), about).toEqual([]);
    }
    await acme.erase(...hostile, "secret 1", "unscoped");
    expect(await root.forTenant("rival").count()).toEqual({ documents: 20, chunks: 20 });
    expect(await root.count()).toEqual({ documents: 1, chunks: 1 });
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
