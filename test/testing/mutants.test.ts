import { describe, expect, test } from "vitest";
import { type ConformanceCase, storeSuite } from "../../src/testing/index.ts";
import { filterMutants } from "./store-filter-mutants.ts";
import { readMutants } from "./store-read-mutants.ts";
import { scopeMutants } from "./store-scope-mutants.ts";
import { searchMutants } from "./store-search-mutants.ts";
import { writeMutants } from "./store-write-mutants.ts";

const stores = { ...writeMutants, ...readMutants, ...filterMutants, ...searchMutants, ...scopeMutants };
import { writeFileSync } from "node:fs";
test("matrix", async () => {
  const never = new Map<string, string[]>();
  for (const [bug, make] of Object.entries(stores)) {
    for (const { name, run } of storeSuite(make)) {
      if (!never.has(name)) never.set(name, []);
      if (name.includes("random ones")) continue;
      await run().catch((e) => never.get(name)!.push(bug));
    }
  }
  writeFileSync("/tmp/matrix.txt", [...never].map(([n, b]) => `${b.length}\t${n}\t${b.slice(0,6).join(" | ")}`).join("\n"));
}, 300000);
