import fc from "fast-check";
import { expect, test } from "vitest";
import { memory } from "../../src/stores/memory.ts";
import { expectClose } from "../../src/testing/expectation.ts";
import { randomMetadata, randomTree } from "../../src/testing/filter-rows.ts";
import { type Random, seededRandom } from "../../src/testing/random.ts";
import { open, row, type ScopedStore, spec, terms, uuid, vector } from "../../src/testing/store-rows.ts";
import type { Candidate, ChunkWrite } from "../../src/types.ts";
import { referenceStore } from "./reference-store.ts";

/** Two stores that share no code go through the same random life, and answer alike at every step. */
test("memory() answers like the reference store", async () => {
  const metrics = fc.constantFrom("cosine", "dot", "euclidean");
  await fc.assert(
    fc.asyncProperty(fc.nat(), metrics, async (seed, metric) => {
      const random = seededRandom(seed);
      const settings = { ...spec, dense: { dimensions: 4, metric } };
      const stores = [await open(memory(), settings), await open(referenceStore(), settings)] as const;
      const known = new Set<string>();
      for (let step = 0; step < 12; step++) {
        const tenant = random.pick([null, "acme"]);
        const [one, other] = [stores[0].forTenant(tenant), stores[1].forTenant(tenant)];
        const change = randomChange(random, tenant, known);
        await one.write(...change);
        await other.write(...change);
        if (random.next() < 0.2) {
          const gone = randomDocument(random);
          await one.erase(gone);
          await other.erase(gone);
          for (const key of known) if (key.startsWith(`${tenant} ${gone} `)) known.delete(key);
        }
        await expectAlike(one, other, random);
      }
    }),
    { numRuns: 60 },
  );
});

async function expectAlike(one: ScopedStore, other: ScopedStore, random: Random): Promise<void> {
  const filter = randomTree(random, 2);
  const query = {
    limit: 1 + random.below(12),
    dense: { vector: randomVector(random) },
    lexical: terms(randomCounts(random)),
    statistics: true,
    ...(random.next() < 0.5 && { filter }),
  };
  const [mine, theirs] = [await one.search(query), await other.search(query)];
  expectSameRanking(mine.dense, theirs.dense);
  expectSameRanking(mine.lexical, theirs.lexical);
  expect(mine.statistics).toEqual(theirs.statistics);
  for (const [id, chunk] of mine.chunks) expect(chunk).toEqual(theirs.chunks.get(id) ?? chunk);
  expect(await one.count(filter)).toEqual(await other.count(filter));
  expect(await one.list({ filter, limit: 2 })).toEqual(await other.list({ filter, limit: 2 }));
  const documentIds = [randomDocument(random), randomDocument(random)];
  expect(await one.read(...new Set(documentIds))).toEqual(await other.read(...new Set(documentIds)));
}

/** Equal scores may differ in their last bit, and then stand in any order, or on either side of the limit. */
function expectSameRanking(mine: readonly Candidate[] = [], theirs: readonly Candidate[] = []): void {
  expect(mine.length).toBe(theirs.length);
  const last = theirs.at(-1)?.score ?? 0;
  mine.forEach(({ id, score }, rank) => {
    expectClose(score, theirs[rank]?.score ?? Number.NaN, `score at rank ${rank}`);
    const same = theirs.find((candidate) => candidate.id === id);
    expectClose(score, same?.score ?? last, `score of ${id}`);
  });
}

function randomDocument(random: Random): string {
  return random.pick(["a", "b", "c", "d"]);
}

/** New versions of one or two documents. `known` holds the rows that are stored and may be kept. */
function randomChange(random: Random, tenant: string | null, known: Set<string>): readonly ChunkWrite[] {
  const documents = new Set([randomDocument(random), randomDocument(random)]);
  return [...documents].flatMap((documentId) => {
    const versions = Array.from({ length: 1 + random.below(5) }, (_, ordinal) => {
      const key = `${tenant} ${documentId} ${ordinal} ${random.below(2)}`;
      const keep = known.has(key) && random.next() < 0.5;
      const write = row(documentId, ordinal, {
        id: uuid(key),
        metadata: randomMetadata(random),
        legs: keep ? "kept" : randomLegs(random),
      });
      return { key, write };
    });
    for (const key of known) if (key.startsWith(`${tenant} ${documentId} `)) known.delete(key);
    for (const { key } of versions) known.add(key);
    return versions.map(({ write }) => write);
  });
}

function randomLegs(random: Random): Exclude<ChunkWrite["legs"], "kept"> {
  return {
    ...(random.next() < 0.8 && { vector: randomVector(random) }),
    ...(random.next() < 0.8 && { terms: terms(randomCounts(random)) }),
  };
}

function randomVector(random: Random): Float32Array {
  const component = (): number => random.below(5) - 2;
  return vector(1 + random.below(3), component(), component(), component());
}

function randomCounts(random: Random): Readonly<Record<number, number>> {
  const entries = Array.from({ length: 1 + random.below(4) }, () => [random.below(7), 1 + random.below(5)]);
  return Object.fromEntries(entries) as Record<number, number>;
}
