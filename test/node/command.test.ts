import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runGroundline } from "../../src/node/cli/run.ts";

let printed: string[];
let refused: string[];
beforeEach(() => {
  printed = [];
  refused = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void refused.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

describe("groundline", () => {
  test("--version is that of the package", async () => {
    await runGroundline(["--version"]);
    const stored = JSON.parse(await readFile("package.json", "utf8")) as { readonly version: string };
    expect([printed, refused, process.exitCode]).toEqual([[stored.version], [], undefined]);
  });

  test.each([["--help"], ["-h"]])("%s names the commands, and exits with 0", async (flag) => {
    await runGroundline([flag]);
    expect(printed.join("\n")).toMatch(/eval FOLDER.*\n.*--version.*\n.*--help/);
    expect([refused, process.exitCode]).toEqual([[], undefined]);
  });

  test.each([["--help"], ["-h"]])("eval %s has every flag, whatever else is wrong", async (flag) => {
    await runGroundline(["eval", "--wrong", flag]);
    for (const name of [
      "--split",
      "--retriever",
      "--top-k",
      "--budget",
      "--baseline",
      "--update",
      "--changes",
      "--seed",
      "--json",
    ])
      expect(printed.join("\n")).toContain(`  ${name}`);
    expect([refused, process.exitCode]).toEqual([[], undefined]);
  });

  test.each([
    [[], "received none"],
    [["evil"], 'received "evil"'],
    [["--wrong"], 'received "--wrong"'],
    [["--version", "now"], 'received "--version now"'],
  ])("%s is refused with 2, and shows what there is", async (given, message) => {
    await runGroundline(given);
    expect([printed, process.exitCode]).toEqual([[], 2]);
    expect(refused.join("\n")).toContain(message);
    expect(refused.join("\n")).toContain("eval FOLDER");
  });

  test("eval without a folder, with two, or with an unknown flag is refused with 2", async () => {
    for (const [given, message] of [
      [[], "expected one FOLDER, received 0"],
      [["a", "b"], "expected one FOLDER, received 2"],
      [["a", "--wrong"], "Unknown option '--wrong'"],
    ] as const) {
      process.exitCode = undefined;
      await runGroundline(["eval", ...given]);
      expect(process.exitCode).toBe(2);
      expect(refused.join("\n")).toContain(message);
    }
  });
});
