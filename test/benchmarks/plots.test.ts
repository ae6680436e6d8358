import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Figures } from "../../benchmarks/report/figures.ts";
import { pageOf } from "../../benchmarks/report/page.ts";
import { budgetPlot, differencePlot, frontPlot, gridPlot, missPlot, pathPlot } from "../../benchmarks/report/plots.ts";
import { apart, domainOf, escaped, linear, logarithmic, number, share, ticksOf } from "../../benchmarks/report/svg.ts";
import { tune } from "../../src/eval/index.ts";
import { collection } from "../eval/tuning.ts";

const hostile = `<script>alert("1" & 2)</script>`;

/** Made up, so that it is known what has to be drawn; what tune says is its own. */
const { documents, queries } = collection({ documents: 4, facts: 2 });
const tuning = await tune({
  documents,
  queries,
  budget: { characters: 300 },
  space: { size: [150, 300], topK: [5, 10] },
});
const figures: Figures = {
  setting: { machine: "m", load: 0, versions: { node: "20" }, data: { folder: `/data/${hostile}`, sha256: "00" } },
  split: "test",
  seed: 1,
  collection: { documents: 12, queries: 24, missing: 0 },
  search: "BM25",
  score: "true spans found",
  unit: "characters",
  budget: 400,
  curves: [
    { size: 300, points: [100, 400].map((budget) => ({ budget, score: budget / 1000 })) },
    { size: 600, points: [100, 400].map((budget) => ({ budget, score: budget / 800 })) },
  ],
  cells: [
    { size: 300, topK: 1, score: 0.2, context: 300, milliseconds: 1 },
    { size: 300, topK: 9, score: 0.7, context: 2_400, milliseconds: 2 },
    // Slower than the one above, and no better in anything.
    { size: 600, topK: 1, score: 0.2, context: 600, milliseconds: 4 },
    // Longer and slower, and better.
    { size: 600, topK: 9, score: 0.9, context: 4_800, milliseconds: 8 },
  ],
  misses: [
    { size: 300, causes: { "dropped-by-budget": 2, split: 3 } },
    { size: 600, causes: { "not-a-candidate": 10 } },
  ],
  difference: {
    size: 300,
    standard: 600,
    queries: [
      { id: hostile, difference: -0.5 },
      { id: "same", difference: 0 },
      { id: "up", difference: 0.25 },
      { id: "most", difference: 1 },
    ],
    mean: -0.1875,
    interval: [-0.4, 0.025],
    p: 0.25,
  },
  tuning,
};

/** The attributes of every element of a kind. */
function drawn(svg: string, element: string, kind: string): readonly Readonly<Record<string, string>>[] {
  return [...svg.matchAll(new RegExp(`<${element} ([^>]*)>`, "g"))]
    .map(([, text = ""]) =>
      Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
    )
    .filter((one) => (one["class"] ?? "").split(" ").includes(kind)) as Readonly<Record<string, string>>[];
}
const numbers = (all: readonly Readonly<Record<string, string>>[], name: string): readonly number[] =>
  all.map((one) => Number(one[name]));

describe("plots", () => {
  test("scores by budget, a line for each size, its numbers in the table", () => {
    const { heads, rows, drawing } = budgetPlot(figures);
    expect([heads, ...rows]).toEqual([
      ["size", "100", "400"],
      [300, ".100", ".400"],
      [600, ".125", ".500"],
    ]);
    expect(drawing.match(/<polyline/g)).toHaveLength(2);
    const [a = [], b = []] = [...drawing.matchAll(/points="([^"]*)"/g)].map(([, points = ""]) =>
      points.split(" ").map((point) => point.split(",").map(Number)),
    );
    // To the right with the budget, up with the score: an SVG's y goes down.
    for (const [from = [], to = []] of [a, b]) {
      expect(to[0]).toBeGreaterThan(from[0] ?? Number.NaN);
      expect(to[1]).toBeLessThan(from[1] ?? Number.NaN);
    }
    expect(b[1]?.[1]).toBeLessThan(a[1]?.[1] ?? Number.NaN);
  });

  test("the heat of size × topK goes from the worst to the best", () => {
    const { heads, rows, drawing } = gridPlot(figures);
    expect([heads, ...rows]).toEqual([
      ["size", "1", "9"],
      [300, ".200", ".700"],
      [600, ".200", ".900"],
    ]);
    expect(drawn(drawing, "rect", "heat").map((one) => one["style"])).toEqual(
      [8, 74, 8, 100].map((depth) => `--depth:${depth}%`),
    );
  });

  test("the front has those that nothing beats in quality, context and time at once", () => {
    const { rows, drawing } = frontPlot(figures);
    expect(rows.map(([size, topK]) => [size, topK])).toEqual([
      [300, 1],
      [300, 9],
      [600, 9],
    ]);
    expect(drawn(drawing, "circle", "dot").map((one) => one["class"])).toEqual([
      "dot best",
      "dot best",
      "dot",
      "dot best",
    ]);
    const radii = numbers(drawn(drawing, "circle", "dot"), "r");
    expect(radii).toEqual(radii.toSorted((a, b) => a - b));
  });

  test("nothing outside of the front is unbeaten, nothing in it is beaten, and the line over it only rises", () => {
    const cell = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      topK: fc.integer({ min: 1, max: 9 }),
      score: fc.integer({ min: 0, max: 4 }).map((value) => value / 4),
      context: fc.integer({ min: 1, max: 5 }),
      milliseconds: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(cell, { minLength: 2, maxLength: 12, selector: ({ size, topK }) => `${size} ${topK}` }),
        (cells) => {
          const { rows, drawing } = frontPlot({ ...figures, cells });
          const isIn = (one: (typeof cells)[number]): boolean =>
            rows.some(([size, topK]) => size === one.size && topK === one.topK);
          for (const one of cells) {
            const beaten = cells.some(
              (other) =>
                other.score >= one.score &&
                other.context <= one.context &&
                other.milliseconds <= one.milliseconds &&
                (other.score !== one.score || other.context !== one.context || other.milliseconds !== one.milliseconds),
            );
            expect(isIn(one)).toBe(!beaten);
          }
          const contexts = rows.map(([, , , context]) => Number(context));
          expect(contexts).toEqual(contexts.toSorted((a, b) => a - b));
          const line =
            /<polyline points="([^"]*)"/
              .exec(drawing)?.[1]
              ?.split(" ")
              .map((point) => Number(point.split(",")[1])) ?? [];
          for (const [index, height] of line.entries())
            if (index > 0) expect(height).toBeLessThan(line[index - 1] ?? 0);
        },
      ),
    );
  });

  test("causes of misses are stacked in the order of the pipeline, those that occur alone", () => {
    const { heads, rows, drawing, legend, about } = missPlot(figures);
    expect([heads, ...rows]).toEqual([
      ["size", "not-a-candidate", "split", "dropped-by-budget"],
      [300, 0, 3, 2],
      [600, 10, 0, 0],
    ]);
    expect(legend?.match(/<li>/g)).toHaveLength(3);
    const bars = [...drawing.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"[^>]*><title>([^<]*)</g)].map(
      ([, x, y, width, title]) => ({ x: Number(x), y: Number(y), width: Number(width), title }),
    );
    const [split, dropped, candidate] = bars;
    expect(bars.map(({ title }) => title)).toEqual([
      "size 300, split: 3",
      "size 300, dropped-by-budget: 2",
      "size 600, not-a-candidate: 10",
    ]);
    // A pixel apart; ten queries are as wide as the plot.
    expect((split?.x ?? 0) + (split?.width ?? 0) + 1).toBeCloseTo(dropped?.x ?? Number.NaN);
    expect(candidate?.x).toBe(split?.x);
    expect(((split?.width ?? 0) + 1) / ((candidate?.width ?? 0) + 1)).toBeCloseTo(0.3);
    expect(dropped?.y).toBe(split?.y);
    expect(drawing).toContain(">5</text>");
    expect(about).toContain("Of 4 queries, those whose answer is not whole in a context of 400 characters");
  });

  test("differences stand sorted, better above the line and worse below it; those that are the same have no bar", () => {
    const { rows, drawing, about } = differencePlot(figures);
    expect(rows.slice(0, 3)).toEqual([
      ["most", "+1.000"],
      ["up", "+.250"],
      [hostile, "−.500"],
    ]);
    expect(about).toContain(
      "2 find more with 300, 1 find less, 1 the same and have no bar. Mean −.188, 95 % interval −.400 to +.025, p 0.250",
    );
    const [better, worse] = [drawn(drawing, "rect", "better"), drawn(drawing, "rect", "worse")];
    expect([better.length, worse.length]).toEqual([2, 1]);
    const [most = Number.NaN, up = Number.NaN] = numbers(better, "height");
    expect(most / up).toBeCloseTo(4, 1);
    const [base = Number.NaN] = numbers(worse, "y");
    expect(Number(better[0]?.["y"]) + most).toBeCloseTo(base, 0);
    expect(numbers(better, "x")).toEqual(numbers(better, "x").toSorted((a, b) => a - b));
  });

  test("the tuner's way has every rung, and says how it ended", () => {
    const { rows, about, drawing } = pathPlot(figures);
    expect(rows).toEqual(
      tuning.rungs.map(({ queries: read, combinations, best }) => [read, combinations, share(best)]),
    );
    expect(drawn(drawing, "circle", "best")).toHaveLength(tuning.rungs.length);
    expect(about).toContain("It stayed with the default of 600");
    const chosen = { ...tuning.chosen, size: 150 };
    const moved = pathPlot({ ...figures, tuning: { ...tuning, moved: true, chosen } }).about;
    expect(moved).toContain(`It moved to size 150, overlap ${chosen.overlap}, topK ${chosen.topK}`);
  });
});

describe("the page", () => {
  const page = pageOf(figures);

  test("is one file of six plots with names and units, and nothing from elsewhere", () => {
    expect(page.match(/<svg /g)).toHaveLength(6);
    expect(page).not.toMatch(/<script|https?:|url\(|@import|NaN|undefined|Infinity/);
    for (const name of [
      "context budget, characters",
      "topK, hits",
      "context handed over, mean characters",
      "queries that differ, sorted",
      "difference in true spans found",
      "queries read",
      "combinations left",
    ]) {
      expect(page).toContain(`>${name}</text>`);
    }
  });

  test("takes what comes from outside as text", () => {
    expect(page).toContain("<h1>script&gt;</h1>");
    expect(page).toContain("<td>&lt;script&gt;alert(&quot;1&quot; &amp; 2)&lt;/script&gt;</td>");
  });

  test("says what to do: to keep the default, or what to change", () => {
    expect(page).toContain("<h2>Keep the default</h2>");
    expect(page).toContain("nothing else was shown to be better");
    expect(page).toContain(escaped(tuning.chosen.source));
    expect(tuning.notes.length).toBeGreaterThan(0);
    for (const note of tuning.notes) expect(page).toContain(`<p class="note">${escaped(note)}</p>`);
    const moved = { ...tuning, moved: true, heldOutGain: 0.031, interval: [0.011, 0.05] as const };
    const other = pageOf({ ...figures, tuning: moved });
    expect(other).toContain("<h2>Change</h2>");
    expect(other).toContain(".031 more (.011 to .050) in 400 characters than the default's");
    expect(pageOf({ ...figures, tuning: { ...moved, metric: "ndcg@10" } })).toContain("by nDCG@10 than the default's");
  });

  test("is for the light and the dark, and for phones", () => {
    const dark = /@media \(prefers-color-scheme: dark\) \{ :root \{([^}]*)\}/.exec(page)?.[1] ?? "";
    const light = /:root \{([^}]*)\}/.exec(page)?.[1] ?? "";
    const names = (colours: string): readonly string[] =>
      [...colours.matchAll(/(--[\w-]+):/g)].map(([, name = ""]) => name);
    expect(names(dark)).toEqual(names(light));
    expect(page).toContain(`<meta name="viewport" content="width=device-width, initial-scale=1">`);
  });
});

describe("scales and words of the plots", () => {
  test("ticks are round and inside", () => {
    expect(ticksOf(0, 1, 5)).toEqual([0, 0.2, 0.4, expect.closeTo(0.6), 0.8, 1]);
    expect(ticksOf(0.93, 0.99, 3)).toEqual([0.94, 0.96, 0.98].map((tick) => expect.closeTo(tick)));
    expect(ticksOf(2, 2, 5)).toEqual([2]);
  });

  test("one value is no scale, and still has a place", () => {
    expect(linear([2, 2], [10, 90])(2)).toBe(10);
    expect(linear([0, 4], [10, 90])(1)).toBe(30);
    expect(logarithmic([1, 100], [0, 80])(10)).toBeCloseTo(40);
  });

  test("a domain is wider than its values, and not below its floor", () => {
    expect(domainOf([0.01, 0.9], 0)).toEqual([0, expect.closeTo(0.9712)]);
    expect(domainOf([0.5, 0.9], 0)[0]).toBeCloseTo(0.468);
  });

  test("labels stand apart, in the order of their lines", () => {
    expect(apart([100, 102, 50], 14)).toEqual([100, 114, 50]);
  });

  test("numbers are short", () => {
    expect([1_234, 999.4, 0.012345].map(number)).toEqual(["1.23k", "999", "0.0123"]);
    expect([0.5, -0.25, 1].map(share)).toEqual([".500", "-.250", "1.000"]);
    expect(escaped(`<&">`)).toBe("&lt;&amp;&quot;&gt;");
  });
});
