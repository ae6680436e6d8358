import type { Candidate, FilterTree, LexicalIndex, PortOptions, Scope, StoredMetadata } from "../types.ts";
import { casesOf, type Checks, type ConformanceCase } from "./conformance.ts";
import { expectAbort, expectEqual, expectThat } from "./expectation.ts";
import { among, filterRows, filterTrees, selected } from "./filter-rows.ts";
import { hostileTexts } from "./texts.ts";

/**
 * The whole `LexicalIndex` port. Which terms a text has is the analyzer's business: the texts here are plain English
 * words, none of them a stop word.
 */
export function lexicalSuite(make: () => Promise<LexicalIndex> | LexicalIndex): readonly ConformanceCase[] {
  return casesOf(make, [writes, ranking, scopes], (index) => index.close?.());
}

const metals = ["copper", "zinc", "silver", "cobalt", "nickel"];

const writes: Checks<LexicalIndex> = {
  async "a chunk is found by its words"(part) {
    const index = opened(part);
    await index.write(Object.fromEntries(metals.map((metal) => [metal, `a bridge of ${metal}`])));
    for (const metal of metals) expectEqual(await index.ids(metal), [metal], `chunks about ${metal}`);
    expectEqual((await index.ids("bridge")).toSorted(), metals.toSorted(), "chunks about bridges");
  },

  async "an index of one or two chunks can be searched"(part) {
    const index = opened(part);
    expectEqual(await index.ids("copper"), [], "chunks of an empty index");
    await index.write({ one: "copper" });
    expectEqual(await index.ids("copper"), ["one"], "chunks of an index of one");
    await index.write({ two: "zinc" });
    expectEqual(await index.ids("zinc"), ["two"], "chunks of an index of two");
  },

  async "replace leaves no stale chunk"(part) {
    const index = opened(part);
    await index.writeDocument("guide", { first: "copper bridge", second: "zinc bridge", third: "silver bridge" });
    await index.write({ other: "copper lantern" });
    await index.writeDocument("guide", { first: "cobalt bridge", fourth: "nickel bridge" });
    expectEqual(await index.ids("copper"), ["other"], "chunks with a word that was taken out");
    expectEqual(await index.ids("zinc silver"), [], "chunks that were taken out");
    expectEqual(await index.ids("cobalt"), ["first"], "chunks with a new word");
    expectEqual((await index.ids("bridge")).toSorted(), ["first", "fourth"], "chunks of the document");
  },

  async "no chunks delete a document"(part) {
    const index = opened(part);
    await index.write({ a: "copper bridge", b: "copper lantern" });
    await index.writeDocument("a", {});
    await index.writeDocument("never stored", {});
    expectEqual(await index.ids("copper bridge"), ["b"], "chunks that are left");
    await index.writeDocument("b", {});
    expectEqual(await index.ids("copper bridge lantern"), [], "chunks of nothing");
    await index.write({ a: "zinc bridge" });
    expectEqual(await index.ids("bridge"), ["a"], "chunks after a delete");
  },

  async "every chunk of a large change is found"(part) {
    const index = opened(part);
    const texts = Array.from({ length: 250 }, (_, number) => [`chunk ${number}`, `lantern number${number}`] as const);
    await index.writeDocument("long", Object.fromEntries(texts));
    expectEqual((await index.ids("lantern", { limit: 250 })).length, 250, "chunks");
    for (const number of [0, 99, 100, 101, 249]) {
      expectEqual(await index.ids(`number${number}`), [`chunk ${number}`], `chunks with number ${number}`);
    }
  },

  async "metadata follows the last write"(part) {
    const index = opened(part);
    await index.write({ a: "copper" }, { product: "web" });
    await index.write({ a: "copper" }, { product: "api" });
    expectEqual(await index.ids("copper", { filter: among("product", "web") }), [], "chunks by the old metadata");
    expectEqual(await index.ids("copper", { filter: among("product", "api") }), ["a"], "chunks by the new metadata");
  },

  async "hostile text is text"(part) {
    const index = opened(part);
    await index.write({ ...hostileTexts, plain: "copper bridge", prototype: "constructor lantern" });
    for (const text of Object.values(hostileTexts)) await index.search(text);
    expectEqual(await index.ids("constructor"), ["prototype"], "chunks with the name of a method");
    expectEqual(await index.ids("prototype"), [], "chunks with a word that is in none");
    expectEqual(await index.ids("copper"), ["plain"], "chunks beside the hostile ones");
  },
};

const ranking: Checks<LexicalIndex> = {
  async "a rarer word weighs more"(part) {
    const index = opened(part);
    await index.write({
      common1: "copper harbor",
      common2: "copper bridge",
      common3: "copper lantern",
      common4: "copper window",
      rare: "zinc garden",
    });
    expectEqual((await index.ids("copper zinc"))[0], "rare", "best chunk");
    const scores = byId(await index.search("copper zinc"));
    expectThat(score(scores, "rare") > score(scores, "common1"), "the rarer word to score higher", [...scores]);
  },

  async "a chunk with more words of the query is better"(part) {
    const index = opened(part);
    await index.write({ one: "copper harbor", both: "copper zinc", other: "zinc harbor", neither: "silver harbor" });
    const ids = await index.ids("copper zinc");
    expectEqual([ids[0], ids.toSorted()], ["both", ["both", "one", "other"]], "best chunk, and all of them");
  },

  async "repetition helps less and less"(part) {
    const index = opened(part);
    const filler = "alpha bravo delta echo foxtrot golf hotel india".split(" ");
    const repeated = (times: number): string =>
      [...Array.from({ length: times }, () => "copper"), ...filler.slice(times)].join(" ");
    await index.write({ once: repeated(1), four: repeated(4), eight: repeated(8), none: filler.join(" ") });
    const scores = byId(await index.search("copper"));
    const [once, four, eight] = [score(scores, "once"), score(scores, "four"), score(scores, "eight")];
    expectThat(once < four && four < eight, "more of the word to score higher", [once, four, eight]);
    expectThat(eight < 4 * once, "eight times the word to score less than four times once", [once, eight]);
    expectThat(eight - four < four - once, "the second four to add less than the first three", [once, four, eight]);
  },

  async "a shorter chunk says it better"(part) {
    const index = opened(part);
    await index.write({
      long: "copper alpha bravo delta echo foxtrot golf hotel",
      short: "copper alpha",
      other: "zinc",
    });
    expectEqual(await index.ids("copper"), ["short", "long"], "chunks, best first");
  },

  async "the limit holds, best first, ties by id"(part) {
    const index = opened(part);
    const ids = ["d", "b", "e", "a", "c"];
    for (const id of ids) await index.write({ [id]: "copper bridge" });
    await index.write({ z: "copper copper", other: "zinc window" });
    for (const limit of [1, 3, 100]) {
      const candidates = await index.search("copper", { limit });
      expectEqual(
        candidates.map(({ id }) => id),
        ["z", ...ids.toSorted()].slice(0, limit),
        `ids within ${limit}`,
      );
      expectThat(
        candidates.every((one) => Number.isFinite(one.score)),
        "finite scores",
        candidates,
      );
    }
    expectEqual(await index.search("copper"), await index.search("copper"), "the same search again");
  },

  async "a query without a known word finds nothing"(part) {
    const index = opened(part);
    await index.write({ a: "copper bridge", b: "zinc bridge", c: "silver" });
    for (const query of ["", "  \n", "?!", "platinum", "cop", "copperbridge"]) {
      expectEqual(await index.search(query), [], `candidates for ${JSON.stringify(query)}`);
    }
  },

  async "what was deleted leaves no trace in the scores"(part) {
    const index = opened(part);
    const left = { a: "copper bridge", b: "copper zinc lantern", c: "silver harbor window", d: "zinc" };
    const other = opened(part, { generation: "second", tenant: null });
    await other.write(left);
    await index.write({ a: "copper copper copper", x: "zinc zinc bridge", y: "copper harbor", z: "zinc" });
    await index.write(left);
    for (const id of ["x", "y", "z"]) await index.writeDocument(id, {});
    for (const query of ["copper", "zinc bridge", "harbor copper"]) {
      expectEqual(await index.search(query), await other.search(query), `candidates for ${query}`);
    }
  },
};

const scopes: Checks<LexicalIndex> = {
  async "every filter selects what it means"(part) {
    const index = opened(part);
    for (const [label, metadata] of Object.entries(filterRows))
      await index.write({ [label]: "copper bridge" }, metadata);
    for (const filter of Object.values(filterTrees).flat()) {
      const found = await index.ids("copper", { filter });
      expectEqual(found, selected(filter, filterRows).toSorted(), `chunks of ${JSON.stringify(filter)}`);
    }
  },

  async "the filter comes before the limit"(part) {
    const index = opened(part);
    const near = Array.from({ length: 40 }, (_, number) => [`near ${number}`, "copper copper"] as const);
    const far = Array.from({ length: 12 }, (_, number) => [`far ${number}`, `copper bridge number${number}`] as const);
    await index.write(Object.fromEntries(near), { product: "web" });
    await index.write(Object.fromEntries(far), { product: "api" });
    const found = await index.ids("copper", { limit: 10, filter: among("product", "api") });
    expectEqual(
      found,
      far
        .map(([id]) => id)
        .toSorted()
        .slice(0, 10),
      "chunks behind the filter",
    );
  },

  async "tenants and generations are apart"(part) {
    const places: readonly Scope[] = [
      { generation: "first", tenant: null },
      { generation: "first", tenant: "acme" },
      { generation: "first", tenant: "null" },
      { generation: "second", tenant: null },
      { generation: "second", tenant: "acme" },
    ];
    const indexes = places.map((scope) => opened(part, scope));
    for (const [number, index] of indexes.entries()) {
      await index.writeDocument("guide", { [`chunk ${number}`]: "copper bridge" });
    }
    await indexes[1]?.writeDocument("guide", { "chunk 1": "zinc bridge" });
    await indexes[2]?.writeDocument("guide", {});
    const found = await Promise.all(indexes.map((index) => index.ids("copper")));
    expectEqual(found, [["chunk 0"], [], [], ["chunk 3"], ["chunk 4"]], "chunks with copper, scope by scope");
    expectEqual(await indexes[1]?.ids("zinc"), ["chunk 1"], "chunks with zinc");
    const nowhere = opened(part, { generation: "first", tenant: "nobody" });
    expectEqual(await nowhere.ids("copper bridge"), [], "chunks of a tenant that wrote nothing");
  },

  async "a generation that is retired goes with all its tenants, and no other does"(part) {
    if (part.retire === undefined) return;
    const old = [null, "acme"].map((tenant) => opened(part, { generation: "first", tenant }));
    const live = opened(part, { generation: "second", tenant: null });
    for (const index of [...old, live]) await index.write({ a: "copper bridge" });
    await part.retire("first");
    await part.retire("never filled");
    const found = await Promise.all([...old, live].map((index) => index.ids("copper")));
    expectEqual(found, [[], [], ["a"]], "chunks of two tenants of a retired generation, and of a live one");
    await old[0]?.write({ b: "copper" });
    expectEqual(await old[0]?.ids("copper"), ["b"], "chunks of a retired generation that is filled again");
  },

  async "what other tenants write changes no score"(part) {
    const acme = opened(part, { generation: "first", tenant: "acme" });
    const rival = opened(part, { generation: "first", tenant: "rival" });
    await acme.write({ a: "copper bridge", b: "zinc bridge", c: "silver lantern window" });
    const before = await acme.search("copper bridge");
    for (let number = 0; number < 20; number++) await rival.write({ [`r${number}`]: "copper copper copper harbor" });
    expectEqual(await acme.search("copper bridge"), before, "candidates after another tenant's writes");
  },

  async "an aborted call rejects with the caller's reason"(part) {
    const index = opened(part);
    await index.write({ a: "copper" });
    const { scope } = index;
    const documents = [{ id: "a", chunks: [] }];
    await expectAbort((signal) => part.replace({ scope, documents }, { signal }), "replace");
    await expectAbort((signal) => part.search({ scope, text: "copper", limit: 1 }, { signal }), "search");
    expectEqual(await index.ids("copper"), ["a"], "chunks after aborted calls");
  },

  async "an index may be closed twice"(part) {
    await part.close?.();
    await part.close?.();
  },
};

interface OpenedIndex {
  readonly scope: Scope;
  /** A document each, with one chunk of the same id. */
  write(texts: Readonly<Record<string, string>>, metadata?: StoredMetadata): Promise<void>;
  /** One document with these chunks. */
  writeDocument(id: string, chunks: Readonly<Record<string, string>>): Promise<void>;
  search(text: string, asked?: { limit?: number; filter?: FilterTree }): Promise<readonly Candidate[]>;
  ids(text: string, asked?: { limit?: number; filter?: FilterTree }): Promise<readonly string[]>;
}

function opened(index: LexicalIndex, scope: Scope = { generation: "first", tenant: null }): OpenedIndex {
  const options: PortOptions = { signal: new AbortController().signal };
  const search: OpenedIndex["search"] = (text, asked) => index.search({ scope, text, limit: 50, ...asked }, options);
  return {
    scope,
    write: (texts, metadata = {}) => {
      const documents = Object.entries(texts).map(([id, text]) => ({ id, chunks: [{ id, text, metadata }] }));
      return index.replace({ scope, documents }, options);
    },
    writeDocument: (id, texts) => {
      const chunks = Object.entries(texts).map(([chunkId, text]) => ({ id: chunkId, text, metadata: {} }));
      return index.replace({ scope, documents: [{ id, chunks }] }, options);
    },
    search,
    ids: async (text, asked) => (await search(text, asked)).map(({ id }) => id),
  };
}

function byId(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  return new Map(candidates.map((candidate) => [candidate.id, candidate.score]));
}

function score(scores: ReadonlyMap<string, number>, id: string): number {
  const found = scores.get(id);
  expectThat(found !== undefined, `chunk ${id} among the candidates`, [...scores]);
  return found;
}
