import type { Breaks } from "../text/breaks.ts";
import { lineBreaks, proseBreaks } from "../text/nested-breaks.ts";
import type { Container, Draft, Leaf, MarkdownBlock, Parent, ParagraphLine } from "./draft.ts";
import { blockOf, leads, leafOf, noLeaf, parentOf, rootOf } from "./draft.ts";
import { definitionsIn, footnoteMarkEnd, labelKey } from "./definitions.ts";
import { headingWords } from "./inline.ts";
import { endsHtml, htmlStart, opensMore } from "./html.ts";
import {
  cellCount,
  closesFence,
  delimiterCells,
  endsDirective,
  fenceOf,
  frontMatterEnd,
  headingDepth,
  headingText,
  isDirective,
  isMark,
  isRule,
  markerOf,
  underlineDepth,
} from "./lines.ts";
import type { Line } from "../text/text-lines.ts";
import { columnBehind, isSpaceOrTab, lineReader, readLine as readNext } from "../text/text-lines.ts";

/** Containers nested deeper are text: every line is looked at a bounded number of times. */
const DEEPEST = 16;

/** What the rest of a line begins: a container that its mark is of, or a block that takes all of it. */
type Begun = "container" | "leaf" | undefined;

/**
 * The blocks of a Markdown text: CommonMark with tables, footnotes and front matter, as far as cutting it needs.
 *
 * Line by line: which containers go on, which blocks begin, and what the rest of the line belongs to. A block begins with
 * the first mark on its line, be it that of a quote or an item around it.
 */
export const markdownBlocks: (text: string) => readonly MarkdownBlock[] = /* @__PURE__ */ blockReader();

/** One for all texts: what an engine has compiled for functions is thrown away with them. */
function blockReader(): (text: string) => readonly MarkdownBlock[] {
  let text = "";
  let root = rootOf();
  /** Outermost first, and how many of them the line is in. */
  const open: Container[] = [];
  let depth = 1;
  let leaf = noLeaf;
  /** One for all paragraphs, of which there are many. */
  const paragraphs = leafOf("paragraph", noLeaf.block);
  const labels = new Set<string>();
  /** What may define labels, looked into where a heading may link by one. */
  const mayDefine: (readonly Line[])[] = [];
  /** The lines of the last paragraph, and how many it has: there are as many objects as in the longest one. */
  const above: ParagraphLine[] = [];
  let height = 0;
  /** Where the line begins and ends; up to which column it is read, and what is next. */
  let mark = 0;
  let end = 0;
  let column = 0;
  let next = 0;
  let nextColumn = 0;
  const remainder = { start: 0, end: 0, indent: 0 };
  /** By the mark that the rest of a line begins with. */
  const beginners: ((line: Line) => Begun)[] = [];
  for (const [marks, beginner] of [
    ["`~", beginFence],
    ["#", beginHeading],
    ["<", beginHtml],
    [":", beginDirective],
    ["_", beginRule],
    ["-*", (line: Line): Begun => (isRule(text, line) ? beginRule(line) : beginItem(line))],
    ["+0123456789", beginItem],
    [">", beginQuote],
    ["[", beginFootnote],
  ] as const) {
    for (const one of marks) beginners[one.charCodeAt(0)] = beginner;
  }

  return (given) => {
    begin(given);
    const front = frontMatterEnd(text);
    if (front > 0) root.block.children.push(blockOf(0, front, lineBreaks));
    const line = lineReader(text);
    while (readNext(line)) {
      if (line.start < front) continue;
      mark = line.start;
      end = line.end;
      nextColumn = line.column;
      next = mark;
      column = 0;
      readLine();
      if (mark >= end) continue;
      if (isBlank()) growLast();
      else for (let index = 0; index < open.length; index++) grow(open[index] as Container);
    }
    depth = 1;
    close();
    const { children } = root.block;
    for (let index = 0; index < children.length; index++) {
      const block = children[index] as Draft;
      if (block.heading) block.heading.text = headingWords(block.heading.text, isDefined);
      else if (block.lead) block.lead = leads(children, index);
    }
    // Nothing of the text is kept.
    begin("");
    return children;
  };

  function begin(given: string): void {
    text = given;
    root = rootOf();
    open.length = 0;
    open.push(root);
    depth = 1;
    leaf = noLeaf;
    if (labels.size > 0) labels.clear();
    mayDefine.length = 0;
    above.length = 0;
    height = 0;
  }

  /** A label may be defined below the heading that links by it. */
  function isDefined(label: string): boolean {
    for (const paragraph of mayDefine.splice(0)) define(paragraph);
    return labels.has(labelKey(label));
  }

  /** Running text is apart: what an engine has compiled for it is not compiled again when the first mark comes. */
  function readLine(): void {
    depth = 1;
    if (open.length > 1 || leaf.verbatim || mayBegin()) readStructured();
    else readText();
  }

  function readStructured(): void {
    while (depth < open.length && goesOn(open[depth] as Container)) depth++;
    if (depth === open.length && leaf.verbatim && leafGoesOn(leaf)) return;
    if (!mayBegin() || !beginBlocks()) readText();
  }

  function readText(): void {
    if (isBlank()) close();
    else continueText();
  }

  /** Whether the rest of the line may be more than text. */
  function mayBegin(): boolean {
    return !isBlank() && (nextColumn - column >= 4 || isMark(text.charCodeAt(next)));
  }

  // ── the line

  /** The rest of the line, as what it stands in has it. One object for all lines: to be read at once. */
  function rest(): Line {
    remainder.start = next;
    remainder.end = end;
    remainder.indent = nextColumn - column;
    return remainder;
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
      const unit = text.charCodeAt(next);
      if (!isSpaceOrTab(unit)) break;
      nextColumn = columnBehind(nextColumn, unit);
    }
  }

  function enterQuote(): void {
    advance(1);
    if (nextColumn > column) column++;
  }

  // ── what goes on

  function goesOn({ kind, width, block }: Container): boolean {
    if (kind === "quote") {
      if (isBlank() || nextColumn - column >= 4 || text.charCodeAt(next) !== QUOTE) return false;
      enterQuote();
      return true;
    }
    // An item that begins with a blank line has no second one.
    if (isBlank()) return kind === "footnote" || block.children.length > 0;
    if (nextColumn - column < width) return false;
    column += width;
    return true;
  }

  function leafGoesOn({ kind, block, fence, html }: Leaf): boolean {
    if (isBlank()) return !html || html.closers !== undefined;
    if (kind === "indented") {
      if (nextColumn - column < 4) return false;
    } else if (html) {
      if (endsHtml(text, rest(), html)) leaf = noLeaf;
    } else if (nextColumn - column < 4 && closesFence(text, rest(), fence)) leaf = noLeaf;
    block.end = end;
    return true;
  }

  // ── what begins

  /** Begins the blocks that the rest of the line does; whether one takes all of it. */
  function beginBlocks(): boolean {
    while (!isBlank()) {
      const line = rest();
      const isInParagraph = leaf.kind === "paragraph";
      if (line.indent >= 4) {
        if (isInParagraph) return false;
        leaf = leafOf("indented", add(lineBreaks));
        return true;
      }
      const unit = text.charCodeAt(next);
      if (!isMark(unit)) return false;
      if (isInParagraph && depth === open.length && endsParagraph(line, leaf.block)) return true;
      const begun = beginners[unit]?.(line);
      if (begun !== "container") return begun === "leaf";
    }
    return false;
  }

  function enter(container: Container): "container" {
    depth = open.push(container);
    return "container";
  }

  function beginQuote(): Begun {
    if (open.length > DEEPEST) return undefined;
    const block = addParent();
    enterQuote();
    return enter({ kind: "quote", block, width: 0, list: undefined });
  }

  function beginItem(line: Line): Begun {
    const marker = open.length > DEEPEST ? undefined : markerOf(text, line, nextColumn);
    const ends = leaf.kind === "paragraph" && depth === open.length;
    if (!marker || (ends && !marker.interrupts)) return undefined;
    close();
    const around = open.at(-1) as Container;
    if (around.list?.mark !== marker.kind) {
      around.list = { mark: marker.kind, block: addParent() };
    }
    const { block: list } = around.list;
    const block = adopt(list, parentOf(mark, end, proseBreaks));
    advance(marker.size);
    column += marker.width - marker.size;
    return enter({ kind: "item", block, width: line.indent + marker.width, list: undefined });
  }

  function beginFootnote(line: Line): Begun {
    const behind = open.length > DEEPEST ? undefined : footnoteMarkEnd(text, line);
    if (behind === undefined) return undefined;
    labels.add(labelKey(text.slice(line.start + 1, behind - 2)));
    const block = addParent();
    advance(behind - line.start);
    column = nextColumn;
    return enter({ kind: "footnote", block, width: 4, list: undefined });
  }

  function beginFence(line: Line): Begun {
    const fence = fenceOf(text, line);
    if (fence === undefined) return undefined;
    leaf = leafOf("fence", add(lineBreaks), fence);
    return "leaf";
  }

  function beginHeading(line: Line): Begun {
    const atx = headingDepth(text, line);
    if (atx === 0) return undefined;
    addBlock(headingOf(mark, end, atx, headingText(text, line)));
    return "leaf";
  }

  function beginHtml(line: Line): Begun {
    const html = htmlStart(text, line);
    if (!html || (leaf.kind === "paragraph" && !html.interrupts)) return undefined;
    const block = add(lineBreaks);
    if (!endsHtml(text, line, html)) leaf = leafOf("html", block, "", html);
    return "leaf";
  }

  function beginDirective(line: Line): Begun {
    if (!isDirective(text, line)) return undefined;
    close();
    const before = (open.at(-1) as Container).block.children.at(-1);
    if (endsDirective(text, line) && before?.lead === false) growLast();
    else add(lineBreaks).lead = !endsDirective(text, line);
    return "leaf";
  }

  function beginRule(line: Line): Begun {
    if (!isRule(text, line)) return undefined;
    add(lineBreaks);
    return "leaf";
  }

  /** Headings in quotes and lists are none of a section. */
  function headingOf(start: number, to: number, level: number, words: string): Draft {
    const block = blockOf(start, to, proseBreaks);
    block.lead = true;
    if (depth === 1) block.heading = { depth: level, text: words };
    return block;
  }

  /** Adds a block to the innermost container that the line is in. */
  function add(breaks: Breaks): Draft {
    return addBlock(blockOf(mark, end, breaks));
  }

  function addParent(): Parent {
    return addBlock(parentOf(mark, end, proseBreaks));
  }

  function addBlock<D extends Draft>(block: D): D {
    close();
    const around = open.at(-1) as Container;
    around.list = undefined;
    return adopt(around.block, block);
  }

  /** Marks alone above the first block in a container belong to it. */
  function adopt<D extends Draft>(parent: Parent, block: D): D {
    if (parent.children.length > 0) parent.children.push(block);
    else {
      if (parent !== root.block) block.start = parent.start;
      // Most have one: an array that is pushed to has room for many.
      parent.children = [block];
    }
    return block;
  }

  function close(): void {
    while (open.length > depth) open.pop();
    if (leaf.kind === "paragraph" && text.charCodeAt((above[0] as ParagraphLine).start) === BRACKET) {
      mayDefine.push(above.splice(0, height));
      height = 0;
    }
    // Tags that are left open belong to what is in them.
    if (leaf.html && leaf.html.closers === undefined) leaf.block.lead = opensMore(text, leaf.block);
    leaf = noLeaf;
  }

  /** Keeps the labels that a paragraph defines; answers with how many of its lines do. */
  function define(paragraph: readonly Line[]): number {
    const defined = definitionsIn(text, paragraph);
    for (const label of defined.labels) labels.add(label);
    return defined.lines;
  }

  // ── what becomes of paragraphs

  function continueText(): void {
    if (leaf.kind === "paragraph") {
      addLine();
      leaf.block.end = end;
    } else if (leaf.kind === "table" && depth === open.length) addRow(leaf);
    else {
      const block = add(proseBreaks);
      block.prose = true;
      leaf = paragraphs;
      leaf.block = block;
      height = 0;
      addLine();
    }
  }

  function addLine(): void {
    if (height === above.length) above.push({ start: 0, end: 0, indent: 0, mark: 0 });
    const line = above[height++] as ParagraphLine;
    line.start = next;
    line.end = end;
    line.indent = nextColumn - column;
    line.mark = mark;
  }

  /** Whether a line makes a heading or a table of the paragraph above it. */
  function endsParagraph(line: Line, block: Draft): boolean {
    const level = underlineDepth(text, line);
    const defined = level > 0 ? define(above.slice(0, height)) : 0;
    if (level > 0 && defined < height) {
      const words = above.slice(defined, height).map(({ start, end: to }) => text.slice(start, to));
      replaceLast(block, defined, (start) => headingOf(start, end, level, words.join(" ")));
      return true;
    }
    const header = above[height - 1];
    const cells = markerOf(text, line, nextColumn)?.interrupts ? 0 : delimiterCells(text, line);
    if (!header || header.indent >= 4 || cells === 0 || cellCount(text, header) !== cells) return false;
    const label = text.slice(header.start, header.end);
    const table = replaceLast(block, height - 1, (start) => {
      const made = parentOf(start, end, lineBreaks);
      made.label = label;
      made.children.push(blockOf(start, end, proseBreaks));
      return made;
    });
    leaf = leafOf("table", table);
    return true;
  }

  /** Makes another block of the last lines of a paragraph, those that are not kept, and of the line that is read. */
  function replaceLast<D extends Draft>(block: Draft, kept: number, made: (start: number) => D): D {
    const { children: siblings } = (open.at(-1) as Container).block;
    const last = kept > 0 ? above[kept - 1] : undefined;
    if (last) block.end = last.end;
    else siblings.pop();
    leaf = noLeaf;
    const other = made(last ? (above[kept]?.mark ?? mark) : block.start);
    siblings.push(other);
    return other;
  }

  /** The first row stays with the header and the dashes. */
  function addRow(table: Leaf): void {
    const { children = [] } = table.block;
    if (table.hasRows) children.push(blockOf(mark, end, proseBreaks));
    else (children[0] as Draft).end = end;
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

const QUOTE = 0x3e;
const BRACKET = 0x5b;
