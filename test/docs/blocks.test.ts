import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entryPoints } from "../../benchmarks/entry-points.ts";
import { compile } from "../compile.ts";
import { programsOf } from "./programs.ts";

const pages = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ...(existsSync("docs") ? readdirSync("docs").filter((file) => file.endsWith(".md")) : []).map((file) =>
    join("docs", file),
  ),
];
const programs = pages.flatMap((page) => programsOf(page, readFileSync(page, "utf8")));
const sources = Object.fromEntries(entryPoints().map(({ specifier, source }) => [specifier, resolve(source)]));
const fileOf = (name: string): string => `${name.replace(/[^\w.-]/g, "_")}.ts`;
let folder: string;
let problems: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "groundline-docs-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
  for (const { name, source } of programs) writeFileSync(join(folder, fileOf(name)), source);
  const paths = Object.fromEntries(Object.entries(sources).map(([specifier, source]) => [specifier, [source]]));
  const compilerOptions = {
    noEmit: true,
    rootDir: "/",
    noUnusedLocals: false,
    isolatedDeclarations: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    paths,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: resolve("tsconfig.json"), compilerOptions, include: ["*.ts"] }),
  );
  problems = compile("tsconfig.json", { folder });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the code in the documentation", () => {
  test("is there", () => {
    expect(programs.filter(({ page }) => page === "README.md")).not.toEqual([]);
  });

  test.each(programs)("$name compiles", ({ name }) => {
    expect(problems.filter((problem) => problem.startsWith(`${fileOf(name)}(`))).toEqual([]);
  });

  test("compiles against sources that compile", () => {
    expect(problems.filter((problem) => !programs.some(({ name }) => problem.startsWith(`${fileOf(name)}(`)))).toEqual(
      [],
    );
  });

  test.each(programs.filter(({ runs }) => runs))(
    "$name runs",
    async ({ name }) => {
      const outfile = join(folder, `${fileOf(name)}.mjs`);
      await build({
        entryPoints: [join(folder, fileOf(name))],
        outfile,
        alias: sources,
        bundle: true,
        format: "esm",
        platform: "node",
        packages: "external",
      });
      await expect(promisify(execFile)(process.execPath, [outfile])).resolves.toBeDefined();
    },
    60_000,
  );
});

describe("the programs of a page", () => {
  const page = (...blocks: readonly string[]): string => blocks.map((block) => `Words.\n\n${block}\n`).join("\n");
  const first = '```ts\nimport { a } from "a";\n```';

  test("a block without an import continues the one above, at its own lines", () => {
    const [program, ...others] = programsOf("page.md", page(first, "```ts\na();\n```"));
    expect(others).toEqual([]);
    expect(program).toMatchObject({ name: "page.md:4", runs: true });
    expect(
      program?.source
        .split("\n")
        .map((line, index) => `${index + 1}:${line}`)
        .filter((line) => /:./.test(line)),
    ).toEqual([`4:import { a } from "a";`, "10:a();", "13:export {};"]);
  });
  test("a block with an import begins another", () => {
    expect(programsOf("page.md", page(first, first)).map(({ name }) => name)).toEqual(["page.md:4", "page.md:10"]);
  });
  test("a block that is not to run keeps its program from running", () => {
    expect(programsOf("page.md", page(first, "```ts no-run\na();\n```", first)).map(({ runs }) => runs)).toEqual([
      false,
      true,
    ]);
  });
  test("other languages and longer fences are not read", () => {
    expect(programsOf("page.md", page("```sh\nnpm test\n```", "````md\n```ts\nbroken(\n```\n````"))).toEqual([]);
  });
  test("code under another mark is refused", () => {
    expect(() => programsOf("page.md", page("```js\na();\n```"))).toThrow(
      `page.md:3: code is marked ts or "ts no-run", not js`,
    );
  });
});
