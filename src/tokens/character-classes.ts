/** The character classes that the patterns of byte-pair tokenizers tell apart, one bit each. */
export const UPPER = 1;
export const LOWER = 2;
/** Letters without case: Han, kana, Arabic, modifiers. */
export const CASELESS = 4;
export const MARK = 8;
export const NUMBER = 16;
/** White space other than CR and LF. */
export const BLANK = 32;
/** CR and LF. */
export const BREAK = 64;
export const OTHER = 128;

/** By code point, filled as they are met, with their neighbours: those come too. 0 is not met yet. */
const classes: Uint8Array = /* @__PURE__ */ new Uint8Array(0x110000);
const NEIGHBOURS = 64;

/**
 * What Unicode 17 added. tiktoken 1.0 goes by Unicode 16, where these are no letters; an engine may know them already,
 * and a count must not depend on the engine. Between them are some that are unassigned in both.
 */
const UNASSIGNED =
  /[\u088f\u0c5c\u0cdc\u1acf-\u1aeb\ua7ce\ua7cf\ua7d2\ua7d4\ua7f1\u{10940}-\u{10959}\u{10ec5}-\u{10ec7}\u{10efa}\u{10efb}\u{11b60}-\u{11b67}\u{11db0}-\u{11de9}\u{16ea0}-\u{16ed3}\u{16ff2}-\u{16ff6}\u{187f8}-\u{187ff}\u{18d09}-\u{18df2}\u{1e6c0}-\u{1e6ff}\u{2b73a}-\u{2b73f}\u{2cea2}-\u{2cead}\u{323b0}-\u{33479}]/u;

export function classOf(code: number): number {
  if (classes[code] === 0) classifyAround(code);
  return classes[code] as number;
}

function classifyAround(code: number): void {
  const start = code - (code % NEIGHBOURS);
  for (let near = start; near < start + NEIGHBOURS; near++) classes[near] = classify(String.fromCodePoint(near));
}

function classify(character: string): number {
  if (character === "\n" || character === "\r") return BREAK;
  // Not \s, which has U+FEFF and lacks U+0085.
  if (/\p{White_Space}/u.test(character)) return BLANK;
  if (UNASSIGNED.test(character)) return OTHER;
  if (/\p{N}/u.test(character)) return NUMBER;
  if (/\p{M}/u.test(character)) return MARK;
  if (/\p{Ll}/u.test(character)) return LOWER;
  if (/[\p{Lu}\p{Lt}]/u.test(character)) return UPPER;
  return /\p{L}/u.test(character) ? CASELESS : OTHER;
}
