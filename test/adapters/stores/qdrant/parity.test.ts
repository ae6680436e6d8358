import { afterAll, beforeAll, describe, test } from "vitest";
import { expectSameHistories, expectSameRefusals, expectSameSelections, filterRuns } from "../parity.ts";
import { engines, type OpenEngine } from "./engines.ts";

describe.each(engines)("memory and qdrant on $name", (tried) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await tried.open();
  });
  afterAll(() => engine.close());

  test(`${filterRuns} random filters select the same rows`, async () => {
    await expectSameSelections(engine.emptyStore());
  });

  test("random histories leave the same rows, rankings, counts and statistics", async () => {
    await expectSameHistories(() => engine.emptyStore());
  });

  test("a change that names what is not there leaves both as they were", async () => {
    await expectSameRefusals(engine.emptyStore());
  });
});
