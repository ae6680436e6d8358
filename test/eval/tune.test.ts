import { describe, expect, test, vi } from "vitest";
import { AdapterError, ConfigError, PartialIndexError, UnsupportedError } from "../../src/errors.ts";
import { tune, type TuningCache, type TuningProgress } from "../../src/eval/index.ts";
import { fixed, memory, recursive, type Chunker, type ChunkerOptions, type Embedder } from "../../src/index.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { collection, lettersEmbedder, tailReranker } from "./tuning.ts";

const { documents, queries } = collection({ documents: 12, facts: 5 });
const budget = { characters: 600 };

function mapCache(): TuningCache & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    get: async (key) => entries.get(key),
    set: async (key, value) => void entries.set(key, value),
  };
}

describe("tune", () => {
  test("leaves a bad default, and says what that gains on queries it was not chosen by", async () => {
    const report = await tune({
      documents,
      queries,
      budget,
      standard: { size: 3000 },
      space: { size: [200, 400, 3000], overlap: [0.25] },
    });
    expect(report.moved).toBe(true);
    expect(report.metric).toBe("spanRecall@budget");
    expect(report.chosen.size).toBeLessThan(3000);
    expect(report.standard.size).toBe(3000);
    expect(report.heldOutGain).toBeGreaterThan(0.2);
    expect(report.interval[0]).toBeLessThan(report.heldOutGain);
    expect(report.interval[1]).toBeGreaterThan(report.heldOutGain);
    expect(report.challenger.p).toBeLessThan(0.05);
    expect(report.optimism).toBeCloseTo(report.challenger.apparent - report.challenger.heldOut, 12);
    expect(report.folds).toBe(5);
    expect(report.notes).toEqual([]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("stays with a default that is as good, at no gain", async () => {
    const { chosen, moved, heldOutGain, interval, score, standard } = await tune({
      documents,
      queries,
      budget,
      standard: { size: 300 },
      space: { size: [290, 310], overlap: [0.25] },
    });
    expect({ moved, heldOutGain, interval }).toEqual({ moved: false, heldOutGain: 0, interval: [0, 0] });
    expect(chosen).toMatchObject({ chunker: "recursive", size: 300, overlap: 0.25, candidates: 100, k1: 1.2, b: 0.75 });
    expect(score).toBe(standard.score);
  });

  test("answers with the fewest hits that lose nothing", async () => {
    const report = await tune({
      documents,
      queries,
      budget: { characters: 2000 },
      space: { size: [300], topK: [1, 3, 12, 60] },
    });
    const [one, , twelve, sixty] = report.depths.map(({ score }) => score);
    expect(report.depths.map(({ topK }) => topK)).toEqual([1, 3, 12, 60]);
    expect(one).toBeLessThan(sixty ?? 0);
    const enough = report.depths.find(({ score }) => score >= (sixty ?? 0) - 0.001);
    expect(report.chosen.topK).toBe(enough?.topK);
    expect(twelve).toBeLessThanOrEqual(sixty ?? 0);
  });

  test("says when there are too few queries, and keeps the default however bad it looks", async () => {
    const { moved, notes, challenger } = await tune({
      documents,
      queries: queries.slice(0, 30),
      budget,
      standard: { size: 3000 },
      space: { size: [200] },
    });
    expect(moved).toBe(false);
    expect(challenger.choice.size).toBe(200);
    expect(notes[0]).toContain("30 labelled queries are too few to choose by");
  });

  test("tells what is not significant, and how many queries it would take", async () => {
    const { documents: few, queries: asked } = collection({ documents: 8, facts: 6, seed: 1, vague: true });
    const { moved, notes, challenger } = await tune({
      documents: few,
      queries: asked,
      budget: { characters: 300 },
      search: "grid",
      standard: { size: 150, overlap: 0 },
      space: { size: [140, 160, 170, 180], overlap: [0] },
    });
    expect(moved).toBe(false);
    expect(challenger.choice.size).not.toBe(150);
    expect(challenger.p).toBeGreaterThan(0.05);
    expect(notes).toContain(
      `The gain of another one is not significant on held-out queries; it would take about ${challenger.needed} queries to show one of this size.`,
    );
  });

  test("measures documents where no query has spans", async () => {
    const judged = queries.map(({ judgments: [judgment], ...query }) => ({
      ...query,
      judgments: [{ documentId: judgment?.documentId ?? "" }],
    }));
    const report = await tune({ documents, queries: [...judged, { id: "none", text: "x", judgments: [] }] });
    expect(report.metric).toBe("ndcg@10");
    expect(report.queries).toBe(judged.length);
    expect(report.notes).toContain("1 queries without a relevant document were not counted.");
  });

  test("tries weights, BM25's parameters, depths of the reranker, chunkers and candidates", async () => {
    const embedder = lettersEmbedder();
    const report = await tune({
      documents,
      queries: queries.slice(0, 40),
      budget,
      search: "grid",
      base: { embedder, reranker: tailReranker },
      space: {
        chunker: { recursive, windows: (options) => fixed(options) },
        size: [200],
        overlap: [0.25],
        topK: [10],
        candidates: [50],
        denseWeight: [0.2],
        k1: [0.9],
        b: [0.4],
        rerank: [0],
      },
    });
    // Two of each: sizes 600 and 200, weights .5 and .2, …
    expect(report.table).toHaveLength(2 ** 7);
    expect(report.grid).toBe(2 ** 7 * 40);
    expect(report.evaluations).toBe(report.grid);
    // Both chunkers at both sizes and overlaps, at one topK.
    expect(report.surface?.map(({ chunker, size, topK }) => `${chunker} ${size} ${topK}`)).toEqual(
      expect.arrayContaining(["recursive 600 10", "windows 200 10"]),
    );
    expect(report.surface).toHaveLength(4);
    expect(report.table.every(({ queries: read }) => read === 40)).toBe(true);
    expect(new Set(report.table.map(({ chunker }) => chunker))).toEqual(new Set(["recursive", "windows"]));
    // Every text is embedded once for each way of chunking, k1 and b cost nothing.
    const indexed = report.table.filter(
      ({ k1, b, rerank, denseWeight, candidates }) =>
        [k1, b, rerank, denseWeight, candidates].join() === "1.2,0.75,50,0.5,100",
    );
    expect(embedder.embedded.length).toBe(indexed.reduce((sum, { chunks }) => sum + chunks, 0) + 40);
    expect(report.chosen.source).toContain("...base,");
  });

  test("an embedder that cannot be reached is told before anything is cut, and without retries", async () => {
    const failure = new AdapterError("test", "connection refused", { retryable: true });
    const embed = vi.fn<Embedder["embed"]>(() => Promise.reject(failure));
    const chunker = vi.fn<Chunker>(() => []);
    const options = { documents, queries, space: { chunker: { own: () => chunker } } };
    expect(await rejection(tune({ ...options, base: { embedder: { ...lettersEmbedder(), embed } } }))).toBe(failure);
    expect(embed).toHaveBeenCalledOnce();
    expect(chunker).not.toHaveBeenCalled();
  });

  test("an embedder that is busy when it is first asked is asked again", async () => {
    const embedder = lettersEmbedder();
    let first = true;
    const embed: Embedder["embed"] = (...given) => {
      const busy = first;
      first = false;
      return busy
        ? Promise.reject(new AdapterError("test", "slower", { retryable: true, status: 429 }))
        : embedder.embed(...given);
    };
    const report = await tune({
      documents,
      queries,
      space: { size: [400] },
      base: { embedder: { ...embedder, embed } },
    });
    expect(report.queries).toBe(queries.length);
  });

  test("goes on where it was aborted, and ends with the same report", async () => {
    const space = { size: [200, 400], overlap: [0.25] };
    const asked = { documents, queries, budget, space };
    const whole = lettersEmbedder();
    const expected = await tune({ ...asked, base: { embedder: whole } });

    const cache = mapCache();
    const controller = new AbortController();
    const reason = new Error("enough");
    const first = lettersEmbedder();
    const seen: TuningProgress[] = [];
    const attempt = tune({
      ...asked,
      base: { embedder: first },
      cache,
      signal: controller.signal,
      onProgress: (done, total, progress) => {
        seen.push(progress);
        if (done > total / 2) controller.abort(reason);
      },
    });
    await expect(attempt).rejects.toBe(reason);
    expect(seen.some(({ left }) => left !== undefined && left > 0)).toBe(true);

    const second = lettersEmbedder();
    expect(await tune({ ...asked, base: { embedder: second }, cache })).toEqual(expected);
    // Texts that two ways of chunking share are embedded once with a cache.
    const both = [...first.embedded, ...second.embedded];
    expect(new Set(both)).toEqual(new Set(whole.embedded));
    expect(both).toHaveLength(new Set(both).size);
    const third = lettersEmbedder();
    const steps: (readonly [number, number])[] = [];
    await tune({ ...asked, base: { embedder: third }, cache, onProgress: (done, total) => steps.push([done, total]) });
    expect(third.embedded).toEqual([]);
    expect(steps.at(-1)).toEqual([steps[0]?.[1], steps[0]?.[1]]);

    // A changed document is another collection: only its own texts are embedded again.
    const fourth = lettersEmbedder();
    const changed = documents.map((document, index) =>
      index === 0 ? { ...document, text: `New. ${document.text}` } : document,
    );
    await tune({ ...asked, documents: changed, base: { embedder: fourth }, cache });
    expect(fourth.embedded.length).toBeGreaterThan(0);
    expect(fourth.embedded.length).toBeLessThan(whole.embedded.length / 4);
  });

  test("makes anew what a broken cache gives", async () => {
    const asked = { documents, queries, budget, space: { size: [400] }, base: { embedder: lettersEmbedder() } };
    const expected = await tune(asked);
    const cache = mapCache();
    await tune({ ...asked, cache });
    for (const key of cache.entries.keys()) cache.entries.set(key, new Uint8Array([123, 0, 255]));
    expect(await tune({ ...asked, cache })).toEqual(expected);
  });

  test("leaves out a size that a document does not fit, says so, and compares all others on all documents", async () => {
    const titled = documents.map((document, index) =>
      index === 3 ? { ...document, title: "long ".repeat(70) } : document,
    );
    const asked = { queries, budget, space: { size: [300, 400], overlap: [0] }, search: "grid" } as const;
    const report = await tune({ ...asked, documents: titled });
    expect(new Set(report.table.map(({ size }) => size))).toEqual(new Set([400, 600]));
    expect(report.grid).toBe(4 * queries.length);
    expect(report.surface?.some(({ size }) => size === 300)).toBe(false);
    const notes = report.notes.filter((note) => note.startsWith("Left out"));
    expect(notes).toHaveLength(2);
    expect(notes[1]).toMatch(
      /^Left out: recursive 300, overlap 0\. It does not fit 1 of 12 documents, the first being "d3": .*takes \d+ characters/,
    );
    const { table } = await tune({ ...asked, documents: titled, space: { size: [400], overlap: [0] } });
    expect(report.table).toEqual(table);
  });

  test("rejects where the default does not fit, or where it is not the size that fails", async () => {
    const titled = documents.map((document) => ({ ...document, title: "long ".repeat(150) }));
    await expect(tune({ documents: titled, queries, budget, space: { size: [1200] } })).rejects.toThrow(
      PartialIndexError,
    );
    const second = (options: ChunkerOptions): Chunker =>
      options.size === 600
        ? recursive(options)
        : () => {
            throw new RangeError("a bug of its own");
          };
    const broken = tune({ documents, queries, budget, space: { chunker: { second }, size: [400] } });
    await expect(broken).rejects.toThrow("a bug of its own");
  });

  test("says which combinations have an overlap that leaves nothing new in a chunk", async () => {
    const report = await tune({ documents, queries, budget, space: { size: [300], overlap: [300, 600] } });
    expect(report.table.map(({ size, overlap }) => `${size}/${overlap}`).toSorted()).toEqual([
      "300/0.25",
      "600/0.25",
      "600/300",
    ]);
    expect(report.notes).toContain(
      "Left out: recursive 600, overlap 600; recursive 300, overlap 300; recursive 300, overlap 600. An overlap has to be below the size.",
    );
  });

  test("gives the same report for the same seed", async () => {
    const asked = { documents, queries, budget, space: { size: [200] } };
    expect(await tune({ ...asked, seed: 7 })).toEqual(await tune({ ...asked, seed: 7 }));
  });

  test("takes the latent leg of a store as a leg", async () => {
    const many = collection({ documents: 60, facts: 1 });
    const report = await tune({ ...many, base: { store: memory({ latent: true }) }, space: { size: [], overlap: [] } });
    expect(new Set(report.table.map(({ denseWeight }) => denseWeight))).toEqual(
      new Set([0.1, 0.2, 0.3, 0.5, 0.7, 0.9]),
    );
    expect(report.standard.denseWeight).toBe(0.3);
  });

  test.each([
    [{ documents: [] }, "documents: expected an array of at least one"],
    [{ queries: [] }, "queries: expected at least two with something relevant, received 0"],
    [{ queries: undefined }, "queries: expected an array"],
    [{ budget: { characters: 0 } }, "budget: expected"],
    [{ seed: 0.5 }, "seed: expected a whole number"],
    [{ search: "random" }, 'search: expected "halving" or "grid"'],
    [{ base: { chunker: recursive() } }, "base.chunker: expected none: give it as space.chunker"],
    [{ base: { tenancy: "required" } }, 'base: unknown option "tenancy"'],
    [{ space: { sizes: [1] } }, 'space: unknown option "sizes"'],
    [{ space: { size: [0] } }, "space.size: expected whole numbers from 1, received 0"],
    [{ space: { size: 300 } }, "space.size: expected an array"],
    [{ space: { overlap: [-1] } }, "space.overlap: expected numbers from 0"],
    [{ space: { topK: [] } }, "space.topK: expected at least one value"],
    [{ space: { denseWeight: [0.5] } }, "space.denseWeight: it is the weight in convex() of two legs"],
    [{ space: { b: [2] } }, "space.b: expected numbers between 0 and 1, received 2"],
    [{ space: { rerank: [10] } }, "space.rerank: there is no base.reranker."],
    [{ space: { chunker: {} } }, "space.chunker: expected at least one"],
    [{ space: { chunker: { mine: () => 7 } } }, "space.chunker.mine: expected it to make a chunker"],
    [{ standard: { chunker: "markdown" } }, 'standard.chunker: expected one of "recursive", received "markdown"'],
    [{ standard: { topK: 3 } }, 'standard: unknown option "topK"'],
    [{ standard: { size: -1 } }, "standard.size: expected whole numbers from 1, received -1"],
    [{ standard: { denseWeight: 0.5 } }, "standard.denseWeight: it is the weight in convex() of two legs"],
    [{ standard: { rerank: 10 } }, "standard.rerank: there is no base.reranker."],
    [{ base: { lexical: false }, standard: { k1: 1 } }, "standard.k1: there is no lexical leg."],
    [{ standard: { size: 200, overlap: 200 } }, "standard.overlap: expected less than the size, 200, received 200"],
    [{ timeout: -1 }, "timeout: expected"],
    [{ query: [] }, 'tune: unknown option "query"'],
    [{ cache: {} }, "cache: expected one with get() and set(), such as fileCache()"],
    [{ cache: Promise.resolve() }, "received a promise; await it"],
  ])("refuses what cannot be tuned before any work (%#)", async (wrong, message) => {
    const attempt = tune(untyped({ documents, queries, ...wrong }));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(tune(untyped({ documents, queries, ...wrong }))).rejects.toThrow(message);
  });

  test("refuses a lexical index of its own", async () => {
    const lexical = untyped({
      fingerprint: "x",
      durable: false,
      replace: async () => undefined,
      search: async () => [],
    });
    await expect(tune(untyped({ documents, queries, base: { lexical } }))).rejects.toThrow(UnsupportedError);
  });
});
