import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contractProblems } from "./emulator/contract.ts";
import { engines, type OpenEngine } from "./engines.ts";

describe.each(engines)("the client's calls on $name", ({ open }) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  test("create, write, query, scroll, alias; every request is valid", async () => {
    const { client, emulator } = engine;
    const name = engine.freshName();
    await client.createCollection(name, {
      vectors: { dense: { size: 2, distance: "Cosine" } },
      sparse_vectors: { bm25: { modifier: "idf" } },
    });
    await client.upsert(name, {
      wait: true,
      points: [
        { id: 1, vector: { dense: [3, 4] }, payload: { n: 1 } },
        { id: 2, vector: { dense: [1, 0], bm25: { indices: [7], values: [2] } }, payload: { n: 2 } },
      ],
    });
    const dense = await client.query(name, { query: [1, 0], using: "dense", with_payload: true });
    expect(dense.points.map(({ id, score, payload }) => [id, Math.fround(score), payload])).toEqual([
      [2, 1, { n: 2 }],
      [1, Math.fround(0.6), { n: 1 }],
    ]);
    const sparse = await client.query(name, { query: { indices: [7], values: [1] }, using: "bm25" });
    expect(sparse.points.map(({ score }) => score)).toEqual([expect.closeTo(2 * Math.log(1 + 0.5 / 1.5), 5)]);
    const alias = engine.freshName();
    await client.updateCollectionAliases({ actions: [{ create_alias: { collection_name: name, alias_name: alias } }] });
    expect((await client.scroll(alias, { limit: 1 })).next_page_offset).toBe(2);
    expect(contractProblems(emulator?.requests ?? [])).toEqual([]);
  });
});
