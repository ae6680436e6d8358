import type { Line } from "./text-lines.ts";

/** How an HTML block in Markdown ends (CommonMark §4.6). */
export interface HtmlStart {
  /** Contained in its last line, in lower case. Absent: a blank line ends it. */
  readonly closer?: string;
  /** Whether it may follow a paragraph without a blank line. */
  readonly interrupts: boolean;
}

const verbatim = new Set(["script", "pre", "style", "textarea"]);
const blockNames = new Set(
  "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead title tr track ul".split(
    " ",
  ),
);
const LONGEST_NAME = 12;

export function htmlStart(text: string, { start, end }: Line): HtmlStart | undefined {
  if (text.charAt(start) !== "<") return undefined;
  const opening = text.slice(start, Math.min(end, start + LONGEST_NAME)).toLowerCase();
  if (opening.startsWith("<!--")) return { closer: "-->", interrupts: true };
  if (opening.startsWith("<?")) return { closer: "?>", interrupts: true };
  if (opening.startsWith("<![cdata[")) return { closer: "]]>", interrupts: true };
  if (opening.startsWith("<!")) return isLetter(opening.charAt(2)) ? { closer: ">", interrupts: true } : undefined;
  const closing = opening.charAt(1) === "/";
  const name = nameAt(text, start + (closing ? 2 : 1), end);
  if (name === "") return undefined;
  const behind = text.charAt(start + (closing ? 2 : 1) + name.length);
  const whole =
    behind === "" ||
    behind === ">" ||
    behind === "/" ||
    behind === " " ||
    behind === "\t" ||
    behind === "\n" ||
    behind === "\r";
  if (whole && !closing && verbatim.has(name)) return { closer: `</${name}`, interrupts: true };
  if (whole && blockNames.has(name)) return { interrupts: true };
  // Any other tag, alone on its line.
  return whole && text.indexOf(">", start) === end - 1 ? { interrupts: false } : undefined;
}

function nameAt(text: string, start: number, end: number): string {
  let position = start;
  while (
    position < end &&
    (isLetter(text.charAt(position)) || (position > start && isNameCharacter(text.charAt(position))))
  )
    position++;
  return text.slice(start, position).toLowerCase();
}

function isLetter(character: string): boolean {
  return (character >= "a" && character <= "z") || (character >= "A" && character <= "Z");
}

function isNameCharacter(character: string): boolean {
  return (character >= "0" && character <= "9") || character === "-";
}
