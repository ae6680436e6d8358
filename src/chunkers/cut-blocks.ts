import type { Piece } from "../types.ts";
import type { Block, Section } from "./blocks.ts";
import type { Break } from "./breaks.ts";
import { cut } from "./cut.ts";
import { graphemes as graphemesOf } from "./graphemes.ts";
import { overlapIn, type Settings } from "./options.ts";
import { LINE, PARAGRAPH, SENTENCE } from "./rank.ts";
import type { Ruler } from "./ruler.ts";
import { rulerOf } from "./ruler.ts";
import { words as wordsOf } from "./words.ts";

export interface Structure {
  readonly name: string;
  readonly text: string;
  readonly title?: string | undefined;
  readonly settings: Settings;
  /** Whether pieces are indexed with the path of their headings. */
  readonly headingPath: boolean;
}

/** A block that is not taken apart further. */
interface Part extends Block {
  /** No piece ends inside. */
  readonly whole: boolean;
  /** Of the break behind it. */
  readonly rank: number;
}

/**
 * Cuts a structured text. No piece goes beyond a section; blocks that fit stay whole; of a block that does not, every
 * piece but the first carries the label.
 */
export function* cutSections(structure: Structure, sections: Iterable<Section>): Generator<Piece, void, undefined> {
  const { name, text, title, settings } = structure;
  const graphemes = graphemesOf(text);
  const words = wordsOf(text, graphemes, settings.locale);
  const half = Math.floor(rulerOf(name, text, settings, { title }).room / 2);

  for (const { headings, blocks } of sections) {
    const path = structure.headingPath ? innermost(headings) : [];
    for (const piece of cutBlocks(blocks, path.join(" > "))) {
      yield { ...piece, ...(headings.length > 0 && { headings, context: piece.context ?? "" }) };
    }
  }

  /** As much of a path, from its end, as takes half of the room. */
  function innermost(headings: readonly string[]): readonly string[] {
    let first = headings.length;
    while (first > 0 && isShort([headings[first - 1] ?? ""]) && isShort(headings.slice(first - 1))) first--;
    return headings.slice(first);
  }

  function isShort(lines: readonly string[]): boolean {
    // No token of a language model is nearly as long: a heading of a megabyte need not be counted.
    if (lines.some((line) => line.length > half * 32)) return false;
    const context = `${lines.join(" > ")}\n`;
    return (settings.count ? settings.count(context) : context.length) <= half;
  }

  function* cutBlocks(blocks: readonly Block[], context: string): Generator<Piece, void, undefined> {
    const first = blocks[0];
    if (!first) return;
    const ruler = rulerOf(name, text, settings, { title, context }, first.start);
    let parts: Part[] = [];
    for (const block of blocks) yield* take(block, PARAGRAPH);
    yield* cutParts(parts, ruler, context);

    function* take(block: Block, rank: number): Generator<Piece, void, undefined> {
      const { start, end, children, label, prose, lead } = block;
      const whole = !prose && !lead && ruler.fits(start, end);
      if (whole || !children) parts.push({ ...block, whole, rank });
      else if (label === undefined || !isShort([context, label])) {
        for (const [index, child] of children.entries()) {
          yield* take(child, index === children.length - 1 ? rank : Math.min(rank, LINE));
        }
      } else {
        const leads = parts.slice(parts.findLastIndex((part) => !part.lead) + 1);
        yield* cutParts(parts.slice(0, parts.length - leads.length), ruler, context);
        parts = [];
        yield* cutLabelled([...leads, ...children], start, context, label);
      }
    }
  }
}
