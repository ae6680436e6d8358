import type { Line } from "../text/text-lines.ts";
import { columnBehind, lineReader } from "../text/text-lines.ts";

const TAB = 9;
const SPACE = 32;

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
  let position = start;
  const first = text.charAt(position);
  let one = true;
  if (first === "-" || first === "+" || first === "*") position++;
  else {
    while (position < end && position - start < 9 && isDigit(text.charCodeAt(position))) position++;
    const delimiter = text.charCodeAt(position);
    if (position === start || (delimiter !== 0x2e && delimiter !== 0x29)) return undefined;
    one = text.slice(start, position) === "1";
    position++;
  }
  const kind = text.charAt(position - 1);
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
    if (unit !== SPACE && unit !== TAB) return at - column;
    at = columnBehind(at, unit);
  }
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** The depth of an ATX heading, 0 where the line is none. */
export function headingDepth(text: string, { start, end }: Line): number {
  if (text.charAt(start) !== "#") return 0;
  const depth = runLength(text, start, end);
  const behind = text.charCodeAt(start + depth);
  return depth <= 6 && (start + depth >= end || behind === SPACE || behind === TAB) ? depth : 0;
}

/** The text of an ATX heading, without its marks. */
export function headingText(text: string, { start, end }: Line): string {
  const content = text.slice(start + runLength(text, start, end), end).trim();
  let marks = content.length;
  while (marks > 0 && content.charAt(marks - 1) === "#") marks--;
  const closed =
    marks < content.length && (marks === 0 || content.charAt(marks - 1) === " " || content.charAt(marks - 1) === "\t");
  return closed ? content.slice(0, marks).trim() : content;
}

/** The depth that a line under a paragraph makes of it, 0 where it is no underline. */
export function underlineDepth(text: string, { start, end }: Line): number {
  const first = text.charAt(start);
  if (first !== "=" && first !== "-") return 0;
  if (runLength(text, start, end) !== end - start) return 0;
  return first === "=" ? 1 : 2;
}

export function isRule(text: string, { start, end }: Line): boolean {
  const first = text.charAt(start);
  if (first !== "-" && first !== "*" && first !== "_") return false;
  let marks = 0;
  for (let position = start; position < end; position++) {
    const character = text.charAt(position);
    if (character === first) marks++;
    else if (character !== " " && character !== "\t") return false;
  }
  return marks >= 3;
}

/** The mark that opens a fence: three or more backticks or tildes. */
export function fenceOf(text: string, { start, end }: Line): string | undefined {
  const first = text.charAt(start);
  if (first !== "`" && first !== "~") return undefined;
  const length = runLength(text, start, end);
  if (length < 3) return undefined;
  if (first === "`" && text.slice(start + length, end).includes("`")) return undefined;
  return first.repeat(length);
}

export function closesFence(text: string, { start, end }: Line, fence: string): boolean {
  return (
    end - start >= fence.length && text.charAt(start) === fence.charAt(0) && runLength(text, start, end) === end - start
  );
}

/** The number of cells in a row of a table. */
export function cellCount(text: string, { start, end }: Line): number {
  let cells = 1;
  for (let position = text.charAt(start) === "|" ? start + 1 : start; position < end; position++) {
    const unit = text.charCodeAt(position);
    if (unit === 0x5c) position++;
    else if (unit === 0x7c && position < end - 1) cells++;
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
    const character = text.charAt(position);
    if (character === "-" && state !== "end") {
      if (state !== "-") cells++;
      state = "-";
    } else if (character === ":" && (state === "" || state === "-")) state = state === "" ? ":" : "end";
    else if (character === "|" && state !== ":" && (state !== "" || position === line.start)) {
      pipes++;
      state = "";
    } else if (character === " " || character === "\t") {
      if (state === ":") return 0;
      if (state === "-") state = "end";
    } else return 0;
  }
  return state === ":" || (pipes === 0 && !text.slice(line.start, line.end).includes(":")) ? 0 : cells;
}

/** Where the front matter ends, 0 where there is none. */
export function frontMatterEnd(text: string): number {
  const lines = lineReader(text);
  if (!lines.read() || lines.column > 0) return 0;
  const fence = text.slice(lines.start, lines.end);
  if (fence !== "---" && fence !== "+++") return 0;
  while (lines.read()) {
    if (lines.column === 0 && lines.end - lines.start === 3 && text.startsWith(fence, lines.start)) return lines.end;
  }
  return 0;
}
