import { describe, expect, test } from "vitest";
import { ConfigError, UnsupportedError } from "../../src/errors.ts";
import { createRetriever, memory, type SourceDocument } from "../../src/index.ts";
import { seededRandom } from "../../src/testing/random.ts";
import { paragraphs, wordEmbedder } from "./parts.ts";

/** Two subjects, each with words of its own; "car" and "automobile" never stand together, but in the same company. */
const subjects = {
  road: ["engine", "wheel", "road", "driver", "brake", "motor", "garage", "highway"],
  garden: ["flower", "soil", "rain", "seed", "petal", "leaf", "root", "blossom"],
};

function documentsOf(count: number, prefix = "d"): readonly SourceDocument[] {
  const random = seededRandom(3);
  return Array.from({ length: count }, (_, i) => {
    const road = i % 2 === 0;
    const words = road ? subjects.road : subjects.garden;
    const own = road ? (i % 4 === 0 ? "car" : "automobile") : "rose";
    const text = Array.from({ length: 7 }, () => words[random.below(words.length)] ?? "").join(" ");
    return { id: `${prefix}${String(i).padStart(3, "0")}`, text: `${own} ${text}`, metadata: { road, number: i } };
  });
}

const retrieverWith = (latent: Parameters<typeof memory>[0] = { latent: { dimensions: 4, minDocuments: 10 } }) =>
  createRetriever({ store: memory(latent), chunker: paragraphs() });

describe("a store with a latent leg", () => {
  test("finds by meaning what shares no word with the query, and fuses with weight .3", async () => {
    const docs = retrieverWith();
    await docs.index(documentsOf(60));
    const { hits, scoreKind, degraded, trace } = await docs.search("car", { topK: 60, trace: true });
    expect(scoreKind).toBe("fused");
    expect(degraded).toEqual([]);
    expect(hits.slice(0, 15).every(({ chunk }) => chunk.text.startsWith("car"))).toBe(true);
    expect(hits.slice(15, 30).every(({ chunk }) => chunk.text.startsWith("automobile"))).toBe(true);
    // The best of the dense leg that BM25 did not find has all of that leg's weight and no more.
    const onlyDense = hits.filter(({ scores }) => scores.lexical === undefined);
    expect(Math.max(...onlyDense.map(({ score }) => score))).toBeLessThanOrEqual(0.3);
    expect(trace?.dense?.length).toBe(60);
    const { hits: dense, scoreKind: kind } = await docs.search("car", { mode: "dense", topK: 30 });
    expect(kind).toBe("cosine");
    expect(dense.every(({ chunk }) => chunk.metadata["road"])).toBe(true);
  });

  test("says why it is BM25 alone under the least number of documents, and refuses to be dense alone", async () => {
    const docs = retrieverWith({ latent: true });
    await docs.index(documentsOf(49));
    const { hits, scoreKind, degraded } = await docs.search("car engine");
    const reason = "the latent leg needs 50 documents to learn from, and there are 49";
    expect(degraded).toEqual([{ stage: "latent", reason }]);
    expect(scoreKind).toBe("bm25");
    expect(hits.length).toBe(10);
    await expect(docs.search("car", { mode: "dense" })).rejects.toThrow(UnsupportedError);
    await expect(docs.search("car", { mode: "dense" })).rejects.toThrow(reason);
    expect((await docs.search("car", { mode: "lexical" })).degraded).toEqual([]);

    await docs.index(documentsOf(50));
    expect((await docs.search("car engine")).degraded).toEqual([]);
    await docs.delete(["d000"]);
    expect((await docs.search("car engine")).degraded).toEqual([{ stage: "latent", reason }]);
  });

  test("follows every write: new documents are folded in, deleted ones gone, changed ones moved", async () => {
    const docs = retrieverWith();
    await docs.index(documentsOf(40));
    const found = async (query: string): Promise<readonly string[]> =>
      (await docs.search(query, { mode: "dense", topK: 100 })).hits.map(({ chunk }) => chunk.documentId);
    expect(await found("automobile")).toHaveLength(40);
    await docs.index([{ id: "new", text: "automobile engine wheel", metadata: { road: true, number: 99 } }]);
    expect((await found("automobile")).slice(0, 20)).toContain("new");
    await docs.index([{ id: "new", text: "rose petal soil", metadata: { road: false, number: 99 } }]);
    expect((await found("automobile")).slice(0, 20)).not.toContain("new");
    expect((await found("rose")).slice(0, 21)).toContain("new");
    await docs.delete(["new", "d002"]);
    const left = await found("automobile");
    expect(left).toHaveLength(39);
    expect(left).not.toContain("new");
    expect(left).not.toContain("d002");
    const { trace } = await docs.search("automobile", { mode: "dense", trace: true });
    expect(trace?.dense?.every(({ id }) => id !== "")).toBe(true);
    expect(trace?.dense).toHaveLength(39);
  });

  test("a filter selects exactly, whatever is near the query", async () => {
    const docs = retrieverWith();
    await docs.index(documentsOf(60));
    const filter = { road: false, number: { lt: 20 } };
    const { hits } = await docs.search("car engine wheel", { mode: "dense", topK: 100, filter });
    expect(hits.map(({ chunk }) => chunk.metadata["number"]).toSorted((a, b) => Number(a) - Number(b))).toEqual([
      1, 3, 5, 7, 9, 11, 13, 15, 17, 19,
    ]);
  });

  test("the same documents give the same scores, to the last bit", async () => {
    const scoresOf = async (): Promise<readonly number[]> => {
      const docs = retrieverWith();
      await docs.index(documentsOf(80));
      return (await docs.search("car garage", { topK: 80, mode: "dense" })).hits.map(({ score }) => score);
    };
    const scores = await scoresOf();
    expect(scores).toHaveLength(80);
    expect(await scoresOf()).toEqual(scores);
  });

  test("a tenant's model is made of its own documents, and nobody else's change it", async () => {
    const docs = createRetriever({
      store: memory({ latent: { dimensions: 4, minDocuments: 10 } }),
      chunker: paragraphs(),
      tenancy: "required",
    });
    const [acme, other] = [docs.forTenant("acme"), docs.forTenant("other")];
    await acme.index(documentsOf(40));
    const before = await acme.search("car wheel", { mode: "dense", topK: 100 });
    // To the other one, a car is a flower.
    await other.index(documentsOf(200, "o").map((each) => ({ ...each, text: each.text.replace("rose", "car petal") })));
    await other.search("car wheel", { mode: "dense" });
    await other.index(documentsOf(400, "o"));
    const after = await acme.search("car wheel", { mode: "dense", topK: 100 });
    expect(after.hits).toEqual(before.hits);
    expect(after.hits.every(({ chunk }) => chunk.documentId.startsWith("d"))).toBe(true);

    const few = docs.forTenant("few");
    await few.index(documentsOf(9));
    expect((await few.search("car")).degraded[0]?.reason).toContain("there are 9");
    expect((await docs.forTenant("nobody").search("car")).degraded[0]?.reason).toContain("there are 0");
  });

  test("works without the lexical leg, and not beside an embedder", async () => {
    const store = memory({ latent: { minDocuments: 10 } });
    const docs = createRetriever({ store, chunker: paragraphs(), lexical: false });
    await docs.index(documentsOf(20).map(({ id, text }) => ({ id, text })));
    expect((await docs.search("car")).scoreKind).toBe("cosine");
    expect(() => createRetriever({ store: memory({ latent: true }), embedder: wordEmbedder() })).toThrow(ConfigError);
    expect(memory().latent).toBeUndefined();
    expect(memory({ latent: false }).latent).toBeUndefined();
    expect(store.latent).toEqual({ fusionWeight: 0.3 });
  });

  test("a query of unknown words, and a generation that is staged", async () => {
    const docs = retrieverWith();
    await docs.index(documentsOf(40));
    expect((await docs.search("zebra", { mode: "dense" })).hits).toEqual([]);
    const staged = await docs.stage();
    await staged.index(documentsOf(20, "s"));
    expect((await staged.search("car", { mode: "dense" })).hits.every(({ chunk }) => chunk.documentId[0] === "s")).toBe(
      true,
    );
    expect((await docs.search("car", { mode: "dense" })).hits.every(({ chunk }) => chunk.documentId[0] === "d")).toBe(
      true,
    );
  });
});
