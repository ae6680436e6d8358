import { isSpace, skipSpace } from "../text/space.ts";
import type { Line } from "../text/text-lines.ts";

const LONGEST_LABEL = 999;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** Behind the mark that begins a footnote: `[^label]:`. */
export function footnoteMarkEnd(text: string, { start, end }: Line): number | undefined {
  if (!text.startsWith("[^", start)) return undefined;
  const close = labelEnd(text, start, end);
  if (close === undefined || close === start + 2 || !text.startsWith(":", close + 1)) return undefined;
  for (let position = start; position < close; position++) if (isSpace(text.charCodeAt(position))) return undefined;
  return close + 2;
}

/** Where the `]` of a label is that begins with `[`. */
function labelEnd(text: string, start: number, end: number): number | undefined {
  const last = Math.min(end, start + LONGEST_LABEL + 2);
  for (let position = start + 1; position < last;) {
    const unit = text.charCodeAt(position);
    if (unit === 0x5b) return undefined;
    if (unit === 0x5d) return position;
    position += unit === BACKSLASH ? 2 : 1;
  }
  return undefined;
}

/** How labels are compared. */
export function labelKey(label: string): string {
  return label.trim().replaceAll(/\s+/gu, " ").toLowerCase();
}

export interface Definitions {
  /** How many of the first lines they take; these are no text. */
  readonly lines: number;
  readonly labels: readonly string[];
}

const none: Definitions = { lines: 0, labels: [] };

/** The definitions of references that a paragraph begins with: `[label]: target "title"`. */
export function definitionsIn(text: string, lines: readonly Line[]): Definitions {
  const [first] = lines;
  if (!first || text.charCodeAt(first.start) !== BRACKET) return none;
  const paragraph = lines.map(({ start, end }) => text.slice(start, end)).join("\n");
  const labels: string[] = [];
  let taken = 0;
  let start = 0;
  while (start < paragraph.length) {
    const end = definitionEnd(paragraph, start);
    if (end === undefined) break;
    labels.push(labelKey(paragraph.slice(start + 1, labelEnd(paragraph, start, end))));
    taken += lineEnds(paragraph, start, end) + 1;
    start = end + 1;
  }
  return { lines: taken, labels };
}

function lineEnds(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The end of the last line of a definition. */
function definitionEnd(text: string, start: number): number | undefined {
  if (text.charCodeAt(start) !== BRACKET) return undefined;
  const close = labelEnd(text, start, text.length);
  if (close === undefined || !text.startsWith(":", close + 1) || skipSpace(text, start + 1) === close) return undefined;
  const target = skipSpace(text, close + 2);
  const behind = targetEnd(text, target);
  if (behind === undefined) return undefined;
  const line = lineEnd(text, behind);
  const title = skipSpace(text, behind);
  if (title === behind && behind < text.length) return undefined;
  const titled = titleEnd(text, title);
  if (titled !== undefined && skipSpace(text, titled, lineEnd(text, titled)) === lineEnd(text, titled)) {
    return lineEnd(text, titled);
  }
  return skipSpace(text, behind, line) === line ? line : undefined;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function targetEnd(text: string, start: number): number | undefined {
  if (text.charAt(start) === "<") {
    for (let position = start + 1; position < text.length; position++) {
      const character = text.charAt(position);
      if (character === ">") return position + 1;
      if (character === "\\") position++;
      else if (character === "<" || character === "\n") return undefined;
    }
    return undefined;
  }
  let brackets = 0;
  let position = start;
  for (; position < text.length; position++) {
    const unit = text.charCodeAt(position);
    if (unit <= 0x20 || unit === 0x7f) break;
    if (unit === BACKSLASH) position++;
    else if (unit === 0x28) brackets++;
    else if (unit === 0x29 && --brackets < 0) return undefined;
  }
  return position > start && brackets === 0 ? Math.min(position, text.length) : undefined;
}

function titleEnd(text: string, start: number): number | undefined {
  const opener = text.charAt(start);
  if (opener !== '"' && opener !== "'" && opener !== "(") return undefined;
  const closer = opener === "(" ? ")" : opener;
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === closer) return position + 1;
    if (character === "\\") position++;
    else if (character === "(" && opener === "(") return undefined;
  }
  return undefined;
}
