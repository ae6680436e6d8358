import { random } from "./vector-sets.ts";

/**
 * Texts of made-up words, from a seed: the same ones on every machine.
 *
 * Words are drawn by Zipf's law as Mandelbrot has it, the word of rank r as often as 1 / (r + 2.7)^1.05, out of 200,000.
 * A document has 64 words in the middle, log-normally spread (sigma 0.5), 8 at least and 400 at most. A query is 3 to 8
 * words of one document, without the 50 most frequent ones, which are to a real language its stop words.
 */
export interface ZipfTexts {
  readonly count: number;
  /** Any one, without those before it. */
  document(number: number): string;
  queries(count: number): readonly string[];
}

const VOCABULARY = 200_000;
const STOP_WORDS = 50;

export function zipfTexts(count: number, seed: number): ZipfTexts {
  const sums = cumulative();
  const total = sums.at(-1) ?? 0;
  const rankFrom = (share: number): number => {
    let low = 0;
    for (let high = VOCABULARY - 1; low < high;) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > share * total) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const ranksOf = (number: number): readonly number[] => {
    const next = random(seed * 0x1000003 + number);
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const length = Math.min(400, Math.max(8, Math.round(64 * Math.exp(normal / 2))));
    return Array.from({ length }, () => rankFrom(next()));
  };
  return {
    count,
    document: (number) => ranksOf(number).map(wordOf).join(" "),
    queries(wanted) {
      const next = random(seed + 1);
      return Array.from({ length: wanted }, () => {
        const ranks = ranksOf(Math.floor(next() * count)).filter((rank) => rank >= STOP_WORDS);
        const length = 3 + Math.floor(next() * 6);
        const words = Array.from({ length }, () => wordOf(ranks[Math.floor(next() * ranks.length)] ?? STOP_WORDS));
        return words.join(" ");
      });
    },
  };
}

function cumulative(): Float64Array {
  const sums = new Float64Array(VOCABULARY);
  let sum = 0;
  for (let rank = 0; rank < VOCABULARY; rank++) sums[rank] = sum += (rank + 1 + 2.7) ** -1.05;
  return sums;
}

const consonants = "bdfghjklmnprstvz";
const vowels = "aeiou";
const syllables = consonants.length * vowels.length;

/** A word of its own for each rank, frequent ones short: one syllable, then two, then three. */
function wordOf(rank: number): string {
  let word = "";
  for (let rest = rank; rest >= 0; rest = Math.floor(rest / syllables) - 1) {
    const syllable = rest % syllables;
    word = consonants.charAt(Math.floor(syllable / vowels.length)) + vowels.charAt(syllable % vowels.length) + word;
  }
  return word;
}
