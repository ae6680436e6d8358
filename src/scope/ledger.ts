/** How many chunks a generation that one retriever fills by itself must have, by tenant. */
export interface Ledger {
  /**
   * Before a call that writes; its answer is told by how many chunks it changed the number: NaN where that is unknown,
   * undefined where the call ended early.
   */
  begin(tenant: string | null): (change: number | undefined) => void;
  /** Why the generation may be half filled. */
  problem(): string | undefined;
  /** NaN: unknown, because documents failed, or two calls ran at once and may have written the same. */
  entries(): Iterable<readonly [tenant: string | null, chunks: number]>;
  /** The generation is gone, and the next one begins empty. */
  clear(): void;
}

export function ledger(): Ledger {
  const numbers = new Map<string | null, number>();
  const running = new Map<string | null, number>();
  /** Tenants of whom the last call ended early. */
  const early = new Set<string | null>();
  return {
    begin(tenant) {
      const others = running.get(tenant) ?? 0;
      running.set(tenant, others + 1);
      numbers.set(tenant, others > 0 ? Number.NaN : (numbers.get(tenant) ?? 0));
      return (change) => {
        running.set(tenant, (running.get(tenant) ?? 1) - 1);
        const before = numbers.get(tenant);
        // Of a generation that is gone.
        if (before === undefined) return;
        if (change === undefined) early.add(tenant);
        else early.delete(tenant);
        numbers.set(tenant, before + (change ?? Number.NaN));
      };
    },
    problem() {
      if ([...running.values()].some((calls) => calls > 0)) return "a call that writes to it is still running";
      return early.size > 0 ? "the last call that wrote to it ended early; run it again" : undefined;
    },
    entries: () => numbers,
    clear() {
      numbers.clear();
      early.clear();
    },
  };
}
