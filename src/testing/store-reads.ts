import type { ChunkWrite, Store } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectClose, expectEqual, expectThat } from "./expectation.ts";
import { all, among, exists, not } from "./filter-rows.ts";
import { expectRanking } from "./ranking.ts";
import { idsOf, open, row, rows, spec, storedPart, terms, vector } from "./store-rows.ts";

/** `read`, `list`, `count` and `export`. */
export const storeReads: Checks<Store> = {
  async "every field comes back as it was written"(store) {
    const index = await open(store);
    const written = exactRows();
    await index.write(...written);
    expectEqual(await index.read("every field"), written.map(storedPart), "rows read by document");
    const answer = await index.search({ limit: 10, dense: { vector: vector(1, 0, 0, 0) } });
    for (const chunk of written) {
      expectEqual(await index.readChunks(chunk.id), [storedPart(chunk)], "row read by its id");
      expectEqual(answer.chunks.get(chunk.id), storedPart(chunk), "row in the answer of a search");
    }
  },

  async "documents come in the order asked for, chunks in that of the text"(store) {
    const index = await open(store);
    const shuffled = [4, 0, 3, 11, 1, 10, 2].map((ordinal) => row("b", ordinal));
    await index.write(...shuffled, ...rows("a", 3), ...rows("c", 2));
    const expected = [...rows("c", 2), ...[0, 1, 2, 3, 4, 10, 11].map((ordinal) => row("b", ordinal)), ...rows("a", 3)];
    expectEqual(idsOf(await index.read("c", "b", "a")), idsOf(expected), "ids");
  },

  async "chunks are read by their ids"(store) {
    const index = await open(store);
    await index.write(...rows("a", 3), ...rows("b", 3));
    const wanted = [row("b", 2).id, row("a", 0).id, row("b", 0).id];
    expectEqual(idsOf(await index.readChunks(...wanted)).toSorted(), wanted.toSorted(), "ids");
  },

  async "an unknown id is absent"(store) {
    const index = await open(store);
    await index.write(row("a", 0));
    expectEqual(idsOf(await index.read("b", "a", "", "a'")), [row("a", 0).id], "ids by document");
    const chunkIds = [row("b", 0).id, row("a", 0).id];
    expectEqual(idsOf(await index.readChunks(...chunkIds)), [row("a", 0).id], "ids by chunk");
    expectEqual(await index.read(), [], "rows of no documents");
    expectEqual(await index.readChunks(), [], "rows of no chunks");
  },

  async "document ids are texts of any kind"(store) {
    const index = await open(store);
    const ids = ["a", "A", "a ", "a%", "a_", "a'b", 'a"b', "a\\b", "a/b.md", "10", "9", "__proto__", "caf\u00e9"];
    await index.write(...ids.map((id) => row(id, 0)));
    for (const id of ids) expectEqual(idsOf(await index.read(id)), [row(id, 0).id], `chunks of ${JSON.stringify(id)}`);
    await index.erase("a%", "a_", "A");
    expectEqual((await index.count()).documents, ids.length - 3, "documents after deleting three");
  },

  async "list gives ids in ascending order, with their hashes"(store) {
    const index = await open(store);
    const ids = ["b", "10", "a b", "B", "9", "a", "a-b", "\u00e4", "z", "_", "a.b"];
    await index.write(...ids.flatMap((id) => rows(id, 2)));
    const expected = ids.toSorted(byCodeUnit).map((id) => ({ id, hash: `hash of ${id}` }));
    expectEqual(await index.list({ limit: 100 }), expected, "documents");
  },

  async "list orders ids beyond the BMP by code units"(store) {
    const index = await open(store);
    const ids = ["\uff5e", "\u{1f642}", "\ud7ff", "z"];
    await index.write(...ids.map((id) => row(id, 0)));
    expectEqual(idsOf(await index.list({ limit: 100 })), ids.toSorted(byCodeUnit), "ids");
  },

  async "the pages of list are complete and do not overlap"(store) {
    const index = await open(store);
    const ids = Array.from({ length: 23 }, (_, number) => `document ${number}`);
    await index.write(...ids.map((id, number) => row(id, 0, { metadata: { draft: number % 3 === 0 } })));
    for (const limit of [1, 5, 22, 23, 24]) {
      expectEqual(idsOf(await index.list({ limit })), ids.toSorted(byCodeUnit), `ids by ${limit} a page`);
    }
    const drafts = ids.filter((_, number) => number % 3 === 0).toSorted(byCodeUnit);
    const filter = among("draft", true);
    expectEqual(idsOf(await index.list({ filter, limit: 3 })), drafts, "ids of drafts by 3 a page");
  },

  async "a document counts when any of its chunks matches"(store) {
    const index = await open(store);
    await index.write(
      row("mixed", 0, { metadata: { product: "api" } }),
      row("mixed", 1, { metadata: { product: "web" } }),
      row("mixed", 2, { metadata: { product: "api", year: 1 } }),
      row("plain", 0, { metadata: { product: "web" } }),
      row("bare", 0),
    );
    expectEqual(await index.count(), { documents: 3, chunks: 5 }, "count of everything");
    expectEqual(await index.count(among("product", "api")), { documents: 1, chunks: 2 }, "count of api");
    expectEqual(await index.count(not(among("product", "api"))), { documents: 3, chunks: 3 }, "count of the rest");
    const both = all(among("product", "web"), exists("year"));
    expectEqual(await index.count(both), { documents: 0, chunks: 0 }, "count of tests that two chunks share");
    const filter = among("product", "web");
    expectEqual(idsOf(await index.list({ filter, limit: 10 })), ["mixed", "plain"], "listed documents");
  },

  async "export gives every row once, with its legs"(store) {
    if (store.export === undefined) return;
    const index = await open(store);
    const written = [
      ...exactRows(),
      row("both", 0, { legs: { vector: vector(0, 0.6, 0.8, 0), terms: terms({ 0: 1, 17: 4, 999_999_999: 2 }) } }),
      row("lexical", 0, { legs: { terms: terms({ 5: 1 }) } }),
      row("bare", 0, { legs: {} }),
    ];
    await index.write(...written);
    const exported = new Map<string, ChunkWrite>();
    let after: { after?: string } = {};
    for (;;) {
      const { chunks, next } = await store.export(index.scope, { ...after, limit: 2 }, index.options);
      for (const chunk of chunks) {
        expectThat(!exported.has(chunk.id), "every row once", chunk.id);
        exported.set(chunk.id, chunk);
      }
      if (next === undefined) break;
      after = { after: next };
    }
    expectEqual(exported.size, written.length, "rows exported");
    for (const chunk of written) expectSameWrite(exported.get(chunk.id), chunk);
  },

  async "what was exported can be written to another generation"(store) {
    if (store.export === undefined) return;
    const index = await open(store);
    await index.write(row("guide", 0, { legs: { vector: vector(0, 1, 0, 0), terms: terms({ 3: 2 }) } }));
    const { chunks } = await store.export(index.scope, { limit: 10 }, index.options);
    const copy = await open(store, spec, true);
    await copy.write(...chunks);
    expectEqual(await copy.read("guide"), await index.read("guide"), "rows of the copy");
    const query = { limit: 1, dense: { vector: vector(0, 1, 1, 0) }, lexical: terms({ 3: 1 }) };
    const [answer, original] = [await copy.search(query), await index.search(query)];
    expectRanking(answer.dense, original.dense ?? [], "dense candidates of the copy");
    expectRanking(answer.lexical, original.lexical ?? [], "lexical candidates of the copy");
  },
};

/** Rows whose fields hold what databases and serialisers like to change. */
function exactRows(): readonly ChunkWrite[] {
  const hostile =
    "tab\t 'single' \"double\" \\ back %_ $1 ${x} ; -- \u0001 \u2028 \ufeff caf\u00e9 e\u0301 \u{1f469}\u200d\u{1f52c} \u05d0 \u4e2d\r\n";
  return [
    row("every field", 0, {
      documentHash: "hash 'quoted'",
      span: { start: 0, end: 500_000_000 },
      line: 1_000_001,
      text: hostile,
      gap: `\r\n ${hostile}`,
      title: "__proto__",
      headings: ["", "constructor", hostile],
      context: hostile,
      parent: { start: 3, end: 90, text: ` ${hostile} ` },
      tokens: 512,
      metadata: {
        product: "__proto__",
        tags: ["", hostile, "null"],
        year: Number.MAX_SAFE_INTEGER,
        scores: [0.1, -1.5, 1e21, 0],
        draft: false,
        flags: [true, false],
        published: "0000-01-01T00:00:00.000Z",
        revisions: ["9999-12-31T23:59:59.999Z"],
        "release-line": "",
        toString: "own",
      },
    }),
    row("every field", 1, { tokens: 0, title: "", context: "", parent: { start: 0, end: 1, text: " " } }),
    row("every field", 2, { text: " ", headings: [] }),
    row("every field", 3, { text: "x".repeat(100_000) }),
  ];
}

/** A store for cosines may keep vectors at unit length; the ones written here have it. */
function expectSameWrite(received: ChunkWrite | undefined, expected: ChunkWrite): void {
  expectThat(received !== undefined, `row ${expected.id} among the exported ones`, received);
  expectEqual(storedPart(received), storedPart(expected), `exported row ${expected.id}`);
  const [legs, written] = [received.legs, expected.legs];
  expectThat(legs !== "kept" && written !== "kept", "legs in full", legs);
  expectEqual(legs.terms, written.terms, `terms of ${expected.id}`);
  expectEqual(legs.vector?.length, written.vector?.length, `size of the vector of ${expected.id}`);
  written.vector?.forEach((value, index) => expectClose(legs.vector?.[index], value, `vector of ${expected.id}`));
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
