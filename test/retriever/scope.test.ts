import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  AdapterError,
  ConfigError,
  FilterError,
  FingerprintError,
  PartialIndexError,
  ScopeError,
} from "../../src/errors.ts";
import { createRetriever, memory, unicode } from "../../src/index.ts";
import type { Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { paragraphs, streamOf, wordEmbedder } from "./parts.ts";

const three = [
  { id: "a", text: "apple" },
  { id: "b", text: "banana" },
  { id: "c", text: "cherry" },
];

describe("sync", () => {
  test("deletes what was not in the input, of what the filter selects", async () => {
    const docs = createRetriever({ metadata: z.object({ source: z.string() }) });
    const of = (source: string) => three.map(({ id, text }) => ({ id: `${source}-${id}`, text, metadata: { source } }));
    await docs.index([...of("x"), ...of("y")]);
    const report = await docs.sync(of("x").slice(0, 1), { filter: { source: "x" } });
    expect(report).toMatchObject({ documents: { unchanged: 1, deleted: 2 }, chunks: { deleted: 2 } });
    expect((await docs.list()).documentIds).toEqual(["x-a", "y-a", "y-b", "y-c"]);
    await docs.sync(streamOf(of("y").slice(1)));
    expect((await docs.list()).documentIds).toEqual(["y-b", "y-c"]);
  });

  test("of nothing throws, unless that is meant", async () => {
    const docs = createRetriever();
    await docs.index(three);
    expect(await rejection(docs.sync([]))).toBeInstanceOf(ConfigError);
    expect(await rejection(docs.sync(streamOf([])))).toBeInstanceOf(ConfigError);
    expect(await docs.count()).toEqual({ documents: 3, chunks: 3 });
    expect(await docs.sync([], { allowEmpty: true })).toMatchObject({ documents: { deleted: 3 } });
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
  });

  test("deletes nothing after a failure or an abort", async () => {
    const docs = createRetriever();
    await docs.index(three);
    const broken = streamOf([
      { id: "a", text: "apple" },
      { id: "", text: "" },
    ]);
    expect(await rejection(docs.sync(broken))).toBeInstanceOf(PartialIndexError);
    async function* endsInAnError() {
      yield { id: "a", text: "apple" };
      throw new Error("source broke");
    }
    expect(await rejection(docs.sync(endsInAnError()))).toMatchObject({ message: "source broke" });
    expect(await docs.sync(streamOf([{ id: "a", text: "\0" }]), { onFailure: "collect" })).toMatchObject({
      documents: { deleted: 0 },
    });
    expect(await rejection(docs.sync([{ id: "a", text: "apple" }], { signal: AbortSignal.abort("no") }))).toBe("no");
    expect(await docs.count()).toEqual({ documents: 3, chunks: 3 });
  });
});

describe("delete, clear, list, get, count", () => {
  const filled = async () => {
    const docs = createRetriever({ metadata: z.object({ n: z.number() }), chunker: paragraphs() });
    await docs.index(
      Array.from({ length: 600 }, (_, n) => ({
        id: `d${String(n).padStart(3, "0")}`,
        text: `one ${n}\n\ntwo`,
        metadata: { n },
      })),
    );
    return docs;
  };

  test("delete by id counts what was there", async () => {
    const docs = await filled();
    expect(await docs.delete(["d001", "d001", "unknown", "d002"])).toEqual({ documents: 2, chunks: 4 });
    expect(await docs.count()).toEqual({ documents: 598, chunks: 1196 });
    expect(await docs.get(["d001"])).toEqual([]);
  });

  test("delete by filter, over more than a page", async () => {
    const docs = await filled();
    expect(await docs.delete({ filter: { n: { gte: 10 } } })).toEqual({ documents: 590, chunks: 1180 });
    expect((await docs.list()).documentIds).toHaveLength(10);
  });

  test.each<[string, unknown]>([
    ["an empty filter", { filter: {} }],
    ["a filter of empty filters", { filter: { AND: [{}, { OR: [{}] }] } }],
    ["a filter that got lost", { filter: undefined }],
    ["a null filter", { filter: null }],
    ["everything but nothing", { filter: { n: { notIn: [] } } }],
  ])("delete with %s throws and deletes nothing", async (_, target) => {
    const docs = await filled();
    expect(await rejection(docs.delete(untyped<[]>(target)))).toBeInstanceOf(FilterError);
    expect((await docs.count()).documents).toBe(600);
  });

  test("delete refuses what names no documents", async () => {
    const docs = await filled();
    for (const target of ["d001", undefined, [""], [5], { filters: {} }, {}]) {
      expect(await rejection(docs.delete(untyped<[]>(target)))).toBeInstanceOf(ConfigError);
    }
    expect(String(await rejection(docs.delete(untyped<[]>({}))))).toContain(
      "delete: expected document ids or { filter }, received an object; clear() deletes everything",
    );
    expect((await docs.count()).documents).toBe(600);
  });

  test("clear deletes everything", async () => {
    const docs = await filled();
    expect(await docs.clear()).toEqual({ documents: 600, chunks: 1200 });
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
  });

  test("list pages through all ids, in order", async () => {
    const docs = await filled();
    const ids: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await docs.list({ limit: 7, ...(after !== undefined && { after }) });
      ids.push(...page.documentIds);
      after = page.next;
      if (after === undefined) break;
    }
    expect(ids).toEqual(Array.from({ length: 600 }, (_, n) => `d${String(n).padStart(3, "0")}`));
    expect((await docs.list({ filter: { n: { lt: 3 } } })).documentIds).toEqual(["d000", "d001", "d002"]);
  });

  test("get gives chunks in the order asked for, and then of the text", async () => {
    const docs = await filled();
    const chunks = await docs.get(["d005", "d002", "d005"]);
    expect(chunks.map(({ documentId, text }) => `${documentId} ${text}`)).toEqual([
      "d005 one 5",
      "d005 two",
      "d002 one 2",
      "d002 two",
    ]);
  });

  test("count by filter", async () => {
    const docs = await filled();
    expect(await docs.count({ n: { lt: 4 } })).toEqual({ documents: 4, chunks: 8 });
  });
});

describe("tenants", () => {
  test("see nothing of each other, nor of the unscoped documents", async () => {
    const docs = createRetriever({ bm25: { averageLength: 5 } });
    const [acme, other] = [docs.forTenant("acme"), docs.forTenant("other")];
    await acme.index([{ id: "same", text: "apple pie" }]);
    await other.index([
      { id: "same", text: "apple cake" },
      { id: "more", text: "apple" },
    ]);
    await docs.index([{ id: "same", text: "apple juice" }]);
    const texts = async (of: typeof acme) => (await of.search("apple")).hits.map(({ chunk }) => chunk.text).toSorted();
    expect(await texts(acme)).toEqual(["apple pie"]);
    expect(await texts(other)).toEqual(["apple", "apple cake"]);
    expect(await texts(docs)).toEqual(["apple juice"]);
    await other.clear();
    expect(await acme.count()).toEqual({ documents: 1, chunks: 1 });
    expect(await docs.count()).toEqual({ documents: 1, chunks: 1 });
  });

  test("do not change each other's scores", async () => {
    const alone = createRetriever({ tenancy: "required" }).forTenant("acme");
    const crowd = createRetriever({ tenancy: "required" });
    const shared = crowd.forTenant("acme");
    await crowd
      .forTenant("big")
      .index(Array.from({ length: 200 }, (_, n) => ({ id: `d${n}`, text: `apple ${"word ".repeat(n)}` })));
    for (const acme of [alone, shared]) await acme.index(three);
    const [expected, actual] = await Promise.all([
      alone.search("apple", { explain: true }),
      shared.search("apple", { explain: true }),
    ]);
    expect(actual.hits).toEqual(expected.hits);
  });

  test("required: every unscoped call is a ScopeError, from untyped code", async () => {
    const docs = createRetriever({ tenancy: "required" });
    const bare = untyped<ReturnType<typeof docs.forTenant>>(docs);
    for (const call of [
      bare.search("a"),
      bare.index([{ id: "a", text: "a" }]),
      bare.sync([]),
      bare.plan([]),
      bare.delete(["a"]),
      bare.clear(),
      bare.get(["a"]),
      bare.list(),
      bare.count(),
    ]) {
      expect(await rejection(call)).toMatchObject({ name: "ScopeError", code: "scope" });
    }
  });

  test.each([[undefined], [null], [""], [[]], [["acme"]], [{}], [{ $ne: null }], [5], [true], ["a\0b"], ["\uD800"]])(
    "%j is no tenant",
    (tenant) => {
      expect(() => createRetriever().forTenant(untyped<string>(tenant))).toThrow(ScopeError);
    },
  );

  test("hostile names are names like any other", async () => {
    const docs = createRetriever();
    for (const tenant of ["__proto__", "constructor", "null", "a' OR 1=1", "../b"]) {
      const scoped = docs.forTenant(tenant);
      expect(await scoped.count()).toEqual({ documents: 0, chunks: 0 });
      await scoped.index([{ id: "__proto__", text: `text of ${tenant}` }]);
      expect((await scoped.search("text")).hits.map(({ chunk }) => chunk.text)).toEqual([`text of ${tenant}`]);
    }
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
  });
});

describe("fingerprint and generations", () => {
  test("an index built with something else is refused, with both sides", async () => {
    const store = memory();
    await createRetriever({ store }).index(three);
    const error = await rejection(createRetriever({ store, analyzer: unicode() }).search("apple"));
    expect(error).toBeInstanceOf(FingerprintError);
    expect(error).toMatchObject({
      code: "fingerprint",
      differences: [{ key: "analyzer", given: unicode().fingerprint }],
    });
    for (const other of [
      { embedder: wordEmbedder() },
      { chunker: paragraphs() },
      { bm25: { k1: 2 } },
      { tenancy: "required" as const },
    ]) {
      const docs = createRetriever({ store, ...other }).forTenant("t");
      expect(await rejection(docs.search("apple"))).toBeInstanceOf(FingerprintError);
    }
  });

  test("a field may be added to a schema, not change its kind", async () => {
    const store = memory();
    await createRetriever({ store, metadata: z.object({ n: z.number() }) }).index([
      { id: "a", text: "apple", metadata: { n: 1 } },
    ]);
    const wider = createRetriever({ store, metadata: z.object({ n: z.number(), m: z.string().optional() }) });
    expect((await wider.search("apple", { filter: { m: { exists: false } } })).hits).toHaveLength(1);
    const other = createRetriever({ store, metadata: z.object({ n: z.string() }) });
    expect(await rejection(other.search("apple"))).toBeInstanceOf(FingerprintError);
  });

  test("stage, fill, publish: searches see one generation, whole", async () => {
    const store = memory();
    const docs = createRetriever({ store });
    await docs.index(three);
    const bystander = createRetriever({ store });
    await bystander.search("apple");
    const upgraded = createRetriever({ store, chunker: paragraphs(), embedder: wordEmbedder() });
    const staged = await upgraded.stage();
    await staged.index([{ id: "a", text: "apple, again" }]);
    expect(await docs.count()).toEqual({ documents: 3, chunks: 3 });
    expect(await staged.count()).toEqual({ documents: 1, chunks: 1 });
    await staged.publish();
    expect((await upgraded.search("apple")).hits.map(({ chunk }) => chunk.text)).toEqual(["apple, again"]);
    expect((await bystander.search("cherry")).hits).toHaveLength(1);
    expect(await rejection(createRetriever({ store }).search("apple"))).toBeInstanceOf(FingerprintError);
  });

  test("the retriever that was staged from sees what it published", async () => {
    const docs = createRetriever();
    await docs.index(three);
    const staged = await docs.stage();
    await staged.index([{ id: "z", text: "zebra" }]);
    await staged.publish();
    expect((await docs.list()).documentIds).toEqual(["z"]);
    expect((await docs.search("zebra")).hits).toHaveLength(1);
  });

  test("a search that opens while the first index call is about to create does not get in its way", async () => {
    let searching: Promise<unknown> = Promise.resolve();
    const store = memory();
    const slow: Store = {
      ...store,
      async prepare(spec, options) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return store.prepare(spec, options);
      },
    };
    const docs = createRetriever({
      store: slow,
      chunker: ({ text }) => {
        searching = docs.search("apple");
        return [{ start: 0, end: text.length }];
      },
    });
    await docs.index([{ id: "a", text: "apple" }]);
    await searching;
    expect((await docs.search("apple")).hits).toHaveLength(1);
  });

  test("a discarded generation leaves the live one as it was", async () => {
    const docs = createRetriever();
    await docs.index(three);
    const staged = await docs.stage();
    await staged.index([{ id: "z", text: "zebra" }]);
    await staged.discard();
    expect((await docs.search("zebra")).hits).toEqual([]);
    expect(await docs.count()).toEqual({ documents: 3, chunks: 3 });
  });

  test("what is published cannot be discarded: it is the live index", async () => {
    const docs = createRetriever();
    const staged = await docs.stage();
    await staged.index(three);
    await staged.publish();
    expect(await rejection(staged.discard())).toBeInstanceOf(ConfigError);
    expect(await docs.count()).toEqual({ documents: 3, chunks: 3 });
  });

  test("publishing nothing is refused", async () => {
    const docs = createRetriever();
    await docs.index(three);
    expect(await rejection((await docs.stage()).publish())).toBeInstanceOf(ConfigError);
  });

  test("a generation that was retired says so", async () => {
    const store = memory();
    const docs = createRetriever({ store });
    await docs.index(three);
    for (let n = 0; n < 2; n++) {
      const staged = await createRetriever({ store }).stage();
      await staged.index([{ id: "a", text: `apple ${n}` }]);
      await staged.publish();
    }
    expect(await rejection(docs.search("apple"))).toBeInstanceOf(AdapterError);
  });
});

describe("closing", () => {
  test("closes the store once; every later call is refused", async () => {
    let closed = 0;
    const store = { ...memory(), close: async () => void closed++ };
    const docs = createRetriever({ store });
    await docs.index(three);
    await using scope = docs;
    await scope.close();
    await docs.close();
    expect(closed).toBe(1);
    expect(await rejection(docs.search("apple"))).toBeInstanceOf(ConfigError);
    expect(() => docs.forTenant("a")).toThrow(ConfigError);
  });
});
