/** What Porter's two stemmers share. */

/** Where a word ends for good: a suffix that begins before its region stays. */
export interface Regions {
  /** After the first consonant that follows a vowel. */
  readonly r1: number;
  /** The same again, from R1 on. */
  readonly r2: number;
}

export interface SuffixRule {
  readonly suffix: string;
  readonly replacement: string;
  readonly region: keyof Regions;
  /** What must stand before the suffix. */
  readonly after?: RegExp;
}

/** "ational|ation:ate" is two rules. Longest first, because only the longest suffix that fits is tried. */
export function suffixRules(
  region: keyof Regions,
  rules: string,
  ...special: readonly SuffixRule[]
): readonly SuffixRule[] {
  const plain = rules.split(" ").flatMap((rule) => {
    const [suffixes = "", replacement = ""] = rule.split(":");
    return suffixes.split("|").map((suffix) => ({ suffix, replacement, region }));
  });
  return [...plain, ...special].toSorted((left, right) => right.suffix.length - left.suffix.length);
}

export function replaced(word: string, rules: readonly SuffixRule[], regions: Regions): string {
  const rule = rules.find(({ suffix }) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const start = word.length - rule.suffix.length;
  if (start < regions[rule.region]) return word;
  const stem = word.slice(0, start);
  return rule.after === undefined || rule.after.test(stem) ? stem + rule.replacement : word;
}

export const VOWEL: RegExp = /[aeiouy]/;

/** "Y" for a y that is a consonant: the first letter, or after a vowel. */
export function markConsonants(word: string): string {
  if (!word.includes("y")) return word;
  let marked = "";
  for (const letter of word) {
    marked += letter === "y" && (marked === "" || VOWEL.test(marked.slice(-1))) ? "Y" : letter;
  }
  return marked;
}

export function regionFrom(word: string, start: number): number {
  let at = start;
  while (at < word.length && !VOWEL.test(word.charAt(at))) at++;
  while (at < word.length && VOWEL.test(word.charAt(at))) at++;
  return Math.min(at + 1, word.length);
}
