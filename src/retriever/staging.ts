import { ConfigError } from "../errors.ts";
import { callOptions, checkOptions } from "../options.ts";
import type { RootRetriever, Staged } from "../retriever-types.ts";
import { retrying } from "../retry.ts";
import { ledger } from "../scope/ledger.ts";
import type { Opening } from "../scope/opening.ts";
import type { RetrieverScope } from "../scope/retriever-scope.ts";
import { withDeadline } from "../signal.ts";
import { verifyStaged } from "./verification.ts";

type Unscoped = Omit<RetrieverScope, "tenant">;

/** A retriever on a generation of its own, which the first `index` call creates. */
export function staged(
  { parts, lexical }: Unscoped,
  { own, live }: { readonly own: Opening; readonly live: Opening },
  retrieverOf: (unscoped: Unscoped, live: Opening) => RootRetriever,
): Staged<RootRetriever> {
  const book = ledger();
  let isPublished = false;
  // The store belongs to the retriever that was staged from.
  const close = async (): Promise<void> => undefined;
  return {
    ...retrieverOf({ parts, opening: own, lexical, ledger: book }, live),
    close,
    [Symbol.asyncDispose]: close,
    async publish(call) {
      checkOptions("publish", call, callOptions);
      const { current } = own;
      if (current === undefined) throw new ConfigError("publish: nothing was indexed into the staged generation");
      const checkFilled = (): void => {
        const problem = book.problem();
        if (problem !== undefined) throw new ConfigError(`publish: what was staged may be half filled: ${problem}`);
      };
      await withDeadline("publish", call, async (signal) => {
        // Once it was live, others have written to it too.
        if (!isPublished) {
          checkFilled();
          await verifyStaged(parts.store, current, book.entries(), { signal });
          checkFilled();
        }
        const publish = async (): Promise<void> => {
          const gone: unknown = await parts.store.publish(current.generation, { signal });
          isPublished = true;
          live.reset();
          await lexical?.retire(Array.isArray(gone) ? gone : []);
        };
        await retrying(publish, { signal });
      });
    },
    async discard(call) {
      checkOptions("discard", call, callOptions);
      if (isPublished) throw new ConfigError("discard: what was staged is published, so it is the live index");
      const { current } = own;
      if (current === undefined) return;
      await withDeadline("discard", call, async (signal) => {
        await retrying(() => parts.store.retire(current.generation, { signal }), { signal });
        await lexical?.retire([current.generation]);
      });
      book.clear();
      own.reset();
    },
  };
}
