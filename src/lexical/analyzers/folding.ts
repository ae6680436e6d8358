import { DROPPED, kindAt, MARK, widthAt } from "./characters.ts";

/** UTF-16 units of a term. Lucene's limit. Longer words are cut, alike in documents and queries. */
export const LONGEST_TERM = 255;

/** The first `limit` units, or one less where that would halve a surrogate pair. */
export function cut(text: string, limit: number = LONGEST_TERM): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

const beyondAscii = /[^\0-\x7f]/;
/** ㎏ and ㈱ become letters, which would grow onto their neighbours. */
const symbols = /\p{So}+/gu;
/** NFKC takes Thai and Lao AM apart; the dictionaries that cut words know it whole. */
const am = /\u0e4d\u0e32|\u0ecd\u0eb2/g;

/**
 * The text in which words are looked for: compatibility forms (full and half width, ligatures, Arabic presentation forms)
 * have become ordinary letters. Of more than 30 marks on one letter, 30 are kept.
 */
export function normalized(text: string): string {
  if (!beyondAscii.test(text)) return text;
  const source = withoutPiles(text);
  const normal = source.normalize("NFKC");
  return (normal === source ? source : source.replace(symbols, " $& ").normalize("NFKC")).replace(am, (pair) =>
    pair === "\u0e4d\u0e32" ? "\u0e33" : "\u0eb3",
  );
}

/** Normalising sorts the marks of a letter, in quadratic time. The Stream-Safe format of UAX #15 has 30 at most. */
const MOST_MARKS = 30;

function withoutPiles(text: string): string {
  let kept = "";
  let from = 0;
  let marks = 0;
  for (let at = 0; at < text.length; at += widthAt(text, at)) {
    marks = kindAt(text, at) === MARK ? marks + 1 : 0;
    if (marks <= MOST_MARKS) continue;
    kept += text.slice(from, at);
    from = at + widthAt(text, at);
  }
  return from === 0 ? text : kept + text.slice(from);
}

const digits = /\p{Nd}/gu;

/** Unicode lists the digits of a script from 0 to 9, and those of a second set after them. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((code - first) % 10);
}

/** The same in every locale: "İ".toLowerCase() has a dot too many for "i", and ς is a σ that ends a word. */
export function lowerCase(word: string): string {
  const lower = word.toLowerCase();
  if (!beyondAscii.test(lower)) return lower;
  return lower
    .replace(/i\u0307+/g, "i")
    .replaceAll("ς", "σ")
    .replaceAll("ß", "ss");
}

/** A word of a normalised text in the form that is compared: lower case, ASCII digits, without what makes no difference. */
export function folded(word: string, lower: (word: string) => string = lowerCase): string {
  if (!beyondAscii.test(word)) return lower(word);
  return lower(word.replace(DROPPED, "")).replace(digits, asciiDigit).normalize("NFKC");
}
