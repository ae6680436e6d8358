import { deferred } from "../deferred.ts";
import type { Store } from "../types.ts";

/** `memory()` with its defaults, loaded by the first call: who brings a store does not pay for it. */
export function standardStore(): Store {
  const load = async (): Promise<Store> => {
    const { memoryStore, memoryDefaults } = await import("./memory-store.ts");
    return memoryStore(memoryDefaults);
  };
  return {
    name: "memory",
    ...deferred(load, "prepare", "publish", "retire", "replace", "read", "export", "list", "search", "count"),
  };
}
