import { describe, expect, test } from "vitest";
import { memory } from "../../src/stores/memory.ts";
import { storeSuite } from "../../src/testing/index.ts";
import { referenceStore } from "./reference-store.ts";

describe("memory()", () => {
  test.each(storeSuite(() => memory()))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("the reference store", () => {
  test.each(storeSuite(() => referenceStore()))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
