import type { FilterTree, Store, StoredMetadata } from "../types.ts";
import type { Checks } from "./conformance.ts";
import { expectEqual } from "./expectation.ts";
import { filterRows, filterTrees, randomMetadata, randomTree, selected } from "./filter-rows.ts";
import { seededRandom } from "./random.ts";
import { idsOf, open, row, terms, uuid, vector } from "./store-rows.ts";

/** Every filter selects what `evaluateFilter` says, in both legs, in `count` and in `list`. */
export const storeFilters: Checks<Store> = {
  ...Object.fromEntries(
    Object.entries(filterTrees).map(([group, trees]) => [
      `filters: ${group}`,
      (store: Store) => expectSelections(store, filterRows, trees),
    ]),
  ),

  async "filters: random ones over random rows"(store) {
    const random = seededRandom(71);
    const given = Array.from({ length: 40 }, (_, number) => [`row ${number}`, randomMetadata(random)] as const);
    const trees = Array.from({ length: 120 }, () => randomTree(random));
    await expectSelections(store, Object.fromEntries(given), trees);
  },
};

async function expectSelections(
  store: Store,
  given: Readonly<Record<string, StoredMetadata>>,
  trees: readonly FilterTree[],
): Promise<void> {
  const index = await open(store);
  // Two rows a document, so that a document may match by one chunk alone.
  const written = Object.entries(given).map(([label, metadata], number) =>
    row(`document ${Math.floor(number / 2)}`, number % 2, { id: uuid(label), text: label, metadata }),
  );
  await index.write(...written);
  const query = { limit: written.length, dense: { vector: vector(1, 0, 0, 0) }, lexical: terms({ 1: 1 }) };
  for (const filter of trees) {
    const about = JSON.stringify(filter);
    const labels = selected(filter, given);
    const chunks = written.filter(({ text }) => labels.includes(text));
    const documentIds = [...new Set(chunks.map(({ documentId }) => documentId))].toSorted();
    const answer = await index.search({ ...query, filter });
    const found = (leg: typeof answer.dense): readonly string[] =>
      idsOf(leg)
        .map((id) => answer.chunks.get(id)?.text ?? "no row")
        .toSorted();
    expectEqual(found(answer.dense), labels.toSorted(), `dense rows of ${about}`);
    expectEqual(found(answer.lexical), labels.toSorted(), `lexical rows of ${about}`);
    const counted = { documents: documentIds.length, chunks: chunks.length };
    expectEqual(await index.count(filter), counted, `count of ${about}`);
    expectEqual(idsOf(await index.list({ filter, limit: 100 })), documentIds, `documents of ${about}`);
  }
}
