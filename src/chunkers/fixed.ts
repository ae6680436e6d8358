import type { Chunker } from "../types.ts";
import { textChunker } from "./cut-text.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";

/**
 * Pieces of one size, cut between graphemes wherever it falls: the baseline to compare with. It follows no structure, so
 * an edit moves every piece behind it.
 */
export function fixed(options: ChunkerOptions = {}): Chunker {
  const style = { name: "fixed", breaks: () => [], wholeSentences: false, wholeWords: false };
  return textChunker(style, settingsOf(style.name, options));
}
