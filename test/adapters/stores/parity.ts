import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RemoteEngine } from "./remote-engine.ts";
import { memory } from "../../../src/stores/memory.ts";
import { randomMetadata, randomTree } from "../../../src/testing/filter-rows.ts";
import { seededRandom } from "../../../src/testing/random.ts";
import { open, row, rows, type ScopedStore, terms, uuid, vector } from "../../../src/testing/store-rows.ts";
import type { Candidate, ChunkWrite, Store, StoreAnswer } from "../../../src/types.ts";

/** What a remote store must answer as the one in memory does. */

/** Raised by hand for longer runs. */
const filterRuns = Number(process.env["GROUNDLINE_FILTER_RUNS"] ?? 2_000);

export function describeParity(store: string, engines: readonly RemoteEngine[]): void {
  describe.each(engines)(`memory and ${store} on $name`, (tried) => {
    let engine: Awaited<ReturnType<RemoteEngine["open"]>>;
    beforeAll(async () => {
      engine = await tried.open();
    });
    afterAll(() => engine.close());

    test(`${filterRuns} random filters select the same rows`, async () => {
      await expectSameSelections(engine.emptyStore(), filterRuns);
    });

    test("random histories leave the same rows, rankings, counts and statistics", async () => {
      await expectSameHistories(() => engine.emptyStore());
    });

    test("a change that names what is not there leaves both as they were", async () => {
      await expectSameRefusals(engine.emptyStore());
    });
  });
}

async function expectSameSelections(store: Store, runs: number): Promise<void> {
  const seed = 20_260;
  const random = seededRandom(seed);
  const written = Array.from({ length: 60 }, (_, number) =>
    row(`document ${number >> 1}`, number & 1, { metadata: randomMetadata(random) }),
  );
  const [here, there] = [await open(memory()), await open(store)];
  for (const index of [here, there]) await index.write(...written);
  for (let run = 0; run < runs; run++) {
    const filter = randomTree(random);
    const query = { filter, limit: 60, lexical: terms({ 1: 1 }) };
    const [expected, received] = [await here.search(query), await there.search(query)];
    const ids = (answer: StoreAnswer): readonly string[] => (answer.lexical ?? []).map(({ id }) => id);
    expect(ids(received), `seed ${seed}, run ${run}: ${JSON.stringify(filter)}`).toEqual(ids(expected));
  }
}

async function expectSameHistories(emptyStore: () => Store): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), question, async (history, asked) => {
      const [here, there] = [await open(memory()), await open(emptyStore())];
      for (const { tenant, documents } of history) {
        const change = documents.map(({ id, chunks }) => ({
          id: `document ${id}`,
          chunks: chunks.map((chunk, ordinal) => chunkOf(tenant, `document ${id}`, ordinal, chunk)),
        }));
        const distinct = [...new Map(change.map((document) => [document.id, document])).values()];
        for (const index of [here, there].map((each) => each.forTenant(tenant))) {
          await index.write(...distinct.flatMap((document) => document.chunks));
          await index.erase(...distinct.filter(({ chunks }) => chunks.length === 0).map(({ id }) => id));
        }
      }
      for (const tenant of tenants) {
        await expectSame(there.forTenant(tenant), here.forTenant(tenant), asked);
      }
    }),
    { numRuns: 40 },
  );
}

async function expectSameRefusals(store: Store): Promise<void> {
  for (const index of [await open(memory()), await open(store)]) {
    await index.write(...rows("guide", 3));
    const change = [row("guide", 0, { text: "half" }), row("guide", 9, { legs: "kept" })];
    await expect(index.write(...change)).rejects.toMatchObject({ code: "conflict", retryable: true });
    const foreign = row("other", 0, { id: row("guide", 1).id });
    await expect(index.write(foreign)).rejects.toMatchObject({ code: "adapter", retryable: false });
    await expect(index.write(row("a", 0), row("a", 1, { id: row("a", 0).id }))).rejects.toThrow("given twice");
    await expect(index.write(row("a", 0, { legs: { vector: vector(1, 2) } }))).rejects.toThrow("4 dimensions");
    expect(await index.count()).toEqual({ documents: 1, chunks: 3 });
    expect((await index.read("guide"))[0]?.text).toBe("chunk 0 of guide");
  }
}

const tenants = [null, "acme", "rival"] as const;
type Draft = {
  readonly words: readonly number[];
  readonly vector: readonly number[] | undefined;
  readonly seed: number;
};
const draft: fc.Arbitrary<Draft> = fc.record({
  words: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 12 }),
  vector: fc.option(fc.tuple(small(), small(), small(), small()), { nil: undefined }),
  seed: fc.nat(1_000),
});
const step = fc.record({
  tenant: fc.constantFrom(...tenants),
  documents: fc.array(fc.record({ id: fc.integer({ min: 0, max: 4 }), chunks: fc.array(draft, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});
const question = fc.record({ draft, limit: fc.integer({ min: 1, max: 30 }), seed: fc.nat(1_000) });

function small(): fc.Arbitrary<number> {
  return fc.integer({ min: -8, max: 8 }).map((value) => value + 0.25);
}

function chunkOf(
  tenant: string | null,
  documentId: string,
  ordinal: number,
  { words, vector: values, seed }: Draft,
): ChunkWrite {
  const legs = {
    ...(values && { vector: Float32Array.from(values) }),
    ...(words.length > 0 && { terms: termsOf(words) }),
  };
  const id = uuid(`${tenant} / ${documentId} ${ordinal}`);
  return row(documentId, ordinal, { id, text: `text ${seed}`, metadata: randomMetadata(seededRandom(seed)), legs });
}

function termsOf(words: readonly number[]): ReturnType<typeof terms> {
  const counts: Record<number, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return terms(counts);
}

async function expectSame(
  there: ScopedStore,
  here: ScopedStore,
  { draft: { words, vector: values }, limit, seed }: { draft: Draft; limit: number; seed: number },
): Promise<void> {
  const filter = randomTree(seededRandom(seed));
  for (const filtered of [{}, { filter }]) {
    const query = {
      ...filtered,
      limit,
      statistics: true,
      dense: { vector: Float32Array.from(values ?? [1, 0, 0, 0]) },
      lexical: termsOf(words),
    };
    const [expected, received] = [await here.search(query), await there.search(query)];
    expectSameRanking(received.dense, expected.dense);
    expectSameRanking(received.lexical, expected.lexical);
    expect(received.statistics).toEqual(expected.statistics);
    for (const [id, chunk] of received.chunks) expect(await here.readChunks(id)).toEqual([chunk]);
    expect(await there.count(query.filter)).toEqual(await here.count(query.filter));
    expect(await there.list({ ...filtered, limit: 2 })).toEqual(await here.list({ ...filtered, limit: 2 }));
  }
  const ids = (await here.list({ limit: 100 })).map(({ id }) => id);
  expect(await there.read(...ids)).toEqual(await here.read(...ids));
}

/** Scores agree place by place; an id stands where memory has it, or where a score is the same but for rounding. */
function expectSameRanking(
  received: readonly Candidate[] | undefined,
  expected: readonly Candidate[] | undefined,
): void {
  expect(received?.length).toBe(expected?.length);
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(a), Math.abs(b)) + 1e-6;
  const scores = new Map((expected ?? []).map(({ id, score }) => [id, score]));
  received?.forEach(({ id, score }, place) => {
    const here = expected?.[place];
    expect(close(score, here?.score ?? Number.NaN), `place ${place}: ${score} and ${here?.score}`).toBe(true);
    if (here?.id !== id) expect(close(scores.get(id) ?? here?.score ?? Number.NaN, score)).toBe(true);
  });
}
