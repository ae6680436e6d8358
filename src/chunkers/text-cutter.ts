import type { Breaks } from "./breaks.ts";
import type { Cutter } from "./cut.ts";
import { cutterOf } from "./cut.ts";
import type { Graphemes } from "./graphemes.ts";
import { graphemes as graphemesOf } from "./graphemes.ts";
import type { Settings } from "./settings.ts";
import type { Ruler } from "./ruler.ts";
import { overlapOf, rulerOf } from "./ruler.ts";
import { words as wordsOf } from "./words.ts";

/** How a chunker of running text cuts. */
export interface Style {
  readonly name: string;
  readonly settings: Settings;
  readonly breaks: Breaks;
  readonly wholeSentences: boolean;
  readonly wholeWords: boolean;
}

/** A text with what it is measured by. */
export interface MeasuredText {
  readonly text: string;
  readonly graphemes: Graphemes;
  readonly ruler: Ruler;
}

export function measuredText({ name, settings }: Style, text: string, title?: string): MeasuredText {
  return { text, graphemes: graphemesOf(text), ruler: rulerOf(name, text, settings, { title }) };
}

export function textCutter(style: Style, measured: MeasuredText): Cutter {
  const { settings, breaks, wholeSentences, wholeWords } = style;
  const { text, graphemes, ruler } = measured;
  const words = wholeWords ? wordsOf(text, graphemes, settings.locale) : undefined;
  const overlap = overlapOf(settings, ruler);
  return cutterOf({ text, graphemes, ruler, breaks, overlap, wholeSentences, ...(words && { words }) }, 0, text.length);
}
