import { trimEnd } from "./space.ts";

/** A line inside a container, with what stands left of the container's content taken away. */
export interface Line {
  /** The first character that is no space or tab, at least `end` on a blank line. */
  readonly start: number;
  /** Without the line break and white space before it. */
  readonly end: number;
  /** Columns from the container's content to `start`; negative where the line is indented less. */
  readonly indent: number;
}

/** Goes from line to line. */
export interface LineReader {
  readonly text: string;
  /** Of the line that was read: where it starts and ends, as in `Line`, and the column where it starts. */
  start: number;
  end: number;
  column: number;
  /** Where the next line begins, and the first line feed and return from there on, or before it. */
  next: number;
  feed: number;
  carriage: number;
}

export interface Lines {
  readonly length: number;
  /** The line at an index as a container sees it whose content begins at `column`. */
  at(index: number, column: number): Line;
}

const TAB = 9;
const SPACE = 32;

export function lineReader(text: string): LineReader {
  // A byte order mark is no part of the first line.
  const next = text.startsWith("\ufeff") ? 1 : 0;
  return { text, start: 0, end: 0, column: 0, next, feed: -1, carriage: -1 };
}

/** Whether there is another line, which is read. */
export function readLine(line: LineReader): boolean {
  const { text } = line;
  let start = line.next;
  if (start > text.length) return false;
  let column = 0;
  for (; start < text.length; start++) {
    const unit = text.charCodeAt(start);
    if (!isSpaceOrTab(unit)) break;
    column = columnBehind(column, unit);
  }
  if (line.feed < start) line.feed = placeOf("\n", text, start);
  if (line.carriage < start) line.carriage = placeOf("\r", text, start);
  const behind = Math.min(line.feed, line.carriage);
  line.start = start;
  line.end = trimEnd(text, behind, start);
  line.column = column;
  const isPair = line.feed === line.carriage + 1 && line.feed < text.length;
  line.next = behind + (isPair ? 2 : 1);
  return true;
}

function placeOf(character: string, text: string, start: number): number {
  const place = text.indexOf(character, start);
  return place < 0 ? text.length : place;
}

/** The column behind a space, or behind a tab, which goes to the next multiple of so many, a power of two. */
export function columnBehind(column: number, unit: number, tabStop = 4): number {
  return (column | (unit === TAB ? tabStop - 1 : 0)) + 1;
}

export function isSpaceOrTab(unit: number): boolean {
  return unit === SPACE || unit === TAB;
}

/** Where a program mixes tabs and spaces, a tab goes to the next multiple of eight. */
export function linesOf(text: string): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  const columns: number[] = [];
  const line = lineReader(text);
  for (let position = line.next; readLine(line); position = line.next) {
    starts.push(line.start);
    ends.push(line.end);
    let column = 0;
    for (; position < line.start; position++) column = columnBehind(column, text.charCodeAt(position), 8);
    columns.push(column);
  }
  return {
    length: starts.length,
    at: (index, column) => ({
      start: starts[index] ?? text.length,
      end: ends[index] ?? text.length,
      indent: (columns[index] ?? 0) - column,
    }),
  };
}
