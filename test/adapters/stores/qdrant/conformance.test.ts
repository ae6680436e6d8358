import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSuite } from "../../../../src/testing/index.ts";
import { contractProblems } from "./emulator/contract.ts";
import { engines, openEmulator, type OpenEngine } from "./engines.ts";

describe.each(engines)("qdrant on $name", ({ open }) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  test.each(storeSuite(() => engine.emptyStore()))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  test("every request was one that the server's contract knows", () => {
    expect(contractProblems(engine.emulator?.requests ?? [])).toEqual([]);
  });
});

describe.each([
  [
    "three shards, of which replicas must agree",
    { shards: 3, replicas: 2, writeConsistency: 2, readConsistency: "quorum" },
  ],
  ["two shards for each tenant", { shardKeyPerTenant: true, shards: 2 }],
] as const)("qdrant on a cluster with %s", (_what, options) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await openEmulator({ nodes: 3 });
  });
  afterAll(() => engine.close());

  test.each(storeSuite(() => engine.emptyStore(options)))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  test("every request was one that the server's contract knows", () => {
    expect(contractProblems(engine.emulator?.requests ?? [])).toEqual([]);
  });
});
