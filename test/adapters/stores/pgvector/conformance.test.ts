import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSuite } from "../../../../src/testing/index.ts";
import { becomeOrdinary, engines, type OpenEngine, openPglite } from "./engines.ts";

describe.each(engines)("pgvector on $name", ({ open }) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  test.each(storeSuite(() => engine.emptyStore()))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("pgvector with row-level security, as a role that it binds", () => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await openPglite();
    await becomeOrdinary(engine.client);
  });
  afterAll(() => engine.close());

  test.each(storeSuite(() => engine.emptyStore({ rowLevelSecurity: true })))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
