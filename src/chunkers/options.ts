import { AdapterError, ConfigError, shown, unexpected } from "../errors.ts";
import { checkOptions, wholeNumber } from "../options.ts";
import type { Pretokens, PretokenTokenizer } from "../tokens/pretokens.ts";
import type { Tokenizer } from "../types.ts";
import { pretokenRulers } from "./cutting/pretoken-ruler.ts";
import type { Settings } from "./cutting/settings.ts";
import { tokenRuler } from "./cutting/token-ruler.ts";

/**
 * Sizes are hard limits in units of `tokenizer`; without one, in characters (UTF-16 units). Title and context count. One
 * grapheme that is larger stays whole, and its piece says `oversize`.
 */
export interface ChunkerOptions {
  /**
   * Default 600. What fits is not cut: a text, a paragraph, a line, a sentence. Beyond that structure decides, and most pieces
   * have a third to three quarters of it.
   */
  readonly size?: number;
  /**
   * At most, in tokens about: a share of `size` when below 1, else a number of units. Default 0.25. Besides, a block that stays
   * whole repeats the beginning that went with the heading or comment above it where both were too large for one piece.
   */
  readonly overlap?: number;
  readonly tokenizer?: Tokenizer;
  /** BCP 47. Where languages without spaces have their words. Default: what the text looks like. */
  readonly locale?: string;
}

/** Goes up when the same options come to mean other pieces, so that no index has both. Pieces of one size do not change. */
const CUTS = 4;

/** `own`: the options that a chunker has beyond these, with their values as the fingerprint has them. */
export function settingsOf(
  name: string,
  options: ChunkerOptions,
  own: Readonly<Record<string, string | number | boolean | undefined>> = {},
): Settings {
  checkOptions(name, options, ["size", "overlap", "tokenizer", "locale", ...Object.keys(own)]);
  const { overlap = 0.25, tokenizer, locale } = options;
  const size = wholeNumber(`${name}.size`, options.size, 1, 600);
  const share = typeof overlap === "number" && overlap < 1;
  if (typeof overlap !== "number" || !(overlap >= 0) || !(share || Number.isSafeInteger(overlap))) {
    throw unexpected(`${name}.overlap`, "a share below 1 or a whole number of units", overlap);
  }
  if (overlap >= size && !share) {
    throw unexpected(`${name}.overlap`, `less than size, ${size}`, overlap);
  }
  if (tokenizer !== undefined && (typeof tokenizer?.count !== "function" || typeof tokenizer.name !== "string")) {
    throw unexpected(`${name}.tokenizer`, "a Tokenizer: a name and count()", tokenizer);
  }
  if (locale !== undefined) checkLocale(name, locale);
  const units = share ? Math.floor(size * overlap) : overlap;
  return {
    size,
    overlap: units,
    ...(tokenizer && measuresOf(tokenizer)),
    ...(locale !== undefined && { locale }),
    fingerprint: fingerprintOf(name, {
      size,
      overlap: units,
      tokenizer: tokenizer?.name,
      locale,
      ...own,
      cuts: name === "fixed" ? undefined : CUTS,
    }),
  };
}

/** Name and settings as one string, settings that are absent left out. */
export function fingerprintOf(name: string, values: Readonly<Record<string, unknown>>): string {
  return `${name}${JSON.stringify(values)}`;
}

function measuresOf(tokenizer: Tokenizer): Pick<Settings, "count" | "tokenRulers"> {
  const count = checkedCount(tokenizer);
  if (!isPretokenTokenizer(tokenizer)) return { count, tokenRulers: (text) => (of) => tokenRuler(text, of, count) };
  const counting = { count, pretokensOf: (text: string) => pretokensOf(tokenizer, text) };
  return { count, tokenRulers: (text) => pretokenRulers(text, counting) };
}

/** A tokenizer is someone else's code: what it answers is checked before a size is tied to it. */
function checkedCount(tokenizer: Tokenizer): (text: string) => number {
  const failed = (what: string, cause?: unknown): AdapterError => failure(tokenizer, what, cause);
  return (text) => {
    let tokens: number;
    try {
      tokens = tokenizer.count(text);
    } catch (cause) {
      throw failed(`count() threw on a text of ${text.length} characters`, cause);
    }
    if (!Number.isSafeInteger(tokens) || tokens < 0) {
      throw failed(`expected count() to answer a whole number of at least 0, received ${shown(tokens)}`);
    }
    return tokens;
  };
}

function isPretokenTokenizer(tokenizer: Tokenizer): tokenizer is PretokenTokenizer {
  return "pretokens" in tokenizer && typeof tokenizer.pretokens === "function";
}

function pretokensOf(tokenizer: PretokenTokenizer, text: string): Pretokens {
  const failed = (how: string, cause?: unknown): AdapterError =>
    failure(tokenizer, `pretokens() on a text of ${text.length} characters ${how}`, cause);
  let pretokens: Pretokens;
  try {
    pretokens = tokenizer.pretokens(text);
  } catch (cause) {
    throw failed("threw", cause);
  }
  const { ends, sums } = pretokens ?? {};
  if (ends?.[0] !== 0 || sums?.[0] !== 0 || ends[ends.length - 1] !== text.length) {
    throw failed("must begin with 0 and end with its length");
  }
  if (sums.length !== ends.length) throw failed("must have one sum for each end");
  return pretokens;
}

function failure(tokenizer: Tokenizer, what: string, cause?: unknown): AdapterError {
  return new AdapterError(`tokenizer ${tokenizer.name}`, what, cause === undefined ? {} : { cause });
}

function checkLocale(name: string, locale: string): void {
  try {
    // What is no text would be taken for an empty list of them.
    if (typeof locale !== "string") throw new TypeError("It is no text.");
    Intl.getCanonicalLocales(locale);
  } catch (cause) {
    throw new ConfigError(`${name}.locale: expected a BCP 47 tag, received ${shown(locale)}`, { cause });
  }
}
