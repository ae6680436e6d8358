import { idf } from "../../../src/lexical/terms.ts";
import type { StoreAnswer, Terms } from "../../../src/types.ts";
import type { Condition } from "./filter.ts";
import type { Place } from "./places.ts";

export type Statistics = NonNullable<StoreAnswer["statistics"]>;

/** Counts of rows for BM25, kept for a while: each costs one request of about two milliseconds. */
export interface CorpusCounts {
  of(place: Place, terms: Terms): Promise<Statistics>;
  /** What this store writes is counted at once. */
  forget(place: Pick<Place, "collection" | "tenant">): void;
}

/** Milliseconds for which writes of other processes may go uncounted. */
const KEPT = 10_000;
/** Requests at a time: a query may be a whole text, of thousands of terms. */
const AT_ONCE = 32;
/** Beyond it the oldest goes. */
const MOST = 10_000;

export function corpusCounts(): CorpusCounts {
  const counts = new Map<string, { readonly at: number; readonly count: number }>();
  /** Numbers of the last writes: a count that was begun before one says nothing about what came after it. */
  const writes = new Map<string, number>();
  let written = 0;
  /** For scopes that are not among them: none was written later than so. */
  let forgotten = 0;

  const keyOf = ({ collection, tenant }: Pick<Place, "collection" | "tenant">): string => `${collection} ${tenant}`;

  const counted = async (place: Place, what: string, run: () => Promise<number>): Promise<number> => {
    const scope = keyOf(place);
    const key = `${scope}\0${writes.get(scope) ?? forgotten} ${what}`;
    const known = counts.get(key);
    if (known !== undefined && Date.now() - known.at < KEPT) return known.count;
    const at = Date.now();
    const count = await run();
    counts.delete(key);
    counts.set(key, { at, count });
    for (const oldest of counts.keys()) {
      if (counts.size <= MOST) break;
      counts.delete(oldest);
    }
    return count;
  };

  return {
    async of(place, terms) {
      const asked: readonly (readonly [what: string, condition: Condition])[] = [
        ["rows", { must_not: [{ is_empty: { key: "terms" } }] }],
        ...Array.from(terms.ids, (id) => [`${id}`, { key: "terms", match: { value: id } }] as const),
      ];
      const found: number[] = [];
      for (let start = 0; start < asked.length; start += AT_ONCE) {
        const some = asked.slice(start, start + AT_ONCE);
        found.push(
          ...(await Promise.all(
            some.map(([what, condition]) => counted(place, what, () => countOf(place, condition))),
          )),
        );
      }
      const [chunks = 0, ...frequencies] = found;
      return { chunks, frequencies };
    },
    forget(place) {
      const scope = keyOf(place);
      writes.delete(scope);
      writes.set(scope, ++written);
      const [oldest] = writes;
      if (oldest === undefined || writes.size <= MOST) return;
      [, forgotten] = oldest;
      writes.delete(oldest[0]);
    },
  };
}

async function countOf(place: Place, condition: Condition): Promise<number> {
  const filter = place.filter(undefined, condition);
  return filter === "never" ? 0 : place.count(filter);
}

/** What the terms of a query weigh: count × idf; a term that nobody has is left out, as its weight is of no consequence. */
export function weighed(
  terms: Terms,
  { chunks, frequencies }: Statistics,
): { terms: Terms; weights: readonly number[] } {
  const kept = Array.from(terms.ids.keys()).filter((index) => (frequencies[index] ?? 0) > 0);
  return {
    terms: {
      ids: Uint32Array.from(kept, (index) => terms.ids[index] ?? 0),
      counts: Uint32Array.from(kept, (index) => terms.counts[index] ?? 0),
    },
    weights: kept.map((index) => (terms.counts[index] ?? 0) * idf(chunks, frequencies[index] ?? 0)),
  };
}
