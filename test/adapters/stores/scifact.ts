import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { storedEmbedder, wholeDocument } from "../../../benchmarks/models.ts";
import { createRetriever, memory } from "../../../src/index.ts";
import { readBeir } from "../../../src/node/beir.ts";
import type { Store } from "../../../src/types.ts";
import type { RemoteEngine } from "./remote-engine.ts";

const data = process.env["GROUNDLINE_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
/** All documents and queries take minutes on some stores. */
const all = process.env["GROUNDLINE_SCIFACT"] === "all";
/**
 * The answers to SciFact's queries are those of memory with all values as they were given, in their order. `tie`: scores
 * closer than this, relatively, are ties.
 */
async function expectSciFactAsInMemory(store: Store, tie: number): Promise<void> {
  const folder = join(data, "scifact");
  if (!existsSync(folder)) return console.log(`skipped: no ${folder}`);
  const { documents, queries } = await readBeir(folder);
  const embedder = await storedEmbedder(folder, documents, queries);
  if (embedder === undefined) return console.log(`skipped: no vectors in ${folder}`);
  const judged = new Set(queries.flatMap(({ judgments }) => judgments.map(({ documentId }) => documentId)));
  const chosen = documents.toSorted((a, b) => Number(judged.has(b.id)) - Number(judged.has(a.id)));
  const retrievers = [memory({ profile: "exact" }), store].map((each) =>
    createRetriever({ store: each, chunker: wholeDocument, embedder }),
  );
  const indexed = all ? chosen : chosen.slice(0, 400);
  for (const retriever of retrievers) await retriever.index(indexed);
  const asked = all ? queries : queries.filter((_, n) => n % 5 === 0);
  let ties = 0;
  for (const { text } of asked) {
    for (const mode of ["lexical", "hybrid"] as const) {
      const [expected = [], received = []] = await Promise.all(
        retrievers.map(async (each) => (await each.search(text, { mode, topK: 12 })).hits),
      );
      const scores = new Map(expected.map(({ chunk, score }) => [chunk.id, score]));
      for (const [rank, hit] of received.slice(0, 10).entries()) {
        const wanted = expected[rank];
        const known = scores.get(hit.chunk.id) ?? Number.NaN;
        const where = `${store.name}, ${mode}, rank ${rank + 1} of ${JSON.stringify(text)}`;
        expect(Math.abs(known - hit.score), where).toBeLessThanOrEqual(tie * Math.abs(known));
        if (wanted?.chunk.id === hit.chunk.id) continue;
        ties++;
        expect(Math.abs(known - (wanted?.score ?? 0)), where).toBeLessThanOrEqual(tie * Math.abs(known));
      }
    }
  }
  console.log(
    `${store.name}: ${indexed.length} documents, ${asked.length} queries, ${ties} hits in another order: ties`,
  );
}

export function describeSciFact(store: string, engines: readonly RemoteEngine[]): void {
  describe.each(engines)(`${store} on $name`, ({ open }) => {
    test("answers SciFact's queries as memory does", { timeout: 600_000 }, async () => {
      const engine = await open();
      try {
        await expectSciFactAsInMemory(engine.emptyStore(), 1e-5);
      } finally {
        await engine.close();
      }
    });
  });
}
