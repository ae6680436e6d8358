import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memory } from "../../../../src/index.ts";
import { lifeOn } from "../life.ts";
import { engines, type OpenEngine } from "./engines.ts";

describe.each(engines)("a retriever on $name", (tried) => {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await tried.open();
  });
  afterAll(() => engine.close());

  test("finds what it finds in memory, through a whole life", async () => {
    expect(await lifeOn(engine.emptyStore(), false)).toEqual(await lifeOn(memory(), true));
  });
});
