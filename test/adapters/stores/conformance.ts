import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSuite } from "../../../src/testing/index.ts";
import type { Store } from "../../../src/types.ts";

/** The whole suite on one engine, opened for it; `more` are tests of that engine that come after. */
export function describeConformance<Engine extends { close(): Promise<void> }>(
  name: string,
  open: () => Promise<Engine>,
  emptyStore: (engine: Engine) => Store,
  more: (opened: () => Engine) => void = () => undefined,
): void {
  describe.each([{ name }])("$name", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    test.each(storeSuite(() => emptyStore(engine)))("$name", async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
    more(() => engine);
  });
}
