import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AdapterError, ConfigError, DocumentError, MetadataError, PartialIndexError } from "../../src/errors.ts";
import { createRetriever, memory, semantic } from "../../src/index.ts";
import type { IndexProgress } from "../../src/retriever-types.ts";
import type { Chunker, Store } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";
import { gate, paragraphs, streamOf, wordEmbedder } from "./parts.ts";

const paragraph = (n: number): string => `Paragraph ${n} is about topic${n} and nothing else.`;
const textOf = (numbers: readonly number[]): string => numbers.map(paragraph).join("\n\n");
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

describe("what an index call costs", () => {
  const setUp = async () => {
    const embedder = wordEmbedder();
    const docs = createRetriever({ embedder, chunker: paragraphs(), metadata: z.object({ year: z.number() }) });
    const first = await docs.index([{ id: "d", text: textOf(upTo(300)), metadata: { year: 1 } }]);
    expect(first).toMatchObject({ documents: { added: 1 }, chunks: { added: 300, kept: 0 }, embedded: 300 });
    embedder.texts.length = 0;
    return { embedder, docs };
  };

  test("nothing, when nothing changed", async () => {
    const { docs, embedder } = await setUp();
    const again = await docs.index([{ id: "d", text: textOf(upTo(300)), metadata: { year: 1 } }]);
    expect(again).toMatchObject({ documents: { unchanged: 1 }, chunks: { kept: 300 }, embedded: 0 });
    expect(embedder.texts).toEqual([]);
  });

  test("one embedding for one changed paragraph of 300, searchable at once", async () => {
    const { docs, embedder } = await setUp();
    const numbers = upTo(300).with(150, 9000);
    const report = await docs.index([{ id: "d", text: textOf(numbers), metadata: { year: 1 } }]);
    expect(report).toMatchObject({
      documents: { updated: 1 },
      chunks: { added: 1, kept: 299, deleted: 1 },
      embedded: 1,
    });
    expect(embedder.texts).toEqual([paragraph(9000)]);
    const { hits } = await docs.search("topic9000", { mode: "lexical" });
    expect(hits.map(({ chunk }) => chunk.text)).toEqual([paragraph(9000)]);
    expect((await docs.search("topic150", { mode: "lexical" })).hits.map(({ chunk }) => chunk.text)).toEqual([]);
  });

  test("one embedding for an insertion at the top; what moved keeps its id and gets its new place", async () => {
    const { docs, embedder } = await setUp();
    const before = await docs.get(["d"]);
    const text = textOf([7000, ...upTo(300)]);
    const report = await docs.index([{ id: "d", text, metadata: { year: 1 } }]);
    expect(report).toMatchObject({ chunks: { added: 1, kept: 300, deleted: 0 }, embedded: 1 });
    expect(embedder.texts).toEqual([paragraph(7000)]);
    const after = await docs.get(["d"]);
    expect(after.slice(1).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    for (const { span, text: passage, line } of after) {
      expect(text.slice(span.start, span.end)).toBe(passage);
      expect(line).toBe(text.slice(0, span.start).split("\n").length);
    }
    const { hits } = await docs.search("topic12", { topK: 1 });
    expect(hits[0]?.chunk.text).toBe(paragraph(12));
  });

  test("no embedding for a metadata-only change, which filters see at once", async () => {
    const { docs, embedder } = await setUp();
    const report = await docs.index([{ id: "d", text: textOf(upTo(300)), metadata: { year: 2 } }]);
    expect(report).toMatchObject({
      documents: { updated: 1 },
      chunks: { added: 0, kept: 300, deleted: 0 },
      embedded: 0,
    });
    expect(embedder.texts).toEqual([]);
    expect((await docs.search("topic7", { filter: { year: 2 }, topK: 1 })).hits).toHaveLength(1);
    expect((await docs.search("topic7", { filter: { year: 1 } })).hits).toHaveLength(0);
  });

  test("not even a cut, where the chunker says by its fingerprint that it cuts as before", async () => {
    let cuts = 0;
    const chunker = Object.assign(
      (document: { readonly text: string }) => {
        cuts++;
        return paragraphs()(document);
      },
      { fingerprint: "counted" },
    );
    const docs = createRetriever({ chunker });
    for (let run = 0; run < 3; run++) await docs.index([{ id: "d", text: "one" }]);
    expect(cuts).toBe(1);
  });

  test("nor for a change of metadata alone, where cutting costs an embedding itself", async () => {
    const sentenceEmbedder = wordEmbedder();
    const embedder = wordEmbedder();
    const docs = createRetriever({ chunker: semantic({ embedder: sentenceEmbedder, size: 60 }), embedder });
    const text = "Apples are red. Bananas are yellow. Ships sail at dawn. Harbors close at dusk.";
    await docs.index([{ id: "d", text, title: "Things", metadata: { year: 1 } }]);
    const before = await docs.get(["d"]);
    sentenceEmbedder.texts.length = embedder.texts.length = 0;
    const changed = [{ id: "d", text, title: "Things", metadata: { year: 2 } }];
    const expected = { documents: { updated: 1 }, chunks: { added: 0, kept: before.length, deleted: 0 }, embedded: 0 };
    expect(await docs.plan(changed)).toMatchObject(expected);
    expect(await docs.index(changed)).toMatchObject(expected);
    expect([sentenceEmbedder.texts, embedder.texts]).toEqual([[], []]);
    expect(await docs.get(["d"])).toEqual(before.map((chunk) => ({ ...chunk, metadata: { year: 2 } })));
    expect(await docs.index(changed)).toMatchObject({ documents: { unchanged: 1 } });
    await docs.index([{ id: "d", text, title: "Fruit", metadata: { year: 2 } }]);
    expect(sentenceEmbedder.texts).not.toEqual([]);
    expect((await docs.get(["d"])).map(({ title }) => title)).not.toContain("Things");
  });

  test("ids are of the tenant, the document and what is indexed", async () => {
    const docs = createRetriever({ chunker: paragraphs() });
    const ids: string[] = [];
    for (const scope of [docs, docs.forTenant("a"), docs.forTenant("b")]) {
      await scope.index([
        { id: "x", text: "same" },
        { id: "y", text: "same" },
        { id: "z", text: "same", title: "titled" },
      ]);
      ids.push(...(await scope.get(["x", "y", "z"])).map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(9);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("repeated paragraphs are chunks of their own", async () => {
    const docs = createRetriever({ chunker: paragraphs() });
    await docs.index([{ id: "d", text: "same\n\nsame\n\nsame" }]);
    const chunks = await docs.get(["d"]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(3);
    expect(chunks.map(({ span }) => span.start)).toEqual([0, 6, 12]);
  });

  test("a chunker without a fingerprint is asked again, and its cuts decide", async () => {
    const docs = createRetriever({ chunker: ({ text }) => [{ start: 0, end: text.length }] });
    await docs.index([{ id: "d", text: "one" }]);
    expect(await docs.index([{ id: "d", text: "one" }])).toMatchObject({ documents: { unchanged: 1, updated: 0 } });
  });
});

describe("what is refused", () => {
  const untouched = (): { store: Store; calls: string[] } => {
    const calls: string[] = [];
    const store = new Proxy(memory(), {
      get(target, name: keyof Store) {
        if (typeof target[name] === "function") calls.push(name);
        return target[name];
      },
    });
    return { store, calls };
  };

  test.each<[string, unknown[], string]>([
    ["an empty id", [{ id: "", text: "a" }], "id"],
    ["an id that is no string", [{ id: 5, text: "a" }], "id"],
    [
      "an id given twice",
      [
        { id: "a", text: "a" },
        { id: "a", text: "b" },
      ],
      "twice",
    ],
    ["NUL in a text", [{ id: "a", text: "a\0b" }], "NUL character at 1"],
    ["a lone surrogate in a text", [{ id: "a", text: "ab\uD800" }], "lone surrogate at 2"],
    ["a lone surrogate in an id", [{ id: "\uDC00", text: "a" }], "lone surrogate at 0"],
    ["NUL in a title", [{ id: "a", text: "a", title: "\0" }], "title"],
    ["a text that is no string", [{ id: "a", text: null }], "text"],
    ["no document", [null], "document"],
    ["a key that is misspelt", [{ id: "a", text: "a", metadta: { year: 1 } }], 'received "metadta"'],
    ["a text under another name", [{ id: "a", content: "a" }], 'received "content"'],
  ])("%s, in an array, before any I/O", async (_, documents, says) => {
    const { store, calls } = untouched();
    const docs = createRetriever({ store });
    calls.length = 0;
    const error = await rejection(docs.index([{ id: "good", text: "fine" }, ...untyped<[]>(documents)]));
    expect(error).toBeInstanceOf(DocumentError);
    expect(error).toMatchObject({ code: "document", message: expect.stringContaining(says) });
    expect(calls).toEqual([]);
  });

  test("in a stream, the document alone", async () => {
    const docs = createRetriever();
    const documents = [
      { id: "a", text: "first" },
      { id: "a", text: "twice" },
      { id: "", text: "no id" },
      { id: "b", text: "\0" },
      { id: "c", text: "third" },
    ];
    const error = await rejection(docs.index(streamOf(documents)));
    expect(error).toBeInstanceOf(PartialIndexError);
    const { report } = error as PartialIndexError;
    expect(report.failed.map(({ documentId }) => documentId)).toEqual(["a", "", "b"]);
    expect(report.documents.added).toBe(2);
    expect((await docs.get(["a"])).map(({ text }) => text)).toEqual(["first"]);
  });

  test("what a chunker adds and no store can hold", async () => {
    for (const [added, problem] of [
      [{ context: "a\0" }, "piece 0 has a NUL character at 1 of its context or a heading"],
      [{ headings: ["a", "\ud800"] }, "piece 0 has a lone surrogate at 0 of its context or a heading"],
    ] as const) {
      const chunker: Chunker = ({ text }) => [{ start: 0, end: text.length, ...added }];
      const report = await createRetriever({ chunker }).index([{ id: "a", text: "one" }], { onFailure: "collect" });
      expect(String(report.failed[0]?.error)).toContain(problem);
    }
  });

  test("metadata that is no object of fields", async () => {
    for (const wrong of [Promise.resolve({ a: 1 }), new Map([["a", 1]]), new Set(), new Date(0), [1], "a"]) {
      const error = await rejection(createRetriever().index([{ id: "a", text: "a", metadata: untyped<{}>(wrong) }]));
      expect(error).toMatchObject({ name: "MetadataError", message: expect.stringContaining("expected an object") });
    }
    class Fields {
      readonly year = 1;
    }
    const docs = createRetriever();
    await docs.index([{ id: "a", text: "a", metadata: untyped<{}>(new Fields()) }]);
    expect((await docs.get(["a"]))[0]?.metadata).toEqual({ year: 1 });
  });

  test("metadata that its schema refuses, with the document's id and the field", async () => {
    const docs = createRetriever({ metadata: z.object({ year: z.number() }) });
    const wrong = [
      { id: "good", text: "a", metadata: { year: 1 } },
      untyped<never>({ id: "bad", text: "a", metadata: { year: "x" } }),
    ];
    const error = await rejection(docs.index(wrong));
    expect(error).toBeInstanceOf(MetadataError);
    expect(error).toMatchObject({ code: "metadata", documentId: "bad", issues: [{ path: "year" }] });
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
    const report = await docs.index(wrong, { onFailure: "collect" });
    expect(report).toMatchObject({ documents: { added: 1 }, failed: [{ documentId: "bad" }] });
  });

  test.each<[string, unknown]>([
    ["no iterable", 5],
    ["a single document", { id: "a", text: "a" }],
    ["a text", "a"],
  ])("%s as input", async (_, documents) => {
    expect(await rejection(createRetriever().index(untyped<[]>(documents)))).toBeInstanceOf(ConfigError);
  });

  test("an option that nobody reads", async () => {
    const error = await rejection(createRetriever().index([], untyped<object>({ onProgess: () => undefined })));
    expect(error).toMatchObject({ code: "config", message: expect.stringContaining("onProgess") });
  });
});

describe("texts at the edge", () => {
  test("a blank text leaves a document without chunks, also one that had some", async () => {
    const docs = createRetriever();
    expect(await docs.index([{ id: "a", text: " \n\t " }])).toMatchObject({ documents: { unchanged: 1 }, failed: [] });
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
    await docs.index([{ id: "a", text: "words" }]);
    expect(await docs.index([{ id: "a", text: "" }])).toMatchObject({
      documents: { updated: 1 },
      chunks: { deleted: 1 },
    });
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
  });

  test("documents without a chunk fix no average length", async () => {
    const text = "word ".repeat(40);
    const [late, early] = [createRetriever(), createRetriever()];
    await late.index([{ id: "blank", text: " " }]);
    for (const docs of [late, early]) await docs.index([{ id: "a", text }]);
    const [expected, actual] = [await early.search("word"), await late.search("word")];
    expect(actual.hits[0]?.score).toBe(expected.hits[0]?.score);
  });

  test("a text of 10 MB", async () => {
    const text = "All work and no play makes a dull text. ".repeat(250_000);
    const docs = createRetriever();
    await docs.index([{ id: "big", text }]);
    const chunks = await docs.get(["big"]);
    expect(chunks.length).toBeGreaterThan(15_000);
    expect(chunks.every(({ span, text: passage }) => text.slice(span.start, span.end) === passage)).toBe(true);
  });

  test("the gaps and chunks of a document give its text back", async () => {
    const store = memory();
    const docs = createRetriever({ store, chunker: paragraphs() });
    const text = "\n\n one\n\n\n two\n\nthree";
    await docs.index([{ id: "d", text }]);
    const { chunks = [] } =
      (await store.export?.(
        { generation: "generation-1", tenant: null },
        { limit: 10 },
        { signal: new AbortController().signal },
      )) ?? {};
    expect(chunks.map((chunk) => chunk.gap + chunk.text).join("")).toBe(text);
  });
});

describe("failures", () => {
  test("a batch that fails leaves the other documents done", async () => {
    const embedder = wordEmbedder();
    const embed: typeof embedder.embed = async (texts, options) => {
      if (texts.some((text) => text.includes("poison")))
        throw new AdapterError("test", "refused", { retryable: false, status: 400 });
      return embedder.embed(texts, options);
    };
    const docs = createRetriever({ embedder: { ...embedder, embed }, chunker: paragraphs() });
    const documents = upTo(20).map((n) => ({ id: `d${n}`, text: n === 7 ? `fine\n\npoison ${n}` : paragraph(n) }));
    const error = await rejection(docs.index(documents));
    expect(error).toBeInstanceOf(PartialIndexError);
    expect(error).toMatchObject({ code: "partial", cause: expect.any(AdapterError) });
    expect((error as PartialIndexError).report).toMatchObject({
      documents: { added: 19 },
      failed: [{ documentId: "d7" }],
    });
    expect(await docs.count()).toEqual({ documents: 19, chunks: 19 });
  });

  test("a document that the store refuses for good is the only one lost", async () => {
    const store = memory();
    const picky: Store = {
      ...store,
      async replace(change, options) {
        if (change.documents.some(({ id }) => id === "d5"))
          throw new AdapterError("picky", "no d5", { retryable: false });
        return store.replace(change, options);
      },
    };
    const docs = createRetriever({ store: picky });
    const documents = upTo(9).map((n) => ({ id: `d${n}`, text: paragraph(n) }));
    const report = await docs.index(documents, { onFailure: "collect" });
    expect(report).toMatchObject({ documents: { added: 8 }, failed: [{ documentId: "d5" }] });
    expect(await docs.count()).toEqual({ documents: 8, chunks: 8 });
  });

  test("a document whose chunker fails is the only one lost, and its old chunks stay", async () => {
    let broken = false;
    const cut = paragraphs();
    const chunker = Object.assign(
      (document: { readonly text: string }) => {
        if (broken && document.text.includes("two")) throw new Error("cannot cut");
        return cut(document);
      },
      { fingerprint: "breakable" },
    );
    const docs = createRetriever({ chunker });
    await docs.index([
      { id: "a", text: "one" },
      { id: "b", text: "two" },
    ]);
    broken = true;
    const report = await docs.index(
      [
        { id: "a", text: "one more" },
        { id: "b", text: "two more" },
      ],
      { onFailure: "collect" },
    );
    expect(report).toMatchObject({ documents: { updated: 1 }, failed: [{ documentId: "b" }] });
    expect((await docs.get(["b"])).map(({ text }) => text)).toEqual(["two"]);
  });

  test("a run that was killed is healed by running again", async () => {
    const store = memory();
    let left = 2;
    const dying: Store = {
      ...store,
      async replace(change, options) {
        if (left-- <= 0) throw new AdapterError("memory", "gone", { retryable: false });
        return store.replace(change, options);
      },
    };
    const documents = upTo(2000).map((n) => ({ id: `d${n}`, text: paragraph(n) }));
    await rejection(createRetriever({ store: dying }).index(documents));
    const docs = createRetriever({ store });
    const before = await docs.count();
    expect(before.documents).toBeGreaterThan(0);
    expect(before.documents).toBeLessThan(2000);
    const report = await docs.index(documents);
    expect(report.documents).toMatchObject({ added: 2000 - before.documents, unchanged: before.documents });
    expect(await docs.count()).toEqual({ documents: 2000, chunks: 2000 });
  });

  test("another writer's change in between is noticed, and the documents are planned anew", async () => {
    const store = memory();
    const other = createRetriever({ store, chunker: paragraphs() });
    await other.index([{ id: "d", text: "one\n\ntwo" }]);
    let interfered = false;
    const racing: Store = {
      ...store,
      async replace(change, options) {
        if (!interfered) {
          interfered = true;
          await other.index([{ id: "d", text: "three" }]);
        }
        return store.replace(change, options);
      },
    };
    const docs = createRetriever({ store: racing, chunker: paragraphs() });
    await docs.index([{ id: "d", text: "one\n\ntwo\n\nfour" }]);
    expect((await docs.get(["d"])).map(({ text }) => text)).toEqual(["one", "two", "four"]);
    expect((await docs.search("two")).hits).toHaveLength(1);
    expect((await docs.search("three")).hits).toHaveLength(0);
  });
});

describe("streams, progress, aborts", () => {
  test("a stream is read no further than it is written", async () => {
    let read = 0;
    const store = memory();
    let ahead = 0;
    const watched: Store = {
      ...store,
      async replace(change, options) {
        ahead = Math.max(ahead, read - (await store.count(change.scope, undefined, options)).documents);
        return store.replace(change, options);
      },
    };
    async function* endless() {
      for (; read < 3000; read++) yield { id: `d${read}`, text: paragraph(read) };
    }
    const docs = createRetriever({ store: watched });
    await docs.index(endless());
    expect(await docs.count()).toEqual({ documents: 3000, chunks: 3000 });
    expect(ahead).toBeLessThanOrEqual(257);
  });

  test("what is iterable is a stream: a set, the values of a map, a generator, which an abort ends", async () => {
    const docs = createRetriever();
    const [a, b] = ["a", "b"].map((id) => ({ id, text: `text ${id}` }));
    expect((await docs.index(new Set([a, b].flatMap((one) => one ?? [])))).documents.added).toBe(2);
    expect((await docs.sync(new Map(a && [["a", a]]).values())).documents).toMatchObject({ unchanged: 1, deleted: 1 });
    await expect(docs.sync(new Set())).rejects.toThrow("the input has no documents");
    let returned = false;
    const controller = new AbortController();
    function* generator() {
      try {
        for (let n = 0; ; n++) {
          if (n === 300) controller.abort("stop");
          yield { id: `${n}`, text: `text ${n}` };
        }
      } finally {
        returned = true;
      }
    }
    expect(await rejection(docs.index(generator(), { signal: controller.signal }))).toBe("stop");
    expect(returned).toBe(true);
    expect((await docs.count()).documents).toBe(1 + 256);
  });

  test("progress never falls and ends at the total", async () => {
    const seen: IndexProgress[] = [];
    const docs = createRetriever({ embedder: wordEmbedder(), chunker: paragraphs() });
    const documents = upTo(700).map((n) => ({ id: `d${n}`, text: textOf([n, n + 1]) }));
    const report = await docs.index(documents, { onProgress: (progress) => seen.push(progress) });
    for (const key of ["documents", "chunks", "embedded"] as const) {
      expect(seen.map((progress) => progress[key])).toEqual(
        seen.map((progress) => progress[key]).toSorted((a, b) => a - b),
      );
    }
    expect(seen.at(-1)).toEqual({
      phase: "write",
      documents: 700,
      chunks: 1400,
      embedded: report.embedded,
      total: 700,
    });
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(["read", "chunk", "embed", "write"]));
  });

  test("an abort rejects with the caller's reason, untouched, and stops a stream that hangs", async () => {
    let returned = false;
    const asked = gate();
    const hanging: AsyncIterable<{ id: string; text: string }> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked.open();
          return new Promise(() => undefined);
        },
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const controller = new AbortController();
    const reason = { because: "enough" };
    const indexing = rejection(createRetriever().index(hanging, { signal: controller.signal }));
    await asked.opened;
    controller.abort(reason);
    expect(await indexing).toBe(reason);
    await Promise.resolve();
    expect(returned).toBe(true);
  });

  test("an abort reaches an embedder, and nothing is written after it", async () => {
    const started = gate();
    let aborted = false;
    const embed = (_: readonly string[], { signal }: { signal?: AbortSignal }): Promise<Float32Array[]> =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason);
        });
        started.open();
      });
    const docs = createRetriever({ embedder: wordEmbedder({ embed }) });
    const controller = new AbortController();
    const indexing = rejection(docs.index([{ id: "a", text: "one" }], { signal: controller.signal }));
    await started.opened;
    controller.abort("stop");
    expect(await indexing).toBe("stop");
    expect(aborted).toBe(true);
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
  });

  test("an abort takes effect between documents, however busy the call is", async () => {
    const controller = new AbortController();
    let cuts = 0;
    const busy = ({ text }: { readonly text: string }) => {
      if (cuts++ === 0) setTimeout(() => controller.abort("stop"), 0);
      for (const end = performance.now() + 5; performance.now() < end;);
      return [{ start: 0, end: text.length }];
    };
    const docs = createRetriever({ chunker: busy });
    const documents = upTo(200).map((n) => ({ id: `d${n}`, text: paragraph(n) }));
    expect(await rejection(docs.index(documents, { signal: controller.signal }))).toBe("stop");
    expect(cuts).toBeLessThan(100);
  });

  test("a timeout is a TimeoutError that names the call", async () => {
    const docs = createRetriever({ embedder: wordEmbedder({ embed: () => new Promise(() => undefined) }) });
    expect(await rejection(docs.index([{ id: "a", text: "one" }], { timeout: 20 }))).toMatchObject({
      code: "timeout",
      stage: "index",
    });
  });

  test("progress ends with what was refused last, and each refusal is in the report", async () => {
    const seen: IndexProgress[] = [];
    async function* stream() {
      for (const n of upTo(256)) yield { id: `d${n}`, text: "one" };
      for (const text of [1, 2]) yield untyped<{ id: string; text: string }>({ text });
    }
    const options = { onFailure: "collect", onProgress: (progress: IndexProgress) => seen.push(progress) } as const;
    const report = await createRetriever().index(stream(), options);
    expect(report.failed.map(({ documentId }) => documentId)).toEqual(["", ""]);
    expect(seen.at(-1)?.documents).toBe(258);
  });

  test("a source whose next() gives no result is a ConfigError", async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => undefined }) };
    const error = await rejection(createRetriever().index(untyped(source)));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toHaveProperty("message", "an iterator's next(): expected { done, value }, received undefined");
  });

  test.each(["read", "chunk", "embed", "write", "delete"])(
    "what onProgress throws once, at %s, ends the call",
    async (at) => {
      const failure = new Error("enough");
      let throws = 1;
      const onProgress = ({ phase }: IndexProgress): void => {
        if (phase === at && throws-- > 0) throw failure;
      };
      const docs = createRetriever({ chunker: paragraphs(), embedder: wordEmbedder() });
      await docs.index([{ id: "old", text: "zero" }]);
      const documents = ["one", "two", "three"].map((text) => ({ id: text, text }));
      expect(await rejection(docs.sync(documents, { onProgress, onFailure: "collect" }))).toBe(failure);
    },
  );

  test("what onProgress throws is what the call rejects with", async () => {
    const failure = new Error("display broke");
    const onProgress = (): never => {
      throw failure;
    };
    expect(await rejection(createRetriever().index([{ id: "a", text: "one" }], { onProgress }))).toBe(failure);
  });
});

describe("plan", () => {
  test("tells what index would do and changes nothing", async () => {
    const embedder = wordEmbedder();
    const docs = createRetriever({ embedder, chunker: paragraphs() });
    const documents = [{ id: "a", text: "one\n\ntwo" }];
    expect(await docs.plan(documents)).toMatchObject({ documents: { added: 1 }, chunks: { added: 2 }, embedded: 2 });
    expect(embedder.calls).toEqual([]);
    expect(await docs.count()).toEqual({ documents: 0, chunks: 0 });
    await docs.index(documents);
    const changed = [
      { id: "a", text: "one\n\nthree" },
      { id: "b", text: "four" },
    ];
    const planned = await docs.plan(changed);
    expect(await docs.index(changed)).toEqual(planned);
  });
});
