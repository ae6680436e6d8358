import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runCommand } from "../../src/node/cli/command.ts";
import { evalCommand, runEval } from "../../src/node/cli/eval.ts";

/** A collection of 40 queries, and retrievers that find what they are told to. */

let folder: string;
let printed: string[];
let refused: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "groundline-eval-"));
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  await mkdir(join(folder, "qrels"));
  const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join("\n");
  await writeFile(
    join(folder, "corpus.jsonl"),
    lines(numbers.map((n) => ({ _id: `d${n}`, text: `fruit number${n}` }))),
  );
  await writeFile(join(folder, "queries.jsonl"), lines(numbers.map((n) => ({ _id: `q${n}`, text: `number${n}` }))));
  const qrels = numbers.map((n) => `q${n}\td${n}\t1`);
  await writeFile(join(folder, "qrels", "test.tsv"), ["query-id\tcorpus-id\tscore", ...qrels].join("\n"));
  printed = [];
  refused = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void refused.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

async function run(...flags: readonly string[]): Promise<number | string | null | undefined> {
  process.exitCode = undefined;
  await runCommand(evalCommand, runEval, [folder, ...flags]);
  return process.exitCode;
}

/** Finds the document of each query, those below `lost` excepted. */
async function retrieverLosing(lost: number): Promise<string> {
  const file = join(folder, `losing-${lost}.mjs`);
  await writeFile(
    file,
    `export async function retriever(documents) {
      return {
        search: async (query) => {
          const found = documents.filter(({ id, text }) => text.split(" ")[1] === query && Number(id.slice(1)) >= ${lost});
          const hits = found.map(({ id, text }) => ({
            chunk: { id, documentId: id, text, span: { start: 0, end: text.length } }, score: 1, scores: {},
          }));
          return { hits, degraded: [], timings: {}, scoreKind: "bm25" };
        },
      };
    }`,
  );
  return file;
}

describe("groundline eval", () => {
  test("measures BM25 where no retriever is given", async () => {
    expect(await run()).toBe(undefined);
    expect(printed.join("\n")).toMatch(/ndcg@10 +\| +1\.0000/);
  });

  test("writes a baseline, and finds nothing changed against it", async () => {
    const baseline = join(folder, "baseline.json");
    expect(await run("--baseline", baseline, "--update")).toBe(undefined);
    const written: unknown = JSON.parse(await readFile(baseline, "utf8"));
    expect(written).toMatchObject({
      format: "groundline-baseline",
      version: 1,
      topK: 10,
      perQuery: { q0: { "ndcg@10": 1 } },
    });
    expect(await run("--baseline", baseline)).toBe(undefined);
    expect(printed.at(-1)).toContain("No metric fell beyond chance");
  });

  test("exits with 1 when a metric fell, and names the queries", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    expect(await run("--baseline", baseline, "--retriever", await retrieverLosing(12), "--changes", "3")).toBe(1);
    const output = printed.join("\n");
    expect(output).toContain("Fell: ndcg@10, recall@10, mrr@10, hit@10.");
    expect(output.match(/\| q\d+ +\|/g)).toHaveLength(3);
  });

  test("one lost query of 40 is within chance, and a gain is no fall", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    expect(await run("--baseline", baseline, "--retriever", await retrieverLosing(1))).toBe(undefined);
    await run("--baseline", baseline, "--update", "--retriever", await retrieverLosing(12));
    expect(await run("--baseline", baseline)).toBe(undefined);
  });

  test("queries that came or went are not compared", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    const stored = JSON.parse(await readFile(baseline, "utf8")) as { perQuery: Record<string, unknown> };
    const { q0: _, ...perQuery } = stored.perQuery;
    await writeFile(baseline, JSON.stringify({ ...stored, perQuery: { ...perQuery, gone: perQuery["q1"] } }));
    expect(await run("--baseline", baseline)).toBe(undefined);
    expect(printed.join("\n")).toContain("1 queries are new and 1 are gone");
  });

  test("prints JSON", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    await run("--baseline", baseline, "--retriever", await retrieverLosing(12), "--json");
    expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({
      mean: { "ndcg@10": 0.7 },
      verdicts: [{ metric: "ndcg@10", fell: true }, {}, {}, {}],
    });
  });

  test.each([
    [["--baseline", "none.json"], "--baseline: there is no none.json; --update writes it"],
    [["--update"], "--update: expected --baseline FILE too"],
    [["--split", "train"], "split: expected one of those in"],
    [["--top-k", "0"], "--top-k: expected numbers from 1"],
    [["--wrong"], "Unknown option '--wrong'"],
  ])("%s is refused with 2", async (flags, message) => {
    expect(await run(...flags)).toBe(2);
    expect(refused.join("\n")).toContain(message);
  });

  test("a baseline of another depth, or that is none, is refused with 2", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    expect(await run("--baseline", baseline, "--top-k", "5")).toBe(2);
    expect(refused.join("\n")).toContain("it was made with --top-k 10");
    for (const text of [
      "{",
      "[]",
      `{"format":"groundline-baseline","version":2}`,
      `{"format":"groundline-baseline","version":1,"topK":10,"perQuery":{"q0":{"ndcg@10":"1"}}}`,
    ]) {
      await writeFile(baseline, text);
      expect(await run("--baseline", baseline)).toBe(2);
    }
    expect(refused.filter((line) => line.includes("expected a baseline"))).toHaveLength(4);
  });

  test("a module without a retriever is refused with 2", async () => {
    const file = join(folder, "empty.mjs");
    await writeFile(file, "export const other = 1;");
    expect(await run("--retriever", file)).toBe(2);
    expect(refused[0]).toContain("to export retriever");
    expect(await run("--retriever", join(folder, "none.mjs"))).toBe(2);
    expect(refused.join("\n")).toContain("--retriever: there is no");
  });

  test("a module that fails exits with 2 and shows its error: 1 says that a metric fell", async () => {
    const file = join(folder, "failing.mjs");
    await writeFile(file, `export function retriever() { throw new TypeError("no key"); }`);
    expect(await run("--retriever", file)).toBe(2);
    expect(String(refused[0])).toBe("TypeError: no key");
  });
});
