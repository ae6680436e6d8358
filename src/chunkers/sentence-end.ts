import { isSpace } from "./space.ts";

/** Stops that end a sentence by themselves, with or without white space behind them. */
const FULL_STOPS = "。！？｡．।॥؟۔።፧፨។៕။༎᠃᠉։";
/** Stops that need white space behind them. */
const STOPS = `.!?…‽⁇⁈⁉${FULL_STOPS}`;
const CLAUSE_STOPS = ",;:，、；：،؛—–";
/** What may stand between a stop and the white space. */
const CLOSERS = "\"'”’»›)]}」』】）》〉〕*_`";
/** What may stand before the first letter of a sentence. */
const OPENERS = "\"'“‘„‚«‹([{¿¡*_`#>-–—";

/** Never the end of a sentence: a name or an example follows. */
const TITLES = words(
  "mr mrs ms dr prof gen sen rep gov capt lt col sgt maj rev hon messrs mme mlle st mt vs cf viz approx ca eg ie e.g i.e bzw z.b d.h u.a vgl ggf evtl",
);
/** An abbreviation where a number follows. */
const NUMBERED = words(
  "no nos nr fig figs vol pp p sec ch eq art para ver v jan feb mar apr jun jul aug sep sept oct nov dec",
);
/** May end a sentence, which then begins with a word of `STARTERS`. */
const FINAL = words("etc inc ltd co corp jr sr al dept univ est assn ave blvd bros llc ph.d");
const STARTERS = words(
  "the a an it he she they we you i in on at but and or if when while this that these those there his her their our as for from with by after before however to what who why how its not so then also although because since some many each all",
);

const CHARACTERS = 12;

export function isFullStop(unit: number): boolean {
  return unit > 0x300 && FULL_STOPS.includes(String.fromCharCode(unit));
}

/** Ends a clause without white space behind it, too. */
export function isClauseStop(unit: number): boolean {
  return unit > 0x3000 && "，、；：".includes(String.fromCharCode(unit));
}

export function isCloser(unit: number): boolean {
  return CLOSERS.includes(String.fromCharCode(unit));
}

/**
 * What the white space from `end` to `next` separates: sentences, clauses, or words only.
 *
 * Looks at a bounded number of characters on both sides, so that a decision is the same in a part of the text.
 */
export function separation(text: string, end: number, next: number): "sentence" | "clause" | "word" {
  let last = end - 1;
  for (let closers = 0; closers < 4 && last > 0 && isCloser(text.charCodeAt(last)); closers++) last--;
  const stop = text.charAt(last);
  if (stop !== "" && FULL_STOPS.includes(stop)) return "sentence";
  if (stop === "" || !STOPS.includes(stop)) return separatesClauses(text, end, next) ? "clause" : "word";
  const word = firstWord(text, next);
  if (stop === "." && isAbbreviation(text, last, word)) return "word";
  const initial = word.charAt(0);
  const isLower = initial !== initial.toUpperCase();
  return isLower && hasCapital(text, last) ? "clause" : "sentence";
}

/** Phrases of scripts that have no stops are set apart by spaces. */
function separatesClauses(text: string, end: number, next: number): boolean {
  if (CLAUSE_STOPS.includes(text.charAt(end - 1))) return true;
  return hasNoStops(text.charCodeAt(end - 1)) && hasNoStops(text.charCodeAt(next));
}

/** Thai, Lao, Myanmar and Khmer. */
function hasNoStops(unit: number): boolean {
  return (
    (unit >= 0xe00 && unit <= 0xeff) || (unit >= 0x1000 && unit <= 0x109f) || (unit >= 0x1780 && unit <= 0x17ff)
  );
}

/** Text without capitals nearby is all in lower case, and says nothing by it. */
function hasCapital(text: string, position: number): boolean {
  for (let before = position - 1; before >= 0 && position - before <= 120; before--) {
    const unit = text.charCodeAt(before);
    if (unit >= 0x41 && unit <= 0x5a) return true;
    if (unit >= 0xc0 && text.charAt(before) !== text.charAt(before).toLowerCase()) return true;
  }
  return false;
}

/** Whether the dot at `dot` belongs to the word before it. */
function isAbbreviation(text: string, dot: number, next: string): boolean {
  let start = dot;
  while (start > 0 && dot - start < CHARACTERS && isWordPart(text.charCodeAt(start - 1))) start--;
  const word = text.slice(start, dot);
  const lower = word.toLowerCase();
  if (TITLES.has(lower)) return true;
  const nextIsNumber = next >= "0" && next < ":";
  if (NUMBERED.has(lower)) return nextIsNumber;
  if (isNumber(word)) return startsLine(text, start);
  const isInitial = word.length === 1 && word !== lower && word !== "I";
  if (FINAL.has(lower) || isInitial || isDotted(word)) return !STARTERS.has(next.toLowerCase());
  return false;
}

/** Letters with dots between them: U.S, a.m, z.B. */
function isDotted(word: string): boolean {
  for (let position = 0; position < word.length; position++) {
    const unit = word.charCodeAt(position);
    if (position % 2 === 1 ? unit !== 0x2e : unit <= 0x39) return false;
  }
  return word.length > 1 && word.length % 2 === 1;
}

/** A number of at most three digits, as lists have them. */
function isNumber(word: string): boolean {
  if (word.length === 0 || word.length > 3) return false;
  for (const character of word) if (character < "0" || character > "9") return false;
  return true;
}

function startsLine(text: string, position: number): boolean {
  for (let before = position - 1; before >= 0 && position - before <= CHARACTERS; before--) {
    const unit = text.charCodeAt(before);
    if (unit === 10 || unit === 13) return true;
    if (!isSpace(unit)) return false;
  }
  return position <= CHARACTERS;
}

function firstWord(text: string, position: number): string {
  let start = position;
  while (start < text.length && start - position < 4 && OPENERS.includes(text.charAt(start))) start++;
  let end = start;
  while (end < text.length && end - start < CHARACTERS && isWordPart(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

function isWordPart(unit: number): boolean {
  return !isSpace(unit) && !(unit < 0x30 && unit !== 0x2e) && !(unit > 0x39 && unit < 0x41) && !isBracket(unit);
}

function isBracket(unit: number): boolean {
  return (unit > 0x5a && unit < 0x61) || (unit > 0x7a && unit < 0x80) || (unit >= 0x2010 && unit <= 0x205f);
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
