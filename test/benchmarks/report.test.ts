import { afterEach, describe, expect, test, vi } from "vitest";
import { measureFigures } from "../../benchmarks/report.ts";
import { compare, evaluate, type EvalQuery, type Evaluation } from "../../src/eval/index.ts";
import { createRetriever, memory, recursive } from "../../src/index.ts";

afterEach(() => void vi.restoreAllMocks());

/** Each fact is asked for by a word that shorter lines have too: it is found, and not first. */
const documents = Array.from({ length: 12 }, (_, n) => ({
  id: `${n}`,
  title: `a title of document ${n}`,
  text: [
    ...Array.from({ length: n % 4 }, (__, line) => `decoy thing${n} ${line}.`),
    `A line that goes on for quite a while before it says that thing${n} is what was asked for, and on.`,
    ...Array.from({ length: 8 }, (__, line) => `Line ${line} of ${n} tells of something else altogether.`),
    ...Array.from({ length: n % 3 }, (__, line) => `Another decoy of thing${n}, ${line}, is in here.`),
  ].join("\n\n"),
}));
const queries: readonly EvalQuery[] = documents.flatMap(({ id, text }, n) => {
  const start = text.indexOf("A line");
  return [
    { id: `q${id}`, text: `thing${n}`, judgments: [{ documentId: id, span: { start, end: start + 90 } }] },
    { id: `miss ${id}`, text: "nothing", judgments: [{ documentId: id, span: { start: 0, end: 30 } }] },
    { id: `none ${id}`, text: "decoy", judgments: [{ documentId: id, span: { start: 0, end: 5 }, grade: 0 }] },
  ];
});
const asked = {
  documents,
  sizes: [300, 120, 60],
  topKs: [1, 2, 5],
  budgets: [900, 100],
  budget: 400,
  budgetOf: (characters: number) => ({ characters }),
  base: {},
  seed: 1,
};
const counted = queries.filter(({ id }) => !id.startsWith("none"));

/** What `evaluate` says of a size. */
async function evaluated(
  size: number,
  options: { readonly topK: number; readonly budget?: number },
): Promise<Evaluation> {
  const retriever = createRetriever({ store: memory(), chunker: recursive({ size }) });
  await retriever.index(documents);
  const { topK, budget } = options;
  return evaluate(retriever, counted, { topK, ...(budget !== undefined && { budget: { characters: budget } }) });
}

describe("what the report measures", () => {
  test("needs a size besides the default, and says so before any work", async () => {
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    for (const sizes of [[], [600]]) {
      await expect(measureFigures({ ...asked, queries, sizes })).rejects.toThrow("--size: expected one besides 600.");
    }
    expect(told).not.toHaveBeenCalled();
  });

  test("are the sizes in order, the default among them, and what evaluate says of each", async () => {
    const { score, curves, cells, misses, difference, tuning } = await measureFigures({ ...asked, queries });
    expect(score).toBe("true spans found");
    expect(curves.map(({ size, points }) => [size, points.map(({ budget }) => budget)])).toEqual(
      [60, 120, 300, 600].map((size) => [size, [100, 400, 900]]),
    );
    for (const { size, points } of curves) {
      for (const { budget, score: found } of points) {
        const { mean } = await evaluated(size, { topK: 200, budget });
        expect(found).toBeCloseTo(mean["spanRecall@budget"] ?? Number.NaN, 12);
      }
    }
    expect(new Set(curves.flatMap(({ points }) => points.map((point) => point.score))).size).toBeGreaterThan(4);

    expect(cells.map(({ size, topK }) => [size, topK])).toEqual(
      [60, 120, 300, 600].flatMap((size) => [1, 2, 5].map((topK) => [size, topK])),
    );
    for (const { size, topK, score: found } of cells) {
      const { mean } = await evaluated(size, { topK });
      expect(found).toBeCloseTo(mean[`spanRecall@${topK}`] ?? Number.NaN, 12);
    }

    for (const { size, causes } of misses) {
      const expected: Record<string, number> = {};
      for (const { cause } of (await evaluated(size, { topK: 200, budget: 400 })).misses)
        expected[cause] = (expected[cause] ?? 0) + 1;
      expect(causes).toEqual(expected);
    }

    const at400 = curves.map(({ size, points }) => ({ size, score: points[1]?.score ?? 0 }));
    const best = at400.filter(({ size }) => size !== 600).toSorted((a, b) => b.score - a.score)[0]?.size ?? 0;
    const [own, standing] = await Promise.all([best, 600].map((size) => evaluated(size, { topK: 200, budget: 400 })));
    if (own === undefined || standing === undefined) throw new Error("not evaluated");
    const { difference: mean, interval, p } = compare(own, standing, { metric: "spanRecall@budget", seed: 1 });
    expect(difference).toMatchObject({ size: best, standard: 600, mean: expect.closeTo(mean, 12), interval, p });
    expect(difference.queries).toHaveLength(24);
    for (const query of difference.queries) {
      const scoreIn = ({ perQuery }: Evaluation): number => perQuery[query.id]?.["spanRecall@budget"] ?? Number.NaN;
      expect(query.difference).toBeCloseTo(scoreIn(own) - scoreIn(standing), 12);
    }
    expect(mean).not.toBe(0);

    expect(tuning.queries).toBe(24);
    expect(tuning.depths.map(({ topK }) => topK)).toEqual([1, 2, 5]);
    expect([...new Set(tuning.table.map(({ size }) => size))].toSorted((a, b) => a - b)).toEqual([60, 120, 300, 600]);
  });

  test("a context's length has the overlap once", async () => {
    const [one] = documents;
    if (one === undefined) throw new Error("no document");
    const { cells } = await measureFigures({
      ...asked,
      documents: [{ id: "0", text: one.text.repeat(4) }],
      queries: [0, 1].map((n) => ({
        id: `${n}`,
        text: "Line",
        judgments: [{ documentId: "0", span: { start: 0, end: 9 } }],
      })),
      topKs: [1, 100],
    });
    const whole = cells.filter(({ topK }) => topK === 100);
    for (const { context } of whole) expect(context).toBeLessThanOrEqual(one.text.length * 4);
    expect(whole[0]?.context).toBeGreaterThan(one.text.length * 2);
    for (const { topK, context, size } of cells) if (topK === 1) expect(context).toBeLessThanOrEqual(size);
  });

  test("times searches", async () => {
    const { cells } = await measureFigures({ ...asked, queries });
    for (const { milliseconds } of cells) expect(milliseconds).toBeGreaterThan(0);
  });

  test("without true spans are documents, those judged relevant, each for its share", async () => {
    const pairs = documents.slice(0, 8).map(({ id }, n) => ({
      id,
      text: `thing${n}`,
      judgments: [{ documentId: id }, { documentId: "11" }, { documentId: "10", grade: 0 }],
    }));
    const { score, cells } = await measureFigures({ ...asked, queries: pairs });
    expect(score).toBe("relevant documents found");
    for (const { score: found } of cells) expect(found).toBe(0.5);
  });

  test("leave out a size that does not fit every document, and say so", async () => {
    const said: unknown[] = [];
    vi.spyOn(console, "error").mockImplementation((line: unknown) => void said.push(line));
    const { curves, cells, misses } = await measureFigures({ ...asked, sizes: [10, 300], queries });
    for (const sizes of [curves, cells, misses]) expect(sizes.some(({ size }) => size === 10)).toBe(false);
    expect(said.join("\n")).toContain("size 10 is left out, 12 documents cannot be indexed");
  });

  test("need two judged queries, and a size to compare with", async () => {
    await expect(measureFigures({ ...asked, queries: queries.slice(0, 1) })).rejects.toThrow(
      "FOLDER: expected two judged queries, received 1",
    );
    await expect(measureFigures({ ...asked, queries, sizes: [600] })).rejects.toThrow(
      "--size: expected one besides 600",
    );
  });
});
