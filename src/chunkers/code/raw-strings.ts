/** Strings without escapes, whose opener says what closes them. */
export interface Raw {
  /** Where one may begin: it is asked for there. */
  readonly marks: string;
  readonly opened: (text: string, position: number) => RawOpener | undefined;
}

/** Where the text of a string begins, and what it ends with. */
export interface RawOpener {
  readonly from: number;
  readonly close: string;
  /** Twice in a row, that closes nothing. */
  readonly doubled?: boolean;
}

/** `r"…"`, `br##"…"##`. */
export const rustString: Raw = {
  marks: '"',
  opened(text, quote) {
    const hashes = hashesBefore(text, quote);
    const letters = /(?<!\w)[bc]?r$/u.test(text.slice(Math.max(0, quote - hashes - 3), quote - hashes));
    return letters ? { from: quote + 1, close: `"${"#".repeat(hashes)}` } : undefined;
  },
};

/** `#"…"#`, of Swift. */
export const hashedString: Raw = {
  marks: '"',
  opened(text, quote) {
    const hashes = hashesBefore(text, quote);
    return hashes > 0 ? { from: quote + 1, close: `"${"#".repeat(hashes)}` } : undefined;
  },
};

/** `R"(…)"`, `u8R"x(…)x"`. */
export const cppString: Raw = {
  marks: '"',
  opened(text, quote) {
    if (!/(?<!\w)(?:u8?|[UL])?R$/u.test(text.slice(Math.max(0, quote - 4), quote))) return undefined;
    const [opener, delimiter] = /^"([^\s()\\]{0,16})\(/u.exec(text.slice(quote, quote + 18)) ?? [];
    return opener === undefined ? undefined : { from: quote + opener.length, close: `)${delimiter}"` };
  },
};

/** `@"…"`, `$@"…"`, of C#. */
export const verbatimString: Raw = {
  marks: '"',
  opened(text, quote) {
    const isVerbatim = /@\$?$/u.test(text.slice(Math.max(0, quote - 2), quote));
    return isVerbatim ? { from: quote + 1, close: '"', doubled: true } : undefined;
  },
};

/** `$$…$$`, `$body$…$body$`, of SQL. */
export const dollarQuotes: Raw = {
  marks: "$",
  opened(text, start) {
    const [opener] = /^\$\w*\$/u.exec(text.slice(start, start + LONGEST_TAG)) ?? [];
    return opener === undefined ? undefined : { from: start + opener.length, close: opener };
  },
};

/** `[[…]]`, `--[==[…]==]`, of Lua. */
export const longBrackets: Raw = {
  marks: "-[",
  opened(text, start) {
    const [opener, equals] = /^(?:--)?\[(=*)\[/u.exec(text.slice(start, start + MOST_MARKS)) ?? [];
    return opener === undefined ? undefined : { from: start + opener.length, close: `]${equals}]` };
  },
};

const MOST_MARKS = 16;
const LONGEST_TAG = 64;

function hashesBefore(text: string, position: number): number {
  let count = 0;
  while (count < MOST_MARKS && text.charAt(position - count - 1) === "#") count++;
  return count;
}
