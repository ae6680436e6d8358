import type { Chunker } from "../types.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";
import { recursiveStyle } from "./recursive-style.ts";
import { textChunker } from "./text-chunker.ts";

/**
 * Cuts plain text at paragraphs, then lines, sentences, words and graphemes, all cuts of a stretch being chosen at once. The
 * default: 600 characters, a quarter of overlap.
 *
 * @example recursive({ size: 200, overlap: 0, tokenizer: await cl100k() })
 */
export function recursive(options: ChunkerOptions = {}): Chunker {
  return textChunker(recursiveStyle(settingsOf("recursive", options)));
}
