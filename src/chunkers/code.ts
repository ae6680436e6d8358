import { unexpected } from "../errors.ts";
import { expectOptions } from "../options.ts";
import type { Chunker } from "../types.ts";
import { codeBlocks } from "./code/blocks.ts";
import { syntaxOf } from "./code/syntax.ts";
import type { CodeParser } from "./code/tree.ts";
import { treeBlocks } from "./code/tree.ts";
import { cutSections } from "./cutting/cut-blocks.ts";
import { givenText } from "./given-text.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";

export interface CodeOptions extends ChunkerOptions {
  /** As in the info string of a fence: "ts", "python", "rust" … One that is not known is cut by indentation alone. */
  readonly language: string;
  /** A `Parser` of web-tree-sitter with the language's grammar set: programs are then cut by their syntax. */
  readonly parser?: CodeParser;
}

/**
 * Cuts programs between functions, classes and statements: by a grammar where a `parser` is given, else by indentation and
 * brackets.
 *
 * What fits stays whole, with its comments and decorators. Of what does not, every piece but the first has the first
 * lines of what it stands in as its `context`: `class Store`, then `async search(query)`.
 *
 * @example
 * await Parser.init();
 * const parser = new Parser().setLanguage(await Language.load("tree-sitter-python.wasm"));
 * code({ language: "python", parser })
 */
export function code(options: CodeOptions): Chunker {
  expectOptions("code", options);
  const { language, parser } = options;
  if (typeof language !== "string" || language === "") {
    throw unexpected("code.language", "the name of a language", language);
  }
  if (parser !== undefined && typeof parser?.parse !== "function") {
    throw unexpected("code.parser", "a Parser of web-tree-sitter", parser);
  }
  const settings = settingsOf("code", options, { language, parser: parser && "tree-sitter" });
  const syntax = syntaxOf(language);
  const chunker: Chunker = (document, { signal } = {}) => {
    signal?.throwIfAborted();
    const { text, title } = givenText("code", document);
    const blocks = (parser && treeBlocks(text, parser)) ?? codeBlocks(text, syntax);
    const sections = [{ headings: [], bare: [], blocks }];
    return cutSections({ name: "code", text, title, settings, headingPath: false }, sections);
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}
