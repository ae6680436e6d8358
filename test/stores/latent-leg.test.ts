import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flat } from "../../src/dense/flat.ts";
import { finished } from "../../src/signal.ts";
import { ConfigError } from "../../src/errors.ts";
import { fitLatent } from "../../src/latent/model.ts";
import { rowSet } from "../../src/row-set.ts";
import { type LatentLeg, latentLeg } from "../../src/stores/latent-leg.ts";
import { latentOptions } from "../../src/stores/latent-options.ts";
import { seededRandom } from "../../src/testing/random.ts";
import type { Terms } from "../../src/types.ts";
import { dot, termsOf, unhurried } from "../latent/naive.ts";
import { untyped } from "../untyped.ts";

const { signal } = new AbortController();
const precedes = (a: number, b: number): boolean => a < b;

interface Rows extends LatentLeg {
  readonly terms: Map<number, Terms>;
  put(row: number, text: string): void;
  drop(row: number): void;
  find(text: string, allowed?: readonly number[]): Promise<readonly (readonly [row: number, score: number])[]>;
}

/** A leg over rows that are kept beside it, as a partition does. Fits are counted by the indexes that they ask for. */
function rowsWith({
  broken = () => false,
  ...options
}: { readonly dimensions?: number; readonly minDocuments?: number; readonly broken?: () => boolean } = {}): Rows & {
  readonly fits: () => number;
} {
  const terms = new Map<number, Terms>();
  let fits = 0;
  const leg = latentLeg({
    dimensions: 8,
    minDocuments: 4,
    ...options,
    termsOf: (row) => terms.get(row),
    vectorRows: (dimensions) => {
      fits++;
      if (broken()) throw new Error("no memory");
      return flat({ dimensions, metric: "cosine" });
    },
  });
  return {
    ...leg,
    terms,
    fits: () => fits,
    put(row, text) {
      terms.set(row, termsOf(text));
      leg.changed(row);
    },
    drop(row) {
      terms.delete(row);
      leg.changed(row);
    },
    async find(text, allowed) {
      await leg.ready(terms.size, signal);
      expect(leg.absence(terms.size)).toBeUndefined();
      const found = finished(
        leg.search(termsOf(text), { limit: 100, precedes, ...(allowed && { allowed: rowSet(1000, allowed) }) }),
      );
      return Array.from(found.rows, (row, i) => [row, found.scores[i] ?? 0] as const);
    },
  };
}

const random = seededRandom(7);
function sentence(subject: number): string {
  const words = Array.from({ length: 8 }, () => String.fromCharCode(97 + subject, 97 + random.below(9)));
  return words.join(" ");
}

describe("the options of the latent leg", () => {
  test("have defaults", () => {
    expect(latentOptions(true)).toEqual({ dimensions: 256, minDocuments: 50 });
    expect(latentOptions({ dimensions: 64 })).toEqual({ dimensions: 64, minDocuments: 50 });
    expect(latentOptions({ minDocuments: 2 })).toEqual({ dimensions: 256, minDocuments: 2 });
    expect(latentOptions(false)).toBeUndefined();
    expect(latentOptions(undefined)).toBeUndefined();
  });

  test.each([
    ["on", /^latent: expected true, false or an object of options, received "on"/],
    [null, /^latent: expected true, false/],
    [{ dimension: 64 }, /^latent: unknown option "dimension"/],
    [{ dimensions: 1 }, /^latent\.dimensions: expected a whole number of at least 2, received 1/],
    [{ dimensions: 64.5 }, /^latent\.dimensions: expected a whole number/],
    [{ dimensions: 2000 }, /^latent\.dimensions: expected at most 1024, received 2000/],
    [{ minDocuments: 0 }, /^latent\.minDocuments: expected a whole number of at least 2, received 0/],
  ])("%j is refused", (given, message) => {
    expect(() => latentOptions(untyped(given))).toThrow(ConfigError);
    expect(() => latentOptions(untyped(given))).toThrow(message);
  });
});

describe("the latent leg", () => {
  test("is off below its least number of documents, and says so", async () => {
    const rows = rowsWith({ minDocuments: 4 });
    for (let row = 0; row < 3; row++) rows.put(row, "a b c");
    await rows.ready(3, signal);
    expect(rows.absence(3)).toBe("the latent leg needs 4 documents to learn from, and there are 3");
    expect(rows.fits()).toBe(0);
    rows.put(3, "a b d");
    expect(rows.absence(4)).toBe("the latent leg was not fitted yet when this search began");
    await rows.ready(4, signal);
    expect(rows.absence(4)).toBeUndefined();
    rows.drop(0);
    expect(rows.absence(3)).toContain("there are 3");
    expect(rows.fits()).toBe(1);
  });

  test("scores by cosine in the model of its own rows, best first, and ties by what precedes", async () => {
    const rows = rowsWith();
    for (let row = 0; row < 30; row++) rows.put(row, row === 7 || row === 21 ? "aa ab ac" : sentence(row % 3));
    const model = await fitLatent(rows.terms.values(), { dimensions: 8, breathe: unhurried });
    const query = model.project(termsOf("aa ab ac")) ?? [];
    const found = await rows.find("aa ab ac");
    expect(found.length).toBe(30);
    expect(found.slice(0, 2).map(([row]) => row)).toEqual([7, 21]);
    for (const [row, score] of found) {
      expect(score).toBeCloseTo(dot(query, model.project(rows.terms.get(row) ?? termsOf("")) ?? []), 6);
    }
    expect(found.map(([, score]) => score)).toEqual(found.map(([, score]) => score).toSorted((a, b) => b - a));
    expect((await rows.find("aa", [4, 3, 900])).map(([row]) => row).toSorted((a, b) => a - b)).toEqual([3, 4]);
    expect(await rows.find("zzz")).toEqual([]);
    expect(await rows.find("")).toEqual([]);
  });

  test("folds new rows in, lets go of deleted ones at once, and fits anew when half of the rows are new", async () => {
    const rows = rowsWith();
    for (let row = 0; row < 20; row++) rows.put(row, sentence(row % 3));
    await rows.find("aa");
    for (let row = 20; row < 39; row++) {
      rows.put(row, sentence(row % 3));
      expect((await rows.find("aa ba ca")).map(([found]) => found)).toContain(row);
      rows.drop(row - 20);
      expect((await rows.find("aa ba ca")).map(([found]) => found)).not.toContain(row - 20);
    }
    expect(rows.fits()).toBeGreaterThan(1);
  });

  test("is fitted again when the rows doubled, not before", async () => {
    const rows = rowsWith();
    for (let row = 0; row < 20; row++) rows.put(row, sentence(row % 3));
    await rows.find("aa");
    for (let row = 20; row < 39; row++) rows.put(row, sentence(row % 3));
    await rows.find("aa");
    // What came and went again is not new.
    for (let row = 100; row < 120; row++) rows.put(row, sentence(4));
    for (let row = 100; row < 120; row++) rows.drop(row);
    await rows.find("aa");
    expect(rows.fits()).toBe(1);
    rows.put(39, "xa xb xc");
    expect((await rows.find("xa")).length).toBeGreaterThan(0);
    expect(rows.fits()).toBe(2);
  });

  test("is fitted again when half of the rows were rewritten", async () => {
    const rows = rowsWith();
    for (let row = 0; row < 20; row++) rows.put(row, sentence(row % 3));
    await rows.find("aa");
    for (let row = 0; row < 9; row++) rows.put(row, `${sentence(4)} ea`);
    expect(await rows.find("ea")).toEqual([]);
    rows.put(9, "ea eb");
    expect((await rows.find("ea")).length).toBeGreaterThan(0);
    expect(rows.fits()).toBe(2);
  });

  test("a fit that failed is due again with the next search, and the model before it is there meanwhile", async () => {
    let broken = false;
    const rows = rowsWith({ broken: () => broken });
    for (let row = 0; row < 20; row++) rows.put(row, sentence(row % 3));
    await rows.find("aa");
    for (let row = 20; row < 40; row++) rows.put(row, `${sentence(4)} ea`);
    broken = true;
    for (const fits of [2, 3]) {
      await expect(rows.find("ea")).rejects.toThrow("no memory");
      expect(rows.fits()).toBe(fits);
    }
    expect(rows.absence(40)).toBeUndefined();
    broken = false;
    expect((await rows.find("ea")).length).toBeGreaterThan(0);
    expect(rows.fits()).toBe(4);
  });

  test("several searches at once share one fit", async () => {
    const rows = rowsWith();
    for (let row = 0; row < 40; row++) rows.put(row, sentence(row % 3));
    await Promise.all([rows.find("aa"), rows.find("ba"), rows.find("ca")]);
    expect(rows.fits()).toBe(1);
  });

  test("an aborted search rejects at once with its reason; the fit is there for the next", async () => {
    const rows = rowsWith();
    for (let row = 0; row < 40; row++) rows.put(row, sentence(row % 3));
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = rows.ready(40, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect((await rows.find("aa")).length).toBe(40);
    expect(rows.fits()).toBe(1);
  });

  test("rows written and deleted during a fit are as they are now when it ends", async () => {
    const terms = new Map(Array.from({ length: 20 }, (_, row) => [row, termsOf(sentence(row % 3))]));
    const phases = { fitting: 0, placing: 0 };
    let phase: keyof typeof phases = "fitting";
    /** Longer than the fit works without a break, so that others get their turn right here. */
    const dawdle = (): void => {
      for (const start = performance.now(); performance.now() - start < 15;);
    };
    const leg = latentLeg({
      dimensions: 8,
      minDocuments: 2,
      termsOf(row) {
        if (row === 9 && phases.fitting === 0) dawdle();
        return terms.get(row);
      },
      vectorRows(dimensions) {
        phase = "placing";
        const vectors = flat({ dimensions, metric: "cosine" });
        return {
          ...vectors,
          set(row, vector) {
            vectors.set(row, vector);
            if (row === 10 && phases.placing === 0) dawdle();
          },
        };
      },
    });
    for (const row of terms.keys()) leg.changed(row);
    const writer = setInterval(() => {
      const written = phases[phase]++;
      terms.delete(phase === "fitting" ? 0 : 2);
      terms.set(1, termsOf(written % 2 === 0 ? "aa ab" : "ba bb"));
      terms.set(50, termsOf("ca cb"));
      for (const row of [0, 1, 2, 50]) leg.changed(row);
    }, 0);
    await leg.ready(20, signal);
    clearInterval(writer);
    expect(Math.min(phases.fitting, phases.placing)).toBeGreaterThan(0);
    const found = finished(leg.search(termsOf("aa ab ba bb ca cb"), { limit: 100, precedes }));
    expect([...found.rows].toSorted((a, b) => a - b)).toEqual([1, ...Array.from({ length: 17 }, (_, i) => i + 3), 50]);
    // Row 1 is what was written to it last.
    const {
      rows: [best],
    } = finished(leg.search(terms.get(1) ?? termsOf(""), { limit: 1, precedes: (a) => a === 1 }));
    expect(best).toBe(1);
  });

  test("after any history it finds the rows that are there, and the same text scores the same", async () => {
    const step = fc.record({ row: fc.nat(11), text: fc.option(fc.nat(4)), search: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const rows = rowsWith({ minDocuments: 2 });
        const texts = ["aa ab ac", "ab ac ad", "ba bb bc", "bb bc bd", "aa ba ca"];
        for (const { row, text, search } of steps) {
          if (text === null) rows.drop(row);
          else rows.put(row, texts[text] ?? "");
          if (search && rows.terms.size >= 2) await rows.find("aa bb");
        }
        fc.pre(rows.terms.size >= 2);
        const all = Array.from({ length: 12 }, (_, row) => row);
        const found = await rows.find("aa ab ac ad ba bb bc bd ca", all);
        expect(found.every(([row]) => rows.terms.has(row))).toBe(true);
        const alike = new Map<string, number>();
        for (const [row, score] of found) {
          const text = String(rows.terms.get(row)?.ids);
          expect(alike.get(text) ?? score).toBe(score);
          alike.set(text, score);
        }
      }),
      { numRuns: 60 },
    );
  });
});
