import { describe, expect, test } from "vitest";
import { ConfigError, UnsupportedError } from "../../src/errors.ts";
import { createRetriever, memory, type Embedder } from "../../src/index.ts";
import { untyped } from "../untyped.ts";

const documents = [
  { id: "a", text: "keys rotate", metadata: { year: 1 } },
  { id: "b", text: "doors close", metadata: { year: 2 } },
  { id: "c", text: "keys close doors", metadata: { year: 2 } },
];
/** "keys" to the right, everything else up. */
const embedder: Embedder = {
  fingerprint: { provider: "test", model: "compass", dimensions: 2 },
  async embed(texts) {
    embedded += texts.length;
    return texts.map((text) => Float32Array.from(text.includes("keys") ? [1, 0] : [0, 1]));
  },
};
let embedded = 0;
const calibration = {
  fingerprint: "{}",
  threshold: 0.5,
  falseFound: { rate: 0, interval: [0, 1] },
  falseNotFound: { rate: 0, interval: [0, 1] },
} as const;

async function indexed(options: Parameters<typeof createRetriever>[0] = {}) {
  const docs = createRetriever(options);
  await docs.index(documents);
  return docs;
}

describe("confidence", () => {
  test("is the BM25 score as a share of what the query's terms could score, a word unknown here weighing most", async () => {
    const docs = await indexed();
    const { hits, confidence, answerable } = await docs.search("keys zebra", { confidence: true });
    const idf = (frequency: number): number => Math.log(1 + (3 - frequency + 0.5) / (frequency + 0.5));
    expect(confidence).toBeCloseTo((hits[0]?.score ?? 0) / (2.2 * (idf(2) + idf(0))), 12);
    expect(answerable).toBeUndefined();
    const { confidence: known } = await docs.search("keys", { confidence: true });
    expect(known).toBeGreaterThan(confidence ?? 1);
  });

  test("is the mean of coverage and cosine of the chunk where that is best, whatever fusion and minScore say", async () => {
    const docs = await indexed({ embedder });
    const options = { confidence: true, trace: true } as const;
    const { confidence, trace } = await docs.search("keys rotate", options);
    const { lexical = [], dense = [] } = trace ?? {};
    const top = lexical[0];
    const ceiling = 2.2 * (Math.log(1 + 1.5 / 2.5) + Math.log(1 + 2.5 / 1.5));
    const cosine = dense.find(({ id }) => id === top?.id)?.score ?? 0;
    expect(confidence).toBeCloseTo(((top?.score ?? 0) / ceiling + cosine) / 2, 12);
    const strict = await docs.search("keys rotate", { confidence: true, minScore: { lexical: 1e6, dense: 1e6 } });
    expect(strict.hits).toEqual([]);
    expect(strict.confidence).toBe(confidence);
    expect((await docs.search("keys rotate", { confidence: true, mode: "dense" })).confidence).toBeCloseTo(1, 6);
  });

  test("is at most 1, though rounding takes a cosine beyond it", async () => {
    const same: Embedder = {
      fingerprint: { provider: "test", model: "same", dimensions: 2 },
      embed: async (texts) => texts.map(() => Float32Array.of(1, 0.1)),
    };
    const docs = await indexed({ embedder: same });
    const { confidence, trace } = await docs.search("keys", { confidence: true, mode: "dense", trace: true });
    expect(trace?.dense?.[0]?.score).toBeGreaterThan(1);
    expect(confidence).toBe(1);
  });

  test("looks at what the filter leaves", async () => {
    const docs = await indexed();
    const all = await docs.search("rotate", { confidence: true });
    const some = await docs.search("rotate", { confidence: true, filter: { year: 2 } });
    expect([all.confidence, some.confidence]).toEqual([expect.closeTo(all.confidence ?? 0), 0]);
    expect(all.confidence).toBeGreaterThan(0.3);
  });

  test("is 0 where nothing was searched, and there only where it was asked for", async () => {
    const docs = await indexed();
    expect((await docs.search(" ", { confidence: true })).confidence).toBe(0);
    expect((await docs.search(" ", { calibration })).answerable).toBe(false);
    expect((await createRetriever().search("keys", { calibration })).answerable).toBe(false);
    const plain = await docs.search("keys");
    expect("confidence" in plain || "answerable" in plain).toBe(false);
  });

  test("is refused where it cannot be told", async () => {
    const distance = await indexed({ embedder: { ...embedder, metric: "euclidean" } });
    embedded = 0;
    await expect(distance.search("keys", { confidence: true })).rejects.toThrow(UnsupportedError);
    expect(embedded).toBe(0);
    const own = await indexed({
      store: memory(),
      lexical: { fingerprint: "mine", durable: true, replace: async () => undefined, search: async () => [] },
    });
    await expect(own.search("keys", { confidence: true })).rejects.toThrow("a lexical index of its own");
    const docs = await indexed();
    for (const wrong of [
      null,
      0.5,
      {},
      { fingerprint: "{}" },
      { fingerprint: 1, threshold: 1 },
      { fingerprint: "{}", threshold: NaN },
    ]) {
      await expect(docs.search("keys", { calibration: untyped(wrong) })).rejects.toThrow(ConfigError);
      const both = docs.search("keys", { confidence: true, calibration: untyped(wrong) });
      await expect(both).rejects.toThrow(ConfigError);
    }
    for (const fingerprint of ["not JSON", "null", "1"]) {
      await expect(docs.search("keys", { calibration: { ...calibration, fingerprint } })).rejects.toThrow(
        "calibration.fingerprint: expected what calibrate() gave",
      );
    }
  });
});
