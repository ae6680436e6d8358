import { describe, expect, test } from "vitest";
import { helpOf, readArguments } from "../../benchmarks/arguments.ts";
import { againstFirst, comparisonCells, signed } from "../../benchmarks/comparison.ts";
import { progress } from "../../benchmarks/progress.ts";
import { table } from "../../benchmarks/table.ts";
import { honestyOf, measureGrid, type TuneRow } from "../../benchmarks/tune.ts";
import type { EvalQuery, Evaluation } from "../../src/eval/index.ts";
import { ConfigError } from "../../src/index.ts";
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

describe("tune", () => {
  test("measures the default first, then the grid", { timeout: 20_000 }, async () => {
    const words = ["key", "lock", "door", "wall", "roof"];
    const documents = words.map((word) => ({
      id: word,
      text: words.map((other) => `The ${word} stands beside the ${other}. `.repeat(6)).join("\n\n"),
    }));
    const queries = documents.map(({ id, text }): EvalQuery => {
      const start = text.indexOf("roof");
      return { id, text: `${id} beside roof`, judgments: [{ documentId: id, span: { start, end: start + 4 } }] };
    });
    const rows = await measureGrid({
      documents,
      queries,
      sizes: [150],
      overlaps: [0],
      topKs: [3],
      budget: { characters: 400 },
    });
    expect(rows.map(({ size, overlap, topK }) => [size, overlap, topK])).toEqual([
      [600, 0.25, 10],
      [600, 0.25, 3],
      [600, 0, 10],
      [600, 0, 3],
      [150, 0.25, 10],
      [150, 0.25, 3],
      [150, 0, 10],
      [150, 0, 3],
    ]);
    for (const { evaluation, chunkCount } of rows) {
      expect(Object.keys(evaluation.mean)[0]).toBe("spanRecall@budget");
      expect(chunkCount).toBeGreaterThan(0);
    }
  });

  test("sees through luck: pure noise has an apparent gain and none on the other half", () => {
    let state = 1;
    const noise = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    const rows = Array.from({ length: 20 }, (): TuneRow => {
      const evaluation = evaluationOf(Array.from({ length: 60 }, noise));
      return { size: 1, overlap: 0, topK: 1, chunkCount: 1, evaluation };
    });
    const { apparent, heldOut } = honestyOf(rows, "full", 1);
    const truth =
      rows.reduce((sum, row) => sum + (row.evaluation.mean["full"] ?? 0), 0) / 20 -
      (rows[0]?.evaluation.mean["full"] ?? 0);
    expect(apparent).toBeGreaterThan(truth + 0.05);
    expect(Math.abs(heldOut - truth)).toBeLessThan(0.05);
    expect(honestyOf(rows, "full", 1)).toEqual({ apparent, heldOut });
  });
});
