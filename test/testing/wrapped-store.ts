import { memory } from "../../src/stores/memory.ts";
import type { Store } from "../../src/types.ts";

/** The in-memory store with some calls answered wrongly. */
export function wrapped(wrong: (store: Store) => Partial<Store>): Store {
  const store = memory();
  return { ...store, ...wrong(store) };
}
