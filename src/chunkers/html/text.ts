import { shownTags } from "./hidden.ts";
import { unescaped } from "./references.ts";

/** HTML without its tags and what they hide, its character references read, and its white space on one line. */
export function plainText(html: string): string {
  let text = "";
  let position = 0;
  for (const { start, end } of shownTags(html)) {
    text += html.slice(position, start);
    position = end;
  }
  return unescaped(text + html.slice(position))
    .split(/\s+/u)
    .filter(Boolean)
    .join(" ");
}

/** The texts of the cells of a row of a table. */
export function cellTexts(html: string): readonly string[] {
  const starts: number[] = [];
  for (const { name, kind, start } of shownTags(html)) {
    if (kind === "open" && (name === "th" || name === "td")) starts.push(start);
  }
  return starts.map((start, index) => plainText(html.slice(start, starts[index + 1]))).filter(Boolean);
}
