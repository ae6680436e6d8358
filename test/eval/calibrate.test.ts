import { describe, expect, test } from "vitest";
import { ConfigError, FingerprintError } from "../../src/errors.ts";
import { finished } from "../../src/signal.ts";
import { learning, thresholdOf } from "../../src/eval/calibrate.ts";
import { calibrate } from "../../src/eval/index.ts";
import { freshCounts } from "../../src/eval/intervals.ts";
import { randomBits, shuffled } from "../../src/eval/random.ts";
import { createRetriever, recursive } from "../../src/index.ts";
import { untyped } from "../untyped.ts";
import { collection, lettersEmbedder } from "./tuning.ts";

const { documents, queries } = collection({ documents: 10, facts: 5 });
const foreign = Array.from({ length: 40 }, (_, index) => ({
  id: `f${index}`,
  text: `why does ${"amber cedar north ".repeat(1 + (index % 3))} item${index} of the harbour squeak`,
}));

async function indexed(docs = documents, size = 300) {
  const retriever = createRetriever({ chunker: recursive({ size }) });
  await retriever.index(docs);
  return retriever;
}

describe("calibrate", () => {
  test("learns from which confidence on a question counts as answerable", async () => {
    const docs = await indexed();
    const calibration = await calibrate(docs, queries, foreign);
    expect(calibration.queries).toEqual({ answerable: 50, unanswerable: 40 });
    expect(calibration.falseFound.rate).toBeLessThanOrEqual(0.2);
    expect(calibration.falseNotFound.rate).toBeLessThan(0.1);
    for (const { rate, interval } of [calibration.falseFound, calibration.falseNotFound]) {
      expect(interval[0]).toBeLessThanOrEqual(rate);
      expect(interval[1]).toBeGreaterThanOrEqual(rate);
    }
    expect(calibration.trusted).toBe(false);
    expect(calibration.needed.answerable).toBeGreaterThanOrEqual(60);
    expect(JSON.parse(JSON.stringify(calibration))).toEqual(calibration);
    const here = await docs.search(queries[3]?.text ?? "", { calibration });
    const gone = await docs.search("why does a kettle squeak", { calibration });
    expect([here.answerable, gone.answerable]).toEqual([true, false]);
    expect(here.confidence).toBeGreaterThan(gone.confidence ?? 1);
  });

  test("allows fewer false findings where told to, at the cost of more refusals", async () => {
    const docs = await indexed();
    const strict = await calibrate(docs, queries, foreign, { falseFound: 0 });
    const loose = await calibrate(docs, queries, foreign, { falseFound: 0.5 });
    expect(strict.threshold).toBeGreaterThan(loose.threshold);
    expect(strict).toEqual(await calibrate(docs, queries, foreign, { falseFound: 0 }));
  });

  test("is refused on another index, another model, and by another tenant", async () => {
    const embedder = lettersEmbedder();
    const docs = createRetriever({ embedder });
    await docs.index(documents);
    const calibration = await calibrate(docs, queries, foreign);
    await docs.index([{ id: "more", text: "The index has grown." }]);
    expect((await docs.search("value", { calibration })).answerable).toBeTypeOf("boolean");

    const others = createRetriever({ embedder });
    await others.index(collection({ documents: 10, facts: 4, seed: 2 }).documents);
    await expect(others.search("value", { calibration })).rejects.toThrow(FingerprintError);
    await expect(others.search("value", { calibration })).rejects.toThrow(
      /learned on another index: lexical.averageLength is .* Calibrate on this one\./,
    );
    const model = { ...lettersEmbedder(), fingerprint: { provider: "test", model: "runes", dimensions: 16 } };
    const remodelled = createRetriever({ embedder: model });
    await remodelled.index(documents);
    await expect(remodelled.search("value", { calibration })).rejects.toThrow('embedder.model is "letters"');
    await expect(docs.search("value", { calibration, mode: "lexical" })).rejects.toThrow("legs is");
    const scoped = docs.forTenant("acme");
    await scoped.index(documents);
    await expect(scoped.search("value", { calibration })).rejects.toThrow("tenant is null");
  });

  test("refuses what it cannot learn from", async () => {
    const docs = await indexed();
    await expect(calibrate(docs, queries.slice(0, 9), foreign)).rejects.toThrow(
      "answerable: expected at least 10 queries to learn from, received 9",
    );
    await expect(calibrate(docs, queries, untyped(undefined))).rejects.toThrow("unanswerable: expected at least 10");
    await expect(calibrate(docs, queries, [...foreign, ...foreign])).rejects.toThrow(ConfigError);
    await expect(calibrate(docs, queries, foreign, { falseFound: 1 })).rejects.toThrow("falseFound: expected a share");
    await expect(calibrate(docs, queries, foreign, untyped({ rate: 1 }))).rejects.toThrow("unknown option");
    await expect(calibrate(createRetriever(), queries, foreign)).rejects.toThrow("expected an index with documents");
    const mute = {
      search: async () => ({ hits: [], scoreKind: "bm25" as const, timings: { total: 1, search: 1 }, degraded: [] }),
    };
    await expect(calibrate(mute, queries, foreign)).rejects.toThrow("expected a search that answers with `confidence`");
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await expect(calibrate(docs, queries, foreign, { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("the intervals of a calibration", () => {
  /** Confidences of two kinds that overlap, as normal as twelve uniform numbers make them. */
  function values(count: number, mean: number, next: () => number): number[] {
    const uniform = (): number => next() / 2 ** 32;
    return Array.from({ length: count }, () => {
      let sum = 0;
      for (let part = 0; part < 12; part++) sum += uniform();
      return mean + (sum - 6) * 0.1;
    });
  }

  test.each([
    [0.5, 200, 200],
    [0.35, 60, 150],
    [0.9, 100, 40],
  ])("hold both rates of the other half in 19 of 20 splits (means apart by %f)", (apart, answerable, unanswerable) => {
    const next = randomBits(11);
    const all = { found: values(answerable, 0.2 + apart, next), lost: values(unanswerable, 0.2, next) };
    const splits = 60;
    let inside = 0;
    for (let split = 0; split < splits; split++) {
      const halves = (side: readonly number[]): readonly (readonly number[])[] => {
        const order = shuffled(side.length, next).map((index) => side[index] ?? 0);
        return [order.slice(0, side.length >> 1), order.slice(side.length >> 1)];
      };
      const [found = [], freshFound = []] = halves(all.found);
      const [lost = [], freshLost = []] = halves(all.lost);
      const { threshold, falseFound, falseNotFound } = finished(learning({ found, lost }, 0.1, split));
      const rates = [
        [freshLost.filter((value) => value >= threshold).length / freshLost.length, falseFound.interval],
        [freshFound.filter((value) => value < threshold).length / freshFound.length, falseNotFound.interval],
      ] as const;
      if (rates.every(([rate, [low, high]]) => low <= rate && rate <= high)) inside++;
    }
    expect(inside / splits).toBeGreaterThanOrEqual(0.93);
  });

  test("count what fresh trials show: at 0 of 50, up to a few; in the middle, as many on either side", () => {
    expect(freshCounts(0, 50, 0.95)[0]).toBe(0);
    expect(freshCounts(0, 50, 0.95)[1]).toBeGreaterThanOrEqual(2);
    expect(freshCounts(0, 50, 0.95)[1]).toBeLessThanOrEqual(5);
    const [low, high] = freshCounts(50, 100, 0.95);
    expect(low + high).toBeGreaterThanOrEqual(99);
    expect(low + high).toBeLessThanOrEqual(101);
    // The deviation of the difference of two binomials is 7: two of them on either side.
    expect(high - low).toBeGreaterThanOrEqual(26);
    expect(high - low).toBeLessThanOrEqual(30);
    expect(freshCounts(500, 1000, 0.95)[1]).toBeLessThan(550);
  });

  test("stand on the lowest threshold that allows no more", () => {
    const lost = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
    expect(thresholdOf({ found: [1], lost }, 0.1)).toBeCloseTo(0.925, 12);
    expect(thresholdOf({ found: [1], lost }, 0)).toBeCloseTo(0.975, 12);
    expect(thresholdOf({ found: [0.3], lost }, 0)).toBeGreaterThan(0.95);
  });
});
