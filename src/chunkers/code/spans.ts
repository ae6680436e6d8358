import { isSpace } from "../text/space.ts";
import type { RawOpener } from "./raw-strings.ts";
import type { Syntax } from "./syntax.ts";
import { TEMPLATE } from "./syntax.ts";

/** The strings, comments and regular expressions of a program that are closed, in order: where each starts and ends. */
export function hiddenSpans(text: string, syntax: Syntax): readonly number[] {
  const { line, long, quotes, raw } = syntax;
  const marks = marksOf(syntax);
  const spans: number[] = [];
  /** What closes nothing any more: it was looked for up to the end. */
  const missing = new Set<string>();
  let position = 0;
  while (position < text.length) {
    const unit = text.charCodeAt(position);
    if (unit >= marks.length || marks[unit] === 0) {
      position++;
      continue;
    }
    const end = endFrom(position, text.charAt(position));
    if (end > position + 1) spans.push(position, end);
    position = end;
  }
  return spans;

  /** Behind what is hidden from here on, or behind the mark that hides nothing. */
  function endFrom(start: number, character: string): number {
    if (syntax.heredocs && character === "<") {
      return heredocEnd(text, start, { mark: syntax.heredocs, missing }) ?? start + 1;
    }
    const opened = raw?.marks.includes(character) ? raw.opened(text, start) : undefined;
    if (opened && missing.size <= VAIN && !missing.has(opened.close)) {
      const end = rawEnd(text, opened);
      if (end >= 0) return end;
      missing.add(opened.close);
      return opened.from;
    }
    for (const [open, close] of long) {
      if (missing.has(close) || !text.startsWith(open, start)) continue;
      const end = closingEnd(text, start + open.length, close);
      if (end !== undefined) return end;
      missing.add(close);
    }
    if (line.some((opener) => text.startsWith(opener, start) && !isInWord(text, start, opener))) {
      return lineEnd(text, start);
    }
    if (quotes.includes(character)) return quoteEnd(text, start);
    if (syntax.characters && character === "'") return characterEnd(text, start);
    return syntax.patterns && character === "/" ? patternEnd(text, start) : start + 1;
  }
}

function rawEnd(text: string, { from, close, doubled }: RawOpener): number {
  let end = text.indexOf(close, from);
  if (doubled) while (end >= 0 && text.startsWith(close, end + close.length)) end = text.indexOf(close, end + 2);
  return end < 0 ? end : end + close.length;
}

/** Where something hidden may begin, by code unit. */
function marksOf(syntax: Syntax): Uint8Array {
  const { line, long, quotes, raw, heredocs, characters, patterns } = syntax;
  const openers = [...line, ...long.map(([open]) => open)].map((opener) => opener.charAt(0)).join("");
  const others = [heredocs ? "<" : "", characters ? "'" : "", patterns ? "/" : ""].join("");
  const marks = new Uint8Array(0x80);
  for (const mark of openers + quotes + others + (raw?.marks ?? "")) marks[mark.charCodeAt(0)] = 1;
  return marks;
}

/** A `#` inside a word begins no comment. */
function isInWord(text: string, position: number, opener: string): boolean {
  return opener === "#" && position > 0 && !isSpace(text.charCodeAt(position - 1));
}

/** What may be looked for up to the end in vain. */
const VAIN = 16;

/** Behind the line that ends the text which a mark begins here: it has the word of the mark, alone but for what may follow a value. */
function heredocEnd(
  text: string,
  start: number,
  { mark, missing }: { readonly mark: RegExp; readonly missing: Set<string> },
): number | undefined {
  mark.lastIndex = start;
  const { word = "" } = mark.exec(text)?.groups ?? {};
  if (word === "" || missing.has(word) || missing.size > VAIN) return undefined;
  for (let at = text.indexOf(word, lineEnd(text, start)); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = lastBefore(text, at);
    const behind = at + word.length;
    if (text.charAt(before) === "\n" && (behind === text.length || "\r\n;,)]".includes(text.charAt(behind)))) {
      return behind;
    }
  }
  missing.add(word);
  return undefined;
}

const LONGEST_PATTERN = 1000;
const LONGEST_WORD = 8;
const beforeValue = /=>$|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield)$/u;

/** Behind a regular expression, or behind the slash where it divides. */
function patternEnd(text: string, start: number): number {
  const before = lastBefore(text, start);
  const isValue = before < 0 || "(,=:[!&|?{;+*%~^\n".includes(text.charAt(before));
  if (!isValue && !beforeValue.test(text.slice(Math.max(0, before - LONGEST_WORD), before + 1))) return start + 1;
  let inClass = false;
  for (let position = start + 1; position < start + LONGEST_PATTERN; position++) {
    const character = text.charAt(position);
    if (character === "\n" || character === "") break;
    if (character === "\\") position++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return position + 1;
  }
  return start + 1;
}

/** Behind what closes a long string or comment. */
function closingEnd(text: string, from: number, close: string): number | undefined {
  if (close === TEMPLATE) return templateEnd(text, from);
  if (close !== '"' && close !== '"""' && close !== "'''") {
    const found = text.indexOf(close, from);
    return found < 0 ? undefined : found + close.length;
  }
  for (let position = from; position < text.length; position++) {
    if (text.charAt(position) === "\\") position++;
    else if (text.startsWith(close, position)) return position + close.length;
  }
  return undefined;
}

/** Behind a template, which may have programs in it, with templates of their own. */
function templateEnd(text: string, from: number): number | undefined {
  /** The braces that are open in each program around. */
  const open: number[] = [];
  let isText = true;
  for (let position = from; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === "\\") position++;
    else if (character === "`") {
      if (isText && open.length === 0) return position + 1;
      isText = !isText;
    } else if (isText) {
      if (character !== "$" || text.charAt(position + 1) !== "{") continue;
      open.push(0);
      isText = false;
      position++;
    } else if (character === "{") open.push((open.pop() ?? 0) + 1);
    else if (character === "}") {
      const braces = open.pop() ?? 0;
      isText = braces === 0;
      if (!isText) open.push(braces - 1);
    } else if (character === '"' || character === "'") position = quoteEnd(text, position) - 1;
  }
  return undefined;
}

/** The last position before another that has no space or tab. */
function lastBefore(text: string, position: number): number {
  let before = position - 1;
  while (text.charAt(before) === " " || text.charAt(before) === "\t") before--;
  return before;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Behind a string on one line; a quote without its like before the line ends is none. */
function quoteEnd(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === quote) return position + 1;
    if (character === "\n") return start + 1;
    if (character === "\\") position++;
  }
  return start + 1;
}

/** `'x'`, `'\u{1f468}'`; any other quote is of a name. */
function characterEnd(text: string, start: number): number {
  const [character = "'"] = /^'(?:\\.[^'\n]{0,10}|[^'\\])'/u.exec(text.slice(start, start + LONGEST_CHARACTER)) ?? [];
  return start + character.length;
}

const LONGEST_CHARACTER = 14;
