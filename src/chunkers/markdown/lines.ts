import type { Line } from "../text/text-lines.ts";
import { columnBehind, isSpaceOrTab, lineReader, readLine } from "../text/text-lines.ts";

// By code unit: what engines compile for characters as strings is not for those beyond Latin.
const HASH = 0x23;
const STAR = 0x2a;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const BACKTICK = 0x60;
const PIPE = 0x7c;
const TILDE = 0x7e;

/** What a line begins with that is more than text: a mark of its own, or one that makes something of the lines above. */
const lineMarks = new Uint8Array(0x80);
for (const mark of "`~#<>-+*_=:|[0123456789") lineMarks[mark.charCodeAt(0)] = 1;

export function isMark(unit: number): boolean {
  return unit < 0x80 && lineMarks[unit] === 1;
}

/** How often one character stands from `start` on. */
function runLength(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start);
  let position = start;
  while (position < end && text.charCodeAt(position) === first) position++;
  return position - start;
}

export interface Marker {
  /** Of the same list as others alike. */
  readonly kind: string;
  readonly size: number;
  /** Columns from the marker to the content of the item. */
  readonly width: number;
  /** Whether it may follow a paragraph without a blank line. */
  readonly interrupts: boolean;
}

/** The marker of a list item, which stands at a column of the text. */
export function markerOf(text: string, { start, end }: Line, column: number): Marker | undefined {
  let last = start;
  const first = text.charCodeAt(start);
  if (first !== DASH && first !== PLUS && first !== STAR) {
    const most = Math.min(end, start + 9);
    while (last < most && isDigit(text.charCodeAt(last))) last++;
    if (last === start || last === end) return undefined;
    const delimiter = text.charCodeAt(last);
    if (delimiter !== DOT && delimiter !== 0x29) return undefined;
  }
  const one = last === start || (last === start + 1 && first === 0x31);
  const kind = text.charAt(last);
  const position = last + 1;
  const size = position - start;
  if (position >= end) return { kind, size, width: size + 1, interrupts: false };
  const columns = columnsFrom(text, position, column + size);
  if (columns === 0) return undefined;
  // Five columns and more: the item begins with indented code.
  return { kind, size, width: size + (columns > 4 ? 1 : columns), interrupts: one };
}

/** The columns of white space from a position that is at a column. */
function columnsFrom(text: string, start: number, column: number): number {
  let at = column;
  for (let position = start; ; position++) {
    const unit = text.charCodeAt(position);
    if (!isSpaceOrTab(unit)) return at - column;
    at = columnBehind(at, unit);
  }
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** The depth of an ATX heading, 0 where the line is none. */
export function headingDepth(text: string, { start, end }: Line): number {
  if (text.charCodeAt(start) !== HASH) return 0;
  const depth = runLength(text, start, end);
  return depth <= 6 && (start + depth === end || isSpaceOrTab(text.charCodeAt(start + depth))) ? depth : 0;
}

/** The text of an ATX heading, without its marks. */
export function headingText(text: string, { start, end }: Line): string {
  const content = text.slice(start + runLength(text, start, end), end).trim();
  let marks = content.length;
  while (marks > 0 && content.charCodeAt(marks - 1) === HASH) marks--;
  const isClosed = marks < content.length && (marks === 0 || isSpaceOrTab(content.charCodeAt(marks - 1)));
  return isClosed ? content.slice(0, marks).trim() : content;
}

/** The depth that a line under a paragraph makes of it, 0 where it is no underline. */
export function underlineDepth(text: string, { start, end }: Line): number {
  const first = text.charCodeAt(start);
  if (first !== EQUALS && first !== DASH) return 0;
  if (runLength(text, start, end) !== end - start) return 0;
  return first === EQUALS ? 1 : 2;
}

export function isRule(text: string, { start, end }: Line): boolean {
  const first = text.charCodeAt(start);
  if (first !== DASH && first !== STAR && first !== UNDERSCORE) return false;
  let marks = 0;
  for (let position = start; position < end; position++) {
    const unit = text.charCodeAt(position);
    if (unit === first) marks++;
    else if (!isSpaceOrTab(unit)) return false;
  }
  return marks >= 3;
}

/** A line that begins or ends an admonition or another directive: `:::note`, `:::`. */
export function isDirective(text: string, { start }: Line): boolean {
  return text.startsWith(":::", start);
}

export function endsDirective(text: string, { start, end }: Line): boolean {
  return runLength(text, start, end) === end - start;
}

/** The mark that opens a fence: three or more backticks or tildes. */
export function fenceOf(text: string, { start, end }: Line): string | undefined {
  const first = text.charCodeAt(start);
  if (first !== BACKTICK && first !== TILDE) return undefined;
  const length = runLength(text, start, end);
  if (length < 3) return undefined;
  const fence = text.slice(start, start + length);
  return first === BACKTICK && text.slice(start + length, end).includes("`") ? undefined : fence;
}

export function closesFence(text: string, { start, end }: Line, fence: string): boolean {
  return end - start >= fence.length && text.startsWith(fence, start) && runLength(text, start, end) === end - start;
}

/** The number of cells in a row of a table. */
export function cellCount(text: string, { start, end }: Line): number {
  let cells = 1;
  for (let position = text.charCodeAt(start) === PIPE ? start + 1 : start; position < end; position++) {
    const unit = text.charCodeAt(position);
    if (unit === BACKSLASH) position++;
    else if (unit === PIPE && position < end - 1) cells++;
  }
  return cells;
}

/** The number of cells in the line of dashes between the header of a table and its rows, 0 where a line is none. */
export function delimiterCells(text: string, line: Line): number {
  let cells = 0;
  let pipes = 0;
  /** What of a cell has been read: nothing, its first colon, dashes, its last colon, or white space behind it. */
  let state: "" | ":" | "-" | "end" = "";
  for (let position = line.start; position < line.end; position++) {
    const unit = text.charCodeAt(position);
    if (unit === DASH && state !== "end") {
      if (state !== "-") cells++;
      state = "-";
    } else if (unit === COLON && (state === "" || state === "-")) state = state === "" ? ":" : "end";
    else if (unit === PIPE && state !== ":" && (state !== "" || position === line.start)) {
      pipes++;
      state = "";
    } else if (isSpaceOrTab(unit)) {
      if (state === ":") return 0;
      if (state === "-") state = "end";
    } else return 0;
  }
  return state === ":" || (pipes === 0 && !text.slice(line.start, line.end).includes(":")) ? 0 : cells;
}

/** Where the front matter ends, 0 where there is none. */
export function frontMatterEnd(text: string): number {
  const line = lineReader(text);
  const fence = text.slice(line.next, line.next + 3);
  if ((fence !== "---" && fence !== "+++") || !readLine(line) || line.end - line.start !== 3) return 0;
  while (readLine(line)) {
    if (line.column === 0 && line.end - line.start === 3 && text.startsWith(fence, line.start)) return line.end;
  }
  return 0;
}
