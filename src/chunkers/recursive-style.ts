import { proseBreaks } from "./text/nested-breaks.ts";
import type { Settings } from "./cutting/settings.ts";
import type { Style } from "./cutting/text-cutting.ts";

export function recursiveStyle(settings: Settings): Style {
  return { name: "recursive", settings, breaks: proseBreaks, wholeSentences: false, wholeWords: true };
}
