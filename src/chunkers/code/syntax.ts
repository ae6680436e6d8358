import type { Span } from "../../types.ts";
import { isSpace } from "../text/space.ts";

/** What of a programming language can hide the end of a line: strings and comments that go on over it. */
export interface Syntax {
  /** Begin a comment up to the end of the line. */
  readonly line: readonly string[];
  /** Comments and strings over lines, by what opens and what closes them. The longest opener comes first. */
  readonly long: readonly (readonly [open: string, close: string])[];
  /** Begin a string that ends on its line. */
  readonly quotes: string;
  /** Begin what belongs to the statement below besides comments: decorators, attributes. */
  readonly notes: readonly string[];
  /** Ends a line that the next one goes on. */
  readonly joint?: string;
  /** Lines that end with a colon are no scopes: `public:`, `case 1:`, what `goto` names. */
  readonly labels?: boolean;
  /** The type of a function may stand on the line above its name. */
  readonly types?: boolean;
  /** A slash where a value is expected begins a regular expression. */
  readonly patterns?: boolean;
  /** `<<END` begins a text that goes on up to a line with that word. */
  readonly heredocs?: boolean;
}

/** Begin a line that goes on with the statement above it. */
export const continuing: ReadonlySet<string> = new Set(
  "else elif elsif elseif except finally catch rescue ensure end endif fi done esac then do where".split(" "),
);
/** Begin what is no scope: what stands in it is told by the function around it. */
export const branching: ReadonlySet<string> = new Set(
  "if unless for foreach while until loop switch select case default match try with begin do synchronized return".split(
    " ",
  ),
);

const slashes: Syntax = { line: ["//"], long: [["/*", "*/"]], quotes: `"'`, notes: ["#"], labels: true };
const hashes: Syntax = { line: ["#"], long: [], quotes: `"'`, notes: [] };
/** Lines begin with selectors, of which there may be several, and at-rules. */
const styles: Syntax = { ...slashes, notes: [], joint: ",", labels: false };
const dashes: Syntax = { line: ["--"], long: [], quotes: `"'`, notes: [] };
const withTemplates: Syntax = { ...slashes, long: [...slashes.long, ["`", "`"]], notes: ["@"] };
const withText: Syntax = { ...slashes, long: [...slashes.long, ['"""', '"""']], notes: ["@", "#"] };

const families: readonly (readonly [names: string, syntax: Syntax])[] = [
  ["javascript js jsx mjs cjs typescript ts tsx mts cts svelte vue", { ...withTemplates, patterns: true }],
  ["go golang", withTemplates],
  ["java kotlin kt scala groovy swift csharp cs c# dart", withText],
  ["c h cpp c++ cc hpp cxx objectivec objc", { ...slashes, types: true }],
  ["glsl proto protobuf solidity zig", slashes],
  ["css scss less sass", styles],
  [
    "rust rs",
    {
      ...slashes,
      long: [
        ...slashes.long,
        ['r##"', '"##'],
        ['r#"', '"#'],
        // Quotes as characters open nothing.
        [`'"'`, ""],
        [`'\\"'`, ""],
        ['"', '"'],
      ],
      quotes: "",
    },
  ],
  ["php", { ...slashes, line: ["//", "#"], heredocs: true }],
  [
    "python py starlark",
    {
      ...hashes,
      long: [
        ['"""', '"""'],
        ["'''", "'''"],
      ],
      notes: ["@"],
    },
  ],
  ["ruby rb perl pl sh bash shell zsh dockerfile", { ...hashes, heredocs: true }],
  ["r yaml yml toml make makefile cmake nix", hashes],
  ["elixir ex julia jl", { ...hashes, notes: ["@"] }],
  ["sql", { ...dashes, long: [["/*", "*/"]] }],
  [
    "lua",
    {
      ...dashes,
      long: [
        ["--[[", "]]"],
        ["[[", "]]"],
      ],
    },
  ],
  ["haskell hs elm", { ...dashes, long: [["{-", "-}"]] }],
  [
    "fsharp fs ocaml ml",
    {
      line: ["//"],
      long: [
        ["(*", "*)"],
        ['"""', '"""'],
      ],
      quotes: '"',
      notes: ["[<"],
    },
  ],
];

const syntaxes: ReadonlyMap<string, Syntax> = new Map(
  families.flatMap(([names, syntax]) => names.split(" ").map((name) => [name, syntax] as const)),
);

/** A language that is not known has no strings and comments to look out for, but what most of them begin with. */
const unknown: Syntax = { line: [], long: [], quotes: "", notes: ["@", "#", "//", "/*", "--"] };

export function syntaxOf(language: string): Syntax {
  return syntaxes.get(language.toLowerCase()) ?? unknown;
}

/** The strings and comments that may go on over lines, from what opens to behind what closes them. */
export function* longSpans(text: string, syntax: Syntax): Generator<Span, void, undefined> {
  const { line, long, quotes } = syntax;
  const openers = [...line, ...long.map(([open]) => open)].map((opener) => opener.charAt(0)).join("");
  const marks = openers + quotes + (syntax.heredocs ? "<" : "");
  /** What closes nothing any more: it was looked for up to the end. */
  const missing = new Set<string>();
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (!marks.includes(character)) {
      position++;
      continue;
    }
    const pair = long.find(([open]) => text.startsWith(open, position));
    const heredoc = syntax.heredocs && character === "<" ? heredocEnd(text, position, missing) : undefined;
    if (heredoc !== undefined) {
      yield { start: position, end: heredoc };
      position = heredoc;
    } else if (pair && !missing.has(pair[1])) {
      const end = closingEnd(text, position + pair[0].length, pair[1]);
      if (end === undefined) missing.add(pair[1]);
      else yield { start: position, end };
      position = end ?? position + pair[0].length;
    } else if (line.some((opener) => text.startsWith(opener, position) && !isInWord(text, position, opener))) {
      position = lineEnd(text, position);
    } else if (quotes.includes(character)) {
      const end = quoteEnd(text, position);
      if (text.slice(position, end).includes("\n")) yield { start: position, end };
      position = end;
    } else if (syntax.patterns && character === "/") position = patternEnd(text, position);
    else position++;
  }
}

/** A `#` inside a word begins no comment. */
function isInWord(text: string, position: number, opener: string): boolean {
  return opener === "#" && position > 0 && !isSpace(text.charCodeAt(position - 1));
}

const heredocMark = /<<[-~<]? ?(["'`]?)([A-Z_a-z]\w*)\1/uy;
/** Words that may be looked for up to the end in vain. */
const VAIN = 16;

/** Behind the line that ends the text which a mark begins here. */
function heredocEnd(text: string, start: number, missing: Set<string>): number | undefined {
  heredocMark.lastIndex = start;
  const [, , word = ""] = heredocMark.exec(text) ?? [];
  if (word === "" || missing.has(word) || missing.size > VAIN) return undefined;
  for (let at = text.indexOf(word, lineEnd(text, start)); at >= 0; at = text.indexOf(word, at + 1)) {
    let before = at - 1;
    while (text.charAt(before) === " " || text.charAt(before) === "\t") before--;
    if (text.charAt(before) === "\n" && !/\w/u.test(text.charAt(at + word.length))) return at + word.length;
  }
  missing.add(word);
  return undefined;
}

const LONGEST_PATTERN = 1000;

/** Behind a regular expression, or behind the slash where it divides. */
function patternEnd(text: string, start: number): number {
  let before = start - 1;
  while (text.charAt(before) === " " || text.charAt(before) === "\t") before--;
  const isValue = before < 0 || "(,=:[!&|?{;+*%~^\n".includes(text.charAt(before));
  if (!isValue && !/\breturn$/u.test(text.slice(Math.max(0, before - 6), before + 1))) return start + 1;
  let inClass = false;
  for (let position = start + 1; position < start + LONGEST_PATTERN; position++) {
    const character = text.charAt(position);
    if (character === "\n" || character === "") break;
    if (character === "\\") position++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return position + 1;
  }
  return start + 1;
}

/** Behind what closes a long string or comment. */
function closingEnd(text: string, from: number, close: string): number | undefined {
  if (close === "") return from;
  if (!"\"'`".includes(close.charAt(0))) {
    const found = text.indexOf(close, from);
    return found < 0 ? undefined : found + close.length;
  }
  for (let position = from; position < text.length; position++) {
    if (text.charAt(position) === "\\") position++;
    else if (text.startsWith(close, position)) return position + close.length;
  }
  return undefined;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Behind a string on one line; a quote without its like before the line ends is none. */
function quoteEnd(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === quote) return position + 1;
    if (character === "\n") return start + 1;
    if (character === "\\") position++;
  }
  return start + 1;
}
