import type { Chunker } from "../types.ts";
import { cutSections } from "./cut-blocks.ts";
import { htmlBlocks } from "./html-blocks.ts";
import type { Tag } from "./html-tags.ts";
import { tagAround, tagsOf } from "./html-tags.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";
import { WORD } from "./rank.ts";
import { sectionsOf } from "./sections.ts";
import type { Words } from "./words.ts";

/**
 * Cuts HTML at its structure. Spans are of the source, so pieces have the tags that stand in their text; nothing is cut
 * inside a tag that fits.
 *
 * No piece goes beyond the text under one heading, whose path is in `headings` and `context`. Lists, tables, quotes and
 * code stay whole where they fit; where a table does not, its header is in the `context` of every further piece. Scripts
 * and styles are text like any other: take them out beforehand where they should not be found.
 */
export function html(options: ChunkerOptions = {}): Chunker {
  const settings = settingsOf("html", options);
  const chunker: Chunker = ({ text, title }, { signal } = {}) => {
    signal?.throwIfAborted();
    const tags = [...tagsOf(text)];
    const narrow = (words: Words): Words => outsideTags(words, tags);
    const sections = sectionsOf(htmlBlocks(text, tags));
    return [...cutSections({ name: "html", text, title, settings, headingPath: true, narrow }, sections)];
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}

/** A tag that a word would be cut in is cut before or behind instead. */
function outsideTags(words: Words, tags: readonly Tag[]): Words {
  return {
    last(from, to) {
      const tag = tagAround(tags, to);
      const found = words.last(from, tag && tag.start > from ? tag.start : to);
      const inside = found && tagAround(tags, found.end);
      if (!inside) return found;
      return inside.start > from ? { end: inside.start, next: inside.start, rank: WORD } : undefined;
    },
    first(from, to) {
      const found = words.first(from, to);
      const inside = tagAround(tags, found ?? from);
      return inside ? Math.min(inside.end, to) : found;
    },
  };
}
