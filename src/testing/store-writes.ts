import type { ChunkWrite, Replacement, Store } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectEqual, expectRejection, expectThat } from "./expectation.ts";
import { among } from "./filter-rows.ts";
import { denseRanking, expectRanking, lexicalRanking } from "./ranking.ts";
import { idsOf, open, row, rows, storedPart, terms, uuid, vector } from "./store-rows.ts";

const east = vector(1, 0, 0, 0);
const north = vector(0, 1, 0, 0);

/** `replace`: a document consists of exactly these chunks afterwards. */
export const storeWrites: Checks<Store> = {
  async "replace leaves no stale chunk"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 5), row("other", 0));
    const kept = rows("guide", 2);
    const added = row("guide", 2, { id: uuid("another third chunk") });
    await index.write(...kept, added);
    expectEqual(await index.read("guide"), [...kept, added].map(storedPart), "rows of the document");
    expectEqual(await index.count(), { documents: 2, chunks: 4 }, "count");
    const answer = await index.search({ limit: 100, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    expectEqual([answer.dense?.length, answer.lexical?.length], [4, 4], "candidates of the legs");
    expectEqual((await index.readChunks(row("guide", 4).id)).length, 0, "rows of a stale chunk");
  },

  async "no chunks delete a document"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 3), ...rows("other", 2));
    await index.erase("guide", "never stored");
    expectEqual(await index.read("guide"), [], "rows of the deleted document");
    expectEqual(await index.count(), { documents: 1, chunks: 2 }, "count");
    const answer = await index.search({ limit: 100, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    expectEqual([answer.dense?.length, answer.lexical?.length], [2, 2], "candidates of the legs");
    await index.erase("other");
    expectEqual(await index.count(), { documents: 0, chunks: 0 }, "count of nothing");
  },

  async "a deletion under a filter leaves what the filter does not select"(store) {
    const index = await open(store);
    for (const id of ["a", "b", "c"]) await index.write(...rows(id, 2, { metadata: { product: "old" } }));
    await index.write(...rows("b", 2, { metadata: { product: "new" } }));
    const documents = ["a", "b", "never stored"].map((id) => ({ id, chunks: [] }));
    const filter = among("product", "old");
    await store.replace({ scope: index.scope, documents, filter }, index.options);
    expectEqual(
      (await index.list({ limit: 10 })).map(({ id }) => id),
      ["b", "c"],
      "documents",
    );
    expectEqual(await index.count(), { documents: 2, chunks: 4 }, "count");
    await store.replace({ scope: index.scope, documents, filter: { op: "never" } }, index.options);
    expectEqual(await index.count(), { documents: 2, chunks: 4 }, "count after nothing was selected");
  },

  async "one change holds several documents"(store) {
    const index = await open(store);
    await index.write(...rows("a", 2), ...rows("b", 2), ...rows("c", 2));
    const change = [
      { id: "a", chunks: rows("a", 1) },
      { id: "b", chunks: [] },
      { id: "d", chunks: rows("d", 3) },
    ];
    await store.replace({ scope: index.scope, documents: change }, index.options);
    const left = [...rows("a", 1), ...rows("c", 2), ...rows("d", 3)];
    expectEqual(await index.read("a", "b", "c", "d"), left.map(storedPart), "rows");
    await store.replace({ scope: index.scope, documents: [] }, index.options);
    expectEqual(await index.count(), { documents: 3, chunks: 6 }, "count after a change of nothing");
  },

  async "every row of a large change is stored"(store) {
    const index = await open(store);
    const documents = ["a", "b", "c", "d", "e"];
    const written = documents.flatMap((id) => rows(id, 50));
    await index.write(...written);
    expectEqual(await index.count(), { documents: 5, chunks: 250 }, "count");
    expectEqual(idsOf(await index.read(...documents)), idsOf(written), "ids read by document");
    const found = idsOf(await index.readChunks(...idsOf(written)));
    expectEqual(found.toSorted(), idsOf(written).toSorted(), "ids read by chunk");
    const answer = await index.search({ limit: 250, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    const sorted = idsOf(written).toSorted();
    expectEqual([idsOf(answer.dense), idsOf(answer.lexical)], [sorted, sorted], "ids in the legs");
    expectEqual(answer.chunks.size, 250, "rows in the answer");
  },

  async "one document of 250 chunks is stored and shrunk"(store) {
    const index = await open(store);
    await index.write(...rows("long", 250));
    expectEqual(idsOf(await index.read("long")), idsOf(rows("long", 250)), "ids read");
    await index.write(...rows("long", 1));
    expectEqual(await index.count(), { documents: 1, chunks: 1 }, "count");
  },

  async "a row written again has its new text and legs"(store) {
    const index = await open(store);
    await index.write(row("guide", 0, { title: "Old", tokens: 3, metadata: { product: "api", year: 1 } }));
    const again = row("guide", 0, {
      text: "new",
      documentHash: "new hash",
      metadata: { year: 2 },
      legs: { vector: north, terms: terms({ 2: 1 }) },
    });
    await index.write(again);
    expectEqual(await index.read("guide"), [storedPart(again)], "rows");
    const query = { limit: 10, dense: { vector: north }, lexical: terms({ 1: 1, 2: 1 }), statistics: true };
    const answer = await index.search(query);
    expectRanking(answer.dense, [{ id: again.id, score: 1 }], "dense candidates");
    expectEqual(answer.statistics?.frequencies, [0, 1], "frequencies of the old and the new term");
  },

  async "a row written again without a leg has lost it"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 2));
    await index.write(row("guide", 0, { legs: {} }), row("guide", 1));
    const answer = await index.search({ limit: 10, dense: { vector: east }, lexical: terms({ 1: 1 }) });
    const expected = [row("guide", 1).id];
    expectEqual([idsOf(answer.dense), idsOf(answer.lexical)], [expected, expected], "ids in the legs");
  },

  async "kept legs stay"(store) {
    const index = await open(store);
    await index.write(row("guide", 0, { legs: { vector: north, terms: terms({ 7: 3 }) } }), row("guide", 1));
    await index.write(row("guide", 0, { legs: "kept" }), row("guide", 1, { legs: "kept" }));
    const answer = await index.search({
      limit: 10,
      dense: { vector: north },
      lexical: terms({ 7: 1 }),
      statistics: true,
    });
    const expected = [
      { id: row("guide", 0).id, score: 1 },
      { id: row("guide", 1).id, score: 0 },
    ];
    expectRanking(answer.dense, expected, "dense candidates");
    expectEqual(idsOf(answer.lexical), [row("guide", 0).id], "lexical candidates");
    expectEqual(answer.statistics, { chunks: 2, frequencies: [1] }, "statistics");
  },

  async "a row with kept legs is overwritten in all else"(store) {
    const index = await open(store);
    const old = row("guide", 0, { title: "Old", context: "old", tokens: 9, metadata: { product: "api", year: 1 } });
    await index.write(old, row("guide", 1));
    const moved = row("guide", 1, {
      id: old.id,
      documentHash: "hash of the second version",
      span: { start: 700, end: 720 },
      line: 31,
      gap: "\n\n",
      headings: ["New"],
      parent: { start: 690, end: 800, text: "the larger passage" },
      metadata: { product: "web", tags: ["new"] },
      legs: "kept",
    });
    const first = row("guide", 0, { id: row("guide", 1).id, legs: "kept" });
    await index.write(first, moved);
    expectEqual(await index.read("guide"), [first, moved].map(storedPart), "rows in their new order");
    expectEqual(await index.count(among("product", "api")), { documents: 0, chunks: 0 }, "count by the old metadata");
    expectEqual(await index.count(among("product", "web")), { documents: 1, chunks: 1 }, "count by the new metadata");
    expectEqual((await index.list({ limit: 10 }))[0]?.id, "guide", "listed document");
  },

  async "one document mixes kept and written legs"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 3));
    const added = row("guide", 1, { id: uuid("inserted"), legs: { vector: north, terms: terms({ 2: 1 }) } });
    await index.write(
      row("guide", 0, { legs: "kept" }),
      added,
      row("guide", 2, { id: row("guide", 1).id, legs: "kept" }),
    );
    expectEqual(idsOf(await index.read("guide")), [row("guide", 0).id, added.id, row("guide", 1).id], "ids");
    const answer = await index.search({ limit: 10, dense: { vector: east }, lexical: terms({ 1: 1, 2: 1 }) });
    expectEqual([answer.dense?.length, answer.lexical?.length], [3, 3], "candidates of the legs");
  },

  async "kept legs of a missing row are a retryable conflict"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 2), row("other", 0));
    const change = [
      { id: "fresh", chunks: rows("fresh", 2) },
      { id: "guide", chunks: [row("guide", 0, { text: "half", legs: "kept" }), row("guide", 5, { legs: "kept" })] },
      { id: "other", chunks: [] },
    ];
    const work = store.replace({ scope: index.scope, documents: change }, index.options);
    const error = await expectRejection(work, "kept legs of a missing row");
    expectThat(error instanceof Error && error.name === "AdapterError", "an AdapterError", error);
    expectEqual("code" in error && error.code, "conflict", "code of the error");
    expectEqual("retryable" in error && error.retryable, true, "retryable");
    const before = [...rows("guide", 2), row("other", 0)].map(storedPart);
    expectEqual(await index.read("fresh", "guide", "other"), before, "rows after the refused change");
  },

  async "a change that contradicts itself or the spec is refused as a whole"(store) {
    const index = await open(store);
    await index.write(...rows("guide", 2));
    const vectored = (given: Float32Array): ChunkWrite => row("guide", 0, { legs: { vector: given } });
    const changes: Readonly<Record<string, Replacement["documents"]>> = {
      "a document given twice": [
        { id: "guide", chunks: [row("guide", 0)] },
        { id: "guide", chunks: [] },
      ],
      "a chunk given twice": [{ id: "guide", chunks: [row("guide", 0), row("guide", 0)] }],
      "a chunk of another document": [{ id: "guide", chunks: [row("other", 0)] }],
      "a vector of other dimensions": [{ id: "guide", chunks: [vectored(vector(1, 0, 0))] }],
      "a vector that is not finite": [{ id: "guide", chunks: [vectored(vector(1, Number.NaN, 0, 0))] }],
      "a vector without a direction": [{ id: "guide", chunks: [vectored(vector(0, 0, 0, 0))] }],
    };
    for (const [what, documents] of Object.entries(changes)) {
      const change = [{ id: "fresh", chunks: rows("fresh", 1) }, ...documents];
      const error = await expectRejection(
        store.replace({ scope: index.scope, documents: change }, index.options),
        what,
      );
      expectThat(error instanceof Error && error.name === "AdapterError", `an AdapterError for ${what}`, error);
      expectEqual("retryable" in error && error.retryable, false, `retryable of ${what}`);
      expectEqual(await index.read("fresh", "guide"), rows("guide", 2).map(storedPart), `rows after ${what}`);
    }
  },

  async "vectors and terms may be views into larger buffers"(store) {
    const index = await open(store);
    const legs = {
      vector: Float32Array.of(9, 9, 0, 1, 0, 0, 9, 9).subarray(2, 6),
      terms: {
        ids: Uint32Array.of(1, 2, 3, 4, 5, 6).subarray(2, 4),
        counts: Uint32Array.of(8, 1, 2, 8).subarray(1, 3),
      },
    };
    const written = [row("guide", 0, { legs }), row("guide", 1)];
    await index.write(...written);
    const query = { limit: 2, dense: { vector: legs.vector }, lexical: legs.terms, statistics: true };
    const answer = await index.search(query);
    expectRanking(answer.dense, denseRanking(written, north, "cosine"), "dense candidates");
    expectRanking(answer.lexical, lexicalRanking(written, terms({ 3: 1, 4: 2 })), "lexical candidates");
    expectEqual(answer.statistics?.frequencies, [1, 1], "frequencies");
  },

  async "a store keeps its own copy of the legs"(store) {
    const index = await open(store);
    const legs = { vector: vector(0, 1, 0, 0), terms: terms({ 3: 2 }) };
    await index.write(row("guide", 0, { legs }));
    legs.vector.set([1, 0, 0, 0]);
    legs.terms.ids.fill(4);
    const answer = await index.search({ limit: 1, dense: { vector: north }, lexical: terms({ 3: 1 }) });
    expectRanking(answer.dense, [{ id: row("guide", 0).id, score: 1 }], "dense candidates");
    expectEqual(answer.lexical?.length, 1, "lexical candidates");
  },
};
