import { breather } from "../breather.ts";
import { retrying } from "../retry.ts";
import type { FilterTree, PortOptions, Scope, Store } from "../types.ts";

/** Documents at a time. */
const pageSize = 256;

/** One page of a store's list, and the id that it was asked for behind. */
interface Page {
  readonly documents: Awaited<ReturnType<Store["list"]>>["documents"];
  readonly after: string | undefined;
}

/** The documents of a scope in the order of their ids, all or those with a chunk that the filter selects. */
export async function* documentPages(
  store: Store,
  scope: Scope,
  options: PortOptions,
  filter?: FilterTree,
): AsyncGenerator<Page, void, undefined> {
  // Stores in memory let no timer run by themselves.
  const breathe = breather(options.signal);
  let after: string | undefined;
  do {
    await breathe();
    const page = { limit: pageSize, ...(filter !== undefined && { filter }), ...(after !== undefined && { after }) };
    const { documents, next } = await retrying(() => store.list(scope, page, options), options);
    yield { documents, after };
    after = next;
  } while (after !== undefined);
}
