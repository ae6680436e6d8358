import type { ChunkWrite, Store, Terms } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectEqual } from "./expectation.ts";
import { among, not } from "./filter-rows.ts";
import { seededRandom } from "./random.ts";
import { expectRanking, lexicalRanking } from "./ranking.ts";
import { idsOf, open, row, type ScopedStore, spec, terms, vector } from "./store-rows.ts";

/** The lexical leg: BM25 with the average length of the spec and idf over the live rows of the scope. */
export const storeLexical: Checks<Store> = {
  async "BM25 scores are exact"(store) {
    const index = await open(store);
    const written = randomRows();
    await index.write(...written);
    const queries = [{ 1: 1 }, { 2: 1, 5: 1 }, { 1: 1, 3: 1, 7: 1, 11: 1, 4_000: 1 }, { 9: 3, 2: 1 }];
    for (const query of queries) await expectBm25(index, written, terms(query));
  },

  async "the settings of the spec decide, not the defaults"(store) {
    const other = { k1: 0.9, b: 0.4, averageLength: 64 };
    const index = await open(store, { ...spec, lexical: other });
    const written = randomRows();
    await index.write(...written);
    const query = terms({ 1: 1, 6: 2 });
    const answer = await index.search({ limit: 100, lexical: query });
    expectRanking(answer.lexical, lexicalRanking(written, query, other), "lexical candidates");
  },

  async "BM25 of three rows, worked by hand"(store) {
    const index = await open(store);
    await index.write(worded("a", { 1: 1, 2: 5 }), worded("b", { 1: 2 }), worded("c", { 2: 1 }));
    const answer = await index.search({ limit: 10, lexical: terms({ 1: 1 }) });
    // ln(1 + 1.5 / 2.5) = 0.470004; b: 2 · 2.2 / (2 + 1.2 · (0.25 + 0.75 · 2 / 6)) = 1.692308; a: 2.2 / 2.2 = 1
    const expected = [
      { id: row("b", 0).id, score: 0.795391 },
      { id: row("a", 0).id, score: 0.470004 },
    ];
    expectRanking(answer.lexical, expected, "lexical candidates");
  },

  async "the smallest and the largest term are terms"(store) {
    const index = await open(store);
    const written = [worded("a", { 0: 1 }), worded("b", { 999_999_999: 2 }), worded("c", { 0: 3, 999_999_999: 1 })];
    await index.write(...written);
    await expectBm25(index, written, terms({ 0: 1, 999_999_999: 1 }));
  },

  async "a write changes the statistics at once"(store) {
    const index = await open(store);
    const written = randomRows();
    await index.write(...written);
    const query = terms({ 1: 1, 2: 1, 3: 1 });
    const withFew = written.filter((_, number) => number % 3 !== 0);
    await index.erase(...written.filter((chunk) => !withFew.includes(chunk)).map(({ documentId }) => documentId));
    await expectBm25(index, withFew, query);
    const rewritten = withFew.map((chunk, number) => (number % 2 === 0 ? worded(chunk.documentId, { 1: 4 }) : chunk));
    await index.write(...rewritten);
    await expectBm25(index, rewritten, query);
    const longer = [...rewritten, worded("longer", { 1: 1, 50: 400 })];
    await index.write(...longer.slice(-1));
    await expectBm25(index, longer, query);
  },

  async "a row without terms is not counted"(store) {
    const index = await open(store);
    const written = [worded("a", { 1: 1 }), worded("b", { 2: 1 })];
    const without = Array.from({ length: 8 }, (_, number) =>
      row(`without ${number}`, 0, { legs: { vector: vector(1, 0, 0, 0) } }),
    );
    await index.write(...written, ...without);
    await expectBm25(index, written, terms({ 1: 1 }));
    const { statistics } = await index.search({ limit: 1, lexical: terms({ 1: 1 }), statistics: true });
    expectEqual(statistics, { chunks: 2, frequencies: [1] }, "statistics");
  },

  async "a query without a known term finds nothing"(store) {
    const index = await open(store);
    await index.write(worded("a", { 1: 1 }));
    for (const query of [terms({}), terms({ 2: 1 })]) {
      expectEqual((await index.search({ limit: 10, lexical: query })).lexical, [], "lexical candidates");
    }
  },

  async "a row that shares no term is no candidate"(store) {
    const index = await open(store);
    await index.write(worded("a", { 1: 1 }), worded("b", { 2: 1 }), worded("c", { 1: 1, 2: 1 }));
    const answer = await index.search({ limit: 10, lexical: terms({ 2: 1, 3: 1 }) });
    expectEqual(idsOf(answer.lexical).toSorted(), [row("b", 0).id, row("c", 0).id].toSorted(), "ids");
  },

  async "idf is taken over the scope, not over the filter"(store) {
    const index = await open(store);
    const written = randomRows();
    await index.write(...written);
    const query = terms({ 1: 1, 2: 1, 8: 1 });
    for (const filter of [among("product", "api"), not(among("product", "api"))]) {
      const kept = new Set(
        idsOf(written.filter(({ metadata }) => (metadata["product"] === "api") === (filter.op === "in"))),
      );
      const expected = lexicalRanking(written, query).filter(({ id }) => kept.has(id));
      const answer = await index.search({ limit: 100, filter, lexical: query });
      expectRanking(answer.lexical, expected, "lexical candidates behind the filter");
    }
  },

  async "statistics count the rows of the scope"(store) {
    const index = await open(store);
    const api = { product: "api" };
    await index.write(
      worded("a", { 1: 1, 5: 2 }, api),
      worded("b", { 1: 3 }),
      worded("c", { 3: 1 }),
      worded("d", { 1: 1, 3: 1 }),
    );
    const query = { limit: 1, lexical: terms({ 1: 1, 3: 2, 5: 1, 9: 1 }), statistics: true };
    const expected = { chunks: 4, frequencies: [3, 2, 1, 0] };
    expectEqual((await index.search(query)).statistics, expected, "statistics");
    const filtered = { ...query, filter: among("product", "api") };
    expectEqual((await index.search(filtered)).statistics, expected, "statistics behind a filter");
    const both = { ...query, dense: { vector: vector(1, 0, 0, 0) } };
    expectEqual((await index.search(both)).statistics, expected, "statistics of a search in both legs");
    await index.erase("b");
    expectEqual((await index.search(query)).statistics, { chunks: 3, frequencies: [2, 2, 1, 0] }, "after a delete");
  },
};

function worded(documentId: string, counts: Readonly<Record<number, number>>, metadata = {}): ChunkWrite {
  return row(documentId, 0, { metadata, legs: { terms: terms(counts) } });
}

/** Forty rows over twelve terms, the low ones frequent, of lengths far from the average of the spec. */
function randomRows(): readonly ChunkWrite[] {
  const random = seededRandom(25);
  return Array.from({ length: 40 }, (_, number) => {
    const counts: Record<number, number> = {};
    for (let term = 1; term <= 12; term++) if (random.next() < 2 / (term + 1)) counts[term] = 1 + random.below(7);
    counts[100 + number] = 1 + random.below(30);
    return worded(`document ${number}`, counts, number % 4 === 0 ? { product: "api" } : {});
  });
}

async function expectBm25(index: ScopedStore, live: readonly ChunkWrite[], query: Terms): Promise<void> {
  const expected = lexicalRanking(live, query);
  for (const limit of [3, 100]) {
    const answer = await index.search({ limit, lexical: query });
    expectRanking(answer.lexical, expected.slice(0, limit), `lexical candidates within ${limit}`);
  }
}
