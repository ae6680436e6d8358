/**
 * Runs `run` for every item, at most `limit` at a time, in the order of the items. The first failure rejects; `run` must
 * stop by its own signal.
 */
export async function concurrently<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
