import type { Analyzer } from "../../types.ts";
import { joinsByApostrophe } from "./apostrophes.ts";
import { englishTerms } from "./english.ts";
import { folded } from "./folding.ts";
import { wordAnalyzer } from "./words.ts";

/**
 * English around code. An identifier is searched whole and by its parts: "http.parseURL_v2" is also "http", "parseurl_v2",
 * "pars", "url" and "v2". "C++", "C#12" and "F#" are also "cplusplus", "csharp" and "fsharp". All other words are as in
 * `english()`.
 */
export function codeTerms(): Analyzer;
export function codeTerms(options?: unknown): Analyzer {
  const words = wordAnalyzer(
    { fingerprint: "code@2", raw: true, joins: joinsIdentifiers, word: identifierTerms },
    options,
  );
  const named = (_: string, letter: string, sign: string): string =>
    `${letter} ${letter}${sign === "#" ? "sharp" : "plusplus"} `;
  return { ...words, terms: (text) => words.terms(typeof text === "string" ? text.replace(LANGUAGES, named) : text) };
}

const LANGUAGES = /(?<![\p{L}\p{M}\p{N}_.])([CF](?=#)|C)(#|\+\+)(?![\p{L}_+#])/giu;

/** snake_case, camelCase, and the last capital of an acronym before a word: HTTPServer. */
const PARTS = /_|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const POSSESSIVE = /['\u2018\u2019\u02bc]s$/i;

function joinsIdentifiers(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x2e || code === 0x5f || joinsByApostrophe(text, at);
}

function identifierTerms(word: string): readonly string[] {
  const path = word.replace(POSSESSIVE, "");
  const names = path.split(".");
  const named = names.flatMap((name) => {
    const parts = name.split(PARTS);
    return parts.length === 1
      ? plainTerms(names.length === 1 ? word : name)
      : [folded(name), ...parts.flatMap(plainTerms)];
  });
  return names.length === 1 ? named : [folded(path), ...named];
}

function plainTerms(word: string): readonly string[] {
  const terms = englishTerms(folded(word));
  if (typeof terms !== "string") return terms;
  return terms === "" ? [] : [terms];
}
