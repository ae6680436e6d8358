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

/** The text of a heading, without marks that link to it: `¶`, `#`. */
export function headingText(html: string): string {
  const tags = shownTags(html);
  let shown = "";
  let position = 0;
  for (const [index, tag] of tags.entries()) {
    const close = tags[index + 1];
    if (!close || tag.name !== "a" || !toAnchor.test(html.slice(tag.start, tag.end))) continue;
    if (/[\p{L}\p{N}]/u.test(shownText(html.slice(tag.end, close.start)))) continue;
    shown += html.slice(position, tag.start);
    position = close.start;
  }
  return plainText(shown + html.slice(position));
}

const toAnchor = /\shref\s*=\s*["']?[^"'\s>#]*#/iu;

/** The texts of the cells of a row of a table. */
export function cellTexts(html: string): readonly string[] {
  const starts: number[] = [];
  for (const { name, kind, start } of shownTags(html)) {
    if (kind === "open" && (name === "th" || name === "td")) starts.push(start);
  }
  return starts.map((start, index) => plainText(html.slice(start, starts[index + 1]))).filter(Boolean);
}
