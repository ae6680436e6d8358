import { describe, expect, test, vi } from "vitest";
import { helpOf, readArguments } from "../../benchmarks/arguments.ts";
import { againstFirst, comparisonCells, signed } from "../../benchmarks/comparison.ts";
import { mixOf, scoresOf } from "../../benchmarks/fusion.ts";
import { progress } from "../../benchmarks/progress.ts";
import { sheets } from "../../benchmarks/sheets.ts";
import { table } from "../../benchmarks/table.ts";
import { tuningText } from "../../benchmarks/tuning-text.ts";
import { tune, type EvalQuery, type Evaluation } from "../../src/eval/index.ts";
import { ConfigError, convex } from "../../src/index.ts";
import { untyped } from "../untyped.ts";

const command = {
  name: "try",
  about: "Tries.",
  operand: "FOLDER",
  flags: {
    size: { value: "N,N", about: "sizes", default: "200,400" },
    name: { value: "NAME", about: "a name" },
    json: { about: "print JSON" },
  },
} as const;

describe("sheets", () => {
  const setting = { machine: "a machine", load: 1, versions: { node: "v20" } };
  const heads = ["", "ms", "beside"];
  const rows = [["ours", "0.50", "2.0 (4×)"]];
  const printed = (json: boolean): string => {
    const log = vi.spyOn(console, "log").mockReturnValue(undefined);
    const out = sheets({ benchmark: "try", setting, json, given: { seed: 3 } });
    out.add("## Speed", heads, rows);
    out.end();
    const lines = log.mock.calls.map(([line]) => String(line));
    log.mockRestore();
    return lines.join("\n");
  };

  test("are one JSON with the setting and with numbers", () => {
    expect(JSON.parse(printed(true))).toEqual({
      benchmark: "try",
      setting,
      seed: 3,
      tables: [{ title: "Speed", rows: [{ name: "ours", ms: 0.5, beside: "2.0 (4×)" }] }],
    });
  });

  test("are tables as they come, after the setting", () => {
    expect(printed(false)).toBe(`a machine, load 1; node v20\nseed 3\n\n## Speed\n\n${table(heads, rows)}`);
  });
});

describe("readArguments", () => {
  test("knows flags, their defaults and the operand", () => {
    const given = readArguments(command, ["--json", "folder", "--size", "1,2.5"]);
    expect(given.operand).toBe("folder");
    expect(given.on("json")).toBe(true);
    expect(given.numbers("size", 1)).toEqual([1, 2.5]);
    expect(given.value("name")).toBeUndefined();
    const bare = readArguments(command, ["folder"]);
    expect(bare.on("json")).toBe(false);
    expect(bare.numbers("size", 0)).toEqual([200, 400]);
    expect(bare.numbers("name", 0)).toEqual([]);
  });

  test.each([[[]], [["a", "b"]], [["a", "--sizes", "3"]], [["a", "--size"]], [["a", "--json=1"]]])(
    "refuses %j",
    (given) => {
      expect(() => readArguments(command, given)).toThrow(ConfigError);
    },
  );

  test("takes a folder by --data too, and one only", () => {
    expect(readArguments(command, ["--data", "folder"]).operand).toBe("folder");
    expect(() => readArguments(command, ["folder", "--data", "other"])).toThrow("expected one FOLDER, received 2");
  });

  test("takes nothing besides flags where there is no operand", () => {
    const bare = { ...command, operand: "" };
    expect(readArguments(bare, ["--json"]).on("json")).toBe(true);
    expect(() => readArguments(bare, ["folder"])).toThrow("expected no operand, received 1");
    expect(helpOf(bare)).toContain("try [flags]");
  });

  test("refuses numbers that are none, or too small", () => {
    const of = (size: string) => readArguments(command, ["a", `--size=${size}`]).numbers("size", 1);
    expect(() => of("1,x")).toThrow("--size: expected numbers from 1 between commas, received x");
    expect(() => of("0")).toThrow(ConfigError);
    expect(() => of("Infinity")).toThrow(ConfigError);
  });

  test("lists every flag with its default in the help", () => {
    const help = helpOf({ ...command, name: "npm run bench -- try" });
    expect(help).toContain("npm run bench -- try FOLDER [flags]");
    expect(help).toContain("  --size N,N   sizes (default 200,400)\n  --name NAME  a name\n  --json       print JSON");
  });
});

describe("table", () => {
  test("is Markdown whose columns stand below each other", () => {
    expect(
      table(
        ["a", "long head"],
        [
          ["row", 1.5],
          ["x", undefined],
        ],
      ),
    ).toBe(["| a   | long head |", "| --- | --------: |", "| row |       1.5 |", "| x   |           |"].join("\n"));
  });
});

describe("progress", () => {
  const written = (isTTY: boolean): { readonly out: NodeJS.WriteStream; readonly lines: string[] } => {
    const lines: string[] = [];
    return { lines, out: untyped({ isTTY, write: (text: string) => lines.push(text) }) };
  };

  test("draws a bar on a terminal", () => {
    const { out, lines } = written(true);
    const bar = progress("index", out);
    bar.update(12, 24);
    bar.update(13, 24);
    expect(bar.end()).toBeGreaterThanOrEqual(0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe("\r[############............] index 12/24\x1b[K");
    expect(lines[1]).toContain("\rindex: 0.0 s\x1b[K\n");
  });

  test("writes one plain line elsewhere", () => {
    const { out, lines } = written(false);
    const bar = progress("index", out);
    bar.update(12, 24);
    bar.end();
    expect(lines.join("")).toMatch(/^index: [0-9.]+ s\n$/);
  });
});

const evaluationOf = (scores: readonly number[]): Evaluation =>
  untyped({
    mean: { full: scores.reduce((sum, score) => sum + score, 0) / scores.length },
    perQuery: Object.fromEntries(scores.map((score, index) => [`q${index}`, { full: score }])),
  });

describe("comparisons of a table", () => {
  test("are with the first row, corrected across the others", () => {
    const flat = Array.from({ length: 12 }, () => 0);
    const up = flat.map((_, index) => (index < 9 ? 1 : 0));
    const [first, second, third] = againstFirst([flat, up, flat].map(evaluationOf), "full", 1);
    expect(first).toBeUndefined();
    expect(second?.difference).toBe(0.75);
    // Of 2⁹ sign flips two are as extreme, times two comparisons.
    expect(second?.p).toBeGreaterThan(0.004);
    expect(second?.p).toBeLessThan(0.013);
    expect(third?.p).toBe(1);
    expect(comparisonCells(first)).toEqual([]);
    expect(comparisonCells(second)?.[0]).toBe("+0.750");
    expect(signed(-0.0301)).toBe("-0.030");
  });
});

describe("the tables of tune", () => {
  const documents = ["key", "lock", "door"].map((word) => ({
    id: word,
    text: ["wall", "roof"].map((other) => `The ${word} stands beside the ${other}. `.repeat(9)).join("\n\n"),
  }));
  const queries = documents.map(({ id, text }): EvalQuery => {
    const start = text.indexOf("roof");
    return { id, text: `${id} beside roof`, judgments: [{ documentId: id, span: { start, end: start + 4 } }] };
  });

  test("say what was chosen, what it gains on fresh queries, and what topK does", async () => {
    const report = await tune({ documents, queries, search: "grid", space: { size: [150], topK: [1, 10] } });
    const text = tuningText(report, "4000 characters");
    expect(text).toContain("| recursive |  600 |");
    expect(text).toContain("spanRecall@budget, 4000 characters, at each topK");
    expect(text).toContain("The default stays. None of the others was better by more than one standard error, on all");
    expect(text).not.toContain("so much was luck");
    expect(text).not.toContain("| queries |");
    expect(text).toContain("3 labelled queries are too few to choose by");
    expect(text).toContain("chunker: recursive({ size: 600, overlap: 0.25 }),");
  });

  test("say what each combination was read on, where that is not the same", async () => {
    const report = await tune({ documents, queries, space: { size: [150, 200, 300] } });
    const text = tuningText(report, "x");
    expect(text).toMatch(/\| chunks \| queries \| score \|/);
    expect(text).toContain("compare the differences, not the scores");
    const { challenger, standard } = report;
    const other = {
      ...challenger,
      choice: { ...challenger.choice, size: 200 },
      heldOut: -0.0114,
      interval: [-0.03, 0.01] as const,
      p: 0.25,
    };
    expect(tuningText({ ...report, challenger: other }, "x")).toMatch(
      /The best of the others lost 0\.011 \(95 %: [^)]*, p 0\.250\) on queries it was not chosen by\.\nOn the queries/,
    );
    expect(tuningText({ ...report, challenger: { ...other, choice: standard } }, "x")).toContain(
      "what any four fifths of the queries chose lost 0.011",
    );
  });

  test("say what moved", async () => {
    const report = await tune({ documents, queries, space: { size: [150] } });
    const text = tuningText({ ...report, moved: true, heldOutGain: 0.031, interval: [0.011, 0.05] }, "x");
    expect(text).toContain(
      "Chosen instead of the default: +0.031 (95 %: +0.011 to +0.050) on queries it was not chosen by",
    );
  });
});

describe("fusion", () => {
  test("mixes the lists as deep as asked, and measures documents", () => {
    const legs = [
      {
        dense: [
          { id: "a", score: 2 },
          { id: "b", score: 1 },
        ],
        lexical: [
          { id: "b", score: 3 },
          { id: "c", score: 1 },
        ],
      },
    ];
    const queries: EvalQuery[] = [{ id: "q", text: "q", judgments: [{ documentId: "b" }] }];
    const first = scoresOf(legs, queries, mixOf({ fusion: convex({ dense: 0.1 }), depth: 2 }), 100);
    expect(first.mean["ndcg@10"]).toBe(1);
    expect(mixOf({ fusion: convex(), depth: 1 })(legs[0] ?? { dense: [], lexical: [] }).map(({ id }) => id)).toEqual([
      "a",
      "b",
    ]);
  });

  test("says of the first ten what it says of a hundred, those that tie with the tenth among them", () => {
    const tied = [..."abcdefghijklm"].map((id, place) => ({ id, score: place < 9 ? 20 - place : 1 }));
    const legs = { dense: tied, lexical: [] };
    // trec_eval has the last of equals first.
    const queries: EvalQuery[] = ["m", "j"].map((id) => ({ id, text: "q", judgments: [{ documentId: id }] }));
    const [ten, all] = ([10, 100] as const).map((depth) =>
      scoresOf([legs, legs], queries, ({ dense }) => dense, depth),
    );
    expect(ten?.perQuery["m"]?.["ndcg@10"]).toBeCloseTo(1 / Math.log2(11), 12);
    expect(ten?.perQuery["j"]?.["ndcg@10"]).toBe(0);
    expect(all?.mean["ndcg@10"]).toBe(ten?.mean["ndcg@10"]);
  });
});
