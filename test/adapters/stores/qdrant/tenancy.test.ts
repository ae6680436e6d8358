import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateFilter } from "../../../../src/filter/evaluate.ts";
import { seededRandom } from "../../../../src/testing/random.ts";
import { open, row, spec, terms, uuid, vector } from "../../../../src/testing/store-rows.ts";
import type { FilterTree, StoredMetadata } from "../../../../src/types.ts";
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

/** Raised by hand for longer runs. */
const hostileRuns = Number(process.env["GROUNDLINE_HOSTILE_RUNS"] ?? 400);

describe.each(engines)("hostile filters on $name", ({ open: openEngine }) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await openEngine();
  });
  afterAll(() => engine.close());

  const names = [
    "a.b",
    "a[0]",
    "a[]",
    'q"q',
    "back\\slash",
    "%",
    "%25",
    "",
    " ",
    "$and",
    "__proto__",
    "constructor",
    "\u00e9",
    "a\0b",
    "'; --",
    "tenant",
    "document",
    "x".repeat(500),
  ];
  const values = ["", "a", "\0", "null", '"', "\\", "\u{1f642}", "{}", "%", "a.b", "2024-01-01T00:00:00.000Z"];

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
    const random = seededRandom(813);
    const texts: [string, ...string[]] = ["", ...values, ...names, "\ud800", "a\udfff"];
    const numbers = [0, -0, 1, 0.1, 1e21, -1e308, 5e-324, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY] as const;
    const dates = ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2024-02-30", "soon"] as const;
    const kinds = ["string", "number", "boolean", "date"] as const;
    const valueOf = (kind: (typeof kinds)[number]): string | number | boolean => {
      if (random.next() < 0.1) return random.pick<string | number | boolean>([1, true, ...texts]);
      if (kind === "string") return random.pick(texts);
      if (kind === "number") return random.pick(numbers);
      return kind === "boolean" ? random.next() < 0.5 : random.pick(dates);
    };
    const fields: [string, ...string[]] = ["number", "flag", "at", "list", ...names];
    const leaf = (): FilterTree => {
      const [field, kind] = [random.pick(fields), random.pick(kinds)];
      const some = Array.from({ length: random.below(4) }, () => valueOf(kind));
      const range = { op: "range", field, kind: random.next() < 0.5 ? "number" : "date" } as const;
      return random.pick<FilterTree>([
        { op: "exists", field },
        { op: "in", field, kind, values: some },
        { op: "prefix", field, value: random.pick(texts) },
        { ...range, gte: valueOf(range.kind) },
        { ...range, gt: valueOf(range.kind), lte: valueOf(range.kind) },
      ] as const);
    };
    const tree = (depth: number): FilterTree => {
      if (depth === 0 || random.next() < 0.4) return leaf();
      const parts = Array.from({ length: random.below(4) }, () => tree(depth - 1));
      return random.pick<FilterTree>([
        { op: "and", parts },
        { op: "or", parts },
        { op: "not", part: tree(depth - 1) },
      ] as const);
    };
    const sound = (value: unknown): boolean =>
      typeof value === "string" ? value.isWellFormed() : typeof value !== "number" || Number.isFinite(value);
    const index = await open(engine.emptyStore());
    const written = Array.from({ length: 40 }, (_, number) => {
      const field = random.pick(names as [string, ...string[]]);
      const texted = random.pick(texts);
      const numbered = random.pick(numbers);
      const metadata = Object.fromEntries([
        [field, sound(texted) ? texted : "a"],
        ["number", sound(numbered) && !Object.is(numbered, -0) ? numbered : 0],
        ["flag", number % 2 === 0],
        ["at", random.pick(dates.slice(0, 2) as [string, ...string[]])],
        ["list", ["a", "\u{1f642}"]],
      ]) as StoredMetadata;
      return row(`document ${number}`, 0, { metadata });
    });
    await index.write(...written);
    let refusals = 0;
    for (let run = 0; run < hostileRuns; run++) {
      const filter = tree(2);
      const about = `run ${run}: ${JSON.stringify(filter)}`;
      const answer = await index.search({ limit: 40, filter, lexical: terms({ 1: 1 }) }).catch((error: unknown) => {
        expect(error, about).toMatchObject({ name: "FilterError" });
        refusals++;
      });
      if (answer === undefined) continue;
      const expected = written.filter(({ metadata }) => evaluateFilter(filter, metadata)).map(({ id }) => id);
      expect(
        answer.lexical?.map(({ id }) => id),
        about,
      ).toEqual(expected.toSorted());
    }
    expect(refusals).toBeLessThan(hostileRuns / 2);
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
