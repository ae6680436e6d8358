import { shownTags } from "./hidden.ts";

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  copy: "©",
};
const LONGEST_REFERENCE = 10;

/** HTML without its tags and what they hide, its commonest character references read, and its white space on one line. */
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

/** Text with its commonest character references read. */
export function unescaped(text: string): string {
  let result = "";
  let position = 0;
  for (let start = text.indexOf("&"); start >= 0; start = text.indexOf("&", position)) {
    const end = text.slice(start, start + LONGEST_REFERENCE).indexOf(";");
    const character = end > 0 ? characterOf(text.slice(start + 1, start + end)) : undefined;
    result += text.slice(position, start) + (character ?? "&");
    position = start + (character === undefined ? 1 : end + 1);
  }
  return result + text.slice(position);
}

function characterOf(reference: string): string | undefined {
  if (!reference.startsWith("#")) return Object.hasOwn(named, reference) ? named[reference] : undefined;
  const isHex = reference.charAt(1).toLowerCase() === "x";
  const digits = reference.slice(isHex ? 2 : 1);
  const code = Number(isHex ? `0x${digits}` : digits);
  const isCharacter = Number.isInteger(code) && code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return digits !== "" && isCharacter ? String.fromCodePoint(code) : undefined;
}
