import type { Chunker } from "../types.ts";
import { PARAGRAPH } from "./text/rank.ts";
import { textChunker } from "./text-chunker.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";

/**
 * Pieces of one size, cut between graphemes wherever it falls: the baseline to compare with. It follows no structure, so
 * an edit moves every piece behind it.
 */
export function fixed(options: ChunkerOptions = {}): Chunker {
  const settings = settingsOf("fixed", options);
  return textChunker({
    name: "fixed",
    settings,
    breaks: { of: () => () => () => false, firm: PARAGRAPH, shared: PARAGRAPH },
    wholeSentences: false,
    wholeWords: false,
  });
}
