import { describe, test } from "vitest";
import { expectSciFactAsInMemory } from "../scifact.ts";
import { engines } from "./engines.ts";

describe.each(engines)("qdrant on $name", ({ open }) => {
  test("answers SciFact's queries as memory does", { timeout: 600_000 }, async () => {
    const engine = await open();
    try {
      await expectSciFactAsInMemory(engine.emptyStore());
    } finally {
      await engine.close();
    }
  });
});
