import { markConsonants, regionFrom, replaced, suffixRules, VOWEL } from "./suffixes.ts";

/**
 * The classic Porter stemmer as Lucene has it: the algorithm of 1980 with its author's later departures (words of two
 * letters stay; "bli" becomes "ble", "logi" becomes "log"). https://tartarus.org/martin/PorterStemmer/
 */
export function porter(word: string): string {
  if (word.length < 3) return word;
  const marked = markConsonants(word);
  const r1 = regionFrom(marked, 0);
  const regions = { r1, r2: regionFrom(marked, r1) };

  let stem = withoutPast(withoutPlural(marked), r1);
  if (/y$/i.test(stem) && VOWEL.test(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`;
  for (const rules of SUFFIXES) stem = replaced(stem, rules, regions);
  return withoutFinal(stem, r1, regions.r2).replaceAll("Y", "y");
}

const SHORT_ENDING = /[^aeiouy][aeiouy][^aeiouywxY]$/;
const DOUBLE_CONSONANT = /([^aeioulszy])\1$/;

/** The algorithm's steps 2, 3 and 4. */
const SUFFIXES = /* @__PURE__ */ [
  suffixRules(
    "r1",
    "tional:tion enci:ence anci:ance bli:ble entli:ent eli:e izer|ization:ize ational|ation|ator:ate " +
      "alism|aliti|alli:al fulness:ful ousli|ousness:ous iveness|iviti:ive biliti:ble logi:log",
  ),
  suffixRules("r1", "icate|iciti|ical:ic alize:al ative|ful|ness:"),
  suffixRules("r2", "al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize:", {
    suffix: "ion",
    replacement: "",
    region: "r2",
    after: /[st]$/,
  }),
] as const;

function withoutPlural(word: string): string {
  if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function withoutPast(word: string, r1: number): string {
  const suffix = /(?:eed|ed|ing)$/.exec(word)?.[0];
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (suffix === "eed") return stem.length < r1 ? word : `${stem}ee`;
  if (!VOWEL.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (DOUBLE_CONSONANT.test(stem)) return stem.slice(0, -1);
  return stem.length === r1 && SHORT_ENDING.test(stem) ? `${stem}e` : stem;
}

function withoutFinal(word: string, r1: number, r2: number): string {
  const start = word.length - 1;
  const stem = word.slice(0, start);
  const shorter = word.endsWith("e") && (start >= r2 || (start >= r1 && !SHORT_ENDING.test(stem))) ? stem : word;
  return shorter.endsWith("ll") && shorter.length > r2 ? shorter.slice(0, -1) : shorter;
}
