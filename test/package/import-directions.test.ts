import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Each file has one violation, or none: the linter must name just the first ones, each by its rule. */
const restricted = "eslint(no-restricted-imports)";
const violations: readonly (readonly [path: string, source: string, rule: string])[] = [
  ["src/package.ts", `import { z } from "zod"; export const schema = z;`, restricted],
  ["src/package-type.ts", `import type { ZodType } from "zod/v4"; export type Schema = ZodType;`, restricted],
  ["src/package-scoped.ts", `export { QdrantClient } from "@qdrant/js-client-rest";`, restricted],
  ["src/package-dynamic.ts", `export const load = () => import("tiktoken");`, restricted],
  ["src/package-inline-type.ts", `export type Schema = import("zod").ZodType;`, "typescript(consistent-type-imports)"],
  ["src/itself.ts", `export { createRetriever } from "groundline";`, restricted],
  ["src/node-module.ts", `import { readFile } from "node:fs/promises"; export const read = readFile;`, restricted],
  ["src/node-module-bare.ts", `import { join } from "path"; export const path = join;`, restricted],
  ["src/dense/node-module.ts", `export const load = () => import("node:os");`, restricted],
  ["src/eval/node-module.ts", `import { readFile } from "node:fs"; export const read = readFile;`, restricted],
  ["src/testing/node-module.ts", `import { equal } from "node:assert"; export const same = equal;`, restricted],
  ["src/testing/package.ts", `import { test } from "vitest"; export const run = test;`, restricted],
  ["src/node/package.ts", `import { z } from "zod"; export const schema = z;`, restricted],
  ...["adapters", "benchmarks", "examples", "test"].flatMap((place) => [
    [`src/leaving-for-${place}.ts`, `export { one } from "../${place}/one.ts";`, restricted] as const,
    [`src/eval/leaving-for-${place}.ts`, `export { one } from "../../${place}/one.ts";`, restricted] as const,
    [`src/node/leaving-for-${place}.ts`, `export { one } from "../../${place}/one.ts";`, restricted] as const,
  ]),
  ["src/snapshot.ts", `export { saveSnapshot } from "./node/snapshot.ts";`, restricted],
  ["src/eval/snapshot.ts", `export { saveSnapshot } from "../node/snapshot.ts";`, restricted],
  ["src/stores/orchestrating.ts", `export { createRetriever } from "../retriever.ts";`, restricted],
  ["src/context.ts", `import type { Parts } from "./retriever.ts"; export type Part = Parts;`, restricted],
  ["src/stores/copying.ts", `export { copy } from "../retriever/copy.ts";`, restricted],
  ["src/search/scoped.ts", `import type { One } from "../retriever/one.ts"; export type Two = One;`, restricted],
  ["src/indexing/verified.ts", `export const load = () => import("../retriever/verification.ts");`, restricted],
  ["src/scope/searching.ts", `export { search } from "../search/search.ts";`, restricted],
  ["src/stores/searching.ts", `export { search } from "../search/search.ts";`, restricted],
  ["src/filter/indexing.ts", `export { indexDocuments } from "../indexing/indexing.ts";`, restricted],
  ["src/search/indexing.ts", `export { indexDocuments } from "../indexing/indexing.ts";`, restricted],
  ["adapters/stores/orchestrating.ts", `export { createRetriever } from "../../src/retriever.ts";`, restricted],
  ["adapters/stores/face.ts", `export { createRetriever } from "../../src/index.ts";`, restricted],
  ["adapters/stores/engine.ts", `export { bm25 } from "../../src/lexical/bm25.ts";`, restricted],
  [
    "adapters/stores/engine-type.ts",
    `import type { Rows } from "../../src/dense/flat.ts"; export type R = Rows;`,
    restricted,
  ],
  ["adapters/stores/deep/engine.ts", `export { memory } from "../../../src/stores/memory.ts";`, restricted],
  ["adapters/tokenizer.ts", `export { split } from "../src/chunkers/split.ts";`, restricted],
  ["adapters/embedders/beside.ts", `export { openaiEmbedder } from "./openai.ts";`, restricted],
  ["adapters/embedders/sideways.ts", `export { wink } from "../lexical/wink.ts";`, restricted],
  ["adapters/stores/deep/sideways.ts", `export { rows } from "../other/rows.ts";`, restricted],
  ["adapters/stores/deep/up.ts", `export { encoding } from "../../tokens.ts";`, restricted],
  ["adapters/stores/tested.ts", `export { untyped } from "../untyped.ts";`, restricted],
  ["benchmarks/orchestrating.ts", `export { createRetriever } from "../src/retriever.ts";`, restricted],
  ["benchmarks/tested.ts", `export { untyped } from "../test/untyped.ts";`, restricted],
  ["examples/orchestrating.ts", `export { createRetriever } from "../src/retriever.ts";`, restricted],
  ["src/process.ts", `export const home = process.env["HOME"];`, "eslint(no-restricted-globals)"],
  ["adapters/stores/buffer.ts", `export const bytes = Buffer.from("a");`, "eslint(no-restricted-globals)"],
  ["src/star.ts", `export * from "./types.ts";`, "oxc(no-barrel-file)"],
  ["src/star-as.ts", `export * as types from "./types.ts";`, "oxc(no-barrel-file)"],
  ["src/star-type.ts", `export type * from "./types.ts";`, "oxc(no-barrel-file)"],
  ["src/default.ts", `export default 1;`, "import(no-default-export)"],
  ["src/default-named.ts", `const one = 1; export { one as default };`, "import(no-default-export)"],
  ["adapters/stores/default.ts", `export default function store(): void {}`, "import(no-default-export)"],
  ["src/egg.ts", `import { hen } from "./hen.ts"; export const egg = () => hen;`, "import(no-cycle)"],
  ["src/hen.ts", `import { egg } from "./egg.ts"; export const hen = () => egg;`, "import(no-cycle)"],
  ["src/effect.ts", `import "./types.ts"; export const one = 1;`, "import(no-unassigned-import)"],
];
const forAdapters = (up: string): string =>
  [
    "types",
    "errors",
    "signal",
    "filter/evaluate",
    "http/request",
    "lexical/terms",
    "lexical/analyzers/english",
    "tokens/byte-pairs",
    "stores/remote-rows",
  ]
    .map((file, index) => `export { part${index} } from "${up}/src/${file}.ts";`)
    .join(" ");
const allowed: readonly (readonly [path: string, source: string])[] = [
  ["src/types.ts", `export const one = 1;`],
  ["src/errors.ts", `import type { One } from "./types.ts"; export type Two = One;`],
  ["src/retriever.ts", `import { one } from "./types.ts"; export const createRetriever = () => one;`],
  [
    "src/retriever/scoped.ts",
    `export { search } from "../search/search.ts"; export { calls } from "../indexing/calls.ts";`,
  ],
  ["src/indexing/filtered.ts", `export { filterFor } from "../search/request.ts";`],
  ["src/index.ts", `export { createRetriever } from "./retriever.ts"; export type { One } from "./types.ts";`],
  ["src/eval/tune.ts", `export { createRetriever } from "../retriever.ts";`],
  ["src/testing/store.ts", `export { createRetriever } from "../retriever.ts";`],
  ["src/node/run.ts", `import { join } from "node:path"; export const run = join;`],
  [
    "src/node/read.ts",
    `export { createRetriever } from "../retriever.ts"; export { readFile } from "node:fs/promises";`,
  ],
  ["adapters/tokens.ts", `${forAdapters("..")} export const load = () => import("tiktoken");`],
  ["adapters/face.ts", `export { part0 } from "./stores/vendor.ts";`],
  ["adapters/stores/vendor.ts", `${forAdapters("../..")} export type { Client } from "@vendor/client";`],
  ["adapters/stores/deep.ts", `${forAdapters("../..")} export { rows } from "./deep/rows.ts";`],
  ["adapters/stores/deep/index.ts", `${forAdapters("../../..")} export { rows } from "./rows.ts";`],
  ["adapters/stores/deep/rows.ts", `export const rows = 1;`],
  [
    "benchmarks/run.ts",
    `export { createRetriever } from "../src/index.ts"; export { part0 } from "../adapters/face.ts";`,
  ],
  [
    "test/retriever.test.ts",
    `import { createRetriever } from "../src/retriever.ts"; export const run = createRetriever;`,
  ],
  ["vitest.config.ts", `export default { test: {} };`],
];

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let found: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "groundline-directions-"));
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [path, source] of [...violations, ...allowed]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${source}\n`);
  }
  found = lint();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(): ReadonlyMap<string, readonly string[]> {
  const linter = join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout, stderr } = spawnSync(process.execPath, [linter, "--format=json"], { cwd: folder, encoding: "utf8" });
  if (stdout === "") throw new Error(`The linter did not run: ${stderr}`);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code: string; filename: string }[] };
  const rules = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) rules.set(filename, [...(rules.get(filename) ?? []), code]);
  return rules;
}

describe("the linter keeps the import directions", () => {
  test.each(violations)("%s is refused", (path, _source, rule) => {
    expect(found.get(path)).toEqual([rule]);
  });
  test.each(allowed)("%s is allowed", (path) => {
    expect(found.get(path)).toBeUndefined();
  });
});

/** What the linter's patterns cannot say: below itself, an adapter imports only what bears its name. */
function foreignImports(file: string, source: string): readonly string[] {
  const own = basename(file, ".ts");
  const imported = [...source.matchAll(/\b(?:from|import)[ (]*"\.\/([^"]+)"/g)].map(([, path = ""]) => path);
  return imported.filter((path) => !path.replace(/\.ts$/, "").split("/").includes(own));
}

describe("an adapter imports below itself only what bears its name", () => {
  const adapters = readdirSync(join(root, "adapters"), { recursive: true, encoding: "utf8" });
  const faces = adapters.filter((file) => file.endsWith(".ts") && file.split(sep).length <= 2);

  test.each(faces)("adapters/%s", (file) => {
    expect(foreignImports(file, readFileSync(join(root, "adapters", file), "utf8"))).toEqual([]);
  });

  test.each([
    ["stores/qdrant.ts", `export { rows } from "./pgvector/rows.ts";`, ["pgvector/rows.ts"]],
    ["cohere.ts", `export { openaiEmbedder } from "./embedders/openai.ts";`, ["embedders/openai.ts"]],
    ["tokens.ts", `export const load = () => import("./lexical/wink.ts");`, ["lexical/wink.ts"]],
    ["stores/qdrant.ts", `export { rows } from "./qdrant/rows.ts";`, []],
    ["cohere.ts", `export { cohereEmbedder } from "./embedders/cohere.ts";`, []],
  ])("%s with %s", (file, source, foreign) => {
    expect(foreignImports(file, source)).toEqual(foreign);
  });
});

/** The folder of a file below src/, or a file that is in none: these import each other one way. */
function placeOf(file: string): string {
  return file.split(sep)[0] ?? file;
}

/** The places that are on a way back to where it began, by what each imports. */
function onCircles(imports: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const reached = (from: string): ReadonlySet<string> => {
    const all = new Set(imports.get(from));
    for (const place of all) for (const next of imports.get(place) ?? []) all.add(next);
    return all;
  };
  return [...imports.keys()].filter((place) => reached(place).has(place));
}

describe("imports between the folders of src/ point one way", () => {
  test("no folder imports what imports it", () => {
    const imports = new Map<string, Set<string>>();
    for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const others = imports.get(placeOf(file)) ?? new Set();
      imports.set(placeOf(file), others);
      const source = readFileSync(join(root, "src", file), "utf8");
      for (const [, path = ""] of source.matchAll(/\b(?:from|import)[ (]*"(\.[^"]+)"/g)) {
        const place = placeOf(normalize(join(dirname(file), path)));
        if (place !== placeOf(file)) others.add(place);
      }
    }
    expect(imports.get("search")).toContain("scope");
    expect(onCircles(imports)).toEqual([]);
  });

  test("a circle is found, whatever leads to it", () => {
    const imports = { a: ["b"], b: ["c", "e"], c: ["d"], d: ["b"], e: ["types.ts"] };
    const sets = Object.entries(imports).map(([place, others]): [string, Set<string>] => [place, new Set(others)]);
    expect(onCircles(new Map(sets))).toEqual(["b", "c", "d"]);
  });
});
