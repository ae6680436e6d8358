import { CLAUSE, DOUBTFUL, SENTENCE, WORD } from "./rank.ts";
import { isSpace } from "./space.ts";

/** A bit for each kind of mark, by code unit: several kinds are looked up at every mark. */
const marks = new Uint8Array(0x10000);
let kinds = 0;

interface Units {
  has(unit: number): boolean;
}

function units(characters: string): Units {
  const bit = 1 << kinds++;
  for (let index = 0; index < characters.length; index++) {
    const unit = characters.charCodeAt(index);
    marks[unit] = (marks[unit] ?? 0) | bit;
  }
  return { has: (unit) => ((marks[unit] ?? 0) & bit) !== 0 };
}

/** Stops that end a sentence with or without white space behind them. */
const fullStops = units("。！？｡．।॥؟۔።፧፨។៕།༎᠃᠉։");
/** Stops that need white space behind them. */
const stops = units(".!?…‽⁇⁈⁉");
const wideClauseStops = units("，、；：");
const clauseStops = units(",;:،؛—–");
/** What may stand between a stop and the white space. */
const closers = units("\"'”’»›)]}」』】）》〉〕*_`");
/** What may stand before the first letter of a sentence. */
const openers = units("\"'“‘„‚«‹([{¿¡*_`#>-–—");

/** Never the end of a sentence: a name or an example follows. */
const titles = words(
  "mr mrs ms dr prof gen sen rep gov capt lt col sgt maj rev hon messrs mme mlle st mt vs cf viz approx ca eg ie e.g i.e bzw z.b d.h u.a vgl ggf evtl",
);
/** An abbreviation where a number follows. */
const numbered = words(
  "no nos nr fig figs vol pp p sec ch eq art para ver v jan feb mar apr jun jul aug sep sept oct nov dec",
);
/** May end a sentence, which then begins with a word of `starters`. */
const final = words("etc inc ltd co corp jr sr al dept univ est assn ave blvd bros llc ph.d");
const starters = words(
  "the a an it he she they we you i in on at but and or if when while this that these those there his her their our as for from with by after before however to what who why how its not so then also although because since some many each all",
);

/** Longest abbreviation that has no dots inside. */
const ABBREVIATION_LENGTH = 6;
/** Longest word that is looked at. */
const WORD_LENGTH = 12;
/** How many closing marks are looked through. */
const CLOSING_MARKS = 4;
/** How far back a capital is looked for: about a sentence. */
const SENTENCE_LENGTH = 120;

export function isCloser(unit: number): boolean {
  return closers.has(unit);
}

export function isStop(unit: number): boolean {
  return stops.has(unit) || fullStops.has(unit) || wideClauseStops.has(unit);
}

/** The last position before `end` that is no closing mark. */
export function beforeClosers(text: string, end: number): number {
  let last = end - 1;
  for (let seen = 0; seen < CLOSING_MARKS && last > 0 && closers.has(text.charCodeAt(last)); seen++) last--;
  return last;
}

/** The rank of a stop that needs no white space behind it. */
export function rankOfWideStop(unit: number): number {
  return fullStops.has(unit) ? SENTENCE : wideClauseStops.has(unit) ? CLAUSE : WORD;
}

/**
 * The rank of white space from `end` to `next` on one line.
 *
 * Looks at a bounded number of characters on both sides, so that a decision is the same in a part of the text.
 */
export function rankOfSpace(text: string, end: number, next: number): number {
  const last = beforeClosers(text, end);
  const stop = text.charCodeAt(last);
  if (!stops.has(stop)) return Math.max(rankOfWideStop(stop), rankOfClause(text, end, next));
  const word = firstWord(text, next);
  if (stop === 0x2e && isAbbreviation(text, last, word)) return WORD;
  const initial = word.charAt(0);
  if (initial === initial.toUpperCase()) return SENTENCE;
  // Text without a capital nearby is all in lower case, and says little by it.
  return hasCapital(text, last) ? CLAUSE : DOUBTFUL;
}

function rankOfClause(text: string, end: number, next: number): number {
  const before = text.charCodeAt(end - 1);
  return clauseStops.has(before) || (hasNoStops(before) && hasNoStops(text.charCodeAt(next))) ? CLAUSE : WORD;
}

/** Thai, Lao, Myanmar and Khmer set phrases apart by spaces. */
function hasNoStops(unit: number): boolean {
  return (unit >= 0xe00 && unit <= 0xeff) || (unit >= 0x1000 && unit <= 0x109f) || (unit >= 0x1780 && unit <= 0x17ff);
}

function hasCapital(text: string, position: number): boolean {
  for (let before = position - 1; before >= 0 && position - before <= SENTENCE_LENGTH; before--) {
    const unit = text.charCodeAt(before);
    if (unit >= 0x41 && unit <= 0x5a) return true;
    if (unit >= 0xc0 && text.charAt(before) !== text.charAt(before).toLowerCase()) return true;
  }
  return false;
}

/** Whether the dot at `dot` belongs to the word before it, where `next` is the word behind it. */
function isAbbreviation(text: string, dot: number, next: string): boolean {
  let start = dot;
  while (start > 0 && dot - start < WORD_LENGTH && isWordPart(text.charCodeAt(start - 1))) start--;
  if (dot - start > ABBREVIATION_LENGTH && text.charCodeAt(start + 1) !== 0x2e) return false;
  const word = text.slice(start, dot);
  const lower = word.toLowerCase();
  if (titles.has(lower)) return true;
  if (numbered.has(lower)) return isDigit(next.charCodeAt(0));
  if (isListNumber(word)) return startsLine(text, start);
  const isInitial = word.length === 1 && word !== lower && word !== "I";
  return (final.has(lower) || isInitial || isDotted(word)) && !starters.has(next.toLowerCase());
}

/** Letters with dots between them: U.S, a.m, z.B. */
function isDotted(word: string): boolean {
  for (let position = 0; position < word.length; position++) {
    const unit = word.charCodeAt(position);
    if (position % 2 === 1 ? unit !== 0x2e : unit <= 0x39) return false;
  }
  return word.length > 1 && word.length % 2 === 1;
}

function isListNumber(word: string): boolean {
  if (word.length === 0 || word.length > 3) return false;
  for (let position = 0; position < word.length; position++) if (!isDigit(word.charCodeAt(position))) return false;
  return true;
}

function startsLine(text: string, position: number): boolean {
  for (let before = position - 1; before >= 0 && position - before <= WORD_LENGTH; before--) {
    const unit = text.charCodeAt(before);
    if (unit === 10 || unit === 13) return true;
    if (!isSpace(unit)) return false;
  }
  return position <= WORD_LENGTH;
}

function firstWord(text: string, position: number): string {
  let start = position;
  while (start - position < CLOSING_MARKS && openers.has(text.charCodeAt(start))) start++;
  let end = start;
  while (end < text.length && end - start < WORD_LENGTH && isWordPart(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

/** Letters, digits and dots; punctuation of other scripts does no harm here. */
function isWordPart(unit: number): boolean {
  if (unit < 0x80) {
    return unit === 0x2e || isDigit(unit) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
  }
  return unit >= 0xc0 && !(unit >= 0x2000 && unit <= 0x206f) && !isSpace(unit);
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
