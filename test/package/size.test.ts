import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { importSizes } from "../../benchmarks/size.ts";
import { entryPoints } from "../../benchmarks/entry-points.ts";

/** Bytes, gzipped. They are the same on every machine, so they can be held to a limit. */
const limits = { atOnce: 20_000, inAll: 63_000, adapter: 4_000 };
/** A database's store speaks SQL; token counts bring a scanner for each family of encodings. */
const ownLimits: ReadonlyMap<string, number> = new Map([
  ["groundline/pgvector", 12_000],
  ["groundline/qdrant", 14_000],
  ["groundline/tokens", 6_250],
]);

let sizes: Awaited<ReturnType<typeof importSizes>>;

beforeAll(async () => {
  sizes = await importSizes();
});

function sizeOf(imported: string): (typeof sizes)[number] {
  const size = sizes.find((one) => one.imported === imported);
  if (size === undefined) throw new Error(`No size of ${imported}`);
  return size;
}

describe("what an import adds to a bundle", () => {
  test("createRetriever: not too much, and nothing but web APIs", () => {
    const { atOnce, gzipped, imports } = sizeOf(`{ createRetriever } from "groundline"`);
    expect(imports).toEqual([]);
    expect(atOnce).toBeLessThanOrEqual(limits.atOnce);
    expect(gzipped).toBeLessThanOrEqual(limits.inAll);
  });

  const adapters = entryPoints().filter(({ source }) => source.startsWith("adapters/"));
  test.each(adapters)(
    "$specifier: not much more than createRetriever, the vendor apart, and no node: module",
    ({ specifier }) => {
      const { added, imports } = sizeOf(`* from "${specifier}"`);
      expect(added).toBeLessThanOrEqual(ownLimits.get(specifier) ?? limits.adapter);
      expect(imports.filter((path) => path.startsWith("node:"))).toEqual([]);
    },
  );

  const core = entryPoints().filter(({ source }) => source.startsWith("src/") && !source.startsWith("src/node/"));
  test.each(core)("$specifier imports nothing", ({ specifier }) => {
    expect(sizeOf(`* from "${specifier}"`).imports).toEqual([]);
  });

  test("every package that an adapter loads is an optional peer, and every optional peer is loaded or zod", () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync("package.json", "utf8")) as {
      readonly peerDependencies: Readonly<Record<string, string>>;
      readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
    };
    const packages = sizes.flatMap(({ imports }) => imports).filter((name) => !name.startsWith("node:"));
    expect([...new Set([...packages, "zod"])].toSorted()).toEqual(Object.keys(peerDependencies).toSorted());
    expect(peerDependenciesMeta).toEqual(
      Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }])),
    );
  });
});
