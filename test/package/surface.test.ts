import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { entryPoints } from "../../benchmarks/entry-points.ts";
import { exportedNames } from "./exported-names.ts";

describe("what users can import", () => {
  test.each(entryPoints())("$specifier has its source at $source", ({ source }) => {
    expect(existsSync(source)).toBe(true);
  });

  test("every name is wanted: a new one is written into surface.txt with `npx vitest run test/package -u`", async () => {
    const lines = entryPoints().flatMap(({ specifier, source }) => [
      specifier,
      ...exportedNames(source, readFileSync(source, "utf8")).map((name) => `  ${name}`),
    ]);
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("surface.txt");
  });
});

describe("the names that a file exports", () => {
  test.each([
    ["a list", `export { b, a as c } from "./x.ts"; export { type T } from "./x.ts";`, ["b", "c", "type T"]],
    [
      "types",
      `export type { A } from "./x.ts"; export interface B {} export type C = 1;`,
      ["type A", "type B", "type C"],
    ],
    ["declarations", `export const a = 1, b = 2; export function c() {} export class D {}`, ["D", "a", "b", "c"]],
    ["nothing", `const a = 1; function b() {} export {};`, []],
  ])("%s", (_what, source, names) => {
    expect(exportedNames("file.ts", source)).toEqual(names);
  });

  test.each([
    `export * from "./x.ts";`,
    `export * as x from "./x.ts";`,
    `export const { a } = { a: 1 };`,
    `export default 1;`,
  ])("%s cannot be read as names", (source) => {
    expect(() => exportedNames("file.ts", source)).toThrow("file.ts: cannot be read as names: export");
  });
});
