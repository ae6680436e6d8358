/** How many chunks a generation that one retriever fills by itself must have, by tenant. */
export interface Ledger {
  /** Before a call that writes; its answer is told by how many chunks it changed the number, or NaN where that is unknown. */
  begin(tenant: string | null): (change: number) => void;
  /** NaN: unknown, because a call ended early, or two ran at once and may have written the same. */
  entries(): Iterable<readonly [tenant: string | null, chunks: number]>;
  /** The generation is gone, and the next one begins empty. */
  clear(): void;
}

export function ledger(): Ledger {
  const numbers = new Map<string | null, number>();
  const running = new Map<string | null, number>();
  return {
    begin(tenant) {
      const others = running.get(tenant) ?? 0;
      running.set(tenant, others + 1);
      numbers.set(tenant, others > 0 ? Number.NaN : (numbers.get(tenant) ?? 0));
      return (change) => {
        running.set(tenant, (running.get(tenant) ?? 1) - 1);
        // Cleared meanwhile: unknown.
        numbers.set(tenant, (numbers.get(tenant) ?? Number.NaN) + change);
      };
    },
    entries: () => numbers,
    clear: () => numbers.clear(),
  };
}
