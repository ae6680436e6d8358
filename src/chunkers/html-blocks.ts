import type { Block } from "./blocks.ts";
import type { BreakScanner } from "./breaks.ts";
import { lineBreaks, textBreaks } from "./breaks.ts";
import type { Tag } from "./html-tags.ts";
import { tagAround, tagsOf } from "./html-tags.ts";
import { plainText } from "./html-text.ts";
import { skipSpace } from "./space.ts";

export interface HtmlBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string };
}

/** Elements that stay whole where they fit, and are taken apart by what is in them where they do not. */
const containers = names("table tr ul ol li dl dt dd pre blockquote figure details");
/** Other elements whose tags end the block before them. */
const boundaries = names(
  "address article aside body caption center div fieldset figcaption footer form h1 h2 h3 h4 h5 h6 head header hr html legend main nav noscript option p script search section select style summary tbody template tfoot thead title",
);
const code = names("pre script style");
/** What an opening tag closes where it was left open, inside the nearest of `enclosing`. */
const implied: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["li", names("li")],
  ["dt", names("dt dd")],
  ["dd", names("dt dd")],
  ["tr", names("tr")],
]);
const enclosing = names("table ul ol dl");
/** Containers nested deeper are not taken apart. */
const DEEPEST = 8;

interface Open {
  readonly name: string;
  readonly start: number;
  readonly children: HtmlBlock[];
}

/**
 * The blocks of an HTML text. Together they are all of it: a closing tag goes with the block before it, any other tag
 * with the block behind it.
 */
export function htmlBlocks(text: string, tags: readonly Tag[]): readonly HtmlBlock[] {
  const outside = { text: outsideTags(textBreaks, tags), lines: outsideTags(lineBreaks, tags) };
  const root: HtmlBlock[] = [];
  const open: Open[] = [{ name: "", start: 0, children: root }];
  /** How many containers of a name are open beyond the depth. */
  const beyond = new Map<string, number>();
  let pending: { start: number; hasText: boolean; element: string } = { start: 0, hasText: false, element: "" };
  let position = 0;

  for (const tag of tags) {
    const { name, kind, start, end } = tag;
    pending.hasText ||= skipSpace(text, position, start) < start;
    position = end;
    if (containers.has(name)) {
      if (kind === "open") openContainer(tag);
      else closeContainers(tag);
    } else if (boundaries.has(name)) {
      if (kind === "open") {
        endBlock(start);
        pending.element = name;
      } else endElement(tag);
    }
  }
  pending.hasText ||= skipSpace(text, position) < text.length;
  while (open.length > 1) closeContainer(text.length);
  endBlock(text.length);
  const rest = skipSpace(text, pending.start);
  if (rest < text.length && !extendLast(text.length)) root.push({ start: rest, end: text.length, breaks: outside.text });
  return root;

  /** Ends the block that is being read, if it has text: tags alone go on into the next one. */
  function endBlock(end: number): void {
    const { start, hasText, element } = pending;
    if (!hasText) return;
    const depth = open.length === 1 ? headingDepth(element) : 0;
    const isCode = code.has(element);
    open.at(-1)?.children.push({
      start: skipSpace(text, start, end),
      end,
      breaks: isCode ? outside.lines : outside.text,
      prose: !isCode && depth === 0,
      ...(depth > 0 && { lead: true, heading: { depth, text: plainText(text.slice(start, end)) } }),
    });
    pending = { start: end, hasText: false, element: "" };
  }

  function endElement({ start, end }: Tag): void {
    const isAlone = !pending.hasText && skipSpace(text, pending.start, start) === start;
    endBlock(end);
    if (isAlone) extendLast(end);
  }

  /** Adds tags behind the last block to it. */
  function extendLast(end: number): boolean {
    const children = open.at(-1)?.children;
    const last = children?.pop();
    if (!last) return false;
    children?.push(extended(last, end));
    pending = { start: end, hasText: false, element: "" };
    return true;
  }

  function openContainer({ name, start }: Tag): void {
    const closes = implied.get(name);
    const index = closes ? open.findLastIndex((outer) => closes.has(outer.name) || enclosing.has(outer.name)) : 0;
    if (closes?.has(open[index]?.name ?? "")) while (open.length > index) closeContainer(start);
    endBlock(start);
    if (open.length <= DEEPEST) open.push({ name, start: skipSpace(text, pending.start, start), children: [] });
    else beyond.set(name, (beyond.get(name) ?? 0) + 1);
    pending.element = name;
  }

  function closeContainers(tag: Tag): void {
    const deeper = beyond.get(tag.name) ?? 0;
    if (deeper > 0) {
      beyond.set(tag.name, deeper - 1);
      endElement(tag);
      return;
    }
    const index = open.findLastIndex(({ name }) => name === tag.name);
    if (index < 1) return;
    while (open.length > index + 1) closeContainer(tag.start);
    closeContainer(tag.end);
  }

  function closeContainer(end: number): void {
    if (pending.hasText) endBlock(end);
    else extendLast(end);
    const { name, start, children } = open.pop() ?? { name: "", start: end, children: [] };
    const last = children.at(-1);
    if (!last) return;
    open.at(-1)?.children.push({
      start,
      end: last.end,
      breaks: code.has(name) ? outside.lines : outside.text,
      ...(!code.has(name) && { children: name === "table" ? headed(children) : children }),
      ...(name === "table" && labelOf(text, children)),
    });
  }
}

function extended(block: HtmlBlock, end: number): HtmlBlock {
  const last = block.children?.at(-1);
  if (!block.children || !last) return { ...block, end };
  return { ...block, end, children: [...block.children.slice(0, -1), extended(last, end)] };
}
