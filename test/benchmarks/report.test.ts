import { describe, expect, test } from "vitest";
import type { Figures } from "../../benchmarks/report/figures.ts";
import { pageOf } from "../../benchmarks/report/page.ts";
import { ticksOf } from "../../benchmarks/report/svg.ts";
import { measureFigures } from "../../benchmarks/report.ts";

const hostile = `<script>alert("1")</script>`;
const documents = Array.from({ length: 12 }, (_, n) => ({
  id: `${n}`,
  text: Array.from({ length: 20 }, (__, line) => `Line ${line} of ${n} tells of thing${n * 20 + line}.`).join("\n\n"),
}));
const queries = documents.flatMap(({ id, text }, n) => {
  const wanted = `thing${n * 20 + 7}`;
  const start = text.indexOf("Line 7 ");
  return [
    { id: `${hostile}${id}`, text: wanted, judgments: [{ documentId: id, span: { start, end: start + 30 } }] },
    { id: `miss ${id}`, text: "nothing", judgments: [{ documentId: id, span: { start: 0, end: 30 } }] },
  ];
});

async function figures(withSpans: boolean): Promise<Figures> {
  const measured = await measureFigures({
    documents,
    queries: withSpans
      ? queries
      : queries.map((query) => ({ ...query, judgments: query.judgments.map(({ documentId }) => ({ documentId })) })),
    sizes: [100, 300],
    topKs: [1, 5],
    budgets: [100, 400],
    budget: 200,
    budgetOf: (characters) => ({ characters }),
    embedder: undefined,
    seed: 1,
  });
  const setting = {
    machine: "m",
    load: 0,
    versions: { node: "20" },
    data: { folder: `/data/${hostile}`, sha256: "00" },
  };
  const collection = { documents: documents.length, queries: queries.length, missing: 0 };
  return { setting, split: "test", seed: 1, collection, search: "BM25", unit: "characters", budget: 200, ...measured };
}

describe("the report", () => {
  test("measures what it shows", async () => {
    const { score, curves, cells, misses, difference, tuning } = await figures(true);
    expect(score).toBe("true spans found");
    expect(curves.map(({ size, points }) => [size, points.map(({ budget }) => budget)])).toEqual([
      [100, [100, 200, 400]],
      [300, [100, 200, 400]],
      [600, [100, 200, 400]],
    ]);
    for (const { points } of curves)
      expect(points.map((point) => point.score)).toEqual(points.map((point) => point.score).toSorted((a, b) => a - b));
    // Half of the queries can be answered.
    expect(curves[0]?.points.at(-1)?.score).toBeCloseTo(0.5);
    expect(cells).toHaveLength(6);
    for (const { context, score: found } of cells) {
      expect(context).toBeGreaterThan(0);
      expect(found).toBeLessThanOrEqual(0.5);
    }
    expect(misses.map(({ causes }) => causes["not-a-candidate"])).toEqual([12, 12, 12]);
    expect(difference.queries).toHaveLength(24);
    expect(tuning.queries).toBe(24);
  });

  test("without true spans it counts documents", async () => {
    const { score, curves } = await figures(false);
    expect(score).toBe("relevant documents found");
    expect(curves[0]?.points.at(-1)?.score).toBeCloseTo(0.5);
  });

  test("is one page of six plots with names and units, and nothing from elsewhere", async () => {
    const page = pageOf(await figures(true));
    expect(page.match(/<svg /g)).toHaveLength(6);
    expect(page).not.toMatch(/<script|https?:|url\(|@import|NaN|undefined|Infinity/);
    for (const name of [
      "context budget, characters",
      "topK, hits",
      "context handed over, mean characters",
      "queries read",
    ]) {
      expect(page).toContain(name);
    }
    expect(page).toContain("&lt;script&gt;");
  });

  test("ticks are round and inside", () => {
    expect(ticksOf(0, 1, 5)).toEqual([0, 0.2, 0.4, expect.closeTo(0.6), 0.8, 1]);
    expect(ticksOf(0.93, 0.99, 3)).toEqual([0.94, 0.96, 0.98].map((tick) => expect.closeTo(tick)));
    expect(ticksOf(2, 2, 5)).toEqual([2]);
  });
});
