import type { Lines } from "../text/text-lines.ts";
import type { Syntax } from "./syntax.ts";

/** What closes a bracket, by code unit; 1 for what closes, and for what else is looked at. */
const closers = new Uint8Array(0x80);
for (const [open = "", close = ""] of ["{}", "()", "[]"]) closers[open.charCodeAt(0)] = close.charCodeAt(0);
for (const mark of "})]#\\") closers[mark.charCodeAt(0)] = 1;
const [BRACE, HASH, BACKSLASH] = [0x7d, 0x23, 0x5c];

/**
 * For each line the last one on which a bracket closes that it leaves open, 0 where there is none. `spans`: what is hidden, as
 * strings are.
 */
export function closingLines(text: string, lines: Lines, syntax: Syntax, spans: readonly number[]): Uint32Array {
  const closing = new Uint32Array(lines.length);
  /** What closes the brackets that are open, and their lines. */
  const open: number[] = [];
  const opened: number[] = [];
  /** How many are open where alternatives for the preprocessor begin. */
  const alternatives: number[] = [];
  let line = 0;
  let next = lines.at(1, 0).start;
  let position = 0;
  for (let index = 0; index < spans.length; index += 2) {
    readTo(spans[index] ?? 0);
    position = spans[index + 1] ?? 0;
  }
  readTo(text.length);
  return closing;

  function readTo(end: number): void {
    for (; position < end; position++) {
      const unit = text.charCodeAt(position);
      const closer = unit < closers.length ? (closers[unit] ?? 0) : 0;
      if (closer === 0) continue;
      while (position >= next && line < lines.length) next = lines.at(++line + 1, 0).start;
      if (closer !== 1) {
        open.push(closer);
        opened.push(line);
      } else if (unit === HASH) {
        if (position === lines.at(line, 0).start) direct();
      } else if (unit !== BACKSLASH) close(unit);
      else if (!syntax.labels) position++;
    }
  }

  /** A brace closes all that is open inside of it, another bracket nothing but its like. */
  function close(closer: number): void {
    if (closer === BRACE) while (open.length > 0 && open.at(-1) !== closer) pop();
    if (open.length === 0 || open.at(-1) !== closer) return;
    const from = pop();
    if (from < line) closing[from] = line;
  }

  function pop(): number {
    open.pop();
    return opened.pop() ?? line;
  }

  /** Of alternatives the last one counts. */
  function direct(): void {
    const [, word] = /^#[ \t]*(if|el|endif)/u.exec(text.slice(position, position + LONGEST_DIRECTIVE)) ?? [];
    if (word === "if") alternatives.push(open.length);
    else if (word === "el") while (open.length > (alternatives.at(-1) ?? open.length)) pop();
    else if (word === "endif") alternatives.pop();
  }
}

const LONGEST_DIRECTIVE = 16;
