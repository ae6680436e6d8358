import { isSpace } from "./space.ts";

/** A line inside a container, with what stands left of the container's content taken away. */
export interface Line {
  /** The first character that is no space or tab, at least `end` on a blank line. */
  readonly start: number;
  /** Without the line break and white space before it. */
  readonly end: number;
  /** Columns from the container's content to `start`; negative where the line is indented less. */
  readonly indent: number;
}

export interface Lines {
  readonly length: number;
  /** The line at an index as a container sees it whose content begins at `column`. */
  at(index: number, column: number): Line;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

export function linesOf(text: string): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  const columns: number[] = [];
  let position = 0;
  while (position <= text.length) {
    let column = 0;
    for (; position < text.length; position++) {
      const unit = text.charCodeAt(position);
      if (unit === SPACE) column++;
      else if (unit === TAB) column += 4 - (column % 4);
      else break;
    }
    starts.push(position);
    columns.push(column);
    let end = position;
    for (; position < text.length; position++) {
      const unit = text.charCodeAt(position);
      if (unit === LF || unit === CR) break;
      if (!isSpace(unit)) end = position + 1;
    }
    ends.push(end);
    position += text.charCodeAt(position) === CR && text.charCodeAt(position + 1) === LF ? 2 : 1;
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
