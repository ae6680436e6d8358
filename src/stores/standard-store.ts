import { deferred } from "../deferred.ts";
import type { Store } from "../types.ts";

/** `memory()` with its defaults, loaded by the first call: who brings a store does not pay for it. */
export function standardStore(): Store {
  let loading: Promise<Store> | undefined;
  const load = (): Promise<Store> =>
    (loading ??= import("./memory-store.ts").then(({ memoryStore, standardSettings }) =>
      memoryStore(standardSettings),
    ));
  return {
    name: "memory",
    ...deferred(load, "prepare", "publish", "retire", "replace", "read", "export", "list", "search", "count"),
  };
}
