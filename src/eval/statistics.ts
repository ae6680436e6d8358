import { randomBits } from "./random.ts";

/** Numbers about paired differences. */

const ROUNDS = 10_000;
/** z(.975) + z(.8): what a two-sided test at .05 sees four times in five. */
const POWER = 2.8;

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

/** Of a sample; Infinity for one value, which says nothing about others. */
export function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return Infinity;
  const mean = meanOf(values);
  return Math.sqrt(sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

/** The smallest true difference that so many queries show in four of five trials, at p < .05. */
export function detectableWith(deviation: number, count: number): number {
  return (POWER * deviation) / Math.sqrt(count);
}

/** How many queries it takes to show a difference; Infinity where there is none. */
export function neededFor(difference: number, deviation: number): number {
  if (difference === 0 || deviation === Infinity) return Infinity;
  return Math.max(2, Math.ceil(((POWER * deviation) / difference) ** 2));
}

/** The share of random sign flips that move the mean as far from 0; the observed one counts, so p is never 0. */
export function randomisation(differences: readonly number[], seed: number): number {
  // Zeros stay zero whichever way they are flipped.
  const values = differences.filter((value) => value !== 0);
  // Sums that are equal on paper differ in their last bits.
  const observed = Math.abs(sumOf(values)) * (1 - 1e-12);
  const next = randomBits(seed);
  let extreme = 1;
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    let bits = 0;
    for (let index = 0; index < values.length; index++) {
      if (index % 32 === 0) bits = next();
      sum += (bits & 1) === 0 ? (values[index] ?? 0) : -(values[index] ?? 0);
      bits >>>= 1;
    }
    if (Math.abs(sum) >= observed) extreme++;
  }
  return extreme / (ROUNDS + 1);
}

/**
 * The percentile interval: means of as many queries, drawn with replacement. Stretched around the mean as Hesterberg (2015)
 * advises, because resampling few queries spreads less than drawing new ones does.
 */
export function bootstrap(differences: readonly number[], seed: number): readonly [number, number] {
  const n = differences.length;
  const next = randomBits(seed);
  const means = new Float64Array(ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    // Scaling 32 bits favours some indexes by 2⁻³² × n: nothing beside what 10,000 rounds can show.
    for (let drawn = 0; drawn < n; drawn++) sum += differences[Math.floor((next() / 2 ** 32) * n)] ?? 0;
    means[round] = sum / n;
  }
  means.sort();
  const mean = meanOf(differences);
  const stretch = n < 2 ? 1 : (Math.sqrt(n / (n - 1)) * studentT(n - 1)) / Z;
  const at = (index: number): number => mean + ((means[index] ?? 0) - mean) * stretch;
  return [at(Math.floor(ROUNDS * 0.025)), at(Math.ceil(ROUNDS * 0.975) - 1)];
}

const Z = 1.959964;

/** The .975 quantile of Student's distribution, by its expansion around the normal one (Abramowitz, Stegun 26.7.5). */
function studentT(degrees: number): number {
  const [z3, z5] = [Z ** 3, Z ** 5];
  return Z + (z3 + Z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * Z) / (96 * degrees ** 2);
}
