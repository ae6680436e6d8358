/** Successive halving (Jamieson, Talwalkar 2016): many candidates on few queries, few candidates on many. */

export interface Rung {
  readonly queries: number;
  readonly candidates: number;
  readonly best: number;
}

export interface Halving {
  /** Those that were read on every query, best mean first. */
  readonly finalists: readonly number[];
  readonly rungs: readonly Rung[];
}

export interface HalvingOptions {
  /** Candidates in the order of preference: equal means keep it. The first is never given up. */
  readonly candidates: readonly number[];
  /** Queries in the order in which they are read. */
  readonly order: readonly number[];
  readonly score: (candidate: number, query: number) => Promise<number>;
  /** Queries of the first rung. Default 10. */
  readonly first?: number;
  /** Of how many candidates one stays, and how many times as many queries the next rung has. Default 3. */
  readonly factor?: number;
  /** So many reach the end. Default 3. */
  readonly least?: number;
}

export async function halving(options: HalvingOptions): Promise<Halving> {
  const { candidates, order, score, first = 10, factor = 3, least = 3 } = options;
  const [standing] = candidates;
  const sums = new Map(candidates.map((candidate) => [candidate, 0]));
  const sumOf = (candidate: number): number => sums.get(candidate) ?? 0;
  const rungs: Rung[] = [];
  let alive = candidates;
  let read = 0;
  for (let next = Math.min(first, order.length); ; next = Math.min(next * factor, order.length)) {
    for (const candidate of alive) {
      for (const query of order.slice(read, next)) {
        sums.set(candidate, sumOf(candidate) + (await score(candidate, query)));
      }
    }
    read = next;
    const counted = alive.length;
    // Stable: among equals the preferred one is first.
    alive = alive.toSorted((a, b) => sumOf(b) - sumOf(a));
    rungs.push({ queries: read, candidates: counted, best: sumOf(alive[0] ?? 0) / Math.max(1, read) });
    if (read === order.length) return { finalists: alive, rungs };
    const kept = alive.slice(0, Math.max(least, Math.ceil(alive.length / factor)));
    alive = standing === undefined || kept.includes(standing) ? kept : [...kept, standing];
  }
}
