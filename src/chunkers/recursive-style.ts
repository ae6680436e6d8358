import { proseBreaks } from "./nested-breaks.ts";
import type { Settings } from "./settings.ts";
import type { Style } from "./text-cutting.ts";

export function recursiveStyle(settings: Settings): Style {
  return { name: "recursive", settings, breaks: proseBreaks, wholeSentences: false, wholeWords: true };
}
