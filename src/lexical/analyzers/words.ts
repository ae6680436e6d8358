import { unexpected } from "../../errors.ts";
import { checkOptions } from "../../options.ts";
import type { Analyzer } from "../../types.ts";
import {
  type CharacterKind,
  CJK,
  kindAt,
  kindOf,
  LETTER,
  MARK,
  SEPARATOR,
  SOUTH_EAST_ASIAN,
  widthAt,
} from "./characters.ts";
import { numberTable } from "../number-table.ts";
import { termId, withTermIds } from "../terms.ts";
import { cut, folded, LONGEST_TERM, normalized } from "./folding.ts";

/** The terms of one word: one, several, or "" for a word that is not searched. */
export type WordTerms = string | readonly string[];

export interface WordAnalysis {
  /** Name and version of behaviour, e.g. "english@1". */
  readonly fingerprint: string;
  /** What becomes of a word of at most 255 units, folded unless `raw`. A pure function: answers are kept. */
  readonly word: (word: string) => WordTerms;
  /** Whether the separator at `at`, with a word before it and a letter after it, belongs to the word. Default: none does. */
  readonly joins?: (text: string, at: number) => boolean;
  /** Default: Unicode's lower case without locale. */
  readonly lower?: (word: string) => string;
  /** Words keep their case; `word` folds. */
  readonly raw?: boolean;
}

const never = (): boolean => false;

const CACHED_WORDS = 50_000;
const LONGEST_CACHED = 64;

/**
 * An analyzer from what it does with one word. Every analyzer made here reads Chinese, Japanese and Korean as characters
 * and pairs of them, and Thai, Lao, Khmer and Burmese as dictionary words, whatever the language around them.
 *
 * Words longer than 255 UTF-16 units are cut to that. Linear in the text, whatever it holds. Letters and dictionaries are
 * those of the JavaScript engine: another engine, or another Unicode version, may cut Thai and its neighbours otherwise.
 */
export function wordAnalyzer(
  { fingerprint, word: analyse, joins = never, lower, raw }: WordAnalysis,
  /** What the user gave to the analyzer, none of which has options. */
  options?: unknown,
): Analyzer {
  checkOptions(fingerprint, options, []);
  /** Words met before, by number: what became of them, and the id of a single term, -1 where there are none or several. */
  const words: string[] = [];
  const results: WordTerms[] = [];
  const ids: number[] = [];
  /** Of each hash the word that was met last. For a `Map` the engine would hash every slice anew, which takes longer. */
  let numbers = numberTable();
  /** Nobody can make up words that have the same hash. */
  const seed = Math.trunc(Math.random() * 2 ** 31);

  /** A number that is right until the next word is met. */
  function numberOf(word: string): number {
    const isKept = word.length <= LONGEST_CACHED;
    const hash = isKept ? hashOf(word, seed) : 0;
    const known = isKept ? numbers.get(hash) : -1;
    if (known !== -1 && words[known] === word) return known;
    const start = cut(word);
    const whole = analyse(raw === true ? start : folded(start, lower));
    const result = typeof whole === "string" ? detached(cut(whole)) : whole.map((term) => detached(cut(term)));
    if (words.length === CACHED_WORDS) {
      words.length = 0;
      numbers = numberTable();
    }
    const number = words.length;
    if (isKept) {
      words.push(detached(word));
      numbers.set(hash, number);
    }
    results[number] = result === "" ? [] : result;
    ids[number] = typeof result === "string" && result !== "" ? termId(result) : -1;
    return number;
  }

  /** Hands on what the text consists of: words by their numbers, terms of other scripts. */
  function read(text: string, word: (number: number) => void, term: (term: string) => void): void {
    const source = normalized(text);
    for (let at = 0; at < source.length;) {
      const kind = kindAt(source, at);
      if (kind === SEPARATOR || kind === MARK) {
        at++;
        continue;
      }
      const end = kind === LETTER ? wordEnd(source, at, joins) : stretchEnd(source, at, kind);
      const stretch = source.slice(at, end);
      at = end;
      if (kind === CJK) pairs(stretch, term);
      else if (kind === SOUTH_EAST_ASIAN) dictionaryWords(stretch, term);
      else word(numberOf(stretch));
    }
  }

  function terms(text: string): readonly string[] {
    if (typeof text !== "string") throw unexpected("terms", "a text", text);
    const found: string[] = [];
    read(
      text,
      (number) => {
        const result = results[number] as WordTerms;
        if (typeof result === "string") found.push(result);
        else for (const term of result) found.push(term);
      },
      (term) => found.push(term),
    );
    return found;
  }

  function idsIn(text: string): readonly number[] {
    const found: number[] = [];
    read(
      text,
      (number) => {
        const id = ids[number] as number;
        if (id !== -1) found.push(id);
        else for (const term of results[number] as readonly string[]) found.push(termId(term));
      },
      (term) => found.push(termId(term)),
    );
    return found;
  }

  return withTermIds({ fingerprint, terms }, idsIn);
}

/** FNV-1a of 31 bits, over UTF-16 units. */
function hashOf(word: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}

/** Where characters of one kind, with their marks, end. */
function stretchEnd(text: string, start: number, kind: CharacterKind): number {
  let at = start;
  const { length } = text;
  while (at < length) {
    const code = text.codePointAt(at) ?? 0;
    const next = kindOf(code);
    if (next !== kind && next !== MARK) break;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

/** Words are joined up to the length of a term; so nothing is lost of a megabyte of "a.b.c". */
function wordEnd(text: string, start: number, joins: (text: string, at: number) => boolean): number {
  let end = stretchEnd(text, start, LETTER);
  while (end + 1 < text.length && joins(text, end) && kindAt(text, end + 1) === LETTER) {
    const next = stretchEnd(text, end + 1, LETTER);
    if (next - start > LONGEST_TERM) break;
    end = next;
  }
  return end;
}

/** Each character and each pair of neighbours: as good as a dictionary for Chinese and Japanese, better for Korean. */
function pairs(run: string, found: (term: string) => void): void {
  let before = "";
  for (let at = 0; at < run.length;) {
    const bare = at + widthAt(run, at);
    const end = stretchEnd(run, bare, MARK);
    const character = end === bare ? run.slice(at, end) : folded(run.slice(at, end));
    if (before !== "") found(before + character);
    found(character);
    before = character;
    at = end;
  }
}

/** V8's segmenter takes quadratic time, so a run is read in slices; what lies near a slice's end is read again in the next. */
const SLICE = 512;
const REREAD = 64;
let segmenter: Intl.Segmenter | undefined;

function dictionaryWords(run: string, found: (term: string) => void): void {
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  for (let start = 0; start < run.length;) {
    const slice = cut(run.slice(start), SLICE);
    const last = start + slice.length === run.length;
    let read = 0;
    for (const { segment, index } of segmenter.segment(slice)) {
      if (!last && index > 0 && index + segment.length > SLICE - REREAD) break;
      read = index + segment.length;
      const term = detached(cut(folded(segment)));
      if (term !== "") found(term);
    }
    start += read;
  }
}

/** A copy: V8's slices of 13 units and more keep the whole text alive that they were cut from. */
function detached(slice: string): string {
  return slice.length < 13 ? slice : `${slice} `.slice(0, -1);
}
