import type { Piece } from "../../types.ts";
import type { Block, Section } from "./blocks.ts";
import type { Breaks, BreakScanner } from "../text/breaks.ts";
import { keepCompiled } from "../compiled.ts";
import { cutAll } from "./cut.ts";
import { graphemes as graphemesOf } from "../text/graphemes.ts";
import { headingPath, stacked } from "../text/indexed-text.ts";
import type { Settings } from "./settings.ts";
import type { Part } from "./parts.ts";
import { breaksBetween, firstLead, isLeadEnd } from "./parts.ts";
import { LINE, PARAGRAPH } from "../text/rank.ts";
import type { Ruler } from "./ruler.ts";
import { overlapOf, roomOf, rulersOf } from "./ruler.ts";
import { isSpace, skipSpace, trimEnd } from "../text/space.ts";
import { firstBehind } from "../text/spans.ts";
import { pieceOf, wholePiece } from "./whole-piece.ts";
import type { Words } from "../text/words.ts";
import { words as wordsOf } from "../text/words.ts";

export interface Structure {
  readonly name: string;
  readonly text: string;
  readonly title?: string | undefined;
  readonly settings: Settings;
  /** Whether pieces are indexed with the path of their headings. */
  readonly headingPath: boolean;
  /** Keeps cuts between words out of markup. */
  narrow?(words: Words): Words;
  /** The first position behind markup, where that may fill a piece. */
  shownFrom?(position: number): number;
}

type Draft = { -readonly [K in keyof Piece]: Piece[K] };

/** A context, what is measured with it, and where the pieces go. */
interface Frame {
  readonly context: string;
  readonly ruler: Ruler;
  readonly add: (piece: Draft) => void;
  readonly addBare: (piece: Draft) => void;
}

/** What is longer is no word, for the purpose of having one below a heading. */
const LONGEST_WORD = 16;

/**
 * Cuts a structured text. No piece goes beyond its section, blocks that fit stay whole, and of a block that does not,
 * every piece but the first is indexed with its label.
 */
export function cutSections(structure: Structure, sections: Iterable<Section>): readonly Piece[] {
  const { name, text, title, settings } = structure;
  const graphemes = graphemesOf(text);
  const anywhere = wordsOf(text, graphemes, settings.locale);
  const words = structure.narrow?.(anywhere) ?? anywhere;
  const room = roomOf(settings, { title });
  const rulers = rulersOf(name, text, settings);
  const known = new Map<number, Ruler>();
  /** The context that was asked for last, and the room that it leaves: it is asked for again. */
  let asked = "";
  let left = room;
  const scanners = new Map<Breaks, BreakScanner>();
  const pieces: Piece[] = [];

  keepCompiled("sections", text, cutBlocks);
  for (const section of sections) {
    const { headings, blocks, label } = section;
    const path = structure.headingPath ? pathOf(headings) : "";
    const context = label === undefined ? path : (withLabel(path, label) ?? path);
    cutBlocks(blocks, context, (piece) => pieces.push(inSection(piece, section)));
  }
  return pieces;

  /** The piece with its path. One that has only headings above the section's own has theirs. */
  function inSection(piece: Draft, { headings, bare }: Section): Piece {
    const own = bare.length > 0 ? bare[firstBehind(bare, piece.end - 1)] : undefined;
    if (!own) {
      if (headings.length > 0) {
        piece.context ??= "";
        piece.headings = headings;
      }
      return piece;
    }
    const context = structure.headingPath ? pathOf(own.headings) : "";
    const ruler = rulerIn(context, piece.start);
    const fits = context === "" || ruler.fits(piece.start, piece.end);
    const found = fits ? inContext(piece, ruler, context) : inContext(piece, rulerIn("", piece.start), "");
    return { context: "", ...found, headings: own.headings };
  }

  function roomIn(context: string): number {
    if (context !== asked) {
      left = roomOf(settings, { title, context });
      asked = context;
    }
    return left;
  }

  function rulerIn(context: string, from: number): Ruler {
    const own = roomIn(context);
    if (settings.count) return rulers({ title, context }, from, own);
    // In characters, all that matters is how many are left.
    const ruler = known.get(own) ?? rulers({ title, context }, 0, own);
    known.set(own, ruler);
    return ruler;
  }

  /** As much of a path, from its end, as leaves half of the room. */
  function pathOf(headings: readonly string[]): string {
    const whole = headingPath(headings);
    if (headings.at(-1) !== "" && isShort(whole)) return whole;
    let path = "";
    for (let index = headings.length - 1; index >= 0; index--) {
      const heading = headings[index] ?? "";
      const longer = path === "" ? heading : headingPath([heading, path]);
      if (!isShort(longer)) break;
      path = longer;
    }
    return path;
  }

  function isShort(context: string): boolean {
    // No token of a language model is nearly as long: a heading of a megabyte need not be counted.
    return context.length <= 32 * room && 2 * roomIn(context) >= room;
  }

  /** The label may be narrowed to leave half of the room; one that is still too long is left out. */
  function withLabel(context: string, label: string): string | undefined {
    return [label, label.replaceAll(/[ \t]+/gu, " ")].map((some) => stacked(context, some)).find(isShort);
  }

  function cutBlocks(blocks: readonly Block[], context: string, add: (piece: Draft) => void): void {
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (!first || !last) return;
    const ruler = rulerIn(context, first.start);
    const frame: Frame = {
      context,
      ruler,
      add: (piece) => {
        if (context !== "") piece.context = context;
        add(piece);
      },
      addBare: add,
    };
    const all = wholePiece(text, first.start, last.end, { graphemes, ruler });
    if (all) {
      frame.add(all);
      return;
    }
    let parts: Part[] = [];
    for (const block of blocks) take(block, PARAGRAPH);
    cutParts(parts, frame);

    function take({ start: from, end: to, breaks, children, label, prose, lead = false }: Block, rank: number): void {
      // A mark behind a tag belongs to the block before, with the end of that tag.
      const start = Math.max(parts.at(-1)?.end ?? 0, graphemes.before(skipSpace(text, from, to)));
      const end = graphemes.after(trimEnd(text, to, start));
      if (start >= end) return;
      // A paragraph that does not fit with its heading is cut.
      const whole = ruler.fits(prose ? firstLead(parts, start) : start, end);
      const labelled = whole || label === undefined ? undefined : withLabel(context, label);
      if (whole || !children) parts.push({ start, end, breaks, lead, whole, rank });
      else if (labelled === undefined) {
        for (const child of children) take(child, child.end < to ? Math.min(rank, LINE) : rank);
      } else {
        let leads = parts.length;
        while (parts[leads - 1]?.lead) leads--;
        const above = parts.splice(leads);
        cutParts(parts, frame);
        parts = [];
        cutBlocks([...above, ...children], labelled, (piece) =>
          add(piece.start > start || piece.context === undefined ? piece : inContext(piece, ruler, context)),
        );
      }
    }
  }

  function cutParts(parts: readonly Part[], frame: Frame): void {
    const { ruler } = frame;
    let done = 0;
    let lead = 0;
    for (const [index, part] of parts.entries()) {
      if (!parts[index - 1]?.lead) lead = index;
      if (part.lead || lead === index || !(part.whole || structure.shownFrom)) continue;
      const beginning = part.whole ? part.end : firstWordEnd(part);
      if (ruler.fits(parts[lead]?.start ?? part.start, beginning)) continue;
      cutRun(parts.slice(done, lead), frame);
      cutBeginning(parts.slice(lead, index), part, frame);
      done = index;
    }
    cutRun(done === 0 ? parts : parts.slice(done), frame);
  }

  /**
   * The heading goes with the beginning of its block, which is then whole in a piece of its own. Where there is room for
   * nothing but markup, the context is left out; where that is not enough, the heading is alone.
   */
  function cutBeginning(leads: readonly Part[], part: Part, frame: Frame): void {
    const shown = shownFrom(part.start);
    const heading = leads.at(-1) ?? part;
    const { start } = leads[0] ?? part;
    const bare = rulerIn("", part.start);
    const framed = beginning(frame.ruler);
    if (!structure.shownFrom) return framed.forEach(frame.add);
    const both = withText(framed, frame.ruler);
    if (both) return both.forEach(frame.add);
    const alone = frame.context === "" ? undefined : withText(beginning(bare), bare);
    if (alone) return alone.forEach(frame.addBare);
    if (frame.ruler.fits(start, heading.end)) cutRun(leads, frame);
    else if (bare.fits(start, heading.end)) cutRun(leads, { ...frame, ruler: bare, add: frame.addBare });
    else framed.forEach(frame.add);

    /** The pieces, if one has a heading and text below it, else one with its first word, or the first character of that. */
    function withText(found: readonly Draft[], ruler: Ruler): readonly Draft[] | undefined {
      if (found.some((piece) => piece.start <= heading.start && piece.end > shown)) return found;
      const ends = [firstWordEnd(part), shown + 1].map((end) => graphemes.after(end));
      const end = ends.find((some) => ruler.fits(start, some));
      return end === undefined ? undefined : [pieceOf(ruler, start, end, ruler.measure(start, end))];
    }

    function beginning(ruler: Ruler): Draft[] {
      const found: Draft[] = [];
      // Only its first piece is needed.
      const end = graphemes.after(Math.min(part.end, ruler.reach(ruler.reach(part.start))));
      cutRun([...leads, { ...part, end, whole: false }], { ...frame, ruler, add: (piece) => found.push(piece) });
      const reaching = found.findIndex((piece) => piece.end > part.start);
      return found.slice(0, reaching + 1).filter((piece) => piece.start < part.start);
    }
  }

  function shownFrom(position: number): number {
    return structure.shownFrom?.(position) ?? position;
  }

  function firstWordEnd({ start, end }: Part): number {
    let position = shownFrom(start);
    const limit = Math.min(end, position + LONGEST_WORD);
    while (position < limit && !isSpace(text.charCodeAt(position))) position++;
    return position;
  }

  function cutRun(parts: readonly Part[], { ruler, add }: Frame): void {
    const [first, last] = [parts[0], parts.at(-1)];
    if (!first || !last) return;
    const cutting = {
      text,
      graphemes,
      ruler,
      words,
      breaks: breaksBetween(text, parts, scannerOf),
      overlap: overlapOf(settings, ruler),
      wholeSentences: true,
      isLead: (end: number) => isLeadEnd(parts, end),
    };
    cutAll(cutting, first.start, last.end, add);
  }

  function scannerOf(breaks: Breaks): BreakScanner {
    const scanner = scanners.get(breaks) ?? breaks.of(text);
    scanners.set(breaks, scanner);
    return scanner;
  }
}

/** The piece with a shorter context than it was cut for. */
function inContext({ start, end }: Piece, ruler: Ruler, context: string): Draft {
  const units = ruler.measure(start, end);
  return {
    start,
    end,
    ...(context !== "" && { context }),
    ...(ruler.tokens && { tokens: units }),
    ...(units > ruler.size && { oversize: true }),
  };
}
