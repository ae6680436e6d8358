import type { Analyzer } from "../../types.ts";
import { joinsByApostrophe, plainApostrophes } from "./apostrophes.ts";
import { ENGLISH_STOP_WORDS } from "./english-stop-words.ts";
import { porter2 } from "./porter2.ts";
import { type WordTerms, wordAnalyzer } from "./words.ts";

/**
 * English words, without Snowball's 174 stop words, stemmed by Porter2; the default analyzer.
 *
 * Words are letters and digits of any script: "user_name", "3.14" and "e-mail" are two each. Of "Ada's" remains "ada";
 * other words with an apostrophe are two, contractions ("don't") are one.
 */
export function english(): Analyzer;
export function english(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "english@1", joins: joinsByApostrophe, word: englishTerms }, options);
}

const CONTRACTION = /(?:n't|'(?:d|ll|m|re|ve))$/;

/** The terms of a folded word, which may hold apostrophes. */
export function englishTerms(word: string): WordTerms {
  const plain = plainApostrophes(word);
  const owner = plain.endsWith("'s") ? plain.slice(0, -2) : plain;
  if (ENGLISH_STOP_WORDS.has(plain) || ENGLISH_STOP_WORDS.has(owner)) return "";
  if (!owner.includes("'") || CONTRACTION.test(owner)) return porter2(owner);
  return owner
    .split("'")
    .filter((part) => !ENGLISH_STOP_WORDS.has(part))
    .map(porter2);
}
