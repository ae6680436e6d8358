import type { Block } from "./blocks.ts";
import type { BreakScanner } from "./breaks.ts";
import { lineBreaks, textBreaks } from "./breaks.ts";
import type { Tag } from "./html-tags.ts";
import { tagsOf } from "./html-tags.ts";
import { plainText } from "./html-text.ts";
import { skipSpace } from "./space.ts";

export interface HtmlBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string };
}

/** Elements that are kept whole where they fit, and taken apart by their items where they do not. */
const containers = new Set("table tr ul ol li dl dt dd pre blockquote figure details".split(" "));
/** Elements whose tags end the block before them. */
const boundaries = new Set(
  "address article aside body caption center div fieldset figcaption footer form h1 h2 h3 h4 h5 h6 head header hr html legend main nav noscript option p script search section select style summary tbody template tfoot thead title".split(
    " ",
  ),
);
/** A tag that ends one of these, too, where it was left open. */
const implied: Readonly<Record<string, readonly string[]>> = {
  li: ["li"],
  dt: ["dt", "dd"],
  dd: ["dt", "dd"],
  tr: ["tr"],
};
/** What an implied end does not reach beyond. */
const enclosing = new Set(["table", "ul", "ol", "dl"]);
/** Containers deeper than this are not taken apart. */
const DEEPEST = 8;

interface Open {
  readonly name: string;
  readonly start: number;
  readonly children: HtmlBlock[];
}

/**
 * The blocks of an HTML text, which together are all of it: a tag without text goes with the block behind it, or with
 * the last one.
 */
export function htmlBlocks(text: string, tags: readonly Tag[]): readonly HtmlBlock[] {
  const breaks = outsideTags(tags);
  const root: Open = { name: "", start: 0, children: [] };
  const open: Open[] = [root];
  /** Containers that are open beyond the depth, by name. */
  const beyond = new Map<string, number>();
  /** Where the block begins that is being read, and where its text does. */
  let start = 0;
  let position = 0;
  let hasText = false;
  let heading: { readonly depth: number; readonly start: number } | undefined;

  for (const tag of tags) {
    hasText ||= skipSpace(text, position, tag.start) < tag.start;
    position = tag.end;
    const isContainer = containers.has(tag.name);
    if (!isContainer && !boundaries.has(tag.name)) continue;
    if (tag.kind === "open") openTag(tag, isContainer);
    else closeTag(tag, isContainer);
  }
  hasText ||= skipSpace(text, position) < text.length;
  while (open.length > 1) closeContainer(text.length);
  endBlock(text.length);
  return withRest(root.children, start, text.length, breaks);

  function openTag(tag: Tag, isContainer: boolean): void {
    closeImplied(tag);
    endBlock(tag.start);
    if (isContainer && open.length <= DEEPEST) {
      open.push({ name: tag.name, start, children: [] });
      start = tag.start;
    } else if (isContainer) beyond.set(tag.name, (beyond.get(tag.name) ?? 0) + 1);
    const depth = open.length === 1 ? headingDepth(tag.name) : 0;
    if (depth > 0) heading = { depth, start: tag.end };
  }

  function closeTag(tag: Tag, isContainer: boolean): void {
    const deeper = beyond.get(tag.name) ?? 0;
    if (!isContainer || deeper > 0) {
      if (deeper > 0) beyond.set(tag.name, deeper - 1);
      endBlock(tag.end, tag.start);
      return;
    }
    const index = open.findLastIndex(({ name }) => name === tag.name);
    if (index < 1) return;
    while (open.length > index + 1) closeContainer(tag.start);
    closeContainer(tag.end);
  }

  function closeImplied(tag: Tag): void {
    const names = implied[tag.name];
    if (!names) return;
    const index = open.findLastIndex(({ name }) => names.includes(name) || enclosing.has(name));
    if (index < 1 || !names.includes(open[index]?.name ?? "")) return;
    while (open.length > index) closeContainer(tag.start);
  }

  function closeContainer(end: number): void {
    endBlock(end);
    const container = open.pop();
    if (!container) return;
    const children = withRest(container.children, start, end, breaks);
    const isLines = container.name === "pre";
    open.at(-1)?.children.push({
      start: Math.min(container.start, children[0]?.start ?? container.start),
      end,
      breaks: isLines ? lineBreaks : breaks,
      ...(children.length > 1 && { children: aligned(children, container.start) }),
      ...(container.name === "table" && labelOf(text, children[0])),
    });
    start = end;
  }
}
