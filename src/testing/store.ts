import type { Store } from "../types.ts";
import { casesOf, type ConformanceCase } from "./conformance.ts";
import { storeAborts } from "./store-aborts.ts";
import { storeFilters } from "./store-filters.ts";
import { storeGenerations } from "./store-generations.ts";
import { storeLexical } from "./store-lexical.ts";
import { storeReads } from "./store-reads.ts";
import { storeScopes } from "./store-scopes.ts";
import { storeSearch } from "./store-search.ts";
import { storeWrites } from "./store-writes.ts";

/**
 * The whole `Store` port. `make` answers with an empty store each time; it is closed after its case.
 *
 * A store with a latent leg is tried without it: the cases bring vectors. There are no switches: a gap is a case by name in `expectFailures`, with its reason.
 *
 * @example for (const { name, run } of storeSuite(() => memory())) test(name, run);
 */
export function storeSuite(make: () => Promise<Store> | Store): readonly ConformanceCase[] {
  return casesOf(
    make,
    [storeGenerations, storeWrites, storeReads, storeSearch, storeLexical, storeFilters, storeScopes, storeAborts],
    (store) => store.close?.(),
  );
}
