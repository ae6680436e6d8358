/**
 * Successive halving (Jamieson, Talwalkar 2016): many candidates on few queries, few candidates on many.
 *
 * The two that differ most are read on every query first. Where they agree, so do most of those between them: a query on
 * which they differ says more about whom to give up, so those come first.
 */

export interface Rung {
  readonly queries: number;
  readonly candidates: number;
  /** On the queries so far, which are the ones that candidates differ on. */
  readonly best: number;
}

export interface Halving {
  /** Those that were read on every query, best mean first. */
  readonly finalists: readonly number[];
  readonly rungs: readonly Rung[];
}

export interface HalvingOptions {
  /**
   * Candidates in the order of preference: equal means keep it. The first and the last, which is to differ most from it, are
   * never given up.
   */
  readonly candidates: readonly number[];
  /** Queries, those that say the same in the order in which they are read. */
  readonly order: readonly number[];
  readonly score: (candidate: number, query: number) => Promise<number>;
  /** Queries of the first rung. Default a fifteenth of them, and ten at least. */
  readonly first?: number;
}

/** How many times as many queries the next rung has. */
const GROWTH = 3;
/** One in so many candidates stays. */
const KEPT = 4;
/** So many reach the end. */
const LEAST = 3;

export async function halving(options: HalvingOptions): Promise<Halving> {
  const { candidates, order, score } = options;
  const { first = Math.max(10, Math.round(order.length / 15)) } = options;
  const [standing, ...others] = candidates;
  const poles = standing === undefined ? [] : [standing, ...others.slice(-1)];
  const ofPoles = new Map<number, readonly number[]>();
  for (const query of order) {
    const values: number[] = [];
    for (const pole of poles) values.push(await score(pole, query));
    ofPoles.set(query, values);
  }
  const apart = (query: number): number => {
    const [a = 0, b = a] = ofPoles.get(query) ?? [];
    return Math.abs(a - b);
  };
  // Stable: where the two agree, the order given.
  const telling = order.toSorted((a, b) => apart(b) - apart(a));
  const sums = new Map(candidates.map((candidate) => [candidate, 0]));
  const sumOf = (candidate: number): number => sums.get(candidate) ?? 0;
  const rungs: Rung[] = [];
  let alive = candidates;
  let read = 0;
  for (let next = Math.min(first, order.length); ; next = Math.min(next * GROWTH, order.length)) {
    for (const candidate of alive) {
      const pole = poles.indexOf(candidate);
      for (const query of telling.slice(read, next)) {
        const value = ofPoles.get(query)?.[pole] ?? (await score(candidate, query));
        sums.set(candidate, sumOf(candidate) + value);
      }
    }
    read = next;
    const counted = alive.length;
    // Stable: among equals the preferred one is first.
    alive = alive.toSorted((a, b) => sumOf(b) - sumOf(a));
    rungs.push({ queries: read, candidates: counted, best: sumOf(alive[0] ?? 0) / Math.max(1, read) });
    if (read === order.length) return { finalists: alive, rungs };
    const kept = alive.slice(0, Math.max(LEAST, Math.ceil(alive.length / KEPT)));
    alive = [...kept, ...poles.filter((pole) => !kept.includes(pole))];
  }
}
