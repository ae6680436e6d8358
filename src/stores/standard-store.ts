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
    prepare: async (...given) => (await load()).prepare(...given),
    publish: async (...given) => (await load()).publish(...given),
    retire: async (...given) => (await load()).retire(...given),
    replace: async (...given) => (await load()).replace(...given),
    read: async (...given) => (await load()).read(...given),
    export: async (...given) => (await load()).export?.(...given) ?? { chunks: [] },
    list: async (...given) => (await load()).list(...given),
    search: async (...given) => (await load()).search(...given),
    count: async (...given) => (await load()).count(...given),
  };
}
