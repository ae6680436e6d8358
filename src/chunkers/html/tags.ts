import type { Span } from "../../types.ts";
import { isSpace, skipSpace } from "../text/space.ts";
import { firstBehind } from "../text/spans.ts";

/** A tag, comment or declaration in HTML. */
export interface Tag extends Span {
  /** In lower case; empty for a comment or declaration. */
  readonly name: string;
  readonly kind: "open" | "close" | "other" | "hidden";
}

/** Elements whose content is no markup. */
const verbatim = new Set(["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"]);

const CDATA = "<![CDATA[";

/** The tags of an HTML text, in order. What is not closed is text. Every character is looked at a few times at most. */
export function* tagsOf(text: string): Generator<Tag, void, undefined> {
  const missing = new Set<string>();
  let position = 0;
  for (;;) {
    const start = text.indexOf("<", position);
    if (start < 0) return;
    const tag = tagAt(text, start, missing);
    if (!tag) {
      position = start + 1;
      continue;
    }
    yield tag;
    position = tag.kind === "open" && verbatim.has(tag.name) ? contentEnd(text, tag, missing) : tag.end;
  }
}

/** `missing`: closers that were looked for up to the end in vain, and need not be again. */
function tagAt(text: string, start: number, missing: Set<string>): Tag | undefined {
  const next = text.charAt(start + 1);
  if (next === "!" || next === "?") {
    // A marked section has text in it: what opens one is a tag, and its end is none.
    if (text.startsWith(CDATA, start)) return { start, end: start + CDATA.length, name: "", kind: "other" };
    const end = find(text, text.startsWith("<!--", start) ? "-->" : ">", start + 2, missing);
    return end === undefined ? undefined : { start, end, name: "", kind: "other" };
  }
  const isClosing = next === "/";
  const name = nameAt(text, start + (isClosing ? 2 : 1));
  if (name === "" || missing.has(">")) return undefined;
  const end = tagEnd(text, start + name.length + 1, missing);
  return end === undefined ? undefined : { start, end, name, kind: isClosing ? "close" : "open" };
}

function find(text: string, closer: string, from: number, missing: Set<string>): number | undefined {
  const found = missing.has(closer) ? -1 : text.indexOf(closer, from);
  if (found >= 0) return found + closer.length;
  missing.add(closer);
  return undefined;
}

/** Behind the `>` that ends a tag; one in a quoted value does not. */
function tagEnd(text: string, from: number, missing: Set<string>): number | undefined {
  let before = "";
  for (let position = from; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === ">") return position + 1;
    if ((character === '"' || character === "'") && before === "=") {
      position = text.indexOf(character, position + 1);
      // No quote is left in the text, so no other tag can fail for want of one.
      if (position < 0) return undefined;
    }
    if (!isSpace(text.charCodeAt(position))) before = text.charAt(position);
  }
  missing.add(">");
  return undefined;
}

/** Where the verbatim content of an element ends. */
function contentEnd(text: string, { name, end }: Tag, missing: Set<string>): number {
  const closer = `</${name}`;
  if (missing.has(closer)) return end;
  for (let position = text.indexOf("</", end); position >= 0; position = text.indexOf("</", position + 2)) {
    if (text.slice(position + 2, position + 2 + name.length).toLowerCase() === name) return position;
  }
  missing.add(closer);
  return end;
}

const LONGEST_NAME = 64;

function nameAt(text: string, start: number): string {
  let position = start;
  while (position - start < LONGEST_NAME && isNameCharacter(text.charCodeAt(position), position > start)) position++;
  return text.slice(start, position).toLowerCase();
}

function isNameCharacter(unit: number, inside: boolean): boolean {
  const isLetter = (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
  return isLetter || (inside && ((unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x3a));
}

/** The tag that a position is inside of. */
export function tagAround(tags: readonly Tag[], position: number): Tag | undefined {
  const tag = tags[firstBehind(tags, position)];
  return tag && tag.start < position ? tag : undefined;
}

/** The first position that is neither white space nor in a tag. */
export function textStart(text: string, tags: readonly Tag[], from: number): number {
  let position = skipSpace(text, from);
  for (let index = firstBehind(tags, position); position >= (tags[index]?.start ?? Infinity); index++) {
    position = skipSpace(text, tags[index]?.end ?? position);
  }
  return position;
}
