import { AdapterError } from "../errors.ts";
import { follow } from "../signal.ts";
import { changeBytes } from "../stores/change-bytes.ts";
import type { Change } from "../stores/memory-state.ts";
import type { Commit } from "../stores/memory-store.ts";
import type { Replacement } from "../types.ts";

/** Changes one after the other: written down, then applied, then acknowledged. */
export interface Commits {
  readonly commit: Commit;
  /** Refuses further ones, and waits for those that there are. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly plan: () => Change | undefined;
  readonly apply: (change: Change) => void;
  readonly signal: AbortSignal;
  /** What is written: those that have none of it in common can be written together. */
  readonly keys: readonly string[] | undefined;
  readonly settle: (error?: { readonly reason: unknown }) => void;
}

interface Planned extends Waiting {
  readonly change: Change;
}

/** Documents that are written together at most, so that the first of many calls does not wait for all of them. */
const mostTogether = 1024;

/**
 * `write` makes records durable, or throws. Calls that wait meanwhile are written together, with one sync. `between` runs
 * after each write, when nothing is being written.
 */
export function commits({
  write,
  between,
}: {
  readonly write: (records: readonly Uint8Array[]) => Promise<void>;
  readonly between: () => Promise<void>;
}): Commits {
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  /** Those at the head of the queue that can be written together. */
  const together = (): readonly Planned[] => {
    const planned: Planned[] = [];
    const touched = new Set<string>();
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const { keys, signal, settle } = next;
      // A plan is checked against what was applied, so nothing before it in the group may change what it looks at.
      if (planned.length > 0 && (keys === undefined || keys.some((key) => touched.has(key)))) break;
      queue.shift();
      if (signal.aborted) {
        settle({ reason: signal.reason });
        continue;
      }
      try {
        const change = next.plan();
        if (change === undefined) settle();
        else planned.push({ ...next, change });
      } catch (reason) {
        settle({ reason });
      }
      for (const key of keys ?? []) touched.add(key);
      if (keys === undefined || touched.size >= mostTogether) break;
    }
    return planned;
  };
  const run = async (): Promise<void> => {
    // Calls of one moment are written together.
    await Promise.resolve();
    while (queue.length > 0) {
      const planned = together();
      if (planned.length === 0) continue;
      try {
        await write(planned.map(({ change }) => changeBytes(change)));
        for (const { apply, change } of planned) apply(change);
        for (const { settle } of planned) settle();
      } catch (reason) {
        for (const { settle } of planned) settle({ reason });
      }
      await between();
    }
    running = undefined;
  };

  return {
    async commit(plan, apply, signal, replacement) {
      if (closed) throw new AdapterError("fileStore", "it is closed");
      await new Promise<void>((resolve, reject) => {
        const settle: Waiting["settle"] = (error) => {
          leave();
          if (error === undefined) resolve();
          else reject(error.reason);
        };
        const waiting = { plan, apply, signal, keys: replacement && keysOf(replacement), settle };
        // What is being written already will be there, and is waited for: only then it is known what became of it.
        const leave = follow(signal, () => {
          const at = queue.indexOf(waiting);
          if (at < 0) return;
          queue.splice(at, 1);
          settle({ reason: signal.reason });
        });
        queue.push(waiting);
        running ??= run();
      });
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

/** Documents and chunks, in the scope that they are in. */
function keysOf({ scope, documents }: Replacement): readonly string[] {
  const within = JSON.stringify([scope.generation, scope.tenant]);
  return documents.flatMap(({ id, chunks }) => [
    `${within} document ${id}`,
    ...chunks.map((chunk) => `${within} chunk ${chunk.id}`),
  ]);
}
