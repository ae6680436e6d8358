import { describe, expect, test } from "vitest";
import {
  chunkerSuite,
  type ConformanceCase,
  embedderSuite,
  lexicalSuite,
  rerankerSuite,
  storeSuite,
} from "../../src/testing/index.ts";
import { chunkerMutants } from "./chunker-mutants.ts";
import { lexicalMutants } from "./lexical-mutants.ts";
import { embedderMutants, rerankerMutants } from "./part-mutants.ts";
import { filterMutants } from "./store-filter-mutants.ts";
import { readMutants } from "./store-read-mutants.ts";
import { scopeMutants } from "./store-scope-mutants.ts";
import { searchMutants } from "./store-search-mutants.ts";
import { writeMutants } from "./store-write-mutants.ts";

const storeMutants = { ...writeMutants, ...readMutants, ...filterMutants, ...searchMutants, ...scopeMutants };

proveThatItBites("store", storeSuite, storeMutants);
proveThatItBites("lexical index", lexicalSuite, lexicalMutants);
proveThatItBites("embedder", embedderSuite, embedderMutants);
proveThatItBites("reranker", rerankerSuite, rerankerMutants);
proveThatItBites("chunker", chunkerSuite, chunkerMutants);

/** Both ways round: each bug fails a case, and each case is failed by a bug. */
function proveThatItBites<Part>(
  port: string,
  suite: (make: () => Part) => readonly ConformanceCase[],
  mutants: Readonly<Record<string, () => Part>>,
): void {
  describe(`${port} suite`, () => {
    /** Cases that no bug has failed yet: they are run against every bug, the others until one of them fails. */
    const toothless = new Set(suite(() => Promise.reject(new Error("never made")) as Part).map(({ name }) => name));

    test.each(Object.entries(mutants))(`notices that a ${port} %s`, async (_bug, make) => {
      const failures: string[] = [];
      for (const { name, run } of suite(make)) {
        if (failures.length > 0 && !toothless.has(name)) continue;
        const failure = await failureOf(run);
        if (failure === undefined) continue;
        toothless.delete(name);
        failures.push(`${name}: ${failure}`);
      }
      expect(failures).not.toEqual([]);
    });

    test("has no case that every bug passes", () => {
      expect([...toothless]).toEqual([]);
    });
  });
}

async function failureOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
