import { joined } from "../bytes.ts";
import { expectType } from "../options.ts";
import type { Store } from "../types.ts";
import { advised, type MemoryAdvice } from "./advice.ts";
import type { latentLeg } from "./latent-leg.ts";
import { type MemoryOptions, type MemorySettings, memorySettings } from "./memory-options.ts";
import { atOnce, memoryStore, type StoreParts } from "./memory-store.ts";
import { emptyState, type MemoryState } from "./memory-state.ts";
import { snapshot, type Snapshot } from "./snapshot.ts";

export interface AdviceOptions {
  /**
   * Called once, when there is so much in the store that Postgres or Qdrant would serve it better: see `MemoryAdvice`. May be
   * async: the call that wrote so much waits for it, and rejects with what it throws.
   */
  readonly onAdvice?: (advice: MemoryAdvice) => unknown;
}

/** The in-memory store: live from the first document, gone with the process, unless its bytes are kept. */
export interface MemoryStore extends Store {
  /**
   * Everything in it, for `memoryFromBytes`: all generations and tenants, with vectors, terms and the fitted model of the
   * latent leg. Made in one go; `saveSnapshot` of groundline/node lets others run meanwhile.
   */
  toBytes(): Uint8Array;
}

/**
 * The in-memory store.
 *
 * @example const docs = createRetriever({ store: memory() });
 */
export function memory(options: MemoryOptions & AdviceOptions = {}): MemoryStore {
  const loadLatentLeg = async (): Promise<typeof latentLeg> => (await import("./latent-leg.ts")).latentLeg;
  return keptStore(memorySettings("memory", options, ["onAdvice"]), options, { engines: { loadLatentLeg } });
}

/** A store over what is there already. */
export function keptStore(
  settings: MemorySettings,
  { onAdvice }: AdviceOptions,
  parts: Partial<StoreParts>,
): MemoryStore {
  expectType("onAdvice", onAdvice, "function");
  const { state = emptyState() } = parts;
  const take = (): Snapshot => snapshot(state, settings);
  /** Staged by who is gone: nobody can publish it, nor let go of it. */
  const forgotten = new Set([...state.generations.keys()].filter((name) => isStaged(state, name)));
  const made = memoryStore(settings, { ...parts, state, commit: advised(parts.commit ?? atOnce, state, onAdvice) });
  const store: MemoryStore = {
    ...made,
    async publish(generation, options) {
      const gone = [...((await made.publish(generation, options)) ?? [])];
      for (const name of forgotten) {
        if (isStaged(state, name)) {
          await made.retire(name, options);
          gone.push(name);
        }
        forgotten.delete(name);
      }
      return gone;
    },
    toBytes: () => joined([...take().parts]),
  };
  snapshots.set(store, take);
  return store;
}

function isStaged({ live, previous }: MemoryState, generation: string): boolean {
  return generation !== live && generation !== previous;
}

const snapshots = new WeakMap<object, () => Snapshot>();

/** A store that someone wrapped is asked for its bytes. */
export function snapshotOf(store: MemoryStore): Pick<Snapshot, "release"> & { readonly parts: Iterable<Uint8Array> } {
  return snapshots.get(store)?.() ?? { parts: [store.toBytes()], release: () => undefined };
}
