import type { Raw } from "./raw-strings.ts";
import { cppString, dollarQuotes, hashedString, longBrackets, rustString, verbatimString } from "./raw-strings.ts";

/** What of a programming language tells where its lines, strings and comments end. */
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
  /** Begins a text that goes on up to a line with its `word` alone. */
  readonly heredocs?: RegExp;
  /** A quote with one character behind it and another quote is that character. */
  readonly characters?: boolean;
  readonly raw?: Raw;
  /** Lines inside brackets belong to the line that these open on, however little they are indented. */
  readonly joins?: boolean;
  /** Lines belong to the one above them up to a semicolon or a blank line. */
  readonly ends?: boolean;
}

/** Closes a string that may have programs in it, in `${}`. */
export const TEMPLATE = "${}`";

/** Begin a line that goes on with the statement above it. */
export const continuing: ReadonlySet<string> = new Set(
  "else elif elsif elseif except finally catch rescue ensure end endif fi done esac then do where".split(" "),
);
/** Begin what is no scope: what stands in it is told by the function around it. */
export const branching: ReadonlySet<string> = new Set(
  "if unless for foreach while until repeat loop switch select case default match when guard try with begin do synchronized return".split(
    " ",
  ),
);

const slashes: Syntax = { line: ["//"], long: [["/*", "*/"]], quotes: `"'`, notes: ["#"], labels: true };
const hashes: Syntax = { line: ["#"], long: [], quotes: `"'`, notes: [] };
/** Lines begin with selectors, of which there may be several, and at-rules. */
const styles: Syntax = { ...slashes, notes: [], joint: ",", labels: false };
const dashes: Syntax = { line: ["--"], long: [], quotes: `"'`, notes: [] };
const withText: Syntax = { ...slashes, long: [...slashes.long, ['"""', '"""']], notes: ["@", "#"] };
const docTexts: Syntax["long"] = [
  ['"""', '"""'],
  ["'''", "'''"],
];

const families: readonly (readonly [names: string, syntax: Syntax])[] = [
  [
    "javascript js jsx mjs cjs typescript ts tsx mts cts svelte vue",
    { ...slashes, long: [...slashes.long, ["`", TEMPLATE], ["`", "`"]], notes: ["@"], patterns: true },
  ],
  ["go golang", { ...slashes, long: [...slashes.long, ["`", "`"]], notes: ["@"] }],
  ["java kotlin kt scala", withText],
  ["csharp cs c#", { ...withText, raw: verbatimString }],
  ["groovy dart", { ...withText, long: [...slashes.long, ...docTexts] }],
  ["swift", { ...withText, raw: hashedString }],
  ["c h cpp c++ cc hpp cxx objectivec objc", { ...slashes, types: true, raw: cppString }],
  ["glsl proto protobuf solidity zig", slashes],
  ["css scss less sass", styles],
  ["rust rs", { ...slashes, long: [...slashes.long, ['"', '"']], quotes: "", characters: true, raw: rustString }],
  ["php", { ...slashes, line: ["//", "#"], heredocs: /<<<[ \t]*(["']?)(?<word>[a-z_]\w*)\1/iuy }],
  ["python py starlark", { ...hashes, long: docTexts, notes: ["@"], joins: true }],
  // A name behind a space is a value that is shifted or added.
  [
    "ruby rb perl pl",
    { ...hashes, heredocs: /(?<!<)<<(?:[-~]|[ \t]*(?=["'])|(?=[A-Z_]))(["'`]?)(?<word>[A-Za-z_]\w*)\1/uy },
  ],
  ["sh bash shell zsh dockerfile", { ...hashes, heredocs: /(?<!<)<<-?[ \t]*(["']?)\\?(?<word>[a-z_]\w*)\1/iuy }],
  ["r yaml yml make makefile cmake nix", hashes],
  ["toml", { ...hashes, long: docTexts }],
  ["elixir ex julia jl", { ...hashes, long: docTexts, notes: ["@"] }],
  ["sql", { ...dashes, long: [["/*", "*/"]], raw: dollarQuotes, ends: true }],
  ["lua", { ...dashes, raw: longBrackets }],
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
