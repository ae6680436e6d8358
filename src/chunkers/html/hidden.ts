import type { Span } from "../../types.ts";
import type { Tag } from "./tags.ts";
import { tagsOf } from "./tags.ts";
import { firstBehind } from "../text/spans.ts";

/** Elements of which a reader sees nothing. */
const hiddenNames = new Set(["script", "style", "template", "noscript"]);

/**
 * The tags of an HTML text, each stretch that readers do not see being one tag of kind "hidden": scripts, styles, templates,
 * what stands in for scripts, comments and declarations. What is never closed hides nothing.
 */
export function shownTags(text: string): readonly Tag[] {
  const tags: Tag[] = [];
  /** Where the elements that are open stand in `tags`, by name; some may be hidden by now. */
  const open = new Map<string, number[]>();
  for (const tag of tagsOf(text)) {
    const isHidden = tag.kind === "other" && hasText(text, tag);
    tags.push(isHidden ? { ...tag, kind: "hidden" } : tag);
    if (!hiddenNames.has(tag.name)) continue;
    const indices = open.get(tag.name) ?? [];
    open.set(tag.name, indices);
    if (tag.kind === "open") indices.push(tags.length - 1);
    else hide(tag, indices);
  }
  return tags;

  function hide({ name, end }: Tag, indices: number[]): void {
    for (let index = indices.pop(); index !== undefined; index = indices.pop()) {
      const opening = tags[index];
      if (opening?.kind !== "open" || opening.name !== name) continue;
      tags.length = index;
      tags.push({ name: "", kind: "hidden", start: opening.start, end });
      return;
    }
  }
}

/** Marks without a letter or digit, as frameworks leave them between two texts, hide nothing. */
function hasText(text: string, { start, end }: Tag): boolean {
  if (text.startsWith("<![", start)) return false;
  for (let position = start; position < end; position++) {
    const unit = text.charCodeAt(position);
    if (unit > 0x7f || (unit >= 0x30 && unit <= 0x39) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a)) return true;
  }
  return false;
}

/** Tells which stretches of a text have something hidden in them. */
export function hiddenIn(tags: readonly Tag[]): (from: number, to: number) => boolean {
  const hidden: readonly Span[] = tags.filter(({ kind }) => kind === "hidden");
  return (from, to) => (hidden[firstBehind(hidden, from)]?.start ?? Infinity) < to;
}
