import { describe, expect, test } from "vitest";
import { SnapshotError } from "../../src/errors.ts";
import { createRetriever, memory, memoryFromBytes, type SourceDocument } from "../../src/index.ts";
import { headerOf, plainReader } from "../../src/bytes.ts";
import { documentWriter, readDocuments } from "../../src/stores/document-bytes.ts";
import { frame, frameAt } from "../../src/stores/frames.ts";
import { snapshotOf } from "../../src/stores/memory.ts";
import { snapshotName, snapshotVersion } from "../../src/stores/snapshot.ts";
import { storeSuite } from "../../src/testing/index.ts";
import { seededRandom } from "../../src/testing/random.ts";
import type { Store } from "../../src/types.ts";
import { paragraphs, wordEmbedder } from "../retriever/parts.ts";
import { reopening } from "./reopening.ts";

const words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma".split(
  " ",
);

function documentsOf(count: number, seed = 1): readonly SourceDocument[] {
  const random = seededRandom(seed);
  const sentence = (): string => Array.from({ length: 8 }, () => words[random.below(words.length)] ?? "").join(" ");
  return Array.from({ length: count }, (_, number) => ({
    id: `document ${number}`,
    text: `${sentence()}\n\n${sentence()} ☃ 𝒳`,
    ...(number % 2 === 0 && { title: `the title of ${number % 10}` }),
    metadata: { number, tags: number % 3 === 0 ? ["three", "\ud83d\ude00"] : [] },
  }));
}

const retrieverOver = (store: Store) => createRetriever({ store, chunker: paragraphs(), embedder: wordEmbedder() });

describe("a store reopened from its bytes before every call", () => {
  for (const { name, run } of storeSuite(() => reopening(memory(), (store) => memoryFromBytes(store.toBytes()))))
    test(name, run);
});

describe("a snapshot", () => {
  test("of hybrid search: the same hits with the same scores, nothing to index again, and it goes on", async () => {
    const store = memory();
    const docs = retrieverOver(store);
    const documents = documentsOf(900);
    await docs.index(documents);
    await docs.delete(documents.slice(0, 90).map(({ id }) => id));
    const reopened = retrieverOver(memoryFromBytes(store.toBytes()));
    for (const filter of [undefined, { number: { gte: 500 }, tags: { has: "three" } }] as const) {
      for (const query of ["alpha beta", "sigma", "nu xi kappa alpha"]) {
        const options = { topK: 20, ...(filter && { filter }) };
        const [before, after] = [await docs.search(query, options), await reopened.search(query, options)];
        expect(after.hits).toEqual(before.hits);
        expect(after.hits.length).toBe(20);
      }
    }
    expect((await reopened.plan(documents.slice(90))).embedded).toBe(0);
    for (const one of [docs, reopened]) await one.index(documentsOf(100, 2));
    expect((await reopened.search("alpha mu", { topK: 30 })).hits).toEqual(
      (await docs.search("alpha mu", { topK: 30 })).hits,
    );
  });

  test("of the latent leg: the fitted model is in it, and new documents are folded in", async () => {
    const store = memory({ latent: { dimensions: 6, minDocuments: 20 } });
    const docs = createRetriever({ store, chunker: paragraphs() });
    await docs.index(documentsOf(60));
    await docs.search("alpha");
    await docs.index(documentsOf(70).slice(60));
    const bytes = store.toBytes();
    const again = memoryFromBytes(bytes);
    const reopened = createRetriever({ store: again, chunker: paragraphs() });
    const query = { mode: "dense", topK: 140 } as const;
    expect((await reopened.search("alpha mu", query)).hits).toEqual((await docs.search("alpha mu", query)).hits);
    expect(again.toBytes()).toEqual(bytes);
    for (const one of [docs, reopened]) await one.index(documentsOf(20, 5));
    expect((await reopened.search("alpha mu", query)).hits).toEqual((await docs.search("alpha mu", query)).hits);
  });

  test("is the store of its first part, whatever is written while the others are made", async () => {
    const store = memory();
    const docs = retrieverOver(store);
    const acme = docs.forTenant("acme");
    await docs.index(documentsOf(300));
    await acme.index(documentsOf(50, 3));
    const whole = store.toBytes();
    const parts: Uint8Array[] = [];
    let step = 0;
    for (const part of snapshotOf(store).parts) {
      parts.push(part);
      await docs.index(documentsOf(20, 100 + step).map((one) => ({ ...one, id: `document ${step * 20}` + one.id })));
      await docs.index(documentsOf(300, 50 + step).slice(step * 10, step * 10 + 40));
      await docs.delete([`document ${200 + step}`, `document ${step}`]);
      if (step++ === 1) await acme.clear();
    }
    const then = memoryFromBytes(Buffer.concat(parts));
    const exported = async (one: Store, tenant: string | null) => {
      const page = await one.export?.(
        { generation: "generation-1", tenant },
        { limit: 1e6 },
        { signal: new AbortController().signal },
      );
      return page?.chunks;
    };
    const expected = memoryFromBytes(whole);
    for (const tenant of [null, "acme"]) {
      expect(await exported(then, tenant)).toEqual(await exported(expected, tenant));
    }
    expect((await exported(then, null))?.length).toBe(600);
  });

  test("keeps texts as they are, lone surrogates and marks of all kinds among them", () => {
    const writer = documentWriter();
    const texts = [
      "",
      "\ud800",
      "a\udc00b",
      "\uffff",
      '\uffff"x"',
      "\ufeff",
      "\0",
      "\u2028",
      "𝒳".repeat(200),
      "é".repeat(127),
    ];
    const documents = texts.map((text, number) => ({
      id: `${text}${number}`,
      chunks: [
        {
          id: `${number}${text}`,
          documentId: `${text}${number}`,
          documentHash: text,
          ordinal: number,
          span: { start: 0, end: text.length },
          line: 1,
          text,
          gap: text,
          title: text,
          headings: [text, "shared"],
          context: text,
          parent: { start: 0, end: 1, text },
          tokens: number,
          metadata: { text, list: [text, "shared"], ["__proto__x"]: true },
          legs:
            number % 2 === 0
              ? ("kept" as const)
              : {
                  vector: Float32Array.of(1, -0, 3.5),
                  terms: { ids: Uint32Array.of(3, 999_999_999), counts: Uint32Array.of(1, 4e9) },
                },
        },
      ],
    }));
    for (const document of documents) writer.add(document);
    const read = readDocuments(plainReader(writer.take(), () => expect.fail("damaged")));
    expect(read).toEqual(documents);
  });

  test("every byte flipped and every truncation is a SnapshotError", async () => {
    const store = memory({ latent: { dimensions: 2, minDocuments: 2 } });
    const docs = createRetriever({ store, chunker: paragraphs() });
    await docs.index(documentsOf(4));
    await docs.search("alpha");
    const bytes = store.toBytes();
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      expect(() => memoryFromBytes(flipped), `bit ${at % 8} of byte ${at}`).toThrow(SnapshotError);
      expect(() => memoryFromBytes(bytes.subarray(0, at)), `cut at ${at}`).toThrow(SnapshotError);
    }
    // The same with checksums that are right: bytes that no store has written, as from someone else's hand.
    const random = seededRandom(9);
    for (let at = headerOf(snapshotName, snapshotVersion).length; at < bytes.length;) {
      const found = frameAt(bytes, at) ?? expect.fail();
      for (let round = 0; round < 100; round++) {
        const payload = found.bytes.slice();
        for (let change = random.below(3); change >= 0; change--)
          payload[random.below(payload.length)] = random.below(256);
        const forged = bytes.slice();
        forged.set(frame(payload, at), at);
        try {
          memoryFromBytes(forged);
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
        }
      }
      at = found.end;
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => memoryFromBytes(longer)).toThrow(SnapshotError);
    const older = bytes.slice();
    older[headerOf(snapshotName, snapshotVersion).length - 1] = snapshotVersion - 1;
    expect(() => memoryFromBytes(older)).toThrow(
      `is of version ${snapshotVersion - 1}; this release of groundline reads`,
    );
    expect(memoryFromBytes(bytes).name).toBe("memory");
  });
});
