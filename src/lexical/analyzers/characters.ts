/** How a character takes part in words. */
export type CharacterKind = typeof SEPARATOR | typeof LETTER | typeof MARK | typeof CJK | typeof SOUTH_EAST_ASIAN;

export const SEPARATOR = 1;
/** Of a script that writes words apart; digits of every script too. */
export const LETTER = 2;
/** Belongs to the letter before: accents, vowel signs, joiners, soft hyphens. Begins no word. */
export const MARK = 3;
/** Han, kana, Hangul, Bopomofo: searched by single characters and pairs. */
export const CJK = 4;
/** Thai, Lao, Khmer, Myanmar: no spaces, too many letters per word for pairs; cut by dictionary. */
export const SOUTH_EAST_ASIAN = 5;

/**
 * Dropped from words: what is invisible, what only stretches Arabic words (U+0640), and the vowel points of Hebrew and Arabic,
 * which a text has or has not. U+200B ends a word before: Thai and Khmer typists separate words with it.
 */
export const DROPPED: RegExp = /[\p{Default_Ignorable_Code_Point}\u0591-\u05c7\u064b-\u0652\u0670\u0640]/gu;

const invisible = /^(?!\u200b)[\p{Default_Ignorable_Code_Point}\u0640]/u;
const mark = /[\p{M}\uff9e\uff9f]/u; // Half-width voicing marks are letters until they are normalised.
const letter = /(?!\u02bc)[\p{L}\p{N}]/u; // U+02BC is a letter to Unicode and an apostrophe to its writers.
const digit = /\p{Nd}/u;
const cjk = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}]/u;
const southEastAsian = /[\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/u;

function classify(code: number): CharacterKind {
  const character = String.fromCodePoint(code);
  // To compile the classes of Unicode takes longer than all the rest of a first search.
  if (code < 128) return /[^\W_]/.test(character) ? LETTER : SEPARATOR;
  if (invisible.test(character) || mark.test(character)) return MARK;
  if (!letter.test(character)) return SEPARATOR;
  if (digit.test(character)) return LETTER;
  if (cjk.test(character)) return CJK;
  return southEastAsian.test(character) ? SOUTH_EAST_ASIAN : LETTER;
}

/** Of the code points met so far; 0 is not met yet. Regular expressions cost too much per letter. */
const known = /* @__PURE__ */ new Uint8Array(0x110000);

/** The kind of the character that begins at `at`; the second half of a surrogate pair is a separator. */
export function kindAt(text: string, at: number): CharacterKind {
  return kindOf(text.codePointAt(at) ?? 0);
}

export function kindOf(code: number): CharacterKind {
  const met = known[code] as number;
  return met === 0 ? (known[code] = classify(code)) : (met as CharacterKind);
}

/** 2 for a character outside the basic plane, else 1. */
export function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
