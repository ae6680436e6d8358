import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runGroundline } from "../../src/node/cli/run.ts";
import { bundled } from "../bundled.ts";
import { emptyFolder } from "./folders.ts";

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
  test("ends when all is printed, whatever the retriever of the user's holds", { timeout: 60_000 }, async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "qrels"));
    await writeFile(join(folder, "corpus.jsonl"), '{"_id":"d","text":"apple"}\n');
    await writeFile(join(folder, "queries.jsonl"), '{"_id":"q","text":"apple"}\n');
    await writeFile(join(folder, "qrels", "test.tsv"), "query-id\tcorpus-id\tscore\nq\td\t1\n");
    const retriever = join(folder, "retriever.mjs");
    await writeFile(
      retriever,
      `setInterval(() => {}, 1000);
      export const retriever = { search: async () => ({ hits: [], degraded: [] }) };`,
    );
    const program = await bundled("src/node/cli/groundline.ts");
    try {
      const child = program.start(["eval", folder, "--retriever", retriever]);
      const [printing, ended] = [text(child.stdout ?? Readable.from([])), once(child, "exit")];
      expect(await printing).toContain("mean of 1 queries");
      expect(await ended).toEqual([0, null]);
    } finally {
      await program.remove();
    }
  });

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
