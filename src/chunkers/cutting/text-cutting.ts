import type { Breaks } from "../text/breaks.ts";
import type { Cutting } from "./cut.ts";
import { graphemes as graphemesOf } from "../text/graphemes.ts";
import { overlapOf, rulersOf } from "./rulers.ts";
import type { Settings } from "./settings.ts";
import { words as wordsOf } from "../text/words.ts";

/** How a chunker of running text cuts. */
export interface Style {
  readonly name: string;
  readonly settings: Settings;
  readonly breaks: Breaks;
  readonly wholeSentences: boolean;
  readonly wholeWords: boolean;
}

export function textCutting(style: Style, text: string, title?: string): Cutting {
  const { name, settings, breaks, wholeSentences, wholeWords } = style;
  const ruler = rulersOf(name, text, settings)({ title });
  const graphemes = graphemesOf(text);
  const words = wholeWords ? wordsOf(text, graphemes, settings.locale) : undefined;
  const overlap = overlapOf(settings, ruler);
  return { text, graphemes, ruler, breaks, overlap, wholeSentences, words };
}
