import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createRetriever } from "../../src/index.ts";
import type { Retriever, SearchResult } from "../../src/retriever-types.ts";
import { paragraphs, wordEmbedder } from "./parts.ts";

/** Laws of the whole product, on random histories. */

const schema = z.object({ group: z.number() });
type Row = z.infer<typeof schema>;
const words = ["apple", "banana", "cherry", "date", "elder", "fig"];
const text = fc
  .array(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }), { maxLength: 4 })
  .map((made) => made.map((line) => line.join(" ")).join("\n\n"));
const documentId = fc.constantFrom("a", "b", "c", "d", "__proto__");
const group = fc.nat({ max: 2 });
const query = fc
  .array(fc.constantFrom(...words, "unseen"), { minLength: 1, maxLength: 3 })
  .map((made) => made.join(" "));

type Step =
  | { readonly do: "index"; readonly id: string; readonly text: string; readonly group: number }
  | { readonly do: "delete"; readonly id: string }
  | { readonly do: "deleteGroup"; readonly group: number }
  | { readonly do: "search"; readonly query: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("index" as const), id: documentId, text, group }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), id: documentId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deleteGroup" as const), group }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("search" as const), query }) },
);

const build = (hybrid: boolean) =>
  createRetriever({
    metadata: schema,
    chunker: paragraphs(),
    bm25: { averageLength: 2.5 },
    ...(hybrid && { embedder: wordEmbedder() }),
  });

async function apply(docs: Retriever<Row>, done: Step, expected: Map<string, { text: string; group: number }>) {
  if (done.do === "index") {
    await docs.index([{ id: done.id, text: done.text, metadata: { group: done.group } }]);
    if (done.text === "") expected.delete(done.id);
    else expected.set(done.id, { text: done.text, group: done.group });
  } else if (done.do === "delete") {
    await docs.delete([done.id]);
    expected.delete(done.id);
  } else if (done.do === "deleteGroup") {
    await docs.delete({ filter: { group: done.group } });
    for (const [id, row] of expected) if (row.group === done.group) expected.delete(id);
  } else {
    await docs.search(done.query);
  }
}

/** What must agree: ids and order exactly, scores within rounding. */
const answer = ({ hits }: SearchResult<Row>) =>
  hits.map(({ chunk, score, scores }) => ({
    id: chunk.id,
    text: chunk.text,
    span: chunk.span,
    metadata: chunk.metadata,
    score: score.toPrecision(9),
    lexical: scores.lexical?.score.toPrecision(9),
    dense: scores.dense?.score.toPrecision(9),
  }));

describe("laws", () => {
  test("5,000 random histories end like a fresh build of what is left", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 10 }),
        query,
        group,
        fc.boolean(),
        async (steps, asked, only, hybrid) => {
          const lived = build(hybrid);
          const left = new Map<string, { text: string; group: number }>();
          for (const done of steps) await apply(lived, done, left);
          const fresh = build(hybrid);
          await fresh.index(Array.from(left, ([id, row]) => ({ id, text: row.text, metadata: { group: row.group } })));
          expect(await lived.count()).toEqual(await fresh.count());
          expect((await lived.list()).documentIds).toEqual((await fresh.list()).documentIds);
          for (const options of [{}, { filter: { group: only } }]) {
            expect(answer(await lived.search(asked, options))).toEqual(answer(await fresh.search(asked, options)));
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test("2,000 attacks from another tenant change and show nothing", async () => {
    const attack = fc.record({
      tenant: fc.constantFrom("acme ", "Acme", "null", "__proto__", "a", "acme\u200b", "*", "%", "acme' OR '1'='1"),
      steps: fc.array(step, { minLength: 1, maxLength: 5 }),
      query,
      filter: fc.constantFrom(
        {},
        { OR: [{ group: 0 }, { group: { gte: 0 } }] },
        { NOT: { group: 99 } },
        { group: { notIn: [] } },
      ),
      clear: fc.boolean(),
    });
    const victims = [
      { id: "a", text: "apple banana\n\ncherry", metadata: { group: 0 } },
      { id: "secret", text: "fig fig elder\n\ndate apple", metadata: { group: 1 } },
    ];
    await fc.assert(
      fc.asyncProperty(attack, async ({ tenant, steps, query: asked, filter, clear }) => {
        const docs = createRetriever({
          metadata: schema,
          chunker: paragraphs(),
          tenancy: "required",
          embedder: wordEmbedder(),
        });
        const acme = docs.forTenant("acme");
        const stranger = docs.forTenant(tenant);
        await acme.index(victims);
        const look = async () => [
          answer(await acme.search(asked)),
          await acme.count(),
          await acme.list(),
          await acme.get(["a", "secret"]),
        ];
        const before = await look();
        const own = new Map<string, { text: string; group: number }>();
        for (const done of steps) await apply(stranger, done, own);
        const seen = await stranger.search(asked, { filter, topK: 50, explain: true });
        for (const { chunk } of seen.hits) expect(own.get(chunk.documentId)?.text).toContain(chunk.text);
        expect((await stranger.list({ filter })).documentIds.filter((id) => !own.has(id))).toEqual([]);
        expect((await stranger.count()).documents).toBe(own.size);
        expect((await stranger.get(["a", "secret"])).filter(({ documentId: id }) => !own.has(id))).toEqual([]);
        const alone = createRetriever({
          metadata: schema,
          chunker: paragraphs(),
          tenancy: "required",
          embedder: wordEmbedder(),
        });
        await alone
          .forTenant(tenant)
          .index(Array.from(own, ([id, row]) => ({ id, text: row.text, metadata: { group: row.group } })));
        expect(answer(await alone.forTenant(tenant).search(asked, { filter, topK: 50 }))).toEqual(answer(seen));
        if (clear) await stranger.clear();
        expect(await look()).toEqual(before);
      }),
      { numRuns: 2_000 },
    );
  });
});
