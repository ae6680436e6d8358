import { unescaped } from "../html/references.ts";

/** Longer headings are left as they are written. */
const LONGEST = 1000;
const punctuation = /[\p{P}\p{S}]/u;
const space = /\s/u;
const address = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>/iy;
const tag = /<(?:!--[^]*?--|\?[^]*?\?|!\[CDATA\[[^]*?\]\]|![a-z][^>]*|\/?[a-z](?:[^<>"']|"[^"]*"|'[^']*')*)>/iy;
const target = /\(\s*(?:<[^<>\n]*>|[^\s()<]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/y;
const label = /\[([^[\]]*)\]/y;

/** A run of `*`, `_` or `~` that may begin or end emphasis; marks that do are taken away. */
interface Run {
  readonly mark: string;
  readonly length: number;
  readonly opens: boolean;
  readonly closes: boolean;
  left: number;
}

interface Bracket {
  /** Of the part that it is. */
  readonly index: number;
  readonly position: number;
}

/**
 * The words of a heading without the marks of Markdown: `` The [`get`](#get) *call* `` is "The get call". Of images it has
 * what stands for them, of HTML nothing.
 */
export function headingWords(source: string, isDefined: (label: string) => boolean): string {
  return source.length > LONGEST || !/[\\`*_~[\]<&!]/u.test(source)
    ? onOneLine(source)
    : onOneLine(withoutMarks(source, isDefined));
}

function withoutMarks(source: string, isDefined: (label: string) => boolean): string {
  const parts: (string | Run)[] = [];
  const brackets: Bracket[] = [];
  let position = 0;
  while (position < source.length) position = read();
  emphasize(0);
  return parts.map((part) => (typeof part === "string" ? part : part.mark.repeat(part.left))).join("");

  /** Reads what stands at the position; answers with what is behind it. */
  function read(): number {
    const character = source.charAt(position);
    const following = source.charAt(position + 1);
    if (character === "\\" && following !== "" && following < "\u0080" && punctuation.test(following)) {
      return push(following, position + 2);
    }
    if (character === "`") return code();
    if (character === "<") return angle();
    if (character === "*" || character === "_" || character === "~") return run(character);
    if (character === "[" || (character === "!" && following === "[")) {
      brackets.push({ index: parts.length, position });
      return push(character === "!" ? "![" : "[", position + (character === "!" ? 2 : 1));
    }
    if (character === "]") return closeBracket();
    let end = position + 1;
    while (end < source.length && !"\\`<*_~[]!".includes(source.charAt(end))) end++;
    return push(unescaped(source.slice(position, end)), end);
  }

  function push(part: string | Run, behind: number): number {
    parts.push(part);
    return behind;
  }

  function code(): number {
    const ticks = runEnd("`") - position;
    for (let at = source.indexOf("`", position + ticks); at >= 0; at = source.indexOf("`", at)) {
      let end = at;
      while (source.charAt(end) === "`") end++;
      if (end - at === ticks) {
        const inside = source.slice(position + ticks, at);
        const isPadded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
        return push(isPadded ? inside.slice(1, -1) : inside, end);
      }
      at = end;
    }
    return push("`".repeat(ticks), position + ticks);
  }

  function angle(): number {
    const found = matchAt(address) ?? matchAt(tag);
    return found ? push(found[1] ?? "", position + found[0].length) : push("<", position + 1);
  }

  function matchAt(pattern: RegExp, from = position): RegExpExecArray | undefined {
    pattern.lastIndex = from;
    return pattern.exec(source) ?? undefined;
  }

  function runEnd(mark: string): number {
    let end = position;
    while (source.startsWith(mark, end)) end++;
    return end;
  }

  /** What flanks a run decides whether it opens or closes emphasis (CommonMark §6.2). */
  function run(mark: string): number {
    const end = runEnd(mark);
    const length = end - position;
    const before = source.charAt(position - 1) || " ";
    const after = source.charAt(end) || " ";
    const left = !space.test(after) && (!isMark(after) || space.test(before) || punctuation.test(before));
    const right = !space.test(before) && (!isMark(before) || space.test(after) || punctuation.test(after));
    const isWord = mark === "_";
    const opens = left && (!isWord || !right || punctuation.test(before));
    const closes = right && (!isWord || !left || punctuation.test(after));
    return push({ mark, length, opens, closes, left: length }, end);
  }

  function closeBracket(): number {
    const bracket = brackets.pop();
    const inner = source.slice(bracket ? source.indexOf("[", bracket.position) + 1 : position, position);
    if (bracket && inner.startsWith("^") && isDefined(inner)) {
      parts.length = bracket.index; // the number of a footnote
      return position + 1;
    }
    const behind = bracket && linkEnd(inner);
    if (!bracket || behind === undefined) return push("]", position + 1);
    parts[bracket.index] = "";
    emphasize(bracket.index);
    return behind;
  }

  /** Behind the target or label that makes a link of brackets. */
  function linkEnd(inner: string): number | undefined {
    const inline = matchAt(target, position + 1);
    if (inline) return position + 1 + inline[0].length;
    const reference = matchAt(label, position + 1);
    const full = reference?.[1];
    if (full && isDefined(full)) return position + 1 + (reference?.[0].length ?? 0);
    if (!isDefined(inner)) return undefined;
    return position + 1 + (full === "" ? 2 : 0);
  }

  function emphasize(from: number): void {
    const openers: Run[] = [];
    for (const part of parts.slice(from)) {
      if (typeof part === "string" || part.left === 0) continue;
      while (part.closes && part.left > 0) {
        const index = openers.findLastIndex((opener) => isPair(opener, part));
        const opener = openers[index];
        if (!opener) break;
        openers.length = index + 1;
        const marks = part.mark === "~" ? part.length : Math.min(2, opener.left, part.left);
        opener.left -= marks;
        part.left -= marks;
        if (opener.left === 0) openers.pop();
      }
      if (part.opens && part.left > 0) openers.push(part);
    }
  }
}

function onOneLine(words: string): string {
  if (!/[^\S ]| {2}|^ | $/u.test(words)) return words;
  return words.replaceAll(/\s+/gu, " ").trim();
}

/** Punctuation, other than marks of emphasis next to others. */
function isMark(character: string): boolean {
  return punctuation.test(character) && !"*_~".includes(character);
}

function isPair(opener: Run, closer: Run): boolean {
  if (opener.mark !== closer.mark) return false;
  if (opener.mark === "~") return opener.length === closer.length && closer.length <= 2;
  const isMixed = opener.closes || closer.opens;
  return !isMixed || (opener.length + closer.length) % 3 > 0 || (opener.length % 3 === 0 && closer.length % 3 === 0);
}
