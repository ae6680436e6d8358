import type { Lines } from "../text/text-lines.ts";
import { hiddenSpans } from "./spans.ts";
import type { Syntax } from "./syntax.ts";

const closers: ReadonlyMap<string, string> = new Map([
  ["{", "}"],
  ["(", ")"],
  ["[", "]"],
]);

/** For each line the last one on which a bracket closes that it leaves open, 0 where there is none. */
export function closingLines(text: string, lines: Lines, syntax: Syntax): Uint32Array {
  const closing = new Uint32Array(lines.length);
  /** What closes the brackets that are open, and their lines. */
  const open: { readonly closer: string; readonly line: number }[] = [];
  /** How many are open where alternatives for the preprocessor begin. */
  const alternatives: number[] = [];
  let line = 0;
  let next = lines.at(1, 0).start;
  let position = 0;
  for (const { start, end } of hiddenSpans(text, syntax)) {
    readTo(start);
    position = end;
  }
  readTo(text.length);
  return closing;

  function readTo(end: number): void {
    for (; position < end; position++) {
      while (position >= next && line < lines.length) next = lines.at(++line + 1, 0).start;
      const character = text.charAt(position);
      const closer = closers.get(character);
      if (closer !== undefined) open.push({ closer, line });
      else if (character === "}" || character === ")" || character === "]") close(character);
      else if (character === "\\" && !syntax.labels) position++;
      else if (character === "#" && position === lines.at(line, 0).start) direct();
    }
  }

  /** A brace closes all that is open inside of it, another bracket nothing but its like. */
  function close(closer: string): void {
    if (closer === "}") while (open.length > 0 && open.at(-1)?.closer !== closer) open.pop();
    const last = open.at(-1);
    if (last?.closer !== closer) return;
    open.pop();
    if (last.line < line) closing[last.line] = line;
  }

  /** Of alternatives the last one counts. */
  function direct(): void {
    const [, word] = /^#[ \t]*(if|el|endif)/u.exec(text.slice(position, position + LONGEST_DIRECTIVE)) ?? [];
    if (word === "if") alternatives.push(open.length);
    else if (word === "el") open.length = Math.min(open.length, alternatives.at(-1) ?? open.length);
    else if (word === "endif") alternatives.pop();
  }
}

const LONGEST_DIRECTIVE = 16;
