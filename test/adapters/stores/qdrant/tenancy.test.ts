import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateFilter } from "../../../../src/filter/evaluate.ts";
import { open, row, spec, terms, uuid, vector } from "../../../../src/testing/store-rows.ts";
import type { FilterTree, StoredMetadata } from "../../../../src/types.ts";
import { expectHostileFiltersExact, hostileNames as names, hostileRuns, hostileValues as values } from "../hostile.ts";
import { expectNoForeignRows } from "../tenancy.ts";
import { engines, openEmulator, type OpenEngine } from "./engines.ts";

describe.each([
  ...engines,
  { name: "a cluster with a shard key for each tenant", open: () => openEmulator({ nodes: 3 }), keyed: true },
])("attacks on a tenant on $name", (tried) => {
  const options = "keyed" in tried ? { shardKeyPerTenant: true, shards: 2 } : {};
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await tried.open();
  });
  afterAll(() => engine.close());

  test("filters, ids and names reach no foreign row, count or score", async () => {
    await expectNoForeignRows(engine.emptyStore(options));
  });

  test("one chunk id in two tenants is two chunks", async () => {
    const root = await open(engine.emptyStore(options));
    const [acme, rival] = [root.forTenant("acme"), root.forTenant("rival")];
    await acme.write(row("guide", 0, { text: "of acme" }));
    await rival.write(row("guide", 0, { text: "of rival" }), row("guide", 1));
    await root.write(row("guide", 0, { text: "of none" }));
    expect((await acme.read("guide")).map(({ text }) => text)).toEqual(["of acme"]);
    await rival.erase("guide");
    expect((await acme.readChunks(row("guide", 0).id)).map(({ text }) => text)).toEqual(["of acme"]);
    expect(await root.count()).toEqual({ documents: 1, chunks: 1 });
  });

  test("no tenant is none of the names that it might be taken for", async () => {
    const root = await open(engine.emptyStore(options));
    await root.write(row("guide", 0));
    for (const name of ["-", "=", "null", "=-", " "]) {
      expect(await root.forTenant(name).count(), name).toEqual({ documents: 0, chunks: 0 });
      await root.forTenant(name).write(row("guide", 0, { id: uuid(name) }));
    }
    expect(await root.count()).toEqual({ documents: 1, chunks: 1 });
    await expect(root.forTenant("").count()).rejects.toMatchObject({ name: "ScopeError" });
    await expect(root.forTenant("a\ud800").count()).rejects.toMatchObject({ name: "UnsupportedError" });
  });
});

describe.each(engines)("hostile filters on $name", ({ open: openEngine }) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await openEngine();
  });
  afterAll(() => engine.close());

  test("odd names and values have the exact answer", async () => {
    const index = await open(engine.emptyStore());
    const rowsOf = names.map((name, number): readonly [string, StoredMetadata] => [
      name,
      Object.fromEntries([
        [name, values[number % values.length] ?? ""],
        ["number", number / 3],
      ]),
    ]);
    const written = rowsOf.map(([name, metadata], number) =>
      row(`document ${number}`, 0, { id: uuid(name), metadata }),
    );
    await index.write(...written);
    expect((await index.read(...written.map(({ documentId }) => documentId))).map(({ metadata }) => metadata)).toEqual(
      written.map(({ metadata }) => metadata),
    );
    const trees = names.flatMap((field): readonly FilterTree[] => [
      { op: "exists", field },
      { op: "not", part: { op: "exists", field } },
      { op: "in", field, kind: "string", values: ["a", "\0", '"'] },
      { op: "prefix", field, value: "" },
      { op: "prefix", field, value: "\\" },
    ]);
    for (const filter of trees) {
      const expected = written.filter(({ metadata }) => evaluateFilter(filter, metadata)).map(({ id }) => id);
      const { lexical } = await index.search({ limit: 50, filter, lexical: terms({ 1: 1 }) });
      expect(
        lexical?.map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual(expected.toSorted());
    }
  });

  test(`${hostileRuns} random ones have the exact answer, or are refused by a typed error`, async () => {
    await expectHostileFiltersExact(engine.emptyStore());
  });

  test("what cannot be sent is refused in a filter, and absent as an id", async () => {
    const { read, readChunks, search } = await open(engine.emptyStore());
    for (const text of ["\ud800", "a\udfffb"]) {
      expect(await read(text)).toEqual([]);
      expect(await readChunks(text)).toEqual([]);
      for (const filter of [
        { op: "in", field: "product", kind: "string", values: [text] },
        { op: "in", field: text, kind: "string", values: ["a"] },
        { op: "in", field: "year", kind: "number", values: [Number.NaN] },
        { op: "prefix", field: "product", value: text },
        { op: "exists", field: text },
        { op: "range", field: "year", kind: "number" },
        { op: "range", field: "year", kind: "number", gte: Number.NaN },
        { op: "range", field: "year", kind: "number", lt: Number.POSITIVE_INFINITY },
        { op: "range", field: "year", kind: "number", gte: "2024" },
        { op: "range", field: "published", kind: "date", lt: "soon" },
      ] as const) {
        const searching = search({ limit: 1, filter, lexical: terms({ 1: 1 }) });
        await expect(searching, JSON.stringify(filter)).rejects.toMatchObject({ name: "FilterError" });
      }
    }
  });

  test("vectors that a 32-bit float cannot hold, or that have no direction, are refused before they are sent", async () => {
    const index = await open(engine.emptyStore());
    for (const bad of [vector(0, 0, 0, 0), vector(Number.NaN, 0, 0, 0), vector(1e39, 0, 0, 0)]) {
      await expect(index.write(row("bad", 0, { legs: { vector: bad } }))).rejects.toMatchObject({
        name: "AdapterError",
      });
      await expect(index.search({ limit: 1, dense: { vector: bad } })).rejects.toMatchObject({ name: "AdapterError" });
    }
    // The server would keep these as zeros.
    await index.write(row("long", 0, { legs: { vector: vector(3e38, 3e38, 0, 0) } }));
    await index.write(row("short", 0, { legs: { vector: vector(1e-44, 1e-44, 0, 0) } }));
    const { dense } = await index.search({ limit: 5, dense: { vector: vector(1, 1, 0, 0) } });
    expect(dense?.map(({ score }) => score)).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    for (const metric of ["dot", "euclidean"] as const) {
      const other = await open(engine.emptyStore(), { ...spec, dense: { dimensions: 4, metric } });
      const huge = vector(1e19, 0, 0, 0);
      await expect(other.write(row("huge", 0, { legs: { vector: huge } }))).rejects.toThrow("squares add up");
      await expect(other.search({ limit: 1, dense: { vector: huge } })).rejects.toThrow("squares add up");
    }
  });
});
