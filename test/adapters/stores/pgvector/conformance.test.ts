import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSuite } from "../../../../src/testing/index.ts";
import { engines, type OpenEngine } from "./engines.ts";

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
