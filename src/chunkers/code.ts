import { ConfigError, shown } from "../errors.ts";
import type { Chunker } from "../types.ts";
import { codeBlocks } from "./code-blocks.ts";
import { syntaxOf } from "./code-syntax.ts";
import { cutSections } from "./cut-blocks.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";

export interface CodeOptions extends ChunkerOptions {
  /** As in the info string of a fence: "ts", "python", "rust" … One that is not known is cut by indentation alone. */
  readonly language: string;
}

/**
 * Cuts programs between functions, classes and statements, by indentation and brackets: no grammar is needed.
 *
 * What fits stays whole, with its comments and decorators. Of what does not, every piece but the first has the first
 * lines of what it stands in as its `context`: `class Store`, then `async search(query)`.
 */
export function code(options: CodeOptions): Chunker {
  const { language } = options;
  if (typeof language !== "string" || language === "") {
    throw new ConfigError(`code: language must be the name of a language, it is ${shown(language)}.`);
  }
  const settings = settingsOf("code", options, { language });
  const syntax = syntaxOf(language);
  const chunker: Chunker = ({ text, title }, { signal } = {}) => {
    signal?.throwIfAborted();
    const sections = [{ headings: [], bare: [], blocks: codeBlocks(text, syntax) }];
    return [...cutSections({ name: "code", text, title, settings, headingPath: false }, sections)];
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}
