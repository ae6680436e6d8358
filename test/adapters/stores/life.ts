import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createRetriever, memory } from "../../../src/index.ts";
import type { Embedder, Store } from "../../../src/types.ts";
import type { RemoteEngine } from "./remote-engine.ts";

/** Directions out of letters: near enough to meaning for a store to be asked. */
const letters: Embedder = {
  fingerprint: { provider: "test", model: "letters", dimensions: 8 },
  embed: (texts) =>
    Promise.resolve(
      texts.map((text) => {
        const vector = new Float32Array(8).fill(0.1);
        for (const letter of text) vector[letter.charCodeAt(0) % 8] = (vector[letter.charCodeAt(0) % 8] ?? 0) + 1;
        return vector;
      }),
    ),
};
const metadata = z.object({ product: z.string(), year: z.number() });
const texts = ["rotate a key in the console", "the console shows every key", "bills come monthly", "a key is a secret"];
const documents = texts.map((text, number) => ({
  id: `page ${number}`,
  text: `${text}. `.repeat(40),
  metadata: { product: number % 2 === 0 ? "api" : "web", year: 2_020 + number },
}));

/** With `about`, scores are written so that they equal what is about as large. */
async function lifeOn(store: Store, about: boolean): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const retriever = createRetriever({ metadata, store, embedder: letters });
  const look = async (searched: Pick<typeof retriever, "search" | "count">): Promise<void> => {
    for (const mode of ["hybrid", "dense", "lexical"] as const) {
      const { hits } = await searched.search("where is the key", { mode, topK: 5, filter: { year: { lt: 2_023 } } });
      found.push(
        hits.map(({ chunk, score }) => ({ chunk, score: about ? (expect.closeTo(score, 4) as unknown) : score })),
      );
    }
    found.push(await searched.count());
  };
  await look(retriever);
  await retriever.index(documents);
  await look(retriever);
  // More than there could be, in numbers that a server may have no room for.
  const all = await retriever.search("key", { topK: Number.MAX_SAFE_INTEGER });
  found.push(
    all.hits.map(({ chunk }) => chunk.id).toSorted(),
    await retriever.list({ limit: Number.MAX_SAFE_INTEGER }),
  );
  const changed = documents.slice(0, 1).map((document) => ({ ...document, text: `News. ${document.text}` }));
  await retriever.index(changed);
  await retriever.delete(["page 2"]);
  await look(retriever);
  const dated = documents.slice(1).map((document) => ({ ...document, metadata: { product: "old", year: 1_999 } }));
  found.push(await retriever.index(dated), await retriever.get(dated.map(({ id }) => id)));
  await look(retriever);
  await retriever.forTenant("acme").index(documents.slice(0, 1));
  await look(retriever.forTenant("acme"));
  const staged = await retriever.stage();
  await staged.index(documents);
  await look(retriever);
  await staged.publish();
  await look(retriever);
  return found;
}

export function describeLife(engines: readonly RemoteEngine[]): void {
  describe.each(engines)("a retriever on $name", (tried) => {
    let engine: Awaited<ReturnType<RemoteEngine["open"]>>;
    beforeAll(async () => {
      engine = await tried.open();
    });
    afterAll(() => engine.close());

    test("finds what it finds in memory, through a whole life", async () => {
      expect(await lifeOn(engine.emptyStore(), false)).toEqual(await lifeOn(memory(), true));
    });
  });
}
