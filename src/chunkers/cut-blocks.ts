import type { Piece } from "../types.ts";
import type { Block, Section } from "./blocks.ts";
import type { Break, BreakScanner } from "./breaks.ts";
import { cut } from "./cut.ts";
import { graphemes as graphemesOf } from "./graphemes.ts";
import type { Settings } from "./options.ts";
import { DOUBTFUL, LINE, PARAGRAPH } from "./rank.ts";
import type { Ruler } from "./ruler.ts";
import { overlapOf, roomOf, rulerOf } from "./ruler.ts";
import { skipSpace, trimEnd } from "./space.ts";
import { firstBehind } from "./spans.ts";
import type { Words } from "./words.ts";
import { words as wordsOf } from "./words.ts";

export interface Structure {
  readonly name: string;
  readonly text: string;
  readonly title?: string | undefined;
  readonly settings: Settings;
  /** Whether pieces are indexed with the path of their headings. */
  readonly headingPath: boolean;
  /** Keeps cuts between words out of markup. */
  narrow?(words: Words): Words;
}

/** A block that is not taken apart further. */
interface Part extends Block {
  /** No piece ends inside. */
  readonly whole: boolean;
  /** Of the break behind it. */
  readonly rank: number;
}

/**
 * Cuts a structured text. No piece goes beyond its section, blocks that fit stay whole, and of a block that does not,
 * every piece but the first is indexed with its label.
 */
export function* cutSections(structure: Structure, sections: Iterable<Section>): Generator<Piece, void, undefined> {
  const { name, text, title, settings } = structure;
  const graphemes = graphemesOf(text);
  const anywhere = wordsOf(text, graphemes, settings.locale);
  const words = structure.narrow?.(anywhere) ?? anywhere;
  const { room } = rulerOf(name, text, settings, { title });

  for (const section of sections) {
    const { headings, blocks, label } = section;
    const path = structure.headingPath ? pathOf(headings) : "";
    const above = label === undefined ? path : (withLabel(path, label) ?? path);
    for (const piece of cutBlocks(blocks, above)) yield inSection(piece, section);
  }

  /** The piece with its path. One that has only headings above the section's own has theirs. */
  function inSection(piece: Piece, { headings, bare }: Section): Piece {
    const own = bare[firstBehind(bare, piece.end - 1)];
    if (!own) return headings.length > 0 ? { context: "", ...piece, headings } : piece;
    const context = structure.headingPath ? pathOf(own.headings) : "";
    const ruler = rulerOf(name, text, settings, { title, context }, piece.start);
    const fits = context === "" || ruler.fits(piece.start, piece.end);
    const found = fits
      ? inContext(piece, ruler, context)
      : inContext(piece, rulerOf(name, text, settings, { title }, piece.start), "");
    return { context: "", ...found, headings: own.headings };
  }

  /** As much of a path, from its end, as leaves half of the room. */
  function pathOf(headings: readonly string[]): string {
    let path = "";
    for (const heading of headings.toReversed()) {
      const longer = path === "" ? heading : `${heading} > ${path}`;
      if (!isShort(longer)) break;
      path = longer;
    }
    return path;
  }

  function isShort(context: string): boolean {
    // No token of a language model is nearly as long: a heading of a megabyte need not be counted.
    return context.length <= 32 * room && 2 * roomOf(settings, { title, context }) >= room;
  }

  /** The label may be narrowed to leave half of the room; one that is still too long is left out. */
  function withLabel(context: string, label: string): string | undefined {
    const prefix = context === "" ? "" : `${context}\n`;
    return [`${prefix}${label}`, `${prefix}${label.replaceAll(/[ \t]+/gu, " ")}`].find(isShort);
  }

  function* cutBlocks(blocks: readonly Block[], context: string): Generator<Piece, void, undefined> {
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (!first || !last) return;
    const ruler = rulerOf(name, text, settings, { title, context }, first.start);
    if (ruler.fits(first.start, last.end)) {
      const piece = wholePiece(first.start, last.end, ruler);
      if (piece) yield context === "" ? piece : { ...piece, context };
      else yield* cutRun([{ ...first, end: last.end, lead: false, whole: true, rank: PARAGRAPH }], ruler, context);
      return;
    }
    let parts: Part[] = [];
    for (const block of blocks) yield* take(block, PARAGRAPH);
    yield* cutParts(parts, ruler, context);

    function* take(block: Block, rank: number): Generator<Piece, void, undefined> {
      const { children, label, prose } = block;
      const start = graphemes.before(skipSpace(text, block.start, block.end));
      const end = graphemes.after(trimEnd(text, block.end, start));
      const whole = !prose && ruler.fits(start, end);
      const labelled = whole || label === undefined ? undefined : withLabel(context, label);
      if (whole || !children) parts.push({ ...block, start, end, whole, rank });
      else if (labelled === undefined) {
        for (const child of children) yield* take(child, child.end < block.end ? Math.min(rank, LINE) : rank);
      } else {
        const leads = parts.splice(parts.findLastIndex(({ lead }) => !lead) + 1);
        yield* cutParts(parts, ruler, context);
        parts = [];
        for (const piece of cutBlocks([...leads, ...children], labelled)) {
          yield piece.start > start ? piece : inContext(piece, ruler, context);
        }
      }
    }
  }

  /** A stretch without the white space around it, where that fits in one piece. */
  function wholePiece(from: number, to: number, ruler: Ruler): Piece | undefined {
    const start = graphemes.before(skipSpace(text, from, to));
    const end = graphemes.after(trimEnd(text, to, from));
    if (start >= end) return undefined;
    const units = ruler.sizeOf(start, end, ruler.upTo(end) - ruler.before(start));
    if (units > ruler.size) return undefined;
    return ruler.tokens ? { start, end, tokens: units } : { start, end };
  }

  function* cutParts(parts: readonly Part[], ruler: Ruler, context: string): Generator<Piece, void, undefined> {
    let done = 0;
    let lead = 0;
    for (const [index, part] of parts.entries()) {
      if (!parts[index - 1]?.lead) lead = index;
      if (part.lead || lead === index || !part.whole) continue;
      if (ruler.fits(parts[lead]?.start ?? part.start, part.end)) continue;
      yield* cutRun(parts.slice(done, lead), ruler, context);
      // The heading goes with the beginning of its block, which is then whole in a piece of its own.
      for (const piece of cutRun([...parts.slice(lead, index), { ...part, whole: false }], ruler, context)) {
        if (piece.start < part.start) yield piece;
        if (piece.end > part.start) break;
      }
      done = index;
    }
    yield* cutRun(parts.slice(done), ruler, context);
  }

  function* cutRun(parts: readonly Part[], ruler: Ruler, context: string): Generator<Piece, void, undefined> {
    const [first, last] = [parts[0], parts.at(-1)];
    if (!first || !last) return;
    const pieces = cut(
      {
        text,
        graphemes,
        ruler,
        words,
        breaks: breaksBetween(parts),
        overlap: overlapOf(settings, ruler),
        wholeSentences: true,
      },
      first.start,
      last.end,
    );
    for (const piece of pieces) yield context === "" ? piece : { ...piece, context };
  }
}

/** The piece with a shorter context than it was cut for. */
function inContext({ start, end }: Piece, ruler: Ruler, context: string): Piece {
  const units = ruler.measure(start, end);
  return {
    start,
    end,
    ...(context !== "" && { context }),
    ...(ruler.tokens && { tokens: units }),
    ...(units > ruler.size && { oversize: true }),
  };
}

/** The breaks between parts, and inside those that are not kept whole. */
function breaksBetween(parts: readonly Part[]): BreakScanner {
  return function* scan(text: string, from: number, to: number): Generator<Break, void, undefined> {
    for (let index = firstBehind(parts, from); index < parts.length; index++) {
      const part = parts[index];
      const next = parts[index + 1];
      if (!part || part.start > to) return;
      if (!part.whole) yield* part.breaks(text, Math.max(from, part.start), Math.min(to, part.end - 1));
      if (!next || part.end > to) return;
      // What announces a list or a table stays with it where it can.
      const rank = text.charAt(part.end - 1) === ":" ? Math.min(part.rank, DOUBTFUL) : part.rank;
      if (!part.lead && part.end > from) yield { end: part.end, next: next.start, rank };
    }
  };
}
