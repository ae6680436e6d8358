import type { Block } from "../cutting/blocks.ts";
import type { Breaks } from "../text/breaks.ts";
import { lineBreaks, proseBreaks } from "../text/nested-breaks.ts";
import { hiddenIn } from "./hidden.ts";
import type { Tag } from "./tags.ts";
import { tagAround, textStart } from "./tags.ts";
import { cellTexts, headingText } from "./text.ts";
import { skipSpace } from "../text/space.ts";

export interface HtmlBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string };
}

/** While it is being read, a block may grow by the tags behind it. */
type Draft = { -readonly [K in keyof HtmlBlock]: K extends "children" ? Draft[] : HtmlBlock[K] };

/** Elements that stay whole where they fit, and are taken apart by what is in them where they do not. */
const containers = names("table tr ul ol li dl dt dd pre blockquote figure details");
/** Other elements whose tags end the block before them. */
const boundaries = names(
  "address article aside body caption center div fieldset figcaption footer form h1 h2 h3 h4 h5 h6 head header hr html legend main nav option p search section select summary tbody tfoot thead title",
);
/** What an opening tag closes where it was left open, inside the nearest of `enclosing`. */
const implied: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["li", names("li")],
  ["dt", names("dt dd")],
  ["dd", names("dt dd")],
  ["tr", names("tr")],
]);
const enclosing = names("table ul ol dl");
/** Containers that only lay out where there are headings in them: these begin sections, as in the text around. */
const layouts = names("table tr ul ol li dl dt dd details");
/** Containers nested deeper are not taken apart. */
const DEEPEST = 8;

/**
 * The blocks of an HTML text. Together they are all that is shown of it: closing tags go with the block before them, other
 * tags with the block behind them. Only a block with children has something hidden in it, between two of them.
 */
export function htmlBlocks(text: string, tags: readonly Tag[]): readonly HtmlBlock[] {
  const prose = outsideTags(proseBreaks, tags);
  const lines = outsideTags(lineBreaks, tags);
  const hides = hiddenIn(tags);
  const root: Draft[] = [];
  /** Innermost last, each with where its tag begins. */
  const open = [{ name: "", at: 0, children: root }];
  /** How many containers of a name are open beyond the depth. */
  const beyond = new Map<string, number>();
  /** What is behind the last block: where it begins, whether there is text in it, and of which element. */
  let start = 0;
  let hasText = false;
  let element = "";
  /** The heading that is being read: where it begins, and its block, which comes before what is hidden in it. */
  let heading: { readonly start: number; readonly block: Draft } | undefined;

  /** Blocks inside a heading that is closed are parts of it: up to here none ends. */
  let headingEnd = 0;

  let position = 0;
  for (const [index, tag] of tags.entries()) {
    hasText ||= skipSpace(text, position, tag.start) < tag.start;
    position = tag.end;
    const isPart = tag.start < headingEnd;
    if (tag.kind === "open" && !isPart) {
      openElement(tag);
      if (headingDepth(tag.name) > 0) headingEnd = closingStart(tags, index);
    } else if (tag.kind === "close" && !isPart) closeElement(tag);
    else if (tag.kind === "hidden") hide(tag);
  }
  hasText ||= skipSpace(text, position) < text.length;
  while (open.length > 1) closeContainer(text.length);
  endBlock(text.length);
  grow(text.length);
  return root;

  function openElement({ name, start: at }: Tag): void {
    const isContainer = containers.has(name);
    if (!isContainer && !boundaries.has(name)) return;
    if (isContainer) closeImplied(name, at);
    endBlock(at);
    element = name;
    if (!isContainer) return;
    if (open.length > DEEPEST) beyond.set(name, (beyond.get(name) ?? 0) + 1);
    else open.push({ name, at, children: [] });
  }

  /** What is hidden ends a block, and the element goes on behind it. */
  function hide(tag: Tag): void {
    const around = element;
    endBlock(tag.start, true);
    element = around;
    start = tag.end;
  }

  function closeImplied(name: string, at: number): void {
    const closed = implied.get(name);
    if (!closed) return;
    const index = open.findLastIndex((outer) => closed.has(outer.name) || enclosing.has(outer.name));
    if (closed.has(open[index]?.name ?? "")) while (open.length > index) closeContainer(at);
  }

  function closeElement(tag: Tag): void {
    const { name, end } = tag;
    const deeper = beyond.get(name) ?? 0;
    if (deeper > 0) beyond.set(name, deeper - 1);
    else if (containers.has(name)) {
      closeContainers(tag);
      return;
    } else if (!boundaries.has(name)) return;
    const isAlone = !hasText && skipSpace(text, start, tag.start) === tag.start;
    endBlock(end);
    if (isAlone) grow(end);
    element = "";
  }

  function closeContainers(tag: Tag): void {
    const index = open.findLastIndex(({ name }) => name === tag.name);
    if (index < 1) return;
    while (open.length > index + 1) closeContainer(tag.start);
    closeContainer(tag.end);
  }

  /** Ends the block that is being read, if it has text: tags alone go with the next one. */
  function endBlock(end: number, goesOn = false): void {
    if (hasText) addBlock(end);
    if (!goesOn) heading = undefined;
  }

  function addBlock(end: number): void {
    const isLead = headingDepth(element) > 0;
    const depth = open.every(({ name }) => name === "" || layouts.has(name)) ? headingDepth(element) : 0;
    const isCode = element === "pre";
    const block: Draft = {
      start: skipSpace(text, start, end),
      end,
      breaks: isCode ? lines : prose,
      prose: !isCode && !isLead,
      ...(isLead && { lead: true }),
    };
    open.at(-1)?.children.push(block);
    if (depth > 0) {
      heading ??= { start: block.start, block };
      heading.block.heading = { depth, text: headingText(text.slice(heading.start, end)) };
    }
    start = end;
    hasText = false;
    element = "";
  }

  /** Adds the tags behind the last block to it, unless something hidden stands between. */
  function grow(end: number): void {
    let last = open.at(-1)?.children.at(-1);
    if (!last) return;
    if (!hides(last.end, end)) for (; last; last = last.children?.at(-1)) last.end = end;
    start = end;
  }

  function closeContainer(end: number): void {
    if (hasText) endBlock(end);
    else grow(end);
    const container = open.pop();
    const [first, last] = [container?.children[0], container?.children.at(-1)];
    if (!container || !first || !last) return;
    const { name, at, children } = container;
    const row = name === "table" || name === "tr" ? text.slice(at + 1, first.end) : "";
    const label = name === "table" ? headerOf(row) : undefined;
    if (label === undefined && children.some((child) => child.heading) && !isHeader(row)) {
      for (const child of children) open.at(-1)?.children.push(child);
      return;
    }
    const isLeaf = name === "pre" && !hides(first.start, last.end);
    open.at(-1)?.children.push({
      start: first.start,
      end: last.end,
      breaks: name === "pre" ? lines : prose,
      ...(!isLeaf && { children: label === undefined ? children : headed(children) }),
      ...(label !== undefined && { label }),
    });
  }

  /** The header stays with the first row behind it. */
  function headed(rows: Draft[]): Draft[] {
    const [header, first, ...others] = rows;
    if (!header || !first || hides(header.start, first.end)) return rows;
    return [{ start: header.start, end: first.end, breaks: first.breaks }, ...others];
  }
}

/** The cells of the first row, if it is a header. */
function headerOf(row: string): string | undefined {
  if (!isHeader(row)) return undefined;
  const label = cellTexts(row).join(" | ");
  return label === "" ? undefined : label;
}

/** Whether most cells of a row head columns: one before its value heads a row. Those of a table in it do not count. */
function isHeader(row: string): boolean {
  const lower = row.toLowerCase();
  const cell = lower.indexOf("<th");
  if (cell < 0 || lower.slice(0, cell).includes("<table")) return false;
  return lower.includes("<thead") || lower.split("<th").length > lower.split("<td").length;
}

/** How many tags a heading may have inside. */
const HEADING_TAGS = 32;

/** Where the heading is closed that a tag opens, 0 where it is not before another one or a container. */
function closingStart(tags: readonly Tag[], opening: number): number {
  const name = tags[opening]?.name ?? "";
  for (const tag of tags.slice(opening + 1, opening + 1 + HEADING_TAGS)) {
    if (tag.kind === "close" && tag.name === name) return tag.start;
    if (containers.has(tag.name) || headingDepth(tag.name) > 0) return 0;
  }
  return 0;
}

function headingDepth(name: string): number {
  return name.length === 2 && name >= "h1" && name <= "h6" ? Number(name.charAt(1)) : 0;
}

/**
 * No cut inside a tag, and none in front of which there are tags alone: they go with the text behind them, unless it is
 * something before them that they close.
 */
function outsideTags(breaks: Breaks, tags: readonly Tag[]): Breaks {
  return {
    of(text) {
      const scan = breaks.of(text);
      return (from, to, extents, sink) => {
        /** What is in front of it was told of, or is tags alone. */
        let told = from;
        return scan(from, to, extents, (end, next, rank) => {
          if (tagAround(tags, end) || tagAround(tags, next)) return;
          if (!text.startsWith("</", told)) told = textStart(text, tags, told);
          if (told >= end) return;
          told = next;
          sink(end, next, rank);
        });
      };
    },
    firm: breaks.firm,
    shared: breaks.shared,
  };
}

function names(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
