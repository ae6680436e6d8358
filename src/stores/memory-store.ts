import type { vectorRows } from "../dense/vector-rows.ts";
import { checkSpec } from "../fingerprint.ts";
import { abortable, breather, finishedSlowly } from "../signal.ts";
import type { IndexSpec, PortOptions, Replacement, Scope, Store } from "../types.ts";
import type { latentLeg } from "./latent-leg.ts";
import { latentWeight } from "./latent-options.ts";
import type { MemorySettings } from "./memory-options.ts";
import {
  applyChange,
  type Change,
  emptyState,
  generationOf,
  type PartitionLegs,
  type MemoryState,
  partitionOf,
} from "./memory-state.ts";
import type { Partition, partition } from "./partition.ts";
import { stillLive } from "./generation-refusals.ts";

/**
 * Loaded when a generation is opened: who keeps the rows elsewhere does not pay for them, and BM25 alone does not pay for
 * vectors.
 */
export interface Engines {
  partition?: typeof partition;
  vectorRows?: typeof vectorRows;
  latentLeg?: typeof latentLeg;
  /** Handed in by `memory()`: a retriever without a store of the user's never has this leg, nor what it is made of. */
  readonly loadLatentLeg?: () => Promise<typeof latentLeg>;
}

/**
 * How a change comes about. `plan` is called when it is its turn: it checks, throws where nothing can be done, and
 * answers with what is to be applied, if anything.
 */
export type Commit = (
  plan: () => Change | undefined,
  apply: (change: Change) => void,
  signal: AbortSignal,
  /** What the plan will write, where it writes documents. */
  replacement?: Replacement,
) => Promise<void>;

export const atOnce: Commit = async (plan, apply, signal) => {
  signal.throwIfAborted();
  const change = plan();
  if (change !== undefined) apply(change);
};

export interface StoreParts {
  readonly name: string;
  readonly state: MemoryState;
  readonly engines: Engines;
  readonly commit: Commit;
}

/** Those of `memory()`. */
export const memoryDefaults: MemorySettings = { profile: "balanced", latent: undefined };

/**
 * The in-memory store: live from the first document, gone with the process.
 *
 * Each tenant of each generation is a partition of its own, so that nothing, statistics included, can cross.
 */
export function memoryStore(
  settings: MemorySettings,
  { name = "memory", state = emptyState(), engines = {}, commit = atOnce }: Partial<StoreParts> = {},
): Store {
  const { latent } = settings;
  const apply = (change: Change): void =>
    applyChange(state, change, { storeName: name, legsOf: (spec) => legsOf(spec, settings, engines) });
  const asked = (scope: Scope, { signal }: PortOptions): Partition => {
    signal.throwIfAborted();
    return partitionOf(state, scope, name);
  };

  return {
    name,
    ...(latent && { latent: { fusionWeight: latentWeight } }),
    async prepare(spec, { signal, fresh = false, create = true }) {
      await abortable(loadEngines(spec, settings, engines), signal);
      let generation = "";
      const open = (): Change | undefined => {
        if (!fresh && state.live !== undefined) {
          const { spec: stored } = generationOf(state, (generation = state.live), name);
          checkSpec(stored, spec);
          const { fields } = spec;
          const known = Object.keys(fields).every((field) => Object.hasOwn(stored.fields, field));
          return known ? undefined : { op: "extend", generation, fields };
        }
        if (!fresh && !create) return undefined;
        generation = `generation-${state.created + 1}`;
        return { op: "create", generation, spec, live: !fresh };
      };
      await commit(open, apply, signal);
      return generation === "" ? undefined : { generation, spec: generationOf(state, generation, name).spec };
    },
    async publish(generation, { signal }) {
      let gone: string | undefined;
      const publish = (): Change | undefined => {
        generationOf(state, generation, name);
        if (generation === state.live) return undefined;
        gone = state.previous;
        return { op: "publish", generation };
      };
      await commit(publish, apply, signal);
      return gone === undefined || gone === generation ? [] : [gone];
    },
    async retire(generation, { signal }) {
      const retire = (): Change | undefined => {
        if (generation === state.live) throw stillLive(name, generation);
        return state.generations.has(generation) ? { op: "retire", generation } : undefined;
      };
      await commit(retire, apply, signal);
    },
    async replace(change, { signal }) {
      const { scope, filter } = change;
      const replace = (): Change => {
        const held = partitionOf(state, scope, name);
        held.check(change.documents);
        return { op: "replace", scope, documents: held.matching(change.documents, filter) };
      };
      await commit(replace, apply, signal, change);
    },
    read: async (scope, which, options) => asked(scope, options).read(which),
    export: async (scope, page, options) => slowly(asked(scope, options).export(page), options),
    list: async (scope, page, options) => slowly(asked(scope, options).list(page), options),
    async search(query, options) {
      const searched = asked(query.scope, options);
      await searched.ready(query, options.signal);
      return slowly(searched.search(query), options);
    },
    count: async (scope, filter, options) => slowly(asked(scope, options).count(filter), options),
  };
}

function slowly<T>(steps: Generator<void, T, undefined>, { signal }: PortOptions): Promise<T> {
  return finishedSlowly(steps, breather(signal));
}

async function loadEngines({ dense }: IndexSpec, { latent }: MemorySettings, engines: Engines): Promise<void> {
  engines.partition ??= (await import("./partition.ts")).partition;
  if (dense !== undefined || latent !== undefined) {
    engines.vectorRows ??= (await import("../dense/vector-rows.ts")).vectorRows;
  }
  if (latent !== undefined) engines.latentLeg ??= (await engines.loadLatentLeg?.()) ?? unloaded();
}

export function legsOf(
  { dense }: IndexSpec,
  { profile, latent }: MemorySettings,
  { partition: make = unloaded, vectorRows: rowsOf, latentLeg: legOf }: Engines,
): PartitionLegs {
  return {
    partition: make,
    ...(dense && rowsOf && { vectors: () => rowsOf({ ...dense, profile }) }),
    ...(latent &&
      rowsOf &&
      legOf && {
        latent: (termsOf) =>
          legOf({ ...latent, termsOf, vectorRows: (dimensions) => rowsOf({ dimensions, metric: "cosine", profile }) }),
      }),
  };
}

function unloaded(): never {
  throw new Error("engines are not loaded");
}
