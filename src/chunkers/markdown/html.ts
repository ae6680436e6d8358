import type { Span } from "../../types.ts";
import type { Line } from "../text/text-lines.ts";
import { isSpaceOrTab } from "../text/text-lines.ts";

/** How an HTML block in Markdown begins and ends (CommonMark §4.6). */
export interface HtmlStart {
  /** Its last line has one of them, in lower case. Absent: a blank line ends it. */
  readonly closers: readonly string[] | undefined;
  /** Whether it may follow a paragraph without a blank line. */
  readonly interrupts: boolean;
}

const verbatim = ["script", "pre", "style", "textarea"];
const verbatimClosers = verbatim.map((name) => `</${name}>`);
const blockNames = new Set(
  "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead title tr track ul".split(
    " ",
  ),
);
const LONGEST_NAME = 12;

const tag: HtmlStart = { closers: undefined, interrupts: true };
const loneTag: HtmlStart = { closers: undefined, interrupts: false };

export function htmlStart(text: string, { start, end }: Line): HtmlStart | undefined {
  if (text.charCodeAt(start) !== 0x3c) return undefined;
  if (text.startsWith("<!--", start)) return { closers: ["-->"], interrupts: true };
  if (text.startsWith("<?", start)) return { closers: ["?>"], interrupts: true };
  if (text.startsWith("<![CDATA[", start)) return { closers: ["]]>"], interrupts: true };
  if (text.startsWith("<!", start)) {
    return isLetter(text.charCodeAt(start + 2)) ? { closers: [">"], interrupts: true } : undefined;
  }
  const isClosing = text.startsWith("/", start + 1);
  const nameStart = start + (isClosing ? 2 : 1);
  const nameEnd = nameEndAt(text, nameStart, Math.min(end, nameStart + LONGEST_NAME));
  const name = text.slice(nameStart, nameEnd).toLowerCase();
  const behind = nameEnd < end ? text.charCodeAt(nameEnd) : 0x20;
  const isWhole = behind === 0x3e || isSpaceOrTab(behind);
  if (isWhole && !isClosing && verbatim.includes(name)) return { closers: verbatimClosers, interrupts: true };
  if ((isWhole || text.startsWith("/>", nameEnd)) && blockNames.has(name)) return tag;
  // Any other tag, alone on its line.
  return tagEnd(text, nameStart, end, isClosing) === end ? loneTag : undefined;
}

/** Whether a line is the last one of an HTML block. */
export function endsHtml(text: string, { start, end }: Line, { closers }: HtmlStart): boolean {
  if (closers === undefined) return false;
  const line = text.slice(start, end).toLowerCase();
  return closers.some((closer) => line.includes(closer));
}

const tags = /<(\/?)([a-z][\w-]*)[^<>]*>/giu;
const voids = new Set("area base br col embed hr img input link meta source track wbr".split(" "));

/** Whether a block ends with a tag, and some of its tags are open there. */
export function opensMore(text: string, { start, end }: Span): boolean {
  if (text.charAt(end - 1) !== ">") return false;
  let open = 0;
  for (const [whole, slash, name = ""] of text.slice(start, end).matchAll(tags)) {
    if (slash !== "") open = Math.max(0, open - 1);
    else if (!whole.endsWith("/>") && !voids.has(name.toLowerCase())) open++;
  }
  return open > 0;
}

/** Behind a tag whose name begins at a position, if it is a whole one. */
function tagEnd(text: string, nameStart: number, end: number, isClosing: boolean): number | undefined {
  const nameEnd = nameEndAt(text, nameStart, end);
  if (nameEnd === nameStart) return undefined;
  const behind = isClosing ? nameEnd : attributesEnd(text, nameEnd, end);
  if (behind === undefined) return undefined;
  let position = skipBlanks(text, behind, end);
  if (!isClosing && text.startsWith("/", position)) position++;
  return position < end && text.charCodeAt(position) === 0x3e ? position + 1 : undefined;
}

function attributesEnd(text: string, start: number, end: number): number | undefined {
  let position: number | undefined = start;
  while (position !== undefined) {
    const name = skipBlanks(text, position, end);
    const nameEnd = attributeNameEnd(text, name, end);
    if (name === position || nameEnd === name) return position;
    const equals = skipBlanks(text, nameEnd, end);
    const hasValue = equals < end && text.charCodeAt(equals) === 0x3d;
    position = hasValue ? attributeValueEnd(text, skipBlanks(text, equals + 1, end), end) : nameEnd;
  }
  return undefined;
}

function attributeNameEnd(text: string, start: number, end: number): number {
  let position = start;
  for (; position < end; position++) {
    const unit = text.charCodeAt(position);
    const isFirst = isLetter(unit) || unit === 0x5f || unit === 0x3a;
    if (!isFirst && !(position > start && (isDigit(unit) || unit === 0x2d || unit === 0x2e))) break;
  }
  return position;
}

function attributeValueEnd(text: string, start: number, end: number): number | undefined {
  const quote = start < end ? text.charAt(start) : " ";
  if ("\"'".includes(quote)) {
    const close = text.indexOf(quote, start + 1);
    return close < 0 || close >= end ? undefined : close + 1;
  }
  let position = start;
  while (position < end && !" \t\"'<=>`".includes(text.charAt(position))) position++;
  return position > start ? position : undefined;
}

function nameEndAt(text: string, start: number, end: number): number {
  let position = start;
  for (; position < end; position++) {
    const unit = text.charCodeAt(position);
    if (!isLetter(unit) && !(position > start && (isDigit(unit) || unit === 0x2d))) break;
  }
  return position;
}

function skipBlanks(text: string, start: number, end: number): number {
  let position = start;
  while (position < end && isSpaceOrTab(text.charCodeAt(position))) position++;
  return position;
}

function isLetter(unit: number): boolean {
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
