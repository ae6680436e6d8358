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
function retrieverLosing(lost: number): Promise<string> {
  return retrieverRanking(`losing-${lost}`, `(number) => (number < ${lost} ? 0 : 1)`);
}

/** Finds the document of each query at the rank that a function of its number says, behind others; at 0: not at all. */
async function retrieverRanking(name: string, rankOf: string): Promise<string> {
  const file = join(folder, `${name}.mjs`);
  await writeFile(
    file,
    `const rankOf = ${rankOf};
    export async function retriever(documents) {
      return {
        search: async (query) => {
          const right = documents.find(({ text }) => text.split(" ")[1] === query);
          const rank = right === undefined ? 0 : rankOf(Number(right.id.slice(1)));
          const found = documents.filter((one) => one !== right).slice(0, Math.max(0, rank - 1));
          if (rank > 0) found.push(right);
          const hits = found.map(({ id, text }) => ({
            chunk: { id, documentId: id, text, span: { start: 0, end: text.length } }, scores: {},
          })).map((hit, index) => ({ ...hit, score: 9 - index }));
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

  test("measures BM25 whatever metadata there is, which takes no part", async () => {
    const corpus = join(folder, "corpus.jsonl");
    const rows = (await readFile(corpus, "utf8")).replaceAll("}", `,"metadata":{"a.b":{"c":[null]},"year":null}}`);
    await writeFile(corpus, rows);
    expect(await run()).toBe(undefined);
    expect(refused).toEqual([]);
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
    expect(output).toMatch(
      /\| ndcg@10 +\| 1\.0000 \| 0\.7000 \| +-0\.3000 \| -0\.4\d+ -0\.1\d+ \| +0\.0\d+ \| fell \|/,
    );
    expect(output).toMatch(/\| q0 +\| +1\.000 \| 0\.000 \| number0 \|/);
  });

  test("names those that changed most, the worst first, and none that did not", async () => {
    const baseline = join(folder, "baseline.json");
    await run(
      "--baseline",
      baseline,
      "--update",
      "--retriever",
      await retrieverRanking("before", "(n) => (n === 9 ? 0 : 1)"),
    );
    const now = await retrieverRanking("now", "(n) => ({ 3: 2, 4: 0, 5: 3 })[n] ?? 1");
    const changed = async (...flags: readonly string[]): Promise<unknown> => {
      expect(await run("--baseline", baseline, "--retriever", now, "--json", ...flags)).toBe(undefined);
      return (JSON.parse(printed.at(-1) ?? "") as { readonly changes: unknown }).changes;
    };
    const second = expect.closeTo(1 / Math.log2(3)) as number;
    expect(await changed()).toEqual([
      { queryId: "q4", before: 1, now: 0 },
      { queryId: "q5", before: 1, now: 0.5 },
      { queryId: "q3", before: 1, now: second },
      { queryId: "q9", before: 0, now: 1 },
    ]);
    expect(await changed("--changes", "2")).toEqual([
      { queryId: "q4", before: 1, now: 0 },
      { queryId: "q9", before: 0, now: 1 },
    ]);
    expect(await changed("--changes", "0")).toEqual([]);
  });

  test("six lost queries of 40 are within chance for four metrics, and the seed says which chance", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    const p: number[] = [];
    for (const seed of ["1", "2"]) {
      const flags = ["--retriever", await retrieverLosing(6), "--seed", seed, "--json"];
      expect(await run("--baseline", baseline, ...flags)).toBe(undefined);
      const { verdicts } = JSON.parse(printed.at(-1) ?? "") as { verdicts: { comparison: { p: number } }[] };
      p.push(verdicts[0]?.comparison.p ?? 0);
    }
    // 2 of 2⁶ flips are as extreme, times four metrics.
    for (const value of p) expect(value).toBeCloseTo(1 / 8, 1);
    expect(p[0]).not.toBe(p[1]);
  });

  test("a baseline that cannot be is told before anything is measured", async () => {
    const told = vi.spyOn(console, "error").mockReturnValue();
    for (const [file, why] of [
      [join(folder, "none", "baseline.json"), "--baseline: there is no folder"],
      [folder, "files: could not read"],
    ]) {
      expect(await run("--baseline", file ?? "", "--split", "none", ...(file === folder ? [] : ["--update"]))).toBe(2);
      expect(told.mock.calls.join()).toContain(why);
    }
  });

  test("only --update writes", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    const before = await readFile(baseline, "utf8");
    await run("--baseline", baseline, "--retriever", await retrieverLosing(12));
    expect(await readFile(baseline, "utf8")).toBe(before);
  });

  describe("with true spans", () => {
    beforeEach(async () => {
      // The first query has none.
      const spans = Array.from({ length: 39 }, (_, n) => ({
        query_id: `q${n + 1}`,
        doc_id: `d${n + 1}`,
        answers: [{ start: 0, end: 5, text: "fruit" }],
      }));
      await writeFile(join(folder, "spans.jsonl"), spans.map((span) => JSON.stringify(span)).join("\n"));
    });

    test("a metric besides the headline that fell is enough, and span metrics are compared too", async () => {
      const baseline = join(folder, "baseline.json");
      await run("--baseline", baseline, "--update", "--budget", "1000");
      const second = await retrieverRanking("second", "() => 2");
      expect(await run("--baseline", baseline, "--budget", "1000", "--retriever", second, "--json")).toBe(1);
      const { verdicts } = JSON.parse(printed.at(-1) ?? "") as { verdicts: { metric: string; fell: boolean }[] };
      const fell = verdicts.filter((verdict) => verdict.fell).map(({ metric }) => metric);
      expect(verdicts[0]).toMatchObject({ metric: "spanRecall@budget", fell: false });
      expect(fell).toContain("mrr@10");
      expect(fell).not.toContain("hit@10");
    });

    test("the budget fills the context, is part of the baseline, and another one is refused", async () => {
      const baseline = join(folder, "baseline.json");
      await run("--baseline", baseline, "--update", "--budget", "13");
      expect(
        await run("--baseline", baseline, "--budget", "13", "--retriever", await retrieverRanking("second", "() => 2")),
      ).toBe(1);
      expect(printed.join("\n")).toMatch(/spanRecall@budget +\| 1\.0000 \| 0\.0000/);
      for (const flags of [["--budget", "14"], []]) expect(await run("--baseline", baseline, ...flags)).toBe(2);
      expect(refused.filter((line) => line.includes("it was made with --top-k 10 --budget 13"))).toHaveLength(2);
    });
  });

  test("says what is not measured as it looks: missing documents, degraded answers, spans of some queries", async () => {
    await run();
    expect(printed.join("\n")).not.toMatch(/corpus\.jsonl|count as they came|true spans/);
    await writeFile(join(folder, "qrels", "dev.tsv"), "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\tnone\t1\nq3\td3\t1");
    await writeFile(
      join(folder, "spans.jsonl"),
      '{"query_id":"q1","doc_id":"d1","answers":[{"start":0,"text":"fruit"}]}',
    );
    const file = join(folder, "degraded.mjs");
    const degraded = "[{ stage: 'rerank', reason: 'the reranker was late' }]";
    const result = `{ hits: [], degraded: ${degraded}, timings: {}, scoreKind: 'bm25' }`;
    await writeFile(file, `export const retriever = { search: async () => (${result}) };`);
    const baseline = join(folder, "baseline.json");
    const flags = ["--split", "dev", "--retriever", file, "--baseline", baseline];
    for (const more of [["--update"], []]) {
      printed = [];
      expect(await run(...flags, ...more)).toBe(undefined);
      const output = printed.join("\n");
      expect(output).toContain('1 judged documents are not in corpus.jsonl, e.g. "none": no search can find them.');
      expect(output).toContain("3 answers lack a part, and count as they came: rerank: the reranker was late.");
      expect(output).toContain("Span metrics are those of the 1 queries that have true spans.");
    }
    await run(...flags, "--json");
    expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({
      missing: ["none"],
      degraded: [{ queryId: "q1", stage: "rerank", reason: "the reranker was late" }, {}, {}],
    });
  });

  test("spans that came later or went are compared where they are in both, and told where in one", async () => {
    const spansOf = (count: number): Promise<void> => {
      const rows = Array.from({ length: count }, (_, n) => ({
        query_id: `q${n}`,
        doc_id: `d${n}`,
        answers: [{ start: 0, text: "fruit" }],
      }));
      return writeFile(join(folder, "spans.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    };
    const baseline = join(folder, "baseline.json");
    await spansOf(5);
    await run("--baseline", baseline, "--update");
    await spansOf(12);
    expect(await run("--baseline", baseline, "--json")).toBe(undefined);
    const { verdicts } = JSON.parse(printed.at(-1) ?? "") as { verdicts: { comparison: { n: number } }[] };
    expect(verdicts.map(({ comparison }) => comparison.n)).toEqual([5, 5, 5, 5, 40, 40, 40, 40]);
    for (const count of [0, 1]) {
      await spansOf(count);
      printed = [];
      expect(await run("--baseline", baseline)).toBe(undefined);
      expect(printed.join("\n")).toContain(
        "Not compared, because fewer than two queries have it both then and now: spanRecall@10, spanPrecision@10, spanIou@10, spanFull@10.",
      );
    }
  });

  test("reads the split that is named, and --data says the same as FOLDER", async () => {
    await writeFile(join(folder, "qrels", "dev.tsv"), "query-id\tcorpus-id\tscore\nq1\td1\t1");
    expect(await run("--split", "dev")).toBe(undefined);
    expect(printed.join("\n")).toContain("mean of 1 queries");
    await runCommand(evalCommand, runEval, ["--data", folder]);
    expect(printed.join("\n")).toContain("mean of 40 queries");
    await writeFile(join(folder, "qrels", "dev.tsv"), "query-id\tcorpus-id\tscore\nq1\tnone\t1");
    await run("--split", "dev", "--json");
    expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({ misses: [{ queryId: "q1", cause: "not-in-corpus" }] });
  });

  test("takes a retriever that is filled already", async () => {
    const file = join(folder, "filled.mjs");
    const result = "{ hits: [], degraded: [], timings: {}, scoreKind: 'bm25' }";
    await writeFile(file, `export const retriever = { search: async () => (${result}) };`);
    expect(await run("--retriever", file, "--json")).toBe(undefined);
    const { mean, misses } = JSON.parse(printed.at(-1) ?? "") as { mean: Record<string, number>; misses: unknown[] };
    expect([mean["ndcg@10"], misses.length]).toEqual([0, 0]);
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
    const against = async (scores: Readonly<Record<string, unknown>>): Promise<unknown> => {
      await writeFile(baseline, JSON.stringify({ ...stored, perQuery: scores }));
      return run("--baseline", baseline);
    };
    expect(await against({ ...perQuery, gone: perQuery["q1"] })).toBe(undefined);
    expect(printed.join("\n")).toContain("1 queries are new and 1 are gone");
    expect(await against({ ...stored.perQuery, gone: perQuery["q1"] })).toBe(undefined);
    expect(printed.join("\n")).toContain("0 queries are new and 1 are gone");
    expect(await against({ q1: perQuery["q1"] })).toBe(2);
    expect(refused.join("\n")).toContain("--baseline: expected two of these queries in it, received 1");
    expect(await against({ q1: { old: 1 }, q2: { old: 1 } })).toBe(2);
    expect(refused.join("\n")).toContain("expected some of ndcg@10, recall@10, mrr@10, hit@10 in it, received old");
  });

  test("a query may be called like a part of every object", async () => {
    await writeFile(
      join(folder, "queries.jsonl"),
      `{"_id":"constructor","text":"number1"}\n{"_id":"a","text":"number2"}\n{"_id":"b","text":"number3"}`,
    );
    await writeFile(
      join(folder, "qrels", "test.tsv"),
      "query-id\tcorpus-id\tscore\nconstructor\td1\t1\na\td2\t1\nb\td3\t1",
    );
    const baseline = join(folder, "baseline.json");
    const perQuery = { a: { "ndcg@10": 1 }, b: { "ndcg@10": 1 } };
    await writeFile(baseline, JSON.stringify({ format: "groundline-baseline", version: 1, topK: 10, perQuery }));
    expect(await run("--baseline", baseline)).toBe(undefined);
    expect(printed.join("\n")).toContain("1 queries are new and 0 are gone");
  });

  test("prints JSON", async () => {
    const baseline = join(folder, "baseline.json");
    await run("--baseline", baseline, "--update");
    await run("--baseline", baseline, "--retriever", await retrieverLosing(12), "--json");
    expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({
      mean: { "ndcg@10": 0.7 },
      verdicts: [{ metric: "ndcg@10", before: 1, now: 0.7, fell: true }, {}, {}, {}],
    });
  });

  test.each([
    [["--baseline", "none.json"], "--baseline: there is no none.json; --update writes it"],
    [["--update"], "--update: expected --baseline FILE too"],
    [["--split", "train"], "split: expected one of those in"],
    [["--top-k", "0"], "--top-k: expected a number from 1, received 0"],
    [["--top-k", "5,10"], "--top-k: expected one number, received 5,10"],
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
    expect(refused.at(-1)).toContain("--help");
    const good = JSON.parse(await readFile(baseline, "utf8")) as Readonly<Record<string, unknown>>;
    const wrong = [
      { format: "groundline" },
      { version: 2 },
      { topK: "10" },
      { perQuery: null },
      { perQuery: "" },
      { perQuery: { q0: null } },
      { perQuery: { q0: { "ndcg@10": "1" } } },
    ].map((part) => JSON.stringify({ ...good, ...part }));
    for (const text of ["{", "[]", "null", ...wrong]) {
      refused = [];
      await writeFile(baseline, text);
      expect(await run("--baseline", baseline)).toBe(2);
      expect(refused).toEqual([expect.stringContaining(`${baseline}: expected a baseline`)]);
    }
    // What cannot be read for another reason is not "there is none".
    expect(await run("--baseline", folder)).toBe(2);
    expect(String(refused.at(-1))).toContain("EISDIR");
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
