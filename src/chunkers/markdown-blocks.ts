import type { Block } from "./blocks.ts";
import { lineBreaks, textBreaks } from "./breaks.ts";
import { htmlStart } from "./markdown-html.ts";
import type { Marker } from "./markdown-lines.ts";
import {
  cellCount,
  closesFence,
  fenceOf,
  headingDepth,
  headingText,
  isDelimiterRow,
  isRule,
  markerOf,
  underlineDepth,
} from "./markdown-lines.ts";
import type { Line, Lines } from "./text-lines.ts";
import { linesOf } from "./text-lines.ts";

export interface MarkdownBlock extends Block {
  readonly heading?: { readonly depth: number; readonly text: string };
}

/** An item whose list is nested deeper than this is not taken apart: every line is looked at a bounded number of times. */
const DEEPEST = 8;

/** The blocks of a Markdown text: CommonMark with tables and front matter, as far as cutting it needs. */
export function markdownBlocks(text: string): readonly MarkdownBlock[] {
  const lines = linesOf(text);
  const front = frontMatterEnd(text, lines);
  const blocks = blocksIn(text, lines, { first: front, last: lines.length, column: 0, depth: 0 });
  if (front === 0) return blocks;
  return [{ start: lines.at(0, 0).start, end: lines.at(front - 1, 0).end, breaks: lineBreaks }, ...blocks];
}

/** The line behind front matter, 0 where there is none. */
function frontMatterEnd(text: string, lines: Lines): number {
  const fence = lineText(text, lines.at(0, 0));
  if (fence !== "---" && fence !== "+++") return 0;
  for (let index = 1; index < lines.length; index++) {
    const line = lineText(text, lines.at(index, 0));
    if (line === fence || (line === "..." && fence === "---")) return index + 1;
  }
  return 0;
}

/** Lines whose content begins at `column`. */
interface Container {
  readonly first: number;
  readonly last: number;
  readonly column: number;
  readonly depth: number;
  /** Where the content of the first line begins, behind the marker of an item. */
  readonly content?: number;
}

function blocksIn(text: string, lines: Lines, container: Container): MarkdownBlock[] {
  const { first, last, column, depth, content } = container;
  const blocks: MarkdownBlock[] = [];
  let index = first;
  while (index < last) {
    const line = lineAt(index);
    index = isBlank(line) ? index + 1 : block(index, line);
  }
  return blocks;

  function lineAt(at: number): Line {
    const line = lines.at(at, column);
    return at === first && content !== undefined ? { ...line, start: Math.min(content, line.end), indent: 0 } : line;
  }

  /** Adds the block from one line to before another, less the blank lines at its end. Answers with the latter. */
  function add(from: number, behind: number, rest: Omit<MarkdownBlock, "start" | "end">): number {
    blocks.push({ start: lineAt(from).start, end: contentEnd(from, behind), ...rest });
    return behind;
  }

  function contentEnd(from: number, behind: number): number {
    let final = behind - 1;
    while (final > from && isBlank(lineAt(final))) final--;
    return lineAt(final).end;
  }

  /** Adds the block that begins with a line; answers with the line behind it. */
  function block(at: number, line: Line): number {
    if (line.indent >= 4) return add(at, indentedEnd(at), { breaks: lineBreaks });
    const fence = fenceOf(text, line);
    if (fence !== undefined) return add(at, fenceEnd(at, fence), { breaks: lineBreaks });
    const depthOfHeading = headingDepth(text, line);
    if (depthOfHeading > 0) return heading(at, at + 1, { depth: depthOfHeading, text: headingText(text, line) });
    if (isRule(text, line)) return add(at, at + 1, { breaks: lineBreaks });
    const marker = markerOf(text, line);
    if (marker) return list(at, line, marker);
    if (text.charAt(line.start) === ">") return add(at, quoteEnd(at), { breaks: textBreaks });
    const html = htmlStart(text, line);
    if (html)
      return add(at, html.closer === undefined ? blankLine(at) : closedBy(at, html.closer), { breaks: lineBreaks });
    return isTable(at) ? table(at) : paragraph(at);
  }

  function heading(at: number, behind: number, of: { readonly depth: number; readonly text: string }): number {
    return add(at, behind, { breaks: textBreaks, lead: true, heading: of });
  }

  function indentedEnd(at: number): number {
    let behind = at + 1;
    while (behind < last && (isBlank(lineAt(behind)) || lineAt(behind).indent >= 4)) behind++;
    return behind;
  }

  function fenceEnd(at: number, fence: string): number {
    for (let behind = at + 1; behind < last; behind++) {
      const line = lineAt(behind);
      if (line.indent < 4 && closesFence(text, line, fence)) return behind + 1;
    }
    return last;
  }

  function blankLine(at: number): number {
    let behind = at + 1;
    while (behind < last && !isBlank(lineAt(behind))) behind++;
    return behind;
  }

  function closedBy(at: number, closer: string): number {
    for (let behind = at; behind < last; behind++) {
      if (lineText(text, lineAt(behind)).toLowerCase().includes(closer)) return behind + 1;
    }
    return last;
  }

  function quoteEnd(at: number): number {
    let behind = at + 1;
    for (; behind < last; behind++) {
      const line = lineAt(behind);
      const isQuoted = line.indent < 4 && text.charAt(line.start) === ">";
      if (!isQuoted && (isBlank(line) || interrupts(line))) break;
    }
    return behind;
  }

  function isTable(at: number): boolean {
    if (at + 1 >= last) return false;
    const [header, delimiter] = [lineAt(at), lineAt(at + 1)];
    if (header.indent >= 4 || delimiter.indent >= 4 || !isDelimiterRow(text, delimiter)) return false;
    const cells = cellCount(text, delimiter);
    return cells > 0 && (cellCount(text, header) || 1) === cells;
  }

  function table(at: number): number {
    let behind = at + 2;
    while (behind < last && !isBlank(lineAt(behind)) && !interrupts(lineAt(behind))) behind++;
    const rows = Array.from({ length: behind - at }, (_, row) => lineAt(at + row)).map(({ start, end }) => ({
      start,
      end,
      breaks: textBreaks,
    }));
    return add(at, behind, { breaks: lineBreaks, label: lineText(text, lineAt(at)), children: headed(rows) });
  }

  /** A paragraph, or the heading that an underline makes of it. */
  function paragraph(at: number): number {
    let behind = at + 1;
    for (; behind < last; behind++) {
      const line = lineAt(behind);
      if (isBlank(line)) break;
      if (line.indent >= 4) continue;
      const underlined = line.indent < 0 ? 0 : underlineDepth(text, line);
      if (underlined > 0) return heading(at, behind + 1, { depth: underlined, text: joined(at, behind) });
      if (interrupts(line) || isTable(behind)) break;
    }
    return add(at, behind, { breaks: textBreaks, prose: true });
  }

  function joined(at: number, behind: number): string {
    return Array.from({ length: behind - at }, (_, offset) => lineText(text, lineAt(at + offset))).join(" ");
  }

  /** Whether a line is of a block that ends a paragraph above it. */
  function interrupts(line: Line): boolean {
    if (line.indent >= 4) return false;
    return (
      fenceOf(text, line) !== undefined ||
      headingDepth(text, line) > 0 ||
      isRule(text, line) ||
      text.charAt(line.start) === ">" ||
      markerOf(text, line)?.interrupts === true ||
      htmlStart(text, line)?.interrupts === true
    );
  }

  function list(at: number, line: Line, marker: Marker): number {
    const items: Block[] = [];
    let behind = at;
    let next: Item | undefined = { line, marker };
    while (next) {
      const start = behind;
      behind = itemEnd(start, next);
      items.push(item(start, behind, next));
      next = behind < last ? sibling(behind, marker.kind) : undefined;
    }
    return add(at, behind, { breaks: textBreaks, children: items });
  }

  function sibling(at: number, kind: string): Item | undefined {
    const line = lineAt(at);
    if (line.indent >= 4 || isRule(text, line)) return undefined;
    const marker = markerOf(text, line);
    return marker?.kind === kind ? { line, marker } : undefined;
  }

  /** The first line that the item does not have, or the last one of the list's container. */
  function itemEnd(at: number, { line, marker }: Item): number {
    const inner = columnOf({ line, marker });
    let fence = fenceOf(text, { ...line, start: marker.content });
    let afterBlank = false;
    let behind = at + 1;
    for (; behind < last; behind++) {
      const inside = lines.at(behind, inner);
      if (isBlank(inside)) {
        afterBlank = true;
        continue;
      }
      if (inside.indent < 0) {
        // Its paragraph goes on without the indentation, up to a blank line or another block.
        const outside = lineAt(behind);
        if (afterBlank || fence !== undefined || interrupts(outside) || markerOf(text, outside)) break;
      } else if (fence === undefined) fence = inside.indent < 4 ? fenceOf(text, inside) : undefined;
      else if (inside.indent < 4 && closesFence(text, inside, fence)) fence = undefined;
      afterBlank = false;
    }
    return behind;
  }

  function item(at: number, behind: number, { line, marker }: Item): Block {
    const whole = { start: line.start, end: contentEnd(at, behind), breaks: textBreaks };
    if (depth >= DEEPEST) return whole;
    const [head, ...others] = blocksIn(text, lines, {
      first: at,
      last: behind,
      column: columnOf({ line, marker }),
      depth: depth + 1,
      content: marker.content,
    });
    return head ? { ...whole, children: [{ ...head, start: line.start }, ...others] } : whole;
  }

  function columnOf({ line, marker }: Item): number {
    return column + line.indent + marker.width;
  }
}

interface Item {
  readonly line: Line;
  readonly marker: Marker;
}

/** Rows of which the first three, the header, the dashes and a row, stay together. */
function headed(rows: readonly Block[]): readonly Block[] {
  const [header, dashes, first, ...others] = rows;
  if (!header || !dashes || !first) return rows;
  return [{ ...first, start: header.start }, ...others];
}

function isBlank({ start, end }: Line): boolean {
  return start >= end;
}

function lineText(text: string, { start, end }: Line): string {
  return text.slice(start, end);
}
