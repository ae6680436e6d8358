import type { Chunker } from "../types.ts";
import { sentenceBreaks } from "./text/nested-breaks.ts";
import { textChunker } from "./text-chunker.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";

/**
 * Packs whole sentences, whatever lines and paragraphs they are in; the overlap is of whole sentences too. Only a sentence
 * that is larger than a piece is cut, at its clauses, then words.
 */
export function sentences(options: ChunkerOptions = {}): Chunker {
  const settings = settingsOf("sentences", options);
  return textChunker({ name: "sentences", settings, breaks: sentenceBreaks, wholeSentences: true, wholeWords: true });
}
