import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import createEngine from "wink-bm25-text-search";
import { wink, type WinkOptions } from "../../../adapters/lexical/wink.ts";
import { ConfigError } from "../../../src/errors.ts";
import { createRetriever } from "../../../src/index.ts";
import { english } from "../../../src/lexical/analyzers/english.ts";
import { bm25 } from "../../../src/lexical/bm25.ts";
import { readBeir } from "../../../src/node/beir.ts";
import { lexicalSuite } from "../../../src/testing/lexical.ts";
import type { Analyzer, Candidate, FilterTree, LexicalIndex, Scope, StoredMetadata } from "../../../src/types.ts";
import { byRank, naiveBm25, spaces } from "../../lexical/naive-bm25.ts";
import { rejection } from "../../rejection.ts";
import { untyped } from "../../untyped.ts";

const scope: Scope = { generation: "first", tenant: null };
const { signal } = new AbortController();

type Texts = Readonly<Record<string, string>>;
const write = (index: LexicalIndex, texts: Texts, metadata: (id: string) => StoredMetadata = () => ({})) =>
  index.replace(
    {
      scope,
      documents: Object.entries(texts).map(([id, text]) => ({
        id,
        chunks: text === "" ? [] : [{ id, text, metadata: metadata(id) }],
      })),
    },
    { signal },
  );
const search = (index: LexicalIndex, text: string, asked: { limit?: number; filter?: FilterTree } = {}) =>
  index.search({ scope, text, limit: 100, ...asked }, { signal });
const filled = async (texts: Texts, options: WinkOptions = {}): Promise<LexicalIndex> => {
  const index = wink({ analyzer: spaces, ...options });
  await write(index, texts);
  return index;
};

describe("wink is a lexical index", () => {
  for (const { name, run } of lexicalSuite(() => wink())) test(name, run);

  test("durable, fingerprint, and nothing left after close", async () => {
    const index = await filled({ a: "x", b: "x", c: "y" });
    expect(index.durable).toBe(false);
    expect(index.fingerprint).toBe('wink@1{"k1":1.2,"b":0.75,"analyzer":"spaces@1"}');
    expect(wink().fingerprint).toContain(english().fingerprint);
    expect(wink({ k1: 2, b: 1 }).fingerprint).not.toBe(wink().fingerprint);
    await index.close?.();
    expect(await search(index, "x")).toEqual([]);
  });
});

/** As many roundings by half a ten-thousandth as the query has terms, and one more for their sum. */
const tolerance = (terms: number): number => 0.5e-4 * (terms + 1) + 1e-9;

describe("scores", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 12 }).map((words) => words.join(" "));
  const texts = fc.array(text, { maxLength: 12 }).map((list) => list.map((each, i) => [`d${i}`, each] as const));
  const parameters = fc.constantFrom({}, { k1: 0.9, b: 0.4 }, { k1: 0, b: 1 });

  test("are BM25's to four decimals, for any number of chunks from none on, and after any change", async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, text, parameters, async (before, after, query, options) => {
        const index = await filled(Object.fromEntries(before), options);
        const held = new Map(before);
        for (const changes of [[], after]) {
          await write(index, Object.fromEntries(changes));
          for (const [id, changed] of changes) held.set(id, changed);
          const wanted = new Map(naiveBm25(held, query, options).map(({ id, score }) => [id, score]));
          const found = await search(index, query);
          expect(new Set(found.map(({ id }) => id))).toEqual(new Set(wanted.keys()));
          for (const { id, score } of found) {
            expect(Math.abs(score - (wanted.get(id) ?? 0))).toBeLessThanOrEqual(tolerance(query.split(" ").length));
            expect(score).toBe(Number(score.toFixed(4)));
          }
          expect(found).toEqual(found.toSorted(byRank));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("the few are scored as the many: a third chunk that shares nothing changes what idf and length make of it, no more", async () => {
    for (const count of [1, 2, 3, 4]) {
      const held = new Map(Array.from({ length: count }, (_, i) => [`d${i}`, `copper ${"zinc ".repeat(i)}`.trim()]));
      const found = await search(await filled(Object.fromEntries(held)), "copper zinc zinc");
      const wanted = naiveBm25(held, "copper zinc zinc");
      expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
      found.forEach(({ score }, rank) =>
        expect(Math.abs(score - (wanted[rank]?.score ?? 0))).toBeLessThan(tolerance(3)),
      );
    }
  });
});

test("a generation that was retired is not held any more, the others are", async () => {
  const index = await filled({ a: "copper", b: "zinc" });
  const other = { ...scope, generation: "second" };
  const documents = [{ id: "c", chunks: [{ id: "c", text: "copper", metadata: {} }] }];
  await index.replace({ scope: other, documents }, { signal });
  await index.retire?.(scope.generation);
  expect(await search(index, "copper")).toEqual([]);
  expect(await index.search({ scope: other, text: "copper", limit: 9 }, { signal })).toHaveLength(1);
});

describe("what the engine gets wrong on its own", () => {
  test("ids like numbers, and ids that are one as text", async () => {
    const ids = ["10", "9", "01", "1", "__proto__", "toString", "#0", "undefined", "é", "日本"];
    const index = await filled(Object.fromEntries([...ids.map((id) => [id, "same words"]), ["other", "more"]]));
    expect((await search(index, "same")).map(({ id }) => id)).toEqual(ids.toSorted());
    expect((await search(index, "same", { limit: 3 })).map(({ id }) => id)).toEqual(ids.toSorted().slice(0, 3));
  });

  test("terms that are names of an object's own", async () => {
    const index = await filled({ a: "__proto__ x", b: "constructor x", c: "hasOwnProperty x", d: "x" });
    for (const [id, term] of Object.entries({ a: "__proto__", b: "constructor", c: "hasOwnProperty" })) {
      expect((await search(index, term)).map((found) => found.id)).toEqual([id]);
    }
    expect(await search(index, "toString valueOf")).toEqual([]);
  });

  test("scripts other than Latin", async () => {
    const index = wink();
    await write(index, { ru: "система аутентификации", zh: "认证系统使用令牌", de: "Straßenbahn", en: "trams" });
    for (const [id, query] of Object.entries({ ru: "аутентификация система", zh: "认证", de: "straßenbahn" })) {
      expect((await search(index, query)).map((found) => found.id)).toEqual([id]);
    }
  });

  test("a filter is evaluated once for each chunk that shares a term, however many terms it shares", async () => {
    let reads = 0;
    const metadata = (id: string): StoredMetadata => ({
      get product() {
        reads++;
        return id < "c" ? "api" : "web";
      },
    });
    const index = wink({ analyzer: spaces });
    await write(index, { a: "x y z", b: "x y", c: "x y z", d: "other", e: "other" }, metadata);
    reads = 0;
    const filter: FilterTree = { op: "in", field: "product", kind: "string", values: ["api"] };
    expect((await search(index, "x y z", { filter })).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(reads).toBe(3);
  });

  test("chunks without a term count nowhere", async () => {
    const texts = { a: "x y", b: "x", c: "z" };
    const wanted = await search(await filled(texts), "x y");
    expect(await search(await filled({ ...texts, d: " ", e: "  " }), "x y")).toEqual(wanted);
    expect(await search(await filled({ a: " ", b: "  ", c: "x" }), "x")).toHaveLength(1);
  });

  test("an analyzer that fails leaves the index as it was", async () => {
    let failing = false;
    const analyzer: Analyzer = {
      fingerprint: "moody",
      terms(given) {
        if (failing) throw new Error("not now");
        return spaces.terms(given);
      },
    };
    const index = await filled({ a: "x", b: "y", c: "z" }, { analyzer });
    failing = true;
    expect(await rejection(write(index, { a: "y", d: "x" }))).toMatchObject({ message: "not now" });
    failing = false;
    expect((await search(index, "x")).map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("what is refused", () => {
  test.each<[WinkOptions, RegExp]>([
    [{ k1: -1 }, /^wink\.k1: expected a number of at least 0, received -1$/],
    [{ b: 1.5 }, /^wink\.b: expected a number between 0 and 1, received 1\.5$/],
    [{ analyzer: untyped<Analyzer>("english") }, /^wink\.analyzer: expected .* received "english"$/],
    [untyped<WinkOptions>({ stemmer: true }), /unknown option "stemmer"/],
  ])("options %o", (options, message) => {
    expect(() => wink(options)).toThrow(message);
    expect(() => wink(options)).toThrow(ConfigError);
  });

  test("nothing is loaded before it is used, and a missing package names its install command", async () => {
    vi.doMock("wink-bm25-text-search", () => {
      throw new Error("Cannot find package");
    });
    const index = wink();
    for (const work of [() => write(index, { a: "x" }), () => search(index, "x")]) {
      const error = await rejection(work());
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ message: expect.stringContaining("npm install wink-bm25-text-search") });
      expect((error as ConfigError).cause).toBeInstanceOf(Error);
    }
  });
  test("a missing package is told by the first index call, which then has written nothing", async () => {
    vi.doMock("wink-bm25-text-search", () => {
      throw new Error("Cannot find package");
    });
    const docs = createRetriever({ lexical: wink() });
    const error = await rejection(docs.index([{ id: "a", text: "x" }]));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ message: expect.stringContaining("npm install wink-bm25-text-search") });
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
  });
  afterEach(() => vi.doUnmock("wink-bm25-text-search"));

  test("an abort while the engine loads", async () => {
    const index = await filled({ a: "x" });
    const controller = new AbortController();
    const reason = new Error("enough");
    const replaced = index.replace({ scope, documents: [{ id: "a", chunks: [] }] }, { signal: controller.signal });
    const searched = index.search({ scope, text: "x", limit: 1 }, { signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(replaced)).toBe(reason);
    expect(await rejection(searched)).toBe(reason);
    expect(await search(index, "x")).toHaveLength(1);
  });
});

/** The engine by itself, as an independent judge of our scores. */
function judge(texts: readonly string[], analyzer: Analyzer, { k1, b }: { k1: number; b: number }, decimals: number) {
  const engine = createEngine();
  engine.defineConfig({ fldWeights: { text: 1 }, bm25Params: { k1, b, k: 1 }, ovFldNames: [] });
  engine.definePrepTasks([(text: string) => analyzer.terms(text)]);
  texts.forEach((text, i) => engine.addDoc({ text }, `d${i}`));
  engine.consolidate(decimals);
  return (query: string): readonly Candidate[] =>
    engine.search(query, texts.length, () => true).map(([id, score]) => ({ id, score }));
}

describe("bm25 against the engine", () => {
  const word = fc.integer({ min: 0, max: 40 }).map((number) => `w${Math.floor(Math.sqrt(number))}`);
  const text = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(" "));

  const expectAgreement = (ours: readonly Candidate[], theirs: readonly Candidate[], off: number): void => {
    const scores = new Map(theirs.map(({ id, score }) => [id, score]));
    expect(ours).toHaveLength(theirs.length);
    for (const { id, score } of ours) expect(Math.abs(score - (scores.get(id) ?? Number.NaN))).toBeLessThanOrEqual(off);
  };

  test("the same scores on random texts, to four decimals and to nine", () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 3, maxLength: 25 }),
        text,
        fc.constantFrom({ k1: 1.2, b: 0.75 }, { k1: 0.9, b: 0.4 }, { k1: 2, b: 0 }),
        (texts, query, parameters) => {
          const index = bm25({ analyzer: spaces, ...parameters });
          texts.forEach((each, i) => index.add(`d${i}`, each));
          const ours = index.search(query, { topK: 100 });
          const terms = query.split(" ").length;
          expectAgreement(ours, judge(texts, spaces, parameters, 4)(query), 0.5e-4 * terms + 1e-9);
          expectAgreement(ours, judge(texts, spaces, parameters, 9)(query), 1e-9 * terms + 1e-9);
        },
      ),
    );
  });

  test("the same scores on SciFact", { timeout: 120_000 }, async () => {
    const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
    const folder = join(data, "scifact");
    if (!existsSync(folder)) return console.log(`skipped: no ${folder}`);
    const { documents, queries } = await readBeir(folder);
    const texts = documents.slice(0, 1000).map((document) => `${document.title ?? ""} ${document.text}`);
    const parameters = { k1: 1.2, b: 0.75 };
    const analyzer = english();
    const index = bm25({ analyzer, ...parameters });
    texts.forEach((each, i) => index.add(`d${i}`, each));
    const theirs = judge(texts, analyzer, parameters, 4);
    for (const { text: query } of queries.slice(0, 50)) {
      const ours = index.search(query, { topK: texts.length });
      expectAgreement(ours, theirs(query), 0.5e-4 * analyzer.terms(query).length + 1e-9);
    }
  });
});
