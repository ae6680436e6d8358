import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { qdrant } from "../../../../adapters/stores/qdrant.ts";
import { own } from "../../../../src/http/reply.ts";
import { open, row, rows, spec, terms, vector } from "../../../../src/testing/store-rows.ts";
import { rejection } from "../../../rejection.ts";
import { type Emulator, refused } from "./emulator/index.ts";
import { engines, openEmulator, type OpenEngine } from "./engines.ts";

const signal = new AbortController().signal;
const writes = (emulator: Emulator): readonly string[] =>
  emulator.requests
    .filter(
      ({ method, path }) => method !== "GET" && !/\/points\/(?:count|scroll|query\/batch)|\/points(?:\?|$)/.test(path),
    )
    .map(({ method, path }) => `${method} ${path}`);

describe.each(engines)("what the store creates on $name", ({ open: openEngine }) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await openEngine();
  });
  afterAll(() => engine.close());

  const config = async (collection: string): Promise<unknown> =>
    own(await engine.client.getCollection(collection), "config");

  test("nothing before `prepare`, and nothing by a search that finds nothing", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    await expect(store.prepare(spec, { signal, create: false })).resolves.toBeUndefined();
    const { collections } = await engine.client.getCollections();
    expect(collections.filter(({ name }) => name.startsWith(collection))).toEqual([]);
  });

  test("an alias, a collection, what it was built with, and an index for each field", async () => {
    const collection = engine.freshName();
    const index = await open(qdrant({ client: engine.client, collection }));
    const { aliases } = await engine.client.getAliases();
    expect(aliases).toContainEqual({ alias_name: collection, collection_name: index.scope.generation });
    expect(own(own(await config(collection), "metadata"), "groundline")).toMatchObject({ layout: 1, spec });
    const { payload_schema: schema } = await engine.client.getCollection(collection);
    const types = Object.entries(schema).map(([path, schemaOf]) => [path, own(schemaOf, "data_type")]);
    expect(Object.fromEntries(types)).toMatchObject({
      tenant: "keyword",
      document: "keyword",
      first: "bool",
      terms: "integer",
      "metadata.year": "float",
      "metadata.draft": "bool",
      "metadata.published": "datetime",
      "metadata.release-line": "keyword",
    });
    expect(own(schema["tenant"]?.params, "is_tenant")).toBe(true);
    expect(Object.values(schema)).toHaveLength(Object.keys(spec.fields).length + 4);
  });

  test("the next `prepare` writes nothing, another field alone adds its index", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    await open(store);
    engine.emulator?.forget();
    await open(qdrant({ client: engine.client, collection }));
    if (engine.emulator !== undefined) expect(writes(engine.emulator)).toEqual([]);
    const grown = { ...spec, fields: { ...spec.fields, extra: { kind: "number", array: false } } } as const;
    const index = await open(store, grown);
    if (engine.emulator !== undefined) {
      const generation = index.scope.generation;
      expect(writes(engine.emulator)).toEqual([
        `PUT /collections/${generation}/index?wait=true`,
        `PATCH /collections/${generation}`,
      ]);
    }
    expect((await open(qdrant({ client: engine.client, collection }), grown)).spec).toEqual(grown);
  });

  test("an index of another type is refused and left as it is, one that forgot its tenants is made again", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    const { scope } = await open(store);
    await engine.client.createPayloadIndex(scope.generation, {
      field_name: "tenant",
      field_schema: "keyword",
      wait: true,
    });
    await open(store);
    const { payload_schema: schema } = await engine.client.getCollection(collection);
    expect(own(schema["tenant"]?.params, "is_tenant")).toBe(true);
    await engine.client.createPayloadIndex(scope.generation, {
      field_name: "metadata.year",
      field_schema: "integer",
      wait: true,
    });
    const error = await rejection(open(store));
    expect(error).toMatchObject({ name: "ConfigError" });
    expect(String(error)).toContain("expected the index on metadata.year");
    const { payload_schema: after } = await engine.client.getCollection(collection);
    expect(after["metadata.year"]?.data_type).toBe("integer");
  });

  test("it halts at a collection of its name, at an alias of someone else's and at what a later release wrote", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    await engine.client.createCollection(collection, { vectors: { dense: { size: 4, distance: "Cosine" } } });
    expect(String(await rejection(open(store)))).toContain("is a collection of its own");
    await engine.client.deleteCollection(collection);

    const other = engine.freshName();
    await engine.client.createCollection(other, { vectors: { dense: { size: 4, distance: "Cosine" } } });
    const actions = [{ create_alias: { alias_name: collection, collection_name: other } }];
    await engine.client.updateCollectionAliases({ actions });
    expect(String(await rejection(open(store)))).toContain("to be an alias of groundline's");
    await engine.client.updateCollectionAliases({ actions: [{ delete_alias: { alias_name: collection } }] });

    const { scope } = await open(store);
    await engine.client.updateCollection(scope.generation, { metadata: { groundline: { layout: 99 } } });
    expect(await rejection(open(store))).toMatchObject({ name: "ConfigError" });
  });

  test("many who come first make one", async () => {
    const collection = engine.freshName();
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => open(qdrant({ client: engine.client, collection }))),
    );
    expect(new Set(opened.map(({ scope }) => scope.generation))).toEqual(new Set([`${collection}-0`]));
  });

  test("generations before the last two go, staged ones stay for a week", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    const first = await open(store);
    const staged = await open(store, spec, true);
    const forgotten = await open(store, spec, true);
    const record = { layout: 1, spec, createdAt: Date.now() - 8 * 24 * 3_600_000 };
    await engine.client.updateCollection(forgotten.scope.generation, { metadata: { groundline: record } });
    const generations: string[] = [first.scope.generation];
    for (let round = 0; round < 2; round++) {
      const next = await open(store, spec, true);
      await next.write(...rows("guide", 3));
      await store.publish(next.scope.generation, { signal });
      generations.push(next.scope.generation);
    }
    const { collections } = await engine.client.getCollections();
    const left = collections.map(({ name }) => name).filter((name) => name.startsWith(collection));
    expect(left.toSorted()).toEqual([staged.scope.generation, ...generations.slice(1)].toSorted());
    await expect(first.count()).rejects.toThrow("is not there; it may have been retired");
  });
});

describe("a step that is the last", () => {
  let engine: OpenEngine & { readonly emulator: Emulator };
  beforeAll(async () => {
    engine = await openEmulator();
  });
  afterAll(() => engine.close());

  test("`prepare` that dies after any request is finished by the next one", async () => {
    const count = async (): Promise<number> => {
      engine.emulator.forget();
      await open(engine.emptyStore());
      return engine.emulator.requests.length;
    };
    const requests = await count();
    for (let dies = 1; dies < requests; dies++) {
      const collection = engine.freshName();
      engine.emulator.forget();
      engine.emulator.inject(refused(503, "gone"), { times: 100, when: () => engine.emulator.requests.length > dies });
      await rejection(open(qdrant({ client: engine.client, collection })));
      engine.emulator.heal();
      const index = await open(qdrant({ client: engine.client, collection }));
      await index.write(row("guide", 0));
      expect(await index.count()).toEqual({ documents: 1, chunks: 1 });
      const { payload_schema: schema } = await engine.client.getCollection(collection);
      expect(Object.keys(schema)).toHaveLength(Object.keys(spec.fields).length + 4);
    }
  });

  test("one that was begun for something else makes room", async () => {
    const collection = engine.freshName();
    engine.emulator.inject(refused(503, "gone"), { when: ({ path }) => path.startsWith("/collections/aliases") });
    const other = { ...spec, dense: { dimensions: 3, metric: "dot" } } as const;
    await rejection(open(qdrant({ client: engine.client, collection }), other));
    expect((await open(qdrant({ client: engine.client, collection }))).spec).toEqual(spec);
  });

  test("`publish` that dies after any request leaves one of the two live, and goes on when called again", async () => {
    for (let dies = 0; ; dies++) {
      const collection = engine.freshName();
      const store = qdrant({ client: engine.client, collection });
      const old = await open(store);
      await old.write(...rows("guide", 2));
      const next = await open(store, spec, true);
      await next.write(...rows("guide", 3));
      engine.emulator.forget();
      engine.emulator.inject(refused(503, "gone"), { times: 100, when: () => engine.emulator.requests.length > dies });
      const failed = await store.publish(next.scope.generation, { signal }).then(
        () => false,
        () => true,
      );
      engine.emulator.heal();
      const now = await open(qdrant({ client: engine.client, collection }));
      expect(await now.count()).toEqual({
        documents: 1,
        chunks: now.scope.generation === old.scope.generation ? 2 : 3,
      });
      await store.publish(next.scope.generation, { signal });
      expect((await open(store)).scope.generation).toBe(next.scope.generation);
      expect(await old.count()).toEqual({ documents: 1, chunks: 2 });
      if (!failed) break;
    }
  });

  test("`publish` that does not get to switch leaves the previous generation too", async () => {
    const store = engine.emptyStore();
    const first = await open(store);
    await first.write(...rows("guide", 2));
    const [second, third] = [await open(store, spec, true), await open(store, spec, true)];
    await store.publish(second.scope.generation, { signal });
    const isSwitch = ({ method, path }: { method: string; path: string }): boolean =>
      method === "POST" && path.startsWith("/collections/aliases");
    engine.emulator.inject(refused(503, "gone"), { when: isSwitch });
    expect(await rejection(store.publish(third.scope.generation, { signal }))).toMatchObject({ status: 503 });
    expect(await first.count()).toEqual({ documents: 1, chunks: 2 });
  });

  test("a generation whose index lacks rows, or that does not find its own, is not published", async () => {
    const store = engine.emptyStore();
    const live = await open(store);
    const staged = await open(store, spec, true);
    await staged.write(...rows("guide", 3));
    const lacking = {
      kind: "answer",
      status: 200,
      body: JSON.stringify({ result: { count: 2 }, status: "ok", time: 0 }),
    } as const;
    engine.emulator.inject(lacking, {
      when: ({ path, body }) => path.includes("/count") && body.includes('"document"'),
    });
    const error = await rejection(store.publish(staged.scope.generation, { signal }));
    expect(error).toMatchObject({ name: "AdapterError", retryable: true });
    expect(String(error)).toContain("its index on document has 2 of 3 rows");
    const blind = { result: [{ points: [] }, { points: [] }], status: "ok", time: 0 };
    engine.emulator.inject(
      { kind: "answer", status: 200, body: JSON.stringify(blind) },
      { when: ({ path }) => path.includes("/query/batch") },
    );
    expect(String(await rejection(store.publish(staged.scope.generation, { signal })))).toContain(
      "is not found by its own",
    );
    expect((await open(store)).scope.generation).toBe(live.scope.generation);
    await store.publish(staged.scope.generation, { signal });
    expect((await open(store)).scope.generation).toBe(staged.scope.generation);
  });

  test("whoever searches meanwhile gets one generation, whole", async () => {
    const collection = engine.freshName();
    const store = qdrant({ client: engine.client, collection });
    const old = await open(store);
    await old.write(...rows("guide", 4));
    const next = await open(store, spec, true);
    await next.write(...rows("guide", 6));
    const searching = Array.from({ length: 20 }, async () => {
      const now = await open(qdrant({ client: engine.client, collection }));
      const { dense, lexical } = await now.search({
        limit: 10,
        dense: { vector: vector(1, 0, 0, 0) },
        lexical: terms({ 1: 1 }),
      });
      return `${dense?.length} ${lexical?.length}`;
    });
    await store.publish(next.scope.generation, { signal });
    expect((await Promise.all(searching)).filter((found) => found !== "4 4" && found !== "6 6")).toEqual([]);
    await store.retire(old.scope.generation, { signal });
    await expect(old.count()).rejects.toThrow("is not there; it may have been retired");
  });
});
