import type { Analyzer } from "../../types.ts";
import { wordAnalyzer } from "./words.ts";

/** Words of any language as they are: no stop words, no stemming. */
export function unicode(): Analyzer;
export function unicode(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "unicode@1", word: (word) => word }, options);
}
