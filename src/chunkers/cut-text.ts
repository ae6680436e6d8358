import type { Chunker } from "../types.ts";
import type { BreakScanner } from "./breaks.ts";
import { cut } from "./cut.ts";
import { graphemes as graphemesOf } from "./graphemes.ts";
import type { Settings } from "./options.ts";
import { overlapOf, rulerOf } from "./ruler.ts";
import { words as wordsOf } from "./words.ts";

/** How a chunker of running text differs from the next. */
export interface Style {
  readonly name: string;
  readonly breaks: BreakScanner;
  readonly wholeSentences: boolean;
  readonly wholeWords: boolean;
}

export function textChunker(style: Style, settings: Settings): Chunker {
  const { name, breaks, wholeSentences, wholeWords } = style;
  const chunker: Chunker = ({ text, title }, { signal } = {}) => {
    signal?.throwIfAborted();
    const ruler = rulerOf(name, text, settings, { title });
    const graphemes = graphemesOf(text);
    const overlap = overlapOf(settings, ruler);
    const words = wholeWords ? wordsOf(text, graphemes, settings.locale) : undefined;
    return [
      ...cut({ text, graphemes, ruler, breaks, overlap, wholeSentences, ...(words && { words }) }, 0, text.length),
    ];
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}
