import { deferred } from "./deferred.ts";
import { ConfigError, ScopeError, shown } from "./errors.ts";
import type { RetrieverScope } from "./scope/retriever-scope.ts";
import type { LexicalLeg } from "./scope/lexical-leg.ts";
import { opening, type Opening } from "./scope/opening.ts";
import { callOptions, checkOptions } from "./options.ts";
import { assemble, type Parts } from "./scope/parts.ts";
import type { Retriever, RetrieverOf, RetrieverOptions, RootRetriever } from "./retriever-types.ts";
import type { MetadataSchema, StandardSchema } from "./schema/standard-schema.ts";
import { scopedRetriever } from "./retriever/scoped-retriever.ts";
import { withDeadline } from "./signal.ts";
import { unstorable } from "./text.ts";
import type { LexicalIndex, Metadata, Store } from "./types.ts";

/**
 * The retrieval layer of an application: documents in, the right passages out.
 *
 * Does no I/O itself: the store is opened by the first call, and created by the first one that writes.
 *
 * @example
 * const docs = createRetriever({ metadata: z.object({ product: z.string() }) });
 * await docs.index([{ id: "guide.md", text, metadata: { product: "api" } }]);
 * const { hits } = await docs.search("how do I rotate a key?", { filter: { product: "api" } });
 */
export function createRetriever<
  S extends MetadataSchema = StandardSchema<Metadata>,
  T extends "required" | undefined = undefined,
>(options: RetrieverOptions<S, T> = {}): RetrieverOf<S, T> {
  const parts = assemble(options);
  const lexical = legOf(parts);
  const live = opening(parts, { fresh: false });
  // Types cannot follow `tenancy` and the schema through values; scopedRetriever validates what this states.
  return rootRetriever({ parts, opening: live, lexical }, live) as unknown as RetrieverOf<S, T>;
}

/**
 * Retrievers that share a lexical index keep it in step together. Generations of two stores may have the same name: it can
 * tell those of one.
 */
const legs = new WeakMap<LexicalIndex, LexicalLeg & { readonly store: Store }>();

/** Where it is someone else's; what keeps it in step is loaded by the first call that needs it. */
function legOf({ lexical: index, store }: Parts): LexicalLeg | undefined {
  if (typeof index !== "object") return undefined;
  const load = async (): Promise<LexicalLeg> => (await import("./retriever/on-demand.ts")).lexicalLeg(index, store);
  const leg = legs.get(index) ?? { index, store, ...deferred(load, "replace", "copy", "ready", "retire", "close") };
  if (leg.store !== store) {
    throw new ConfigError("lexical: this index belongs to a retriever with another store; make one for each");
  }
  legs.set(index, leg);
  return leg;
}

/** `live`: what is switched by publishing. */
function rootRetriever(unscoped: Omit<RetrieverScope, "tenant">, live: Opening): RootRetriever {
  const { parts, lexical } = unscoped;
  let closing: Promise<void> | undefined;
  const open = (): void => {
    if (closing !== undefined) throw new ConfigError("This retriever is closed.");
  };
  const scoped = (tenant: string | null): Retriever => guarded(scopedRetriever({ ...unscoped, tenant }), open);

  const closeParts = async (): Promise<void> => {
    try {
      await lexical?.close();
    } finally {
      await parts.store.close?.();
    }
  };
  const close = (): Promise<void> => (closing ??= closeParts());
  return {
    ...(parts.tenancy ? guarded(scoped(null), refuseUnscoped) : scoped(null)),
    forTenant(tenant) {
      open();
      return scoped(checkedTenant(tenant));
    },
    async stage(options) {
      open();
      checkOptions("stage", options, callOptions);
      return withDeadline("stage", options, async () => {
        const { staged } = await import("./retriever/on-demand.ts");
        return staged(unscoped, { own: opening(parts, { fresh: true }), live }, rootRetriever);
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The same calls, each behind a check that rejects. */
function guarded(retriever: Retriever, check: () => void): Retriever {
  const calls = Object.entries(retriever).map(([name, call]: [string, (...given: unknown[]) => Promise<unknown>]) => [
    name,
    async (...given: unknown[]) => {
      check();
      return call(...given);
    },
  ]);
  return Object.fromEntries(calls) as Retriever;
}

function refuseUnscoped(): never {
  throw new ScopeError('tenancy is "required": choose a tenant with forTenant(id) first');
}

function checkedTenant(tenant: unknown): string {
  if (typeof tenant !== "string" || tenant === "") {
    throw new ScopeError(`tenant: expected a non-empty string, received ${shown(tenant)}`);
  }
  const problem = unstorable(tenant);
  if (problem !== undefined) throw new ScopeError(`tenant: it has ${problem}`);
  return tenant;
}
