import { CLAUSE, DOUBTFUL, SENTENCE, WORD } from "./rank.ts";
import { type Finder, finderOf, remembered } from "./line-ends.ts";
import { isSpace } from "./space.ts";
import { isUnspaced } from "./words.ts";

/** A bit for each kind of mark, by code unit: several kinds are looked up at once. */
const marks = new Uint8Array(0x10000);
let kinds = 0;

/** The bit of a kind. */
function kind(characters: string): number {
  const bit = 1 << kinds++;
  for (const character of characters) {
    const unit = character.charCodeAt(0);
    marks[unit] = (marks[unit] as number) | bit;
  }
  return bit;
}

/** Behind either end of a text the unit is NaN: as an index it would make every look-up slow. */
function isOf(bits: number, unit: number): boolean {
  return ((marks[unit & 0xffff] as number) & bits) !== 0;
}

/** Stops that end a sentence with or without white space behind them. */
const fullStops = kind("。！？｡．।॥؟۔።፧፨។៕།༎᠃᠉։။;");
/** Stops that need white space behind them. */
const stops = kind(".!?…‽⁇⁈⁉");
const wideClauseStops = kind("，、；：");
const clauseStops = kind(",;:،؛—–၊");
/** What may stand between a stop and the white space. */
const closers = kind("\"'”’»›)]}」』】）》〉〕*_`");
/** What may stand before the first letter of a sentence. */
const openers = kind("\"'“‘„‚«‹([{¿¡*_`#>-–—");
/** Notes, in brackets or raised, and what closes a quotation in some languages and opens one in others. */
const noteMarks = kind("[]“‘«¹²³⁰⁴⁵⁶⁷⁸⁹†‡");
const lineEnds = kind("\n\r\u2028\u2029");
/** Where a sentence may end, itself or with the closing marks and white space behind. */
const sentenceEnds = stops | fullStops | lineEnds;
/** What a sentence may end with behind its stop. */
const endings = stops | fullStops | closers | noteMarks;

/** Never the end of a sentence: a name or an example follows. Those with a capital are written so. */
const titles = words(
  "mr mrs ms dr prof gen sen rep gov capt lt col sgt rev mme mlle st mt vs cf approx ca eg ie e.g i.e bzw z.b d.h u.a vgl sra dra tp ул им ggf evtl inkl bspw sog ing med Op Mio Mrd sig dott srta profa av dhr mevr проф डॉ",
);
/** May end a sentence, which then begins with a word of `starters`. */
const final = words("v etc jr sr al dept univ ave ph.d inc corp ltd llc co");
const starters = words(
  "the a an it he she they we you i in on at but and or if when while this that these those there his her their our as for from with by to what who why how its not so then some all",
);

/** What the name of a company ends with that may have a stop of its own. */
const companies = words("inc corp ltd llc co");
/** Behind an ordinal number of German: a month, a century. */
const dated = /^(?:j[aä]n|feb|märz$|april$|mai$|jun[io]$|jul[io]$|august$|sept|okt|nov|dez|jahr[ht])/u;
/** In front of one: "der 1. FC", "im 2. Stock". */
const article = /(?:^|\s)(?:d(?:er|as|em|en|es)|im|zu[mr]|vom|beim) $/iu;

/**
 * What numbers an item, in a list or in running text: 3, b, iv. It begins a line, be it quoted, a comment or a heading, or is
 * behind a sentence, which ends in no initial; a number not behind an abbreviation either. One that begins a line may be of
 * several parts, or behind what it numbers: 2.1.3, Section 4.
 */
const item =
  /(?:^|[\n\r]|[^\s.]{2}[.;:!?]\W?\s)[\s>*#/|]*(?:\p{L}|[ivxIVX]{2,4})$|(?:(?:^|[\n\r])[\s>*#/|]*(?:[\p{Lu}§]\p{L}*\s)?(?:\d{1,3}\.)*|[^\s.]{5}[.;:!?]\W?\s+)\d{1,3}$/u;
/** Art. IV, Vol. XII: two letters at least, for "I" begins a sentence. */
const roman = /^[IVX]{2,}\b/u;
/** What is before the number of a month or day: 2023. 5. 3. */
const year = /(?:^|\D)\d{4}\. (?:\d{1,2}\. )?$/u;
/** EE. UU., the plural of two letters. */
const doubled = /^(\p{Lu})\1\.\s+(\p{Lu})\2\./u;
/** `(a)`, `b)`, `iv.`: a list goes on. */
const enumerator = /^(?:[a-z]|[ivx]{2,4})(?:\)|\.\s)/u;
/** Letters with dots between them: U.S, a.m, z.B. */
const dotted = /^[^.\d](?:\.[^.\d])+$/u;

/** Longest abbreviation in front of a number: Fig. 3, Abs. 2, Jan. 5. */
const NUMBERED_LENGTH = 4;
/** Longest abbreviation that has no dots inside. */
const ABBREVIATION_LENGTH = 6;
/** Longest word that is looked at. */
const WORD_LENGTH = 12;
/** How many closing marks are looked through. */
const CLOSING_MARKS = 4;
const LONGEST_MONTH = 3;
const LIST_NUMBER = 3;
const ENUMERATOR = 6;
/** How many characters of notes, or in front of what numbers an item: of a line all that is. */
const NEARBY = 24;
const DOT = 0x2e;
const SEMICOLON = 0x3b;
/** Letters from here on are those of other scripts than Latin. */
const GREEK = 0x370;
const WIDE_STOP = 0xff0e;
/** How far back a capital is looked for: about a sentence. */
const SENTENCE_LENGTH = 120;

export function isCloser(unit: number): boolean {
  return isOf(closers, unit);
}

export function isStop(unit: number): boolean {
  return isOf(stops | fullStops | wideClauseStops, unit);
}

/** Scripts with stops of their own, of which there are too many to be looked for one by one. Greek asks with a semicolon. */
const ownStops = /[\u037e\u0589-\u1fff\u2028\u2029\u203d-\u2049\u3002\uff01-\uff61]|[\u0370-\u03ff];/u;

/**
 * Finds stops and line ends. Each kind is looked for by itself, and once: an engine goes through text for one character
 * several times as fast as a loop does for all of them.
 */
export function sentenceEndsOf(text: string, feed: Finder): Finder {
  if (ownStops.test(text)) {
    return remembered((position) => {
      let end = position;
      while (end < text.length && !endsSentence(text, end)) end++;
      return end;
    });
  }
  const stop = finderOf(text, ".");
  const [a, b, c, d] = [finderOf(text, "\r"), finderOf(text, "!"), finderOf(text, "?"), finderOf(text, "…")];
  const rare = remembered((position) => Math.min(a(position), b(position), c(position), d(position)));
  return remembered((position) => Math.min(feed(position), stop(position), rare(position)));
}

/** The last position before `end` that is no closing mark. */
export function beforeClosers(text: string, end: number): number {
  let last = end - 1;
  for (let seen = 0; seen < CLOSING_MARKS && last > 0 && isOf(closers, text.charCodeAt(last)); seen++) last--;
  return last;
}

const notesBehind = /^(?:[“‘«]|(?:\[\d+\])+|[¹²³⁰⁴-⁹†‡]+)(?=\s)/u;
const notesBefore = /(?:[“‘«]|(?:\[\d+\])+|[¹²³⁰⁴-⁹†‡]+)$/u;

/** Behind what stands between a stop and white space besides closing marks. */
export function afterNotes(text: string, position: number): number {
  if (!isOf(noteMarks, text.charCodeAt(position))) return position;
  const near = text.slice(position, position + NEARBY);
  // By what is left, not by a match: what few texts have would be compiled when the first one comes.
  return position + near.length - near.replace(notesBehind, "").length;
}

/** The same from behind. */
function beforeNotes(text: string, end: number): number {
  if (!isOf(noteMarks, text.charCodeAt(end - 1))) return end;
  const start = Math.max(0, end - NEARBY);
  return start + text.slice(start, end).replace(notesBefore, "").length;
}

/** The rank of a stop that needs no white space behind it. One behind a wide digit is that of a number. */
export function rankOfWideStop(text: string, position: number): number {
  const unit = text.charCodeAt(position);
  if (!isOf(fullStops, unit)) return isOf(wideClauseStops, unit) ? CLAUSE : WORD;
  const before = unit === WIDE_STOP ? text.charCodeAt(position - 1) : 0;
  return before >= 0xff10 && before <= 0xff19 ? WORD : SENTENCE;
}

/**
 * The rank of white space from `end` to `next` on one line.
 *
 * Looks at a bounded number of characters on both sides, so that a decision is the same in a part of the text.
 */
export function rankOfSpace(text: string, end: number, next: number): number {
  const before = text.charCodeAt(end - 1);
  if (!isOf(endings, before) && !isGreekQuestion(text, end - 1))
    return Math.max(rankOfWideStop(text, end - 1), rankOfClause(text, end, next));
  let last = beforeClosers(text, beforeNotes(text, end));
  if (!isOf(stops, text.charCodeAt(last))) {
    last = beforeClosers(text, end);
    if (!isOf(stops, text.charCodeAt(last)) && !isGreekQuestion(text, last)) {
      return Math.max(rankOfWideStop(text, last), rankOfClause(text, end, next));
    }
  }
  const following = text.charCodeAt(next);
  // Dots with spaces between them, or the end of a French quotation.
  const isMark = following === 0xbb || isOf(stops, following);
  if (isMark && isSpace(text.charCodeAt(Math.min(next + 1, text.length - 1)))) return WORD;
  const word = afterOpeners(text, next);
  if (text.charCodeAt(last) === DOT && isAbbreviation(text, last, word)) return WORD;
  if (text.charCodeAt(last) === 0x21 && companies.has(nameAt(text, word))) return WORD;
  if (!isSmall(text, word) || enumerator.test(text.slice(word, word + ENUMERATOR))) return SENTENCE;
  // Text without a capital nearby is all in lower case, and says little by it.
  return hasCapital(text, last) ? CLAUSE : DOUBTFUL;
}

function endsSentence(text: string, position: number): boolean {
  const unit = text.charCodeAt(position);
  return isOf(sentenceEnds, unit) || (unit === SEMICOLON && isGreekQuestion(text, position));
}

function isGreekQuestion(text: string, position: number): boolean {
  if (position === 0 || text.charCodeAt(position) !== SEMICOLON) return false;
  const before = text.charCodeAt(position - 1);
  return (before >= 0x370 && before < 0x400) || (before >= 0x1f00 && before < 0x2000);
}

function rankOfClause(text: string, end: number, next: number): number {
  const before = text.charCodeAt(end - 1);
  return isOf(clauseStops, before) || (hasNoStops(before) && hasNoStops(text.charCodeAt(next))) ? CLAUSE : WORD;
}

/** Thai, Lao, Myanmar and Khmer set phrases apart by spaces. */
function hasNoStops(unit: number): boolean {
  return unit < 0x1800 && isUnspaced(unit);
}

function hasCapital(text: string, position: number): boolean {
  return /\p{Lu}/u.test(text.slice(Math.max(0, position - SENTENCE_LENGTH), position));
}

/** Whether the dot at `dot` belongs to the word before it, where the word behind it begins at `next`. */
function isAbbreviation(text: string, dot: number, next: number): boolean {
  let start = dot;
  while (start > 0 && dot - start < WORD_LENGTH && isWordPart(text.charCodeAt(start - 1))) start--;
  if (dot - start > ABBREVIATION_LENGTH && text.charCodeAt(start + 1) !== DOT) return false;
  if (start === dot) return false;
  const word = text.slice(start, dot);
  const lower = word.toLowerCase();
  const isLetter = word.length === 1;
  if (titles.has(lower) || (word !== lower && titles.has(word))) return true;
  const first = lower.charCodeAt(0);
  const mayBeItem = isLetter || isDigit(first) || first === 0x69 || first === 0x76 || first === 0x78; // i, v, x
  if (mayBeItem && item.test(text.slice(Math.max(0, start - NEARBY), dot))) return true;
  if (isDigit(first)) return word.length <= LIST_NUMBER ? isOrdinal(text, start, next) : isYear(text, start, next);
  if (word.length <= NUMBERED_LENGTH) {
    if (isDigit(text.charCodeAt(next)) || (word !== lower && roman.test(text.slice(next, next + WORD_LENGTH))))
      return true;
  }
  if (word.length === 2 && doubled.test(text.slice(start, next + LONGEST_MONTH))) return true;
  if (isLetter && text.charCodeAt(next + 1) === DOT && isWordPart(text.charCodeAt(next))) return true;
  if (lower === "n" && nameAt(text, next) === "chr") return true;
  const isInitial = isLetter && word !== "I" && (word !== lower || isSmallInitial(text, start));
  const isDotted = word.charCodeAt(1) === DOT && dotted.test(word);
  return (final.has(lower) || isInitial || isDotted) && !starters.has(nameAt(text, next));
}

/** d. h., г. Москва, د. أحمد; but not those behind a number, or at the end of и т. д. */
function isSmallInitial(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 2);
  return text.charCodeAt(start) < GREEK ? before === DOT : before !== DOT && !isDigit(before);
}

function isOrdinal(text: string, start: number, next: number): boolean {
  const before = text.slice(Math.max(0, start - WORD_LENGTH), start);
  return year.test(before) || article.test(before) || dated.test(nameAt(text, next));
}

function isYear(text: string, start: number, next: number): boolean {
  return /^\d{4}\. \d{1,2}\./u.test(text.slice(start, next + LONGEST_MONTH));
}

/** The first position that is none of what may stand before the first letter of a sentence. */
export function afterOpeners(text: string, position: number): number {
  const furthest = Math.min(text.length, position + CLOSING_MARKS);
  let start = position;
  while (start < furthest && isOf(openers, text.charCodeAt(start))) start++;
  // The space is of the mark that quotes a line.
  const isQuoted = start > 0 && text.charCodeAt(start - 1) === 0x3e && text.charCodeAt(start) === 0x20;
  return isQuoted ? start + 1 : start;
}

function nameAt(text: string, start: number): string {
  return text
    .slice(start, start + WORD_LENGTH)
    .replace(/\P{L}.*/su, "")
    .toLowerCase();
}

/** Whether a word in lower case begins here. */
function isSmall(text: string, start: number): boolean {
  if (start === text.length) return false;
  const unit = text.charCodeAt(start);
  if (unit < 0x80) return unit >= 0x61 && unit <= 0x7a;
  const letter = text.charAt(start);
  return isWordPart(unit) && letter !== letter.toUpperCase();
}

/** Letters, digits and dots; punctuation of other scripts does no harm here. */
function isWordPart(unit: number): boolean {
  if (unit >= 0xc0) return !isSpace(unit) && (unit < 0x2000 || unit >= 0x2070);
  return unit === DOT || isDigit(unit) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a);
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
