import type { Span } from "../../types.ts";
import type { Block } from "../cutting/blocks.ts";
import { lineBreaks } from "../text/nested-breaks.ts";
import type { Syntax } from "./syntax.ts";
import { closingLines } from "./brackets.ts";
import { hiddenSpans } from "./spans.ts";
import { branching, continuing } from "./syntax.ts";
import type { Line, Lines } from "../text/text-lines.ts";
import { linesOf } from "../text/text-lines.ts";
import { skipSpace, trimEnd } from "../text/space.ts";

/** Statements nested deeper are not taken apart. */
const DEEPEST = 8;
const LONGEST_WORD = 12;
const LONGEST_TYPE = 100;
/** Lines of parameters of a type in front of a name. */
const MOST_LINES = 8;
/** What the name of an operator in C++ ends with. */
const OPERATORS = "+-*/%^&|~!=<>,[]";
const type =
  /^(?!return\b|else\b|do\b|case\b|goto\b)(?=.)(?:[a-z_][\w\s:<>,*&]*[\w*&])?\s*(?:__attribute__\s*\(\([^]*\)\))?$/iu;
const labelLine = /^(?:case\b.*|[a-z_]\w*(?: slots)?)\s*:$/iu;

/** While it is being read, a block may grow by the brackets that close it. */
type Draft = { -readonly [K in keyof Block]: K extends "children" ? Draft[] : Block[K] };

/** A line, with the lines behind it that begin inside a string or comment. */
interface Statement extends Line {
  readonly first: number;
  readonly behind: number;
}

/** Statements that stand together with nothing inside them. */
interface Plain {
  readonly block: Draft;
  /** The comments, decorators and labels at the end, which belong to what follows, and the end of what is before them. */
  notes?: Notes;
}

interface Notes {
  readonly start: number;
  readonly endBefore: number | undefined;
  /** Where the decorators begin that come last. */
  readonly decorators: number | undefined;
}

/**
 * The blocks of a program. What is indented more than a line belongs to it, and so do closing brackets and the likes of
 * `else`; comments and decorators belong to what follows them. This takes no grammar, and reads unknown languages too.
 */
export function codeBlocks(text: string, syntax: Syntax): readonly Block[] {
  const lines = linesOf(text);
  const hidden = hiddenSpans(text, syntax);
  const inside = linesInside(lines, hidden);
  let closing = syntax.joins ? closingLines(text, lines, syntax, hidden) : undefined;
  if (closing) joinLines(text, lines, inside, closing);
  const noteMarks = [...syntax.notes, ...syntax.line, ...syntax.long.map(([open]) => open).filter(isComment)];
  return blocksIn(0, lines.length, 0);

  function statementAt(first: number): Statement {
    let behind = first + 1;
    while (behind < lines.length && (inside[behind] || isJoined(behind))) behind++;
    const { start, end, indent } = lines.at(first, 0);
    return { start, end: behind > first + 1 ? lines.at(behind - 1, 0).end : end, indent, first, behind };
  }

  /** Whether a line goes on with the one above it. */
  function isJoined(index: number): boolean {
    const above = lines.at(index - 1, 0);
    if (isBlank(above)) return false;
    if (syntax.joint !== undefined) return text.startsWith(syntax.joint, above.end - 1);
    return syntax.types === true && isTypeAbove(above, lines.at(index, 0));
  }

  /** `static int` above `name(`. */
  function isTypeAbove(above: Line, { start, indent }: Line): boolean {
    if (above.indent !== indent || !isNameCharacter(text.charAt(start))) return false;
    let end = start;
    while (isNameCharacter(text.charAt(end))) end++;
    if (text.endsWith("operator", end)) while (end < text.length && OPERATORS.includes(text.charAt(end))) end++;
    if (text.charAt(skipSpace(text, end)) !== "(") return false;
    return above.end - above.start <= LONGEST_TYPE && type.test(text.slice(above.start, above.end));
  }

  function blocksIn(first: number, last: number, depth: number): Draft[] {
    const blocks: Draft[] = [];
    let plain: Plain | undefined;
    for (let index = first; index < last;) {
      const statement = statementAt(index);
      const isAlone = isBlank(statement) || isLoneNote(statement);
      const behind = isAlone ? statement.behind : bodyEnd(statement, last, depth);
      if (isBlank(statement)) plain = undefined;
      else if (behind > statement.behind) {
        const from = plain?.notes?.decorators ?? statement.start;
        const start = plain?.notes ? withoutNotes(blocks, plain) : from;
        const lead = isNote(statement) && !isBlank(lines.at(behind, 0));
        blocks.push(nested(statement, behind, { start, from, depth, lead }));
        plain = undefined;
      } else if (isContinuing(statement) && blocks.length > 0) grow(blocks, statement.end);
      else plain = withStatement(blocks, plain, statement);
      index = behind;
    }
    return blocks;
  }

  /**
   * The line behind all that belongs to a statement. Comments and directives end nothing, however little they are indented,
   * nor does anything before the bracket that closes it.
   */
  function bodyEnd(owner: Statement, last: number, depth: number): number {
    const { indent, behind: from } = owner;
    let end = from;
    let opening = owner;
    /** Of a long signature the brace is on a line of its own, indented or not. */
    let inner: Statement | undefined;
    let isClosed = false;
    let isEnded = !syntax.ends || depth > 0 || isNote(owner) || endsWith(owner, ";");
    for (let index = from; index < last;) {
      const statement = statementAt(index);
      index = statement.behind;
      if (isBlank(statement)) {
        isEnded = true;
        continue;
      }
      if (isEnded && statement.indent <= indent) {
        const closer = Math.max(closingLine(opening, indent), inner ? closingLine(inner, indent) : 0);
        if (closer > statement.first && closer < last) index = closer;
        else if (statement.indent === indent && isContinuing(statement)) {
          opening = statement;
          inner = undefined;
          isClosed = !endsWith(statement, "{") && isCloser(text, statement.start);
        } else if (isLoneNote(statement) && !isClosed) continue;
        else if (!endsWith(opening, "{") || !isLabel(statement)) break;
      } else if (endsWith(statement, "{")) inner ??= statement;
      isEnded ||= endsWith(statement, ";");
      end = index;
    }
    return end;
  }

  /** The line with the brace that closes the one which a statement ends with, 0 where that is not plain to see. */
  function closingLine(opening: Statement, indent: number): number {
    if (!endsWith(opening, "{") || syntax.line.length === 0) return 0;
    closing ??= closingLines(text, lines, syntax, hidden);
    const line = closing[opening.behind - 1] ?? 0;
    const closer = lines.at(line, 0);
    return closer.indent === indent && isCloser(text, closer.start) ? line : 0;
  }

  /** The comments above it begin at `start`, its decorators at `from`. */
  function nested(
    statement: Statement,
    behind: number,
    of: { readonly start: number; readonly from: number; readonly depth: number; readonly lead: boolean },
  ): Draft {
    const { start, from, depth, lead } = of;
    const end = contentEnd(behind);
    const label = isScope(statement) ? signature(statement) : "";
    const own: Draft = { start: from, end, breaks: lineBreaks, ...(label !== "" && { label }) };
    if (depth < DEEPEST) {
      const head = { start: own.start, end: statement.end, breaks: lineBreaks, lead: true };
      own.children = [head, ...blocksIn(statement.behind, behind, depth + 1)];
    }
    if (start === own.start) return { ...own, ...(lead && { lead }) };
    // What fits without the comments above it is whole without them.
    const above = { start, end: trimEnd(text, own.start, start), breaks: lineBreaks, lead: true };
    const notes: Draft = { ...above, ...(label !== "" && { label }), children: [above] };
    return { start, end, breaks: lineBreaks, children: [notes, own], ...(lead && { lead }) };
  }

  function contentEnd(behind: number): number {
    return lines.at(behind - 1, 0).end;
  }

  /**
   * The line of a statement that has its name, without what opens its body: the first one, with the one below where it has
   * but the type, or the first one with a bracket below where it has but the parameters of a type.
   */
  function signature(statement: Statement): string {
    const { first, behind } = statement;
    let { start } = statement;
    const isType = behind > first + 1 && isTypeAbove(lines.at(first, 0), lines.at(first + 1, 0));
    let { end } = lines.at(isType && syntax.types ? behind - 1 : first, 0);
    const mayLackName = syntax.labels && !"({)};".includes(text.charAt(end - 1));
    if (mayLackName && /(?:^|\s)<[^(){}]*$/u.test(text.slice(start, end))) ({ start, end } = nameLine(statement));
    while (end > start && "{([<:= \t".includes(text.charAt(end - 1))) end--;
    const label = text.slice(start, end).replaceAll(/\s*[\r\n]\s*/gu, " ");
    return /[\w\p{L}\p{N}]/u.test(label) ? label : "";
  }

  function nameLine({ first, indent }: Statement): Line {
    for (let index = first + 1; index < first + MOST_LINES && index < lines.length; index++) {
      const line = lines.at(index, 0);
      if (line.indent <= indent || isBlank(line)) break;
      if (/[({]/u.test(text.slice(line.start, line.end))) return line;
    }
    return lines.at(first, 0);
  }

  function withStatement(blocks: Draft[], plain: Plain | undefined, statement: Statement): Plain {
    const { start, end } = statement;
    const block = plain?.block ?? { start, end, breaks: lineBreaks, prose: true };
    if (!plain) blocks.push(block);
    const before = plain?.notes ?? { start, endBefore: plain && block.end, decorators: undefined };
    block.end = end;
    if (!isNote(statement) && !isLabel(statement)) return { block };
    const isDecorator = text.startsWith("@", start) || text.startsWith("#[", start);
    return { block, notes: { ...before, decorators: isDecorator ? (before.decorators ?? start) : undefined } };
  }

  function isNote({ start }: Line): boolean {
    return noteMarks.some((mark) => text.startsWith(mark, start));
  }

  function isScope(statement: Statement): boolean {
    const line = lines.at(statement.first, 0);
    const isArgument = endsWith(line, ",") && !text.slice(line.start, line.end).includes("(");
    if (isArgument || endsWith(line, ";") || isNote(statement) || isContinuing(statement) || isLabel(statement)) {
      return false;
    }
    return !branching.has(firstWord(statement));
  }

  /** A comment, or a directive or attribute that opens nothing. */
  function isLoneNote(statement: Line): boolean {
    if (!isNote(statement)) return false;
    return isLineComment(statement) || !endsWith(statement, "{[(,\\");
  }

  function isLineComment({ start }: Line): boolean {
    return syntax.line.some((mark) => text.startsWith(mark, start)) && !text.startsWith("#[", start);
  }

  /** `public:`, `case 1:`, what `goto` names. */
  function isLabel(statement: Line): boolean {
    const { start, end } = statement;
    return syntax.labels === true && endsWith(statement, ":") && labelLine.test(text.slice(start, end));
  }

  function endsWith({ start, end }: Line, characters: string): boolean {
    return end > start && characters.includes(text.charAt(end - 1));
  }

  function isContinuing({ start, end }: Line): boolean {
    const first = text.charAt(start);
    if ("{})]>".includes(first) || text.startsWith("</", start) || text.startsWith("/>", start)) return true;
    // What a class inherits or a constructor sets first.
    if (syntax.types && (first === "," || (first === ":" && text.charAt(start + 1) !== ":"))) return true;
    const word = firstWord({ start, end });
    // No call.
    return continuing.has(word) && text.charAt(start + word.length) !== "(";
  }

  /** The word in small letters that a line begins with, if it is no part of a name. */
  function firstWord({ start, end }: Span): string {
    const word = text.slice(start, Math.min(end, start + LONGEST_WORD + 1));
    let length = 0;
    while (length < word.length && isLower(word.charCodeAt(length))) length++;
    return isNamePart(word.charAt(length)) ? "" : word.slice(0, length);
  }
}

/** Takes the comments at the end of plain statements away; answers with where they start. */
function withoutNotes(blocks: Draft[], { block, notes }: Plain): number {
  if (notes?.endBefore === undefined) blocks.pop();
  else block.end = notes.endBefore;
  return notes?.start ?? block.end;
}

function grow(blocks: readonly Draft[], end: number): void {
  for (let last = blocks.at(-1); last; last = last.children?.at(-1)) last.end = end;
}

/** Marks the lines that begin inside a string or comment. */
function linesInside(lines: Lines, hidden: readonly number[]): Uint8Array {
  const inside = new Uint8Array(lines.length + 1);
  let index = 0;
  let next = lines.at(0, 0).start;
  for (let span = 0; span < hidden.length; span += 2) {
    const [start, end] = [hidden[span] ?? 0, hidden[span + 1] ?? 0];
    while (index < lines.length && next <= start) next = lines.at(++index, 0).start;
    while (index < lines.length && next < end) {
      inside[index] = 1;
      next = lines.at(++index, 0).start;
    }
  }
  return inside;
}

/** Marks those inside brackets likewise, where some of them are not indented more than the line with the first bracket. */
function joinLines(text: string, lines: Lines, inside: Uint8Array, closing: Uint32Array): void {
  for (let first = 0; first < lines.length; first++) {
    const last = closing[first] ?? 0;
    for (let line = first + 1; line <= last; line++) {
      const { start, end, indent } = lines.at(line, 0);
      if (inside[line] || start >= end || indent > lines.at(first, 0).indent || isCloser(text, start)) continue;
      inside.fill(1, first + 1, last + 1);
      break;
    }
    if (inside[last]) first = Math.max(first, last);
  }
}

/** Quotes open strings. */
function isComment(open: string): boolean {
  return !"\"'`[".includes(open.charAt(0));
}

function isBlank({ start, end }: Line): boolean {
  return start >= end;
}

function isCloser(text: string, position: number): boolean {
  return "})]".includes(text.charAt(position));
}

function isLower(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}

function isNameCharacter(character: string): boolean {
  return /^[\w:~]$/u.test(character);
}

function isNamePart(character: string): boolean {
  return character === "_" || (character >= "0" && character <= "9") || (character >= "A" && character <= "Z");
}
