import { AdapterError } from "../errors.ts";
import type { Parts } from "./parts.ts";
import { retrying } from "../retry.ts";
import { abortable } from "../signal.ts";
import type { IndexSpec, Store } from "../types.ts";

/** The generation that a retriever works on, pinned when it was opened. */
export interface Opened {
  readonly generation: string;
  readonly spec: IndexSpec;
}

export interface Opening {
  /** What is there; undefined where nothing was ever indexed. Creates nothing. */
  find(signal: AbortSignal): Promise<Opened | undefined>;
  /** What is there, or a new generation with this average length. */
  create(averageLength: number, signal: AbortSignal): Promise<Opened>;
  /** What `create` or `find` gave last. */
  readonly current: Opened | undefined;
  /** The next call opens anew: another generation was published. */
  reset(): void;
}

/** Opens lazily, once, whoever comes first. `fresh`: a generation of its own, beside the live one. */
export function opening(parts: Parts, options: { readonly fresh: boolean }): Opening {
  let opened: Opened | undefined;
  let pending: Promise<void> | undefined;
  /** How often it was reset: what was asked for before that is not what is there. */
  let resets = 0;

  const prepared = async (
    averageLength: number,
    create: boolean,
    signal: AbortSignal,
  ): ReturnType<Store["prepare"]> => {
    const spec = parts.specFor(averageLength);
    // A fresh one may be there though the answer was lost, and a second one would be another.
    if (options.fresh) return parts.store.prepare(spec, { signal, create, fresh: true });
    return retrying(() => parts.store.prepare(spec, { signal, create }), { signal });
  };
  const prepare = async (averageLength: number, create: boolean, signal: AbortSignal): Promise<void> => {
    const before = resets;
    try {
      const found = await prepared(averageLength, create, signal);
      // Also where nobody waits for it any more.
      if (before === resets) opened = found;
    } finally {
      if (before === resets) pending = undefined;
    }
  };
  const open = async (averageLength: number, create: boolean, signal: AbortSignal): Promise<Opened | undefined> => {
    for (;;) {
      if (opened !== undefined) return opened;
      signal.throwIfAborted();
      const first = pending === undefined;
      const before = resets;
      pending ??= prepare(averageLength, create, signal);
      try {
        await abortable(pending, signal);
        if (first && before === resets) return opened;
      } catch (error) {
        // Someone else's attempt ended with someone else's reason: try again with one's own signal.
        if (first || signal.aborted) throw error;
      }
    }
  };

  return {
    async find(signal) {
      if (options.fresh && opened === undefined) return undefined;
      // The length is of no consequence: what is stored counts, and nothing is created.
      return open(parts.averageLength ?? 1, false, signal);
    },
    async create(averageLength, signal) {
      const found = await open(averageLength, true, signal);
      if (found !== undefined) return found;
      throw new AdapterError(parts.store.name, "prepare created nothing");
    },
    get current() {
      return opened;
    },
    reset() {
      opened = undefined;
      pending = undefined;
      resets++;
    },
  };
}
