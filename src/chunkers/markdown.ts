import { expectOptions, expectType } from "../options.ts";
import type { Chunker } from "../types.ts";
import { cutSections } from "./cutting/cut-blocks.ts";
import { markdownBlocks } from "./markdown/blocks.ts";
import { givenText } from "./given-text.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";
import { sectionsOf } from "./cutting/sections.ts";

export interface MarkdownOptions extends ChunkerOptions {
  /**
   * Whether pieces are indexed with their headings, as far as these leave half of the room: also for the header of a table.
   * Default true.
   */
  readonly headingPath?: boolean;
}

/**
 * Cuts Markdown (GitHub's, with front matter) at its structure.
 *
 * No piece goes beyond the text under one heading, whose path is in `headings` as plain text. Fences, lists, tables and
 * quotes stay whole where they fit; where a table does not, its header is in the `context` of every further piece.
 */
export function markdown(options: MarkdownOptions = {}): Chunker {
  expectOptions("markdown", options);
  const { headingPath = true } = options;
  expectType("markdown.headingPath", headingPath, "boolean");
  const settings = settingsOf("markdown", options, { headingPath });
  const chunker: Chunker = (document, { signal } = {}) => {
    signal?.throwIfAborted();
    const { text, title } = givenText("markdown", document);
    return cutSections({ name: "markdown", text, title, settings, headingPath }, sectionsOf(markdownBlocks(text)));
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}
