import { expect } from "vitest";
import type { Store } from "../../src/types.ts";

/** Every call on a store that was just opened again. */
export function reopening<S extends Store>(first: S, reopen: (store: S) => S | Promise<S>): Store {
  let store = first;
  let before: Promise<unknown> = Promise.resolve();
  const call =
    <A extends readonly unknown[], R>(run: (of: S) => (...given: A) => Promise<R>) =>
    (...given: A): Promise<R> => {
      const answer = before.then(async () => {
        store = await reopen(store);
        return run(store)(...given);
      });
      before = answer.catch(() => undefined);
      return answer;
    };
  return {
    name: first.name,
    prepare: call((of) => of.prepare),
    publish: call((of) => of.publish),
    retire: call((of) => of.retire),
    replace: call((of) => of.replace),
    read: call((of) => of.read),
    export: call((of) => of.export ?? expect.fail()),
    list: call((of) => of.list),
    search: call((of) => of.search),
    count: call((of) => of.count),
    close: async () => {
      await before;
      await store.close?.();
    },
  };
}
