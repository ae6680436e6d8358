import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../compile.ts";

/**
 * Type tests are `*.test-d.ts` anywhere under test/, checked by the compiler: what must not compile stands below
 * `@ts-expect-error`, which is an error itself where the line compiles.
 */
const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test-d.ts"))
  .map((file) => join("test", file));
let problems: readonly string[];

beforeAll(() => {
  problems = compile("test/types/tsconfig.json");
}, 60_000);

describe("types", () => {
  test("there are type tests", () => {
    expect(files).not.toEqual([]);
  });
  test.each(files)("%s", (file) => {
    expect(problems.filter((problem) => problem.startsWith(`${file}(`))).toEqual([]);
  });
  test("nothing that they import has an error", () => {
    expect(problems.filter((problem) => !files.some((file) => problem.startsWith(`${file}(`)))).toEqual([]);
  });
});
