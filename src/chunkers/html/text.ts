import type { Span } from "../../types.ts";
import { shownTags } from "./hidden.ts";
import { shownText } from "./references.ts";

/** HTML without its tags and what they hide, its character references read, and its white space on one line. */
function plainText(html: string): string {
  let text = "";
  let position = 0;
  for (const { start, end } of shownTags(html)) {
    text += html.slice(position, start);
    position = end;
  }
  return shownText(text + html.slice(position))
    .split(/\s+/u)
    .filter(Boolean)
    .join(" ");
}

/** The text of a heading, without buttons and without marks that link to it: `¶`, `#`. */
export function headingText(html: string): string {
  const tags = shownTags(html);
  let shown = "";
  let position = 0;
  for (const [index, { name, kind, start, end }] of tags.entries()) {
    if (kind !== "open" || start < position || (name !== "a" && name !== "button")) continue;
    const close = tags
      .slice(index + 1, index + 1 + TAGS_INSIDE)
      .find((tag) => tag.kind === "close" && tag.name === name);
    if (!close || !(name === "button" || isMark(html, { start, end }, close))) continue;
    shown += html.slice(position, start);
    position = close.end;
  }
  return plainText(shown + html.slice(position));
}

function isMark(html: string, open: Span, close: Span): boolean {
  if (!toAnchor.test(html.slice(open.start, open.end))) return false;
  return !/[\p{L}\p{N}]/u.test(plainText(html.slice(open.end, close.start)));
}

/** How many tags a button or a link may have inside. */
const TAGS_INSIDE = 16;
const toAnchor = /\shref\s*=\s*["']?[^"'\s>#]*#/iu;

/** The texts of the cells of a row of a table. */
export function cellTexts(html: string): readonly string[] {
  const starts: number[] = [];
  for (const { name, kind, start } of shownTags(html)) {
    if (kind === "open" && (name === "th" || name === "td")) starts.push(start);
  }
  return starts.map((start, index) => plainText(html.slice(start, starts[index + 1]))).filter(Boolean);
}
