import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { breather } from "../../src/signal.ts";
import { fitLatent, type LatentModel } from "../../src/latent/model.ts";
import { seededRandom } from "../../src/testing/random.ts";
import type { Terms } from "../../src/types.ts";
import { dot, singularValues, termsOf, unhurried, unit, weightedRows } from "./naive.ts";

const fit = (texts: Iterable<Terms>, dimensions = 256): Promise<LatentModel> =>
  fitLatent(texts, { dimensions, breathe: unhurried });

/** Words of a few subjects, so that the first dimensions stand out from the rest. */
function corpus(count: number, subjects: number, seed = 1): readonly Terms[] {
  const random = seededRandom(seed);
  const words = Array.from({ length: subjects }, (_, subject) =>
    Array.from({ length: 12 }, (__, i) => `${String.fromCharCode(97 + subject)}${String.fromCharCode(97 + i)}`),
  );
  return Array.from({ length: count }, (_, i) => {
    const own = words[i % subjects] ?? [];
    const picked = Array.from({ length: 14 }, () => own[random.below(own.length)] ?? "");
    return termsOf(`${picked.join(" ")} ${words[random.below(subjects)]?.[random.below(12)] ?? ""}`);
  });
}

/** Cosines between all rows in the first dimensions, which is what does not depend on how a subspace is turned. */
function cosines(vectors: readonly (ArrayLike<number> | undefined)[]): readonly number[] {
  return vectors.flatMap((a) => vectors.map((b) => (a === undefined || b === undefined ? 0 : dot(a, b))));
}

function expectNear(given: readonly number[], expected: readonly number[], within: number): void {
  expect(given.length).toBe(expected.length);
  expect(Math.max(0, ...given.map((value, i) => Math.abs(value - (expected[i] ?? 0))))).toBeLessThan(within);
}

describe("a latent model", () => {
  test("spans what the singular vectors of the weighted texts span", async () => {
    const words = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), { minLength: 1, maxLength: 9 });
    const texts = fc.array(
      words.map((each) => termsOf(each.join(" "))),
      { minLength: 2, maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 6 }), async (given, wanted) => {
        const { values, projected } = singularValues(weightedRows(given));
        const rank = values.filter((value) => value > 2e-3 * (values[0] ?? 0)).length;
        const dimensions = Math.min(wanted, rank);
        // Where two singular values are the same, either direction is right, and there is nothing to compare.
        fc.pre(dimensions > 0 && (values[dimensions - 1] ?? 0) - (values[dimensions] ?? 0) > 0.02);
        const model = await fit(given, dimensions);
        expect(model.dimensions).toBe(dimensions);
        const naive = projected.map((row) => row.slice(0, dimensions));
        // A text that hardly lies in the subspace has no direction worth a comparison.
        const clear = given.flatMap((_, row) => (Math.hypot(...(naive[row] ?? [])) > 0.05 ? row : []));
        expectNear(
          cosines(clear.map((row) => model.project(given[row] ?? termsOf("")))),
          cosines(clear.map((row) => unit(naive[row] ?? []))),
          2e-3,
        );
      }),
    );
  });

  test("does so from a random sketch, where texts are many", async () => {
    const texts = corpus(150, 6);
    const model = await fit(texts, 6);
    const { values, projected } = singularValues(weightedRows(texts));
    expect(values[5]).toBeGreaterThan(1.5 * (values[6] ?? 0));
    const naive = projected.map((row) => unit(row.slice(0, 6)));
    expectNear(cosines(texts.map((terms) => model.project(terms))), cosines(naive), 5e-3);
  });

  test("brings together words that never stand together but in the same company", async () => {
    const texts = [
      "car engine wheel road",
      "automobile engine wheel road",
      "car road driver",
      "automobile driver wheel",
      "flower garden seed rain",
      "rose garden seed soil",
      "flower soil rain",
      "rose rain garden",
    ].map(termsOf);
    const { project } = await fit(texts, 2);
    const similarity = (a: string, b: string): number =>
      dot(project(termsOf(a)) ?? [], project(termsOf(b)) ?? new Float32Array());
    expect(similarity("car", "automobile")).toBeGreaterThan(0.9);
    expect(similarity("flower", "rose")).toBeGreaterThan(0.9);
    expect(Math.abs(similarity("car", "rose"))).toBeLessThan(0.3);
  });

  test("gives the same bytes in every run, and nearly the same whatever the order of the texts", async () => {
    const texts = corpus(90, 8);
    const [first, second, reversed] = [await fit(texts, 8), await fit(texts, 8), await fit(texts.toReversed(), 8)];
    const vectors = texts.map((terms) => first.project(terms));
    expect(texts.map((terms) => second.project(terms))).toEqual(vectors);
    expectNear(cosines(texts.map((terms) => reversed.project(terms))), cosines(vectors), 1e-3);
  });

  test("projects to length 1, knows no direction of unknown terms, and leaves out unknown ones", async () => {
    const texts = corpus(60, 4);
    const model = await fit(texts, 4);
    for (const terms of texts) {
      const vector = model.project(terms) ?? [];
      expect(vector.length).toBe(4);
      expect(dot(vector, vector)).toBeCloseTo(1, 6);
    }
    expect(model.project(termsOf("zzz"))).toBeUndefined();
    expect(model.project(termsOf(""))).toBeUndefined();
    expect(model.project(termsOf("aa ab zzz"))).toEqual(model.project(termsOf("aa ab")));
  });

  test("of texts that are all the same, of one, of none: no direction, no error", async () => {
    for (const texts of [Array(60).fill(termsOf("a b c")), [], [termsOf("")], Array(300).fill(termsOf("a"))]) {
      const model = await fit(texts);
      expect(model.dimensions).toBe(0);
      expect(model.project(termsOf("a"))).toBeUndefined();
    }
    const one = await fit([termsOf("a b")]);
    expect(one.project(termsOf("a"))).toEqual(Float32Array.of(1));
  });

  test("has as many dimensions as the texts, where more are asked for", async () => {
    const twice = [...corpus(30, 30), ...corpus(30, 30)];
    const { dimensions, project } = await fit(twice);
    expect(dimensions).toBeLessThanOrEqual(30);
    expect(dimensions).toBeGreaterThan(20);
    expect(project(twice[0] ?? termsOf(""))).toEqual(project(twice[30] ?? termsOf("")));
  });

  test("lets others run, and stops with the reason of an abort", async () => {
    const texts = corpus(400, 20);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await fitLatent(texts, { dimensions: 64, breathe: breather(new AbortController().signal) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);

    const controller = new AbortController();
    const reason = new Error("enough");
    let steps = 0;
    const breathe = async (): Promise<void> => {
      if (++steps === 600) controller.abort(reason);
      controller.signal.throwIfAborted();
    };
    await expect(fitLatent(texts, { dimensions: 64, breathe })).rejects.toBe(reason);
  });

  test("of more than 20,000 texts every other one decides the directions, and all of them the weights", async () => {
    const texts = Array.from({ length: 20_001 }, (_, i) =>
      termsOf(i % 2 === 0 ? (i % 4 === 0 ? "a b" : "c d") : "e a"),
    );
    const { dimensions, project } = await fit(texts, 8);
    expect(dimensions).toBe(2);
    expect(dot(project(termsOf("a")) ?? [], project(termsOf("b")) ?? [])).toBeCloseTo(1, 6);
    expect(dot(project(termsOf("a")) ?? [], project(termsOf("c")) ?? [])).toBeCloseTo(0, 2);
    // Known, and of no direction.
    expect(project(termsOf("e"))).toBeUndefined();
  });
});
