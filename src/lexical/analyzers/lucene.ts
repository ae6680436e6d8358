import type { Analyzer } from "../../types.ts";
import { porter } from "./porter.ts";
import { wordAnalyzer } from "./words.ts";

/**
 * English as Lucene's EnglishAnalyzer and Anserini have it: words by UAX #29 ("3.14", "u.s.a" and "user_name" are one
 * each), 33 stop words, the classic Porter stemmer. For figures that compare; `english()` finds more.
 */
export function lucene(): Analyzer;
export function lucene(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "lucene@1", joins: joinsInUax29, word: luceneTerm }, options);
}

const STOP_WORDS: ReadonlySet<string> = /* @__PURE__ */ new Set(
  (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this " +
    "to was will with"
  ).split(" "),
);
const POSSESSIVE = /['\u2019]s$/;

function luceneTerm(word: string): string {
  const stem = word.replace(POSSESSIVE, "");
  return STOP_WORDS.has(stem) ? "" : porter(stem);
}

const BETWEEN_LETTERS = /(?<=[\p{L}\p{M}])[.'\u2018\u2019\u2024:\u00b7\u05f4\u2027](?=\p{L})/uy;
const BETWEEN_DIGITS = /(?<=\p{Nd})[.'\u2018\u2019\u2024,;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044](?=\p{Nd})/uy;

/** The rules WB6, WB7, WB11, WB12, WB13a and WB13b, except that underscores at the ends are no part of a word. */
function joinsInUax29(text: string, at: number): boolean {
  if (text.charCodeAt(at) === 0x5f) return true;
  BETWEEN_LETTERS.lastIndex = at;
  if (BETWEEN_LETTERS.test(text)) return true;
  BETWEEN_DIGITS.lastIndex = at;
  return BETWEEN_DIGITS.test(text);
}
