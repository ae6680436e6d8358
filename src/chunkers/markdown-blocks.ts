import type { Block } from "./blocks.ts";
import type { Breaks } from "./breaks.ts";
import { lineBreaks, proseBreaks } from "./nested-breaks.ts";
import { definitionsIn, footnoteMarkEnd, labelKey } from "./markdown-definitions.ts";
import { headingWords } from "./markdown-inline.ts";
import type { HtmlStart } from "./markdown-html.ts";
import { endsHtml, htmlStart } from "./markdown-html.ts";
import {
  cellCount,
  closesFence,
  delimiterCells,
  fenceOf,
  headingDepth,
  headingText,
  isRule,
  markerOf,
  underlineDepth,
} from "./markdown-lines.ts";
import type { Line } from "./text-lines.ts";
import { lineReader } from "./text-lines.ts";

export interface MarkdownBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string };
}

/** While it is being read, a block grows line by line. */
type Draft = { -readonly [K in keyof Block]: K extends "children" ? Draft[] : Block[K] } & {
  heading?: { readonly depth: number; text: string };
};
type Parent = Draft & { readonly children: Draft[] };

/** What holds blocks: the text, a quote, an item of a list, a footnote. */
interface Container {
  readonly kind: "text" | "quote" | "item" | "footnote";
  readonly block: Parent;
  /** Columns by which the lines of an item or a footnote are indented. */
  readonly width: number;
  /** The list at its end, with what marks the items. */
  list?: { readonly mark: string; readonly block: Parent } | undefined;
}

interface Paragraph {
  readonly kind: "paragraph";
  readonly block: Draft;
  readonly lines: ParagraphLine[];
}

interface ParagraphLine extends Line {
  /** Where the line begins, with the marks of what it stands in. */
  readonly mark: number;
  /** Whether it has no marks of what it stands in. */
  readonly lazy: boolean;
}

/** The block that the last line was of, while it may go on. */
type Leaf =
  | Paragraph
  | { readonly kind: "indented"; readonly block: Draft }
  | { readonly kind: "fence"; readonly block: Draft; readonly fence: string }
  | { readonly kind: "html"; readonly block: Draft; readonly html: HtmlStart }
  | { readonly kind: "table"; readonly block: Parent; hasRows: boolean };

const BRACKET = 0x5b;
/** Containers nested deeper are text: every line is looked at a bounded number of times. */
const DEEPEST = 16;

/**
 * The blocks of a Markdown text: CommonMark with tables, footnotes and front matter, as far as cutting it needs.
 *
 * Line by line: which containers go on, which blocks begin, and what the rest of the line belongs to. A block begins with
 * the first mark on its line, be it that of a quote or an item around it.
 */
export function markdownBlocks(text: string): readonly MarkdownBlock[] {
  const lines = lineReader(text);
  const root: Container = { kind: "text", block: { start: 0, end: 0, breaks: proseBreaks, children: [] }, width: 0 };
  /** Outermost first, and how many of them the line is in. */
  const open = [root];
  let depth = 1;
  let leaf: Leaf | undefined;
  const labels = new Set<string>();
  /** What may define labels, looked into where a heading may link by one. */
  const mayDefine: Paragraph[] = [];
  /** Where the line begins and ends; up to which column it is read, and what is next. */
  let mark = 0;
  let end = 0;
  let column = 0;
  let next = 0;
  let nextColumn = 0;

  const front = frontMatterEnd(text);
  if (front > 0) root.block.children.push({ start: 0, end: front, breaks: lineBreaks });
  while (lines.read()) {
    if (lines.start < front) continue;
    mark = lines.start;
    end = lines.end;
    nextColumn = lines.column;
    next = mark;
    column = 0;
    readLine();
    if (mark >= end) continue;
    if (isBlank()) growLast();
    else for (const container of open) grow(container);
  }
  depth = 1;
  close();
  for (const { heading } of root.block.children) if (heading) heading.text = headingWords(heading.text, isDefined);
  return root.block.children;

  /** A label may be defined below the heading that links by it. */
  function isDefined(label: string): boolean {
    for (const paragraph of mayDefine.splice(0)) define(paragraph);
    return labels.has(labelKey(label));
  }

  function readLine(): void {
    depth = 1;
    while (depth < open.length && goesOn(open[depth] as Container)) depth++;
    if (depth === open.length && leafGoesOn()) return;
    while (!isBlank()) {
      const line = rest();
      const isInParagraph = leaf?.kind === "paragraph";
      if (line.indent >= 4) {
        if (isInParagraph) break;
        leaf = { kind: "indented", block: add(lineBreaks) };
        return;
      }
      if (marks[text.charCodeAt(next)] !== 1) break;
      if (depth === open.length && leaf?.kind === "paragraph" && endsParagraph(line, leaf)) return;
      if (beginLeaf(line)) return;
      if (!beginContainer(line)) break;
    }
    if (isBlank()) close();
    else continueText();
  }

  // ── the line

  /** The rest of the line, as what it stands in has it. */
  function rest(): Line {
    return { start: next, end, indent: nextColumn - column };
  }

  function isBlank(): boolean {
    return next >= end;
  }

  /** Goes on behind a mark. */
  function advance(marks: number): void {
    next += marks;
    nextColumn += marks;
    column = nextColumn;
    for (; next < end; next++) {
      const character = text.charAt(next);
      if (character === " ") nextColumn++;
      else if (character === "\t") nextColumn += 4 - (nextColumn % 4);
      else break;
    }
  }

  function enterQuote(): void {
    advance(1);
    if (nextColumn > column) column++;
  }

  // ── what goes on

  function goesOn({ kind, width, block }: Container): boolean {
    if (kind === "quote") {
      if (isBlank() || nextColumn - column >= 4 || text.charAt(next) !== ">") return false;
      enterQuote();
      return true;
    }
    // An item that begins with a blank line has no second one.
    if (isBlank()) return kind === "footnote" || block.children.length > 0;
    if (nextColumn - column < width) return false;
    column += width;
    return true;
  }

  function leafGoesOn(): boolean {
    if (leaf === undefined || leaf.kind === "paragraph" || leaf.kind === "table") return false;
    const { block } = leaf;
    if (leaf.kind === "indented") {
      if (isBlank()) return true;
      if (nextColumn - column < 4) return false;
    } else if (leaf.kind === "fence") {
      const mayClose = text.charCodeAt(next) === leaf.fence.charCodeAt(0) && nextColumn - column < 4;
      if (mayClose && closesFence(text, rest(), leaf.fence)) leaf = undefined;
    } else {
      if (leaf.html.closers === undefined && isBlank()) return false;
      if (endsHtml(text, rest(), leaf.html)) leaf = undefined;
    }
    if (!isBlank()) block.end = end;
    return true;
  }

  // ── what begins

  function beginContainer(line: Line): boolean {
    if (open.length > DEEPEST) return false;
    if (text.charAt(line.start) === ">") {
      open.push({ kind: "quote", block: addParent(), width: 0 });
      enterQuote();
    } else if (!beginItem(line) && !beginFootnote(line)) return false;
    depth = open.length;
    return true;
  }

  function beginItem(line: Line): boolean {
    const marker = markerOf(text, line, nextColumn);
    const ends = leaf?.kind === "paragraph" && depth === open.length;
    if (!marker || (ends && !marker.interrupts)) return false;
    close();
    const around = open.at(-1) as Container;
    if (around.list?.mark !== marker.kind) {
      around.list = { mark: marker.kind, block: addParent() };
    }
    const { block: list } = around.list;
    const block = adopt(list, parentOf(mark, end));
    open.push({ kind: "item", block, width: line.indent + marker.width });
    advance(marker.size);
    column += marker.width - marker.size;
    return true;
  }

  function beginFootnote(line: Line): boolean {
    const behind = footnoteMarkEnd(text, line);
    if (behind === undefined) return false;
    labels.add(labelKey(text.slice(line.start + 1, behind - 2)));
    open.push({ kind: "footnote", block: addParent(), width: 4 });
    advance(behind - line.start);
    column = nextColumn;
    return true;
  }

  /** Takes the whole line, if it begins a block that is no container. */
  function beginLeaf(line: Line): boolean {
    const fence = fenceOf(text, line);
    if (fence !== undefined) {
      leaf = { kind: "fence", block: add(lineBreaks), fence };
      return true;
    }
    const atx = headingDepth(text, line);
    if (atx > 0) {
      head(add(proseBreaks), atx, headingText(text, line));
      return true;
    }
    const html = htmlStart(text, line);
    if (html && (html.interrupts || leaf?.kind !== "paragraph")) {
      const block = add(lineBreaks);
      if (!endsHtml(text, line, html)) leaf = { kind: "html", block, html };
      return true;
    }
    if (!isRule(text, line)) return false;
    add(lineBreaks);
    return true;
  }

  /** Makes a heading of a block. Those in quotes and lists are none of a section. */
  function head(block: Draft, level: number, words: string): void {
    block.lead = true;
    if (depth === 1) block.heading = { depth: level, text: words };
  }

  /** Adds a block to the innermost container that the line is in. */
  function add(breaks: Breaks): Draft {
    return addBlock({ start: mark, end, breaks });
  }

  function addParent(): Parent {
    return addBlock(parentOf(mark, end));
  }

  function addBlock<D extends Draft>(block: D): D {
    close();
    const around = open.at(-1) as Container;
    around.list = undefined;
    return adopt(around.block, block);
  }

  /** Marks alone above the first block in a container belong to it. */
  function adopt<D extends Draft>({ start, children }: Parent, block: D): D {
    if (children.length === 0 && children !== root.block.children) block.start = start;
    children.push(block);
    return block;
  }

  function close(): void {
    while (open.length > depth) open.pop();
    if (leaf?.kind === "paragraph" && text.charCodeAt(leaf.lines[0]?.start ?? end) === BRACKET) mayDefine.push(leaf);
    leaf = undefined;
  }

  /** Keeps the labels that a paragraph defines; answers with how many of its lines do. */
  function define(paragraph: Paragraph): number {
    const defined = definitionsIn(text, paragraph.lines);
    for (const label of defined.labels) labels.add(label);
    return defined.lines;
  }

  // ── what becomes of paragraphs

  function continueText(): void {
    const lazy = depth < open.length;
    if (leaf?.kind === "paragraph") {
      leaf.lines.push({ start: next, end, indent: nextColumn - column, mark, lazy });
      leaf.block.end = end;
    } else if (leaf?.kind === "table" && !lazy) addRow(leaf);
    else {
      const first = { start: next, end, indent: nextColumn - column, mark, lazy: false };
      leaf = { kind: "paragraph", block: add(proseBreaks), lines: [first] };
      leaf.block.prose = true;
    }
  }

  /** Whether a line makes a heading or a table of the paragraph above it. */
  function endsParagraph(line: Line, paragraph: Paragraph): boolean {
    const { block, lines: above } = paragraph;
    const level = underlineDepth(text, line);
    const defined = level > 0 ? define(paragraph) : 0;
    if (level > 0 && defined < above.length) {
      const words = above.slice(defined).map(({ start, end: to }) => text.slice(start, to));
      head(splitLast(block, above, defined, proseBreaks), level, words.join(" "));
      return true;
    }
    const header = above.at(-1);
    const cells = markerOf(text, line, nextColumn)?.interrupts ? 0 : delimiterCells(text, line);
    if (!header || header.lazy || header.indent >= 4 || cells === 0 || cellCount(text, header) !== cells) return false;
    const whole = splitLast(block, above, above.length - 1, lineBreaks);
    const table = Object.assign(whole, {
      label: text.slice(header.start, header.end),
      children: [{ start: whole.start, end, breaks: proseBreaks }],
    });
    leaf = { kind: "table", block: table, hasRows: false };
    return true;
  }

  /** Makes another block of the last lines of a paragraph, and of the line that is read. */
  function splitLast(block: Draft, above: readonly ParagraphLine[], kept: number, breaks: Breaks): Draft {
    const { children: siblings } = (open.at(-1) as Container).block;
    const last = above[kept - 1];
    if (last) block.end = last.end;
    else siblings.pop();
    leaf = undefined;
    const start = last ? (above[kept]?.mark ?? mark) : block.start;
    const made = { start, end, breaks };
    siblings.push(made);
    return made;
  }

  /** The first row stays with the header and the dashes. */
  function addRow(table: Leaf & { kind: "table" }): void {
    const [first] = table.block.children;
    if (table.hasRows || !first) table.block.children.push({ start: mark, end, breaks: proseBreaks });
    else first.end = end;
    table.hasRows = true;
    table.block.end = end;
  }

  // ── how far blocks go

  function grow({ block, list }: Container): void {
    block.end = end;
    if (list) list.block.end = end;
  }

  /** Marks without text behind them belong to what is above them. */
  function growLast(): void {
    for (let last: Draft | undefined = root.block; last; last = last.children?.at(-1)) last.end = end;
  }
}

/** What a line begins with that is more than text: a mark of its own, or one that makes something of the lines above. */
const marks = new Uint8Array(0x80);
for (const mark of "`~#<>-+*_=:|[0123456789") marks[mark.charCodeAt(0)] = 1;

/** Where the front matter ends, 0 where there is none. */
function frontMatterEnd(text: string): number {
  const fence = text.slice(0, 3);
  if (fence !== "---" && fence !== "+++") return 0;
  const lines = lineReader(text);
  if (!lines.read() || lines.end !== 3) return 0;
  while (lines.read()) {
    if (lines.column === 0 && lines.end - lines.start === 3 && text.startsWith(fence, lines.start)) return lines.end;
  }
  return 0;
}

function parentOf(start: number, end: number): Parent {
  return { start, end, breaks: proseBreaks, children: [] };
}
