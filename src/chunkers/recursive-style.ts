import { textBreaks } from "./breaks.ts";
import type { Settings } from "./options.ts";
import type { Style } from "./text-cutter.ts";

export function recursiveStyle(settings: Settings): Style {
  return { name: "recursive", settings, breaks: textBreaks, wholeSentences: false, wholeWords: true };
}
