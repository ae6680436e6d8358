import type { Chunker } from "../types.ts";
import type { Break } from "./text/breaks.ts";
import { cutSections } from "./cutting/cut-blocks.ts";
import { htmlBlocks } from "./html/blocks.ts";
import { hiddenIn, shownTags } from "./html/hidden.ts";
import { shownSections } from "./html/sections.ts";
import type { Tag } from "./html/tags.ts";
import { tagAround, textStart } from "./html/tags.ts";
import { givenText } from "./given-text.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";
import { WORD } from "./text/rank.ts";
import { skipSpace } from "./text/space.ts";
import { sectionsOf } from "./cutting/sections.ts";
import type { Words } from "./text/words.ts";

/** Has a tag with words in it, such as those for an image. */
const saying = /\s(?:alt|content|label|placeholder|title|value)\s*=\s*["']?[^"'\s>]/iu;

/**
 * Cuts HTML at its structure. Spans are of the source, so pieces have the tags that stand in their text; nothing is cut
 * inside a tag that fits.
 *
 * No piece goes beyond the text under one heading, whose path is in `headings` and `context`. Lists, tables, quotes and
 * code stay whole where they fit; where a table does not, its header is in the `context` of every further piece.
 *
 * What readers do not see is in no piece: scripts, styles, templates, `noscript`, comments, declarations. As a piece is one
 * stretch of the source, each of these ends the piece before it; a text without anything else has no pieces. Nor do tags
 * make one by themselves that have no words in them, such as links to styles, the paths of an icon, or empty cells.
 */
export function html(options: ChunkerOptions = {}): Chunker {
  const settings = settingsOf("html", options);
  const chunker: Chunker = (document, { signal } = {}) => {
    signal?.throwIfAborted();
    const { text, title } = givenText("html", document);
    const tags = shownTags(text);
    const narrow = (words: Words): Words => outsideTags(words, text, tags);
    const sections = shownSections(sectionsOf(htmlBlocks(text, tags)), hiddenIn(tags));
    const shownFrom = (position: number): number => textStart(text, tags, position);
    const pieces = cutSections({ name: "html", text, title, settings, headingPath: true, narrow, shownFrom }, sections);
    return pieces.filter(({ start, end }) => wordStart(text, tags, start) < end || saying.test(text.slice(start, end)));
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}

const blank = /&(?:nbsp|ensp|emsp|thinsp|#(?:9|10|13|32|160|x9|xa|xd|x20|xa0))(?:;|(?![\da-z]))/iuy;

/** The first position that is neither in a tag nor white space, be it written as a reference. */
function wordStart(text: string, tags: readonly Tag[], from: number): number {
  let position = textStart(text, tags, from);
  for (;;) {
    blank.lastIndex = position;
    if (!blank.test(text)) return position;
    position = textStart(text, tags, blank.lastIndex);
  }
}

/** Where a cut would be inside a tag, it is before it, or behind it. */
function outsideTags(words: Words, text: string, tags: readonly Tag[]): Words {
  function before(tag: Tag, from: number): Break | undefined {
    if (tag.start <= from) return undefined;
    const found = words.last(from, tag.start);
    return found?.next === tag.start ? found : { end: tag.start, next: tag.start, rank: WORD };
  }
  return {
    last(from, to) {
      const tag = tagAround(tags, to);
      if (tag) return before(tag, from);
      const found = words.last(from, to);
      const inside = found && tagAround(tags, found.end);
      return inside ? before(inside, from) : found;
    },
    first(from, to) {
      const found = words.first(from, to);
      const inside = tagAround(tags, found ?? from);
      return inside ? Math.min(skipSpace(text, inside.end, to), to) : found;
    },
  };
}
