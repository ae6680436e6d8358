import { unexpected } from "./errors.ts";

/**
 * What a source gives, one by one, each `next` waited for as `wait` does: with a signal or a deadline that ends it, say.
 * Whoever leaves early tells the source to stop.
 */
export async function* eachOf<T>(
  source: AsyncIterable<T> | Iterable<T>,
  wait: <R>(next: () => Promise<R>) => Promise<R>,
): AsyncGenerator<T, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let finished = false;
  try {
    for (;;) {
      const result: IteratorResult<T> | undefined = await wait(async () => iterator.next());
      if (typeof result !== "object" || result === null) {
        throw unexpected("an iterator's next()", "{ done, value }", result);
      }
      if (result.done === true) break;
      yield result.value;
    }
    finished = true;
  } finally {
    // Not awaited: a source that hangs must not hold up who has given it up.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
