import type { Span } from "../../types.ts";

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
}

const slashes: Syntax = { line: ["//"], long: [["/*", "*/"]], quotes: `"'`, notes: ["#"] };
const hashes: Syntax = { line: ["#"], long: [], quotes: `"'`, notes: [] };
/** Lines begin with selectors, of which there may be several, and at-rules. */
const styles: Syntax = { ...slashes, notes: [], joint: "," };
const dashes: Syntax = { line: ["--"], long: [], quotes: `"'`, notes: [] };
const withTemplates: Syntax = { ...slashes, long: [...slashes.long, ["`", "`"]], notes: ["@"] };
const withText: Syntax = { ...slashes, long: [...slashes.long, ['"""', '"""']], notes: ["@", "#"] };

const families: readonly (readonly [names: string, syntax: Syntax])[] = [
  ["javascript js jsx mjs cjs typescript ts tsx mts cts go golang svelte vue", withTemplates],
  ["java kotlin kt scala groovy swift csharp cs c# dart", withText],
  ["c h cpp c++ cc hpp cxx objectivec objc glsl proto protobuf solidity zig", slashes],
  ["css scss less sass", styles],
  ["rust rs", { ...slashes, quotes: "" }],
  ["php", { ...slashes, line: ["//", "#"] }],
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
  ["ruby rb perl pl r sh bash shell zsh yaml yml toml make makefile dockerfile cmake nix", hashes],
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
export function* longSpans(text: string, { line, long, quotes }: Syntax): Generator<Span, void, undefined> {
  const marks = [...line, ...long.map(([open]) => open)].map((opener) => opener.charAt(0)).join("") + quotes;
  /** What closes nothing any more: it was looked for up to the end. */
  const missing = new Set<string>();
  let position = 0;
  while (position < text.length) {
    if (!marks.includes(text.charAt(position))) {
      position++;
      continue;
    }
    const pair = long.find(([open]) => text.startsWith(open, position));
    if (pair && !missing.has(pair[1])) {
      const end = closingEnd(text, position + pair[0].length, pair[1]);
      if (end === undefined) missing.add(pair[1]);
      else yield { start: position, end };
      position = end ?? position + pair[0].length;
    } else if (line.some((opener) => text.startsWith(opener, position))) position = lineEnd(text, position);
    else if (quotes.includes(text.charAt(position))) position = quoteEnd(text, position);
    else position++;
  }
}

/** Behind what closes a long string or comment. */
function closingEnd(text: string, from: number, close: string): number | undefined {
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
