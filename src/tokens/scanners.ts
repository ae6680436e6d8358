import { BLANK, BREAK, CASELESS, classOf, LOWER, MARK, NUMBER, OTHER, UPPER } from "./character-classes.ts";

/**
 * Where the pretoken that starts at `start` of `bytes[0, length)`, well-formed UTF-8, ends: what the pattern of an encoding
 * matches there, by hand. A regular expression takes several times as long. At `length` there is a byte that begins nothing;
 * `view` has the same bytes, and some behind.
 */
export type Scanner = (bytes: Uint8Array, start: number, length: number, view: DataView) => number;

const LETTER = UPPER | LOWER | CASELESS;
const SPACE = BLANK | BREAK;
const SYMBOL = MARK | OTHER;
/** The bits that make two ASCII letters lower-case. */
const FOLD = 0x2020;
/** The same of four. */
const CASE = 0x20202020;

/** By the pattern that each stands for, as tiktoken writes it: one that is not known here is noticed. */
export const scanners: ReadonlyMap<string, Scanner> = /* @__PURE__ */ new Map([
  [String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, gpt2],
  [
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    cl100k,
  ],
  [
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    o200k,
  ],
]);

function gpt2(bytes: Uint8Array, start: number, length: number): number {
  const contraction = contractionEnd(bytes, start, 0);
  if (contraction > start) return contraction;
  const first = bytes[start] === 0x20 ? start + 1 : start;
  const kind = classAt(bytes, first, length);
  if ((kind & SPACE) !== 0) return spaceEnd(bytes, start, length, 0);
  return runEnd(bytes, first, length, (kind & LETTER) !== 0 ? LETTER : kind === NUMBER ? NUMBER : SYMBOL);
}

function cl100k(bytes: Uint8Array, start: number, length: number, view: DataView): number {
  // Most are a space and the word behind it.
  if (bytes[start] === 0x20 && ((ascii[bytes[start + 1] as number] as number) & LETTER) !== 0) {
    return runEnd(bytes, lettersEnd(view, start + 2, CASE), length, LETTER);
  }
  const kind = classAt(bytes, start, length);
  if ((kind & LETTER) !== 0) return runEnd(bytes, start, length, LETTER);
  if (kind === NUMBER) return numberEnd(bytes, start, length);
  if (kind === BREAK) return spaceEnd(bytes, start, length, BREAK);
  const next = after(bytes, start);
  if ((classAt(bytes, next, length) & LETTER) !== 0) {
    const contraction = contractionEnd(bytes, start, FOLD);
    return contraction > start ? contraction : runEnd(bytes, next, length, LETTER);
  }
  const symbols = symbolsEnd(bytes, start, length, kind);
  return symbols > start ? runEnd(bytes, symbols, length, BREAK) : spaceEnd(bytes, start, length, BREAK);
}

function o200k(bytes: Uint8Array, start: number, length: number, view: DataView): number {
  if (bytes[start] === 0x20 && ascii[bytes[start + 1] as number] === LOWER) {
    const letters = lettersEnd(view, start + 2, 0);
    return contractionEnd(bytes, runEnd(bytes, letters, length, LOWER | CASELESS | MARK), FOLD);
  }
  const kind = classAt(bytes, start, length);
  if ((kind & (LETTER | MARK)) !== 0) return o200kWordEnd(bytes, start, length);
  if (kind === NUMBER) return numberEnd(bytes, start, length);
  if (kind === BREAK) return spaceEnd(bytes, start, length, BREAK);
  const next = after(bytes, start);
  if ((classAt(bytes, next, length) & (LETTER | MARK)) !== 0) return o200kWordEnd(bytes, next, length);
  let end = symbolsEnd(bytes, start, length, kind);
  if (end === start) return spaceEnd(bytes, start, length, BREAK);
  while (end < length && (bytes[end] === 0x0a || bytes[end] === 0x0d || bytes[end] === 0x2f)) end++;
  return end;
}

/**
 * `[upper or caseless]*[lower or caseless]+`, else `[upper or caseless]+`, where a mark is caseless; then a contraction.
 * Without a lower-case letter the first gives back until it can end in a caseless one.
 */
function o200kWordEnd(bytes: Uint8Array, start: number, length: number): number {
  let caseless = start;
  let at = start;
  while (at < length) {
    const kind = classAt(bytes, at, length);
    if (kind === LOWER) {
      caseless = runEnd(bytes, at, length, LOWER | CASELESS | MARK);
      break;
    }
    if ((kind & (UPPER | CASELESS | MARK)) === 0) break;
    at = after(bytes, at);
    if (kind !== UPPER) caseless = at;
  }
  return contractionEnd(bytes, caseless > start ? caseless : at, FOLD);
}

/** By byte: the class of an ASCII character, 0 for what begins a longer one. */
const ascii: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? classOf(byte) : 0,
);

/** 0, the class of nothing, at the end. */
function classAt(bytes: Uint8Array, at: number, length: number): number {
  if (at >= length) return 0;
  const kind = ascii[bytes[at] as number] as number;
  return kind !== 0 ? kind : classOf(codeAt(bytes, at));
}

/** Of a character of more than one byte. In a loop, so that compiled code does not break off at the first long one. */
function codeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  let code = first & (first < 0xe0 ? 0x1f : first < 0xf0 ? 0x0f : 0x07);
  const end = after(bytes, at);
  for (let next = at + 1; next < end; next++) code = (code << 6) | ((bytes[next] as number) & 0x3f);
  return code;
}

function after(bytes: Uint8Array, at: number): number {
  return at + (lengths[bytes[at] as number] as number);
}

/** By its first byte: how many a character has. Looked up, for scripts are mixed. */
const lengths: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4,
);

/** Where letters of ASCII end, those that are lower-case with the bits of `fold` set: four at a time. */
function lettersEnd(view: DataView, start: number, fold: number): number {
  for (let at = start; ; at += 4) {
    const four = view.getInt32(at, true);
    const letters = four | fold;
    // In the highest bit of each: at least an a, not beyond a z, and ASCII. What carries is behind one that is not.
    const others = ~((letters + 0x1f1f1f1f) & ~(letters + 0x05050505) & ~four) & 0x80808080;
    if (others !== 0) return at + ((31 - Math.clz32(others & -others)) >> 3);
  }
}

function runEnd(bytes: Uint8Array, start: number, length: number, classes: number): number {
  let at = start;
  for (;;) {
    while (((ascii[bytes[at] as number] as number) & classes) !== 0) at++;
    if (at === length || (bytes[at] as number) < 0x80) return at;
    if ((classOf(codeAt(bytes, at)) & classes) === 0) return at;
    at = after(bytes, at);
  }
}

/** `\p{N}{1,3}` */
function numberEnd(bytes: Uint8Array, start: number, length: number): number {
  let at = after(bytes, start);
  for (let digits = 1; digits < 3 && classAt(bytes, at, length) === NUMBER; digits++) at = after(bytes, at);
  return at;
}

/** ` ?[^\s\p{L}\p{N}]+`, or `start` */
function symbolsEnd(bytes: Uint8Array, start: number, length: number, kind: number): number {
  if ((kind & SYMBOL) !== 0) return runEnd(bytes, start, length, SYMBOL);
  if (bytes[start] !== 0x20) return start;
  const end = runEnd(bytes, start + 1, length, SYMBOL);
  return end > start + 1 ? end : start;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+`, without the first where `breaks` is 0. The last blank is left to the word after it. */
function spaceEnd(bytes: Uint8Array, start: number, length: number, breaks: number): number {
  let lastBreak = start;
  let last = start;
  let at = start;
  while (at < length) {
    const kind = classAt(bytes, at, length);
    if ((kind & SPACE) === 0) break;
    last = at;
    at = after(bytes, at);
    if (kind === breaks) lastBreak = at;
  }
  if (lastBreak > start) return lastBreak;
  return at === length || last === start ? at : last;
}

/** `'s|'t|'re|'ve|'m|'ll|'d`, or `start`. Folded it is in any case, and the long s (U+017F) is an s. */
function contractionEnd(bytes: Uint8Array, start: number, fold: number): number {
  if (bytes[start] !== 0x27) return start;
  // At the end of the text one of the two is no letter.
  const bare = ((bytes[start + 1] as number) << 8) | (bytes[start + 2] as number);
  const pair = bare | fold;
  const first = pair >> 8;
  const isTwo = first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64;
  const isThree = pair === RE || pair === VE || pair === LL || (fold !== 0 && bare === LONG_S);
  // The rare ones in one sum: what is compiled before the first comes would be compiled again then.
  return start + (isThree ? 3 : isTwo ? 2 : 0);
}

const LONG_S = 0xc5bf;
/** Two letters each. */
const RE = 0x7265;
const VE = 0x7665;
const LL = 0x6c6c;
