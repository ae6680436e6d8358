import { sumOf } from "./statistics.ts";

/**
 * Successive halving (Jamieson, Talwalkar 2016): many candidates on few queries, few candidates on many.
 *
 * The two that differ most are read on every query first. Where they agree, so do most of those between them: a query on
 * which they differ says more about whom to give up, so those come first. Then each rung costs as many readings as any
 * other and leaves half of the candidates, until one of them is left to be read on every query beside the two.
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
  /** Reads every candidate on every query. */
  readonly whole?: boolean;
}

/** Of the grid of candidates and queries: what is read of it, where there are candidates enough. */
const SHARE = 1 / 5;
/** The two ends, and the one that is left. */
const WHOLE = 3;
/** What the rungs read of it: not less, or they would say nothing, and no more than helps. */
const [LEAST, MOST] = [1 / 20, 1 / 10];

export async function halving(options: HalvingOptions): Promise<Halving> {
  const { candidates, order, score, whole = false } = options;
  const sums = new Map(candidates.map((candidate) => [candidate, 0]));
  const sumSoFar = (candidate: number): number => sums.get(candidate) ?? 0;
  // Stable: among equals the preferred one is first.
  const bestFirst = (some: readonly number[]): readonly number[] => some.toSorted((a, b) => sumSoFar(b) - sumSoFar(a));
  const read = async (candidate: number, queries: readonly number[]): Promise<readonly number[]> => {
    const values: number[] = [];
    for (const query of queries) values.push(await score(candidate, query));
    sums.set(candidate, sumSoFar(candidate) + sumOf(values));
    return values;
  };

  const poles = candidates.filter((_, place) => place === 0 || place === candidates.length - 1);
  const rows: (readonly number[])[] = [];
  for (const pole of poles) rows.push(await read(pole, order));
  const [near = [], far = near] = rows;
  const apart = near.map((value, place) => Math.abs(value - (far[place] ?? 0)));
  // Stable: where the two agree, the order given.
  const telling = [...order.keys()].toSorted((a, b) => (apart[b] ?? 0) - (apart[a] ?? 0));

  const rungs: Rung[] = [];
  let alive: readonly number[] = candidates.slice(1, -1);
  const share = Math.min(MOST, Math.max(LEAST, SHARE - WHOLE / candidates.length));
  const halvings = Math.max(1, Math.ceil(Math.log2(alive.length)));
  const perRung = whole ? Infinity : (share * candidates.length * order.length) / halvings;
  let left = 0;
  for (let done = 0; done < order.length; alive = alive.slice(0, Math.ceil(alive.length / 2))) {
    left += perRung;
    const more = alive.length > 1 ? Math.max(1, Math.floor(left / alive.length)) : Infinity;
    const next = telling.slice(done, done + more);
    left -= next.length * alive.length;
    for (const candidate of alive) {
      await read(
        candidate,
        next.map((place) => order[place] ?? 0),
      );
    }
    done += next.length;
    alive = bestFirst(alive);
    const known = telling.slice(0, done);
    const ofPoles = rows.map((row) => sumOf(known.map((place) => row[place] ?? 0)));
    const best = Math.max(...ofPoles, ...alive.map(sumSoFar)) / done;
    rungs.push({ queries: done, candidates: alive.length + poles.length, best });
    if (done === order.length) break;
  }
  const reached = new Set([...poles, ...alive]);
  return { finalists: bestFirst(candidates.filter((candidate) => reached.has(candidate))), rungs };
}
