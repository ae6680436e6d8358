import type { BreakScanner } from "./breaks.ts";
import type { Cutter } from "./cut.ts";
import { cutterOf } from "./cut.ts";
import type { Graphemes } from "./graphemes.ts";
import { graphemes as graphemesOf } from "./graphemes.ts";
import type { Settings } from "./options.ts";
import type { Ruler } from "./ruler.ts";
import { overlapOf, rulerOf } from "./ruler.ts";
import { words as wordsOf } from "./words.ts";

/** How a chunker of running text cuts. */
export interface Style {
  readonly name: string;
  readonly settings: Settings;
  readonly breaks: BreakScanner;
  readonly wholeSentences: boolean;
  readonly wholeWords: boolean;
}

export interface TextCutter extends Cutter {
  readonly graphemes: Graphemes;
  readonly ruler: Ruler;
}

export function textCutter(style: Style, text: string, title?: string): TextCutter {
  const { name, settings, breaks, wholeSentences, wholeWords } = style;
  const ruler = rulerOf(name, text, settings, { title });
  const graphemes = graphemesOf(text);
  const words = wholeWords ? wordsOf(text, graphemes, settings.locale) : undefined;
  const overlap = overlapOf(settings, ruler);
  const cutting = { text, graphemes, ruler, breaks, overlap, wholeSentences, ...(words && { words }) };
  return { ...cutterOf(cutting, 0, text.length), graphemes, ruler };
}
