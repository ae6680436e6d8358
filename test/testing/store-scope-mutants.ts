import { AdapterError } from "../../src/errors.ts";
import type { IndexSpec, PortOptions, Replacement, Store } from "../../src/types.ts";
import { referenceStore, right } from "./reference-store.ts";
import { wrapped } from "./wrapped-store.ts";

/** Bugs of tenants, generations and aborts. */
export const scopeMutants: Readonly<Record<string, () => Store>> = {
  // ── tenants
  "reads across tenants": () => crossing("read"),
  "counts across tenants": () => crossing("count"),
  "searches across tenants": () => crossing("search"),
  "learns statistics across tenants": () => crossing("statistics"),
  "replaces across tenants": () => crossing("replace"),
  "shows everything to no tenant": () =>
    referenceStore({
      inScope: (row, scope, call) =>
        call !== "replace" && scope.tenant === null
          ? row.scope.generation === scope.generation
          : right.inScope(row, scope, call),
    }),
  "takes no tenant for one named null": () => retenanting(String),
  "folds the case of tenants": () => retenanting((tenant) => tenant?.toLowerCase() ?? null),
  "trims tenants": () => retenanting((tenant) => tenant?.trim() ?? null),

  // ── generations
  "opens another index each time": () =>
    wrapped((store) => ({
      async prepare(spec, options) {
        const opened = await store.prepare(spec, { ...options, fresh: true });
        if (options.fresh !== true && opened !== undefined) await store.publish(opened.generation, options);
        return opened;
      },
    })),
  "forgets a new field": () => lenient((given, stored) => ({ ...given, fields: stored.fields })),
  "ignores the fingerprint": () => lenient((given, stored) => ({ ...given, fingerprint: stored.fingerprint })),
  "compares only the keys that it has": () =>
    lenient((given, stored) => ({
      ...given,
      fingerprint: Object.fromEntries(
        Object.entries(stored.fingerprint).map(([key, value]) => [key, given.fingerprint[key] ?? value]),
      ),
    })),
  "ignores the vector size": () =>
    lenient((given, stored) => ({ ...given, ...(stored.dense && { dense: stored.dense }) })),
  "ignores BM25 settings": () =>
    lenient((given, stored) => ({ ...given, ...(stored.lexical && { lexical: stored.lexical }) })),
  "ignores the kinds of fields": () =>
    lenient((given, stored) => ({ ...given, fields: { ...given.fields, ...stored.fields } })),
  "answers with the spec that it was given": () =>
    wrapped((store) => ({
      async prepare(spec, options) {
        const opened = await store.prepare(spec, options);
        return opened && { ...opened, spec };
      },
    })),
  "rebuilds where the spec differs": () =>
    wrapped((store) => ({
      async prepare(spec, options) {
        try {
          return await store.prepare(spec, options);
        } catch (error) {
          if (!(error instanceof Error && error.name === "FingerprintError")) throw error;
          const fresh = await store.prepare(spec, { ...options, fresh: true });
          if (fresh !== undefined) await store.publish(fresh.generation, options);
          return fresh;
        }
      },
    })),
  "creates where it was to look": () =>
    wrapped((store) => ({
      prepare: (spec, { create, ...options }) => store.prepare(spec, create === undefined ? options : options),
    })),
  "opens twice when asked twice at once": () => {
    let known = false;
    return wrapped((store) => ({
      async prepare(spec, options) {
        const first = !known && options.fresh !== true && options.create !== false;
        options.signal.throwIfAborted();
        await Promise.resolve();
        known ||= first;
        if (!first) return store.prepare(spec, options);
        const opened = await store.prepare(spec, { ...options, fresh: true });
        if (opened !== undefined) await store.publish(opened.generation, options);
        return opened;
      },
    }));
  },
  "opens the live generation as a fresh one": () =>
    wrapped((store) => ({
      prepare: (spec, { fresh, ...options }) => store.prepare(spec, fresh === undefined ? options : options),
    })),
  "publishes a fresh generation at once": () =>
    wrapped((store) => ({
      async prepare(spec, options) {
        const opened = await store.prepare(spec, options);
        if (options.fresh === true && opened !== undefined) await store.publish(opened.generation, options);
        return opened;
      },
    })),
  "publishes nothing": () => wrapped(() => ({ publish: async (_generation, { signal }) => signal.throwIfAborted() })),
  "retires the previous generation when it publishes": () =>
    withPrevious(async (previous, store, options) => store.retire(previous, options)),
  "says of the previous generation that it let go of it": () => withPrevious(async (previous) => [previous]),
  "has a gap while it publishes": () => {
    let publishing = false;
    return wrapped((store) => ({
      async publish(generation, options) {
        options.signal.throwIfAborted();
        publishing = true;
        await Promise.resolve();
        await store.publish(generation, options);
        publishing = false;
      },
      prepare: (spec, options) => store.prepare(spec, publishing ? { ...options, fresh: true } : options),
    }));
  },
  "retires every generation but the one named": () => {
    const generations = new Set<string>();
    return wrapped((store) => ({
      async prepare(spec, options) {
        const opened = await store.prepare(spec, options);
        if (opened !== undefined) generations.add(opened.generation);
        return opened;
      },
      async retire(generation, options) {
        options.signal.throwIfAborted();
        for (const other of generations) {
          if (other !== generation) await store.replace(await emptied(store, other), options);
        }
      },
    }));
  },
  "shares rows between generations": () =>
    referenceStore({ inScope: (row, scope) => row.scope.tenant === scope.tenant }),

  // ── aborts
  "ignores an abort": () => deaf(() => new AbortController().signal),
  "wraps the reason of an abort": () =>
    everywhere((call, { signal }) =>
      signal.aborted
        ? Promise.reject(new AdapterError("mutant", "aborted", { retryable: false, cause: signal.reason }))
        : call(),
    ),
  "rejects with an error of its own": () =>
    everywhere((call, { signal }) =>
      signal.aborted ? Promise.reject(new DOMException("aborted", "AbortError")) : call(),
    ),
  "notices an abort when it has written": () =>
    wrapped((store) => ({
      async replace(change, { signal }) {
        await store.replace(change, { signal: new AbortController().signal });
        signal.throwIfAborted();
      },
    })),
  "notices an abort when it has retired": () =>
    wrapped((store) => ({
      async retire(generation, { signal }) {
        await store.replace(await emptied(store, generation), { signal: new AbortController().signal });
        signal.throwIfAborted();
      },
    })),
  "notices an abort when it has published": () =>
    wrapped((store) => ({
      async publish(generation, { signal }) {
        await store.publish(generation, { signal: new AbortController().signal });
        signal.throwIfAborted();
      },
    })),
  "answers a search for nothing without looking at the signal": () =>
    wrapped((store) => ({
      search: async (query, options) =>
        query.filter?.op === "never"
          ? { ...(query.dense && { dense: [] }), ...(query.lexical && { lexical: [] }), chunks: new Map() }
          : store.search(query, options),
    })),
  "cannot be closed twice": () => {
    let closed = false;
    return wrapped(() => ({
      async close() {
        if (closed) throw new Error("closed already");
        closed = true;
      },
    }));
  },
};

function crossing(wrong: Parameters<typeof right.inScope>[2]): Store {
  return referenceStore({
    inScope: (row, scope, call) =>
      call === wrong ? row.scope.generation === scope.generation : right.inScope(row, scope, call),
  });
}

function retenanting(map: (tenant: string | null) => string | null): Store {
  const to = <S extends { readonly tenant: string | null }>(scope: S): S => ({ ...scope, tenant: map(scope.tenant) });
  return wrapped((store) => ({
    replace: (change, options) => store.replace({ ...change, scope: to(change.scope) }, options),
    read: (scope, ...call) => store.read(to(scope), ...call),
    list: (scope, ...call) => store.list(to(scope), ...call),
    search: (query, options) => store.search({ ...query, scope: to(query.scope) }, options),
    count: (scope, ...call) => store.count(to(scope), ...call),
    export: async (scope, ...call) => (await store.export?.(to(scope), ...call)) ?? { chunks: [] },
  }));
}

function lenient(alike: (given: IndexSpec, stored: IndexSpec) => IndexSpec): Store {
  let stored: IndexSpec | undefined;
  return wrapped((store) => ({
    async prepare(spec, options) {
      if (options.fresh === true || stored === undefined) {
        const opened = await store.prepare(spec, options);
        if (options.fresh !== true) stored = opened?.spec;
        return opened;
      }
      return store.prepare(alike(spec, stored), options);
    },
    async publish(...call) {
      await store.publish(...call);
      stored = undefined;
    },
  }));
}

async function emptied(store: Store, generation: string): Promise<Replacement> {
  const scope = { generation, tenant: null };
  const options = { signal: new AbortController().signal };
  const { documents } = await store.list(scope, { limit: 1_000 }, options);
  return { scope, documents: documents.map(({ id }) => ({ id, chunks: [] })) };
}

function everywhere(
  around: <T>(call: () => Promise<T>, options: { readonly signal: AbortSignal }) => Promise<T>,
): Store {
  return wrapped((store) => ({
    prepare: (spec, options) => around(() => store.prepare(spec, options), options),
    publish: (generation, options) => around(() => store.publish(generation, options), options),
    retire: (generation, options) => around(() => store.retire(generation, options), options),
    replace: (change, options) => around(() => store.replace(change, options), options),
    read: (scope, which, options) => around(() => store.read(scope, which, options), options),
    list: (scope, page, options) => around(() => store.list(scope, page, options), options),
    search: (query, options) => around(() => store.search(query, options), options),
    count: (scope, filter, options) => around(() => store.count(scope, filter, options), options),
  }));
}

/** Answers a publication with what `then` makes of the generation that was live before. */
function withPrevious(
  then: (previous: string, store: Store, options: PortOptions) => Promise<readonly string[] | void>,
): Store {
  let live: string | undefined;
  return wrapped((store) => ({
    async prepare(spec, options) {
      const opened = await store.prepare(spec, options);
      if (options.fresh !== true) live = opened?.generation;
      return opened;
    },
    async publish(generation, options) {
      await store.publish(generation, options);
      return live === undefined ? [] : then(live, store, options);
    },
  }));
}

function deaf(signal: () => AbortSignal): Store {
  return wrapped((store) => ({
    prepare: (spec, options) => store.prepare(spec, { ...options, signal: signal() }),
    publish: (generation) => store.publish(generation, { signal: signal() }),
    retire: (generation) => store.retire(generation, { signal: signal() }),
    replace: (change) => store.replace(change, { signal: signal() }),
    read: (scope, which) => store.read(scope, which, { signal: signal() }),
    list: (scope, page) => store.list(scope, page, { signal: signal() }),
    search: (query) => store.search(query, { signal: signal() }),
    count: (scope, filter) => store.count(scope, filter, { signal: signal() }),
  }));
}
