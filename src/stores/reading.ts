import { AdapterError, quoted, shown } from "../errors.ts";
import { retrying } from "../retry.ts";
import { breather } from "../signal.ts";
import type { FilterTree, PortOptions, Scope, Store, StoredChunk } from "../types.ts";

/** What is there in a store, asked for with retries; the answers are checked: it may be anyone's. */

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
    // A page that leads to itself would be asked for for ever.
    if (next !== undefined && next === after)
      throw new AdapterError(store.name, `list() goes on behind ${quoted(next)} again`);
    after = next;
  } while (after !== undefined);
}

/** All that is stored of these. */
export async function storedRows(
  store: Store,
  scope: Scope,
  which: Parameters<Store["read"]>[1],
  options: PortOptions,
): Promise<readonly StoredChunk[]> {
  const rows: unknown = await retrying(() => store.read(scope, which, options), options);
  const ids = Array.isArray(rows) ? rows.map((row: unknown) => Object(row).id as unknown) : [undefined];
  if (new Set(ids).size === ids.length && ids.every((id) => typeof id === "string")) {
    return rows as readonly StoredChunk[];
  }
  throw new AdapterError(store.name, `expected read() to answer with chunks, each once, received ${shown(rows)}`);
}
