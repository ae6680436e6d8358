import type { Line } from "./text-lines.ts";

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
  /** Columns from the marker to the content of the item. */
  readonly width: number;
  /** Where the content begins. */
  readonly content: number;
  /** Whether it may follow a paragraph without a blank line. */
  readonly interrupts: boolean;
}

/** The marker of a list item. */
export function markerOf(text: string, { start, end }: Line): Marker | undefined {
  let position = start;
  const first = text.charAt(position);
  let one = true;
  if (first === "-" || first === "+" || first === "*") position++;
  else {
    while (position < end && position - start < 9 && isDigit(text.charCodeAt(position))) position++;
    const delimiter = text.charAt(position);
    if (position === start || (delimiter !== "." && delimiter !== ")")) return undefined;
    one = text.slice(start, position) === "1";
    position++;
  }
  const kind = text.charAt(position - 1);
  const size = position - start;
  if (position >= end) return { kind, width: size + 1, content: end, interrupts: false };
  const spaces = spacesFrom(text, position, end);
  if (spaces === 0) return undefined;
  // Five spaces and more: the item begins with indented code.
  const width = spaces > 4 ? 1 : spaces;
  return {
    kind,
    width: size + width,
    content: position + spacesFrom(text, position, position + width),
    interrupts: one,
  };
}

function spacesFrom(text: string, start: number, end: number): number {
  let position = start;
  while (position < end && (text.charCodeAt(position) === SPACE || text.charCodeAt(position) === TAB)) position++;
  return position - start;
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

/** The number of cells in a row of a table, 0 where there is no `|` in it. */
export function cellCount(text: string, { start, end }: Line): number {
  const first = text.charAt(start) === "|" ? start + 1 : start;
  let pipes = first - start;
  let cells = 1;
  for (let position = first; position < end; position++) {
    const character = text.charAt(position);
    if (character === "\\") position++;
    else if (character === "|") {
      pipes++;
      if (position < end - 1) cells++;
    }
  }
  return pipes === 0 ? 0 : cells;
}

/** Whether a line is the one of dashes between the header of a table and its rows. */
export function isDelimiterRow(text: string, { start, end }: Line): boolean {
  let dashes = 0;
  for (let position = start; position < end; position++) {
    const character = text.charAt(position);
    if (character === "-") dashes++;
    else if (character !== "|" && character !== ":" && character !== " " && character !== "\t") return false;
  }
  return dashes > 0;
}
