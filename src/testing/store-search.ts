import type { ChunkWrite, Store } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectEqual, expectThat } from "./expectation.ts";
import { among } from "./filter-rows.ts";
import { seededRandom } from "./random.ts";
import { denseRanking, expectRanking } from "./ranking.ts";
import { idsOf, open, row, rows, spec, storedPart, terms, vector } from "./store-rows.ts";

const east = vector(1, 0, 0, 0);

/** What holds for both legs of a search, and the scores of the dense one. */
export const storeSearch: Checks<Store> = {
  "cosine scores are exact": (store) => expectExactScores(store, "cosine"),
  "dot products are exact": (store) => expectExactScores(store, "dot"),
  "euclidean scores are distances below zero": (store) => expectExactScores(store, "euclidean"),

  async "a row without a vector is no dense candidate"(store) {
    const index = await open(store);
    await index.write(row("a", 0, { legs: { terms: terms({ 1: 1 }) } }), row("b", 0, { legs: {} }), row("c", 0));
    const answer = await index.search({ limit: 10, dense: { vector: east } });
    expectEqual(idsOf(answer.dense), [row("c", 0).id], "dense candidates");
  },

  async "a leg that was not asked for is not answered"(store) {
    const index = await open(store);
    await index.write(row("a", 0));
    const dense = await index.search({ limit: 10, dense: { vector: east } });
    expectEqual([dense.dense?.length, dense.lexical], [1, undefined], "legs of a dense search");
    const lexical = await index.search({ limit: 10, lexical: terms({ 1: 1 }) });
    expectEqual([lexical.dense, lexical.lexical?.length], [undefined, 1], "legs of a lexical search");
  },

  async "an empty index answers with empty legs"(store) {
    const index = await open(store);
    const answer = await index.search({ limit: 10, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    expectEqual([answer.dense, answer.lexical], [[], []], "legs");
    expectEqual(answer.chunks.size, 0, "rows in the answer");
  },

  async "the limit is one of each leg"(store) {
    const index = await open(store);
    const near = rows("near", 4, { legs: { vector: east } });
    const worded = rows("worded", 4, { legs: { vector: vector(0, 1, 0, 0), terms: terms({ 1: 1 }) } });
    await index.write(...near, ...worded);
    for (const limit of [1, 3]) {
      const answer = await index.search({ limit, dense: { vector: east }, lexical: terms({ 1: 1 }) });
      expectEqual(idsOf(answer.dense), idsOf(near).toSorted().slice(0, limit), "dense candidates");
      expectEqual(idsOf(answer.lexical), idsOf(worded).toSorted().slice(0, limit), "lexical candidates");
    }
  },

  async "ties are broken by id, also where the limit cuts them"(store) {
    const index = await open(store);
    const tied = rows("tied", 9).toSorted((a, b) => (a.id < b.id ? 1 : -1));
    const best = row("best", 0, { legs: { vector: vector(2, 0, 0, 0), terms: terms({ 1: 2, 2: 1 }) } });
    for (const chunk of tied) await index.write(row(chunk.id, 0, { id: chunk.id }));
    await index.write(best);
    for (const limit of [2, 5, 10]) {
      const query = { limit, dense: { vector: vector(1, 1, 0, 0) }, lexical: terms({ 1: 1, 2: 1 }) };
      const answer = await index.search(query);
      const others = idsOf(tied).toReversed();
      const everyCosineTies = [best.id, ...others].toSorted().slice(0, limit);
      expectEqual(idsOf(answer.dense), everyCosineTies, `dense candidates within ${limit}`);
      expectEqual(idsOf(answer.lexical), [best.id, ...others].slice(0, limit), `lexical candidates within ${limit}`);
    }
  },

  async "every candidate's row is in the answer, and no other"(store) {
    const index = await open(store);
    const written = [
      row("both", 0, { title: "Both", headings: ["A"], tokens: 3, metadata: { product: "api", tags: ["x"] } }),
      row("dense", 0, { legs: { vector: vector(0.9, 0.1, 0, 0) } }),
      row("lexical", 0, { legs: { terms: terms({ 1: 3 }) } }),
      row("far", 0, { legs: { vector: vector(-1, 0, 0, 0), terms: terms({ 2: 1 }) } }),
    ];
    await index.write(...written);
    const answer = await index.search({ limit: 2, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    const found = new Set([...idsOf(answer.dense), ...idsOf(answer.lexical)]);
    expectEqual([...answer.chunks.keys()].toSorted(), [...found].toSorted(), "ids of the rows");
    expectEqual(found.size, 3, "candidates");
    for (const chunk of written) {
      if (found.has(chunk.id))
        expectEqual(answer.chunks.get(chunk.id), storedPart(chunk), `row of ${chunk.documentId}`);
    }
  },

  async "the filter comes before the limit"(store) {
    const index = await open(store);
    const near = Array.from({ length: 60 }, (_, number) =>
      row(`near ${number}`, 0, { metadata: { product: "web" }, legs: { vector: east, terms: terms({ 1: 9 }) } }),
    );
    const far = Array.from({ length: 12 }, (_, number) =>
      row(`far ${number}`, 0, {
        metadata: { product: "api" },
        legs: { vector: vector(-1, number, 0, 0), terms: terms({ 1: 1, 2: 20 + number }) },
      }),
    );
    await index.write(...near, ...far);
    const filter = among("product", "api");
    const answer = await index.search({ limit: 10, filter, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    const expected = denseRanking(far, east, "cosine").slice(0, 10);
    expectRanking(answer.dense, expected, "dense candidates behind the filter");
    expectThat(answer.lexical?.length === 10, "10 lexical candidates behind the filter", answer.lexical?.length);
    expectEqual(idsOf(answer.lexical), idsOf(far.slice(0, 10)), "lexical candidates, shortest first");
  },
};

async function expectExactScores(store: Store, metric: "cosine" | "dot" | "euclidean"): Promise<void> {
  const index = await open(store, { ...spec, dense: { dimensions: 4, metric } });
  const random = seededRandom(4);
  const component = (): number => random.next() * 4 - 2;
  const some = (): Float32Array => vector(component(), component(), component(), component());
  const written: readonly ChunkWrite[] = Array.from({ length: 40 }, (_, number) =>
    row(`document ${number % 8}`, Math.floor(number / 8), { legs: { vector: some() } }),
  );
  await index.write(...written);
  for (const query of [some(), some(), vector(1, 0, 0, 0), vector(-3, -4, 0, 12)]) {
    const expected = denseRanking(written, query, metric);
    for (const limit of [1, 10, 40, 100]) {
      const answer = await index.search({ limit, dense: { vector: query } });
      expectRanking(answer.dense, expected.slice(0, limit), `${metric} within ${limit}`);
    }
  }
}
