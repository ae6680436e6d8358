/** Quantiles, and intervals of shares. */

/** What a sorted sample has at a share of its length, by the nearest rank. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? 0;
}

/**
 * How many of `count` fresh trials go wrong when `errors` of `count` did: the central interval of the beta-binomial
 * distribution under Jeffreys' prior, which has the doubt about the true share in it, and that about the fresh trials.
 */
export function freshCounts(errors: number, count: number, level: number): readonly [number, number] {
  const [a, b] = [errors + 0.5, count - errors + 0.5];
  const tail = (1 - level) / 2;
  // P(0) = Γ(b + n) Γ(a + b) / (Γ(a + b + n) Γ(b)), then by ratios, in logarithms: P(0) underflows for many errors.
  let log = 0;
  for (let step = 0; step < count; step++) log += Math.log((b + step) / (a + b + step));
  let [below, low, high] = [0, 0, count];
  for (let wrong = 0; wrong <= count; wrong++) {
    const share = Math.exp(log);
    if (below <= tail) low = wrong;
    below += share;
    if (below >= 1 - tail) {
      high = wrong;
      break;
    }
    log += Math.log(((count - wrong) / (wrong + 1)) * ((a + wrong) / (b + count - wrong - 1)));
  }
  return [low, high];
}

/** How many trials bring the observed share within `close` of the true one in 95 of 100 cases; for shares near 0 by the rule of three. */
export function neededForRate(rate: number, close: number): number {
  const bulk = 1.96 ** 2 * rate * (1 - rate);
  return Math.max(Math.ceil(bulk / close ** 2), Math.ceil(3 / close));
}
