import type { Analyzer } from "../../../types.ts";
import { wordAnalyzer } from "../words.ts";

/**
 * Vietnamese syllables as they are: they do not inflect. A tone is found where either spelling puts it, hoà or hòa; where
 * it has no letter of its own it stays a mark.
 */
export function vietnamese(): Analyzer;
export function vietnamese(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "vietnamese@1", word: withToneAsOfOld }, options);
}

/** Open syllables in oa, oe and uy; the u of "qu" belongs to its consonant. */
const NEW_SPELLING = /(?<=^|[^q])(o[ae]|uy)([\u0300\u0301\u0303\u0309\u0323])$/u;

function withToneAsOfOld(syllable: string): string {
  return syllable
    .normalize("NFD")
    .replace(NEW_SPELLING, (_, vowels: string, tone: string) => vowels.charAt(0) + tone + vowels.charAt(1))
    .normalize("NFC");
}
