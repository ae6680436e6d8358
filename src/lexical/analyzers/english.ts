import type { Analyzer } from "../../types.ts";
import { ENGLISH_STOP_WORDS } from "./english-stop-words.ts";
import { porter2 } from "./porter2.ts";
import { type WordTerms, wordAnalyzer } from "./words.ts";

/**
 * English words, without Snowball's 174 stop words, stemmed by Porter2; the default analyzer.
 *
 * Words are letters and digits of any script: "user_name", "3.14" and "e-mail" are two each. Of "Ada's" remains "ada";
 * other words with an apostrophe are two, contractions ("don't") are one.
 */
export function english(): Analyzer {
  return wordAnalyzer({ fingerprint: "english@1", joins: joinsByApostrophe, word: englishTerms });
}

const APOSTROPHE = /['\u2018\u2019\u02bc]/g;
const CONTRACTION = /(?:n't|'(?:d|ll|m|re|ve))$/;

/** Typewriter, typographic and modifier-letter apostrophes; a full-width one is normalised by now. */
export function joinsByApostrophe(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x27 || code === 0x2019 || code === 0x2018 || code === 0x2bc;
}

/** The terms of a folded word, which may hold apostrophes. */
export function englishTerms(word: string): WordTerms {
  if (ENGLISH_STOP_WORDS.has(word)) return "";
  const plain = word.replace(APOSTROPHE, "'");
  if (!plain.includes("'")) return porter2(plain);
  if (ENGLISH_STOP_WORDS.has(plain)) return "";
  const owner = plain.endsWith("'s") ? plain.slice(0, -2) : plain;
  if (owner.includes("'") && !CONTRACTION.test(owner)) {
    return owner
      .split("'")
      .filter((part) => !ENGLISH_STOP_WORDS.has(part))
      .map(porter2);
  }
  return ENGLISH_STOP_WORDS.has(owner) ? "" : porter2(owner);
}
