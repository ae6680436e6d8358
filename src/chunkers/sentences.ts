import type { Chunker } from "../types.ts";
import { sentenceBreaks } from "./breaks.ts";
import { textChunker } from "./cut-text.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";

/**
 * Packs whole sentences, as many as fit; the overlap is of whole sentences too. Only a sentence that is larger than a
 * piece is cut, at its words.
 */
export function sentences(options: ChunkerOptions = {}): Chunker {
  const style = { name: "sentences", breaks: sentenceBreaks, wholeSentences: true, wholeWords: true };
  return textChunker(style, settingsOf(style.name, options));
}
