import type { Piece } from "../../types.ts";
import type { Block, Section } from "./blocks.ts";
import type { Break, Breaks, BreakScanner } from "../text/breaks.ts";
import { cutAll, type Longer } from "./cut.ts";
import type { Graphemes } from "../text/graphemes.ts";
import { graphemes as graphemesOf } from "../text/graphemes.ts";
import { headingPath, stacked } from "../text/indexed-text.ts";
import type { Settings } from "./settings.ts";
import type { Part } from "./parts.ts";
import { breaksBetween, firstLead, isLeadEnd, leadsFrom, partOf } from "./parts.ts";
import { GRAPHEME, LINE, PARAGRAPH } from "../text/rank.ts";
import type { Ruler } from "./ruler.ts";
import type { Rulers } from "./rulers.ts";
import { overlapOf, roomOf, rulersOf } from "./rulers.ts";
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

/** What is longer is no word, for the purpose of having one below a heading. */
const LONGEST_WORD = 16;

/** What is being cut, and what came of it. */
interface Work {
  readonly structure: Structure;
  readonly text: string;
  readonly graphemes: Graphemes;
  readonly words: Words;
  readonly room: number;
  readonly rulers: Rulers;
  /** The context that was asked for last, and the room that it leaves: it is asked for again. */
  asked: string;
  left: number;
  readonly scannerOf: (breaks: Breaks) => BreakScanner;
  readonly pieces: Piece[];
}

/** Blocks under one context. */
interface Frame {
  readonly section: Section;
  readonly context: string;
  readonly ruler: Ruler;
  /** Present where these are blocks of a larger one, with its label: a piece that begins with that is indexed as outside. */
  readonly around: Outside | undefined;
  /** What is to be cut. */
  parts: Part[];
}

interface Outside {
  readonly frame: Frame;
  /** Where the larger block begins. */
  readonly start: number;
}

/**
 * Cuts a structured text. No piece goes beyond its section, blocks that fit stay whole, and of a block that does not,
 * every piece but the first is indexed with its label.
 */
export function cutSections(structure: Structure, sections: Iterable<Section>): readonly Piece[] {
  const { name, text, title, settings } = structure;
  const graphemes = graphemesOf(text);
  const anywhere = wordsOf(text, graphemes, settings.locale);
  const room = roomOf(settings, { title });
  const work: Work = {
    structure,
    text,
    graphemes,
    words: structure.narrow?.(anywhere) ?? anywhere,
    room,
    rulers: rulersOf(name, text, settings),
    asked: "",
    left: room,
    scannerOf: scannersOf(text),
    pieces: [],
  };
  for (const section of sections) {
    const { headings, blocks, label } = section;
    const path = structure.headingPath ? pathOf(work, headings) : "";
    const context = label === undefined ? path : (withLabel(work, path, label) ?? path);
    cutBlocks(work, blocks, section, context);
  }
  return work.pieces;
}

function scannersOf(text: string): Work["scannerOf"] {
  const scanners = new Map<Breaks, BreakScanner>();
  return (breaks) => {
    const scanner = scanners.get(breaks) ?? breaks.of(text);
    scanners.set(breaks, scanner);
    return scanner;
  };
}

// What an engine has compiled for functions of a single text is thrown away with them: these are of all.

function cutBlocks(work: Work, blocks: readonly Block[], section: Section, context: string): void {
  const [first] = blocks;
  if (!first) return;
  const ruler = rulerIn(work, context, first.start);
  cutIn(work, { section, context, ruler, around: undefined, parts: [] }, blocks, first.start);
}

/** Cuts blocks, and the parts above that the frame has already, which begin at `start`. */
function cutIn(work: Work, frame: Frame, blocks: readonly Block[], start: number): void {
  const { text, graphemes } = work;
  const all = wholePiece(text, start, (blocks[blocks.length - 1] as Block).end, { graphemes, ruler: frame.ruler });
  if (all) return add(work, frame, all);
  for (const block of blocks) take(work, frame, block, PARAGRAPH);
  cutParts(work, frame);
}

function take(work: Work, frame: Frame, block: Block, rank: number): void {
  const { text, graphemes } = work;
  const { parts, ruler } = frame;
  const { breaks, children, label, prose, lead = false } = block;
  // A mark behind a tag belongs to the block before, with the end of that tag.
  const done = parts.length > 0 ? (parts[parts.length - 1] as Part).end : 0;
  const start = Math.max(done, graphemes.before(skipSpace(text, block.start, block.end)));
  const end = graphemes.after(trimEnd(text, block.end, start));
  if (start >= end) return;
  // A paragraph that does not fit with its heading is cut.
  const whole = ruler.fits(prose === true ? firstLead(parts, start, parts.length) : start, end);
  // An item of a list may have nothing but its mark.
  if (whole || !children?.length) {
    parts.push(partOf(start, end, whole, { breaks, lead, rank }));
    return;
  }
  const labelled = label === undefined ? undefined : withLabel(work, frame.context, label);
  if (labelled === undefined) {
    for (const child of children) take(work, frame, child, child.end < block.end ? Math.min(rank, LINE) : rank);
    return;
  }
  const above = parts.splice(leadsFrom(parts, parts.length));
  cutParts(work, frame);
  frame.parts = [];
  cutLabelled(work, { frame, start }, labelled, children, above);
}

/** Cuts what a block with a label consists of, with what is above and belongs to its beginning. */
function cutLabelled(
  work: Work,
  around: Outside,
  context: string,
  children: readonly Block[],
  above: readonly Part[],
): void {
  const start = firstLead(above, around.start, above.length);
  const ruler = rulerIn(work, context, start);
  const parts = above.map((part) => partOf(part.start, part.end, ruler.fits(part.start, part.end), part));
  cutIn(work, { section: around.frame.section, context, ruler, around, parts }, children, start);
}

function cutParts(work: Work, frame: Frame): void {
  const { ruler, parts } = frame;
  let done = 0;
  let lead = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as Part;
    if (index === 0 || !(parts[index - 1] as Part).lead) lead = index;
    if (part.lead || lead === index || !(part.whole || work.structure.shownFrom)) continue;
    const beginning = part.whole ? part.end : firstWordEnd(work, part);
    if (ruler.fits((parts[lead] as Part).start, beginning)) continue;
    addAll(work, frame, cutRun(work, ruler, parts.slice(done, lead)));
    const end = cutBeginning(work, frame, parts.slice(lead, index), part);
    done = end < part.end ? index : index + 1;
    // What is cut anyway goes on where the beginning ends.
    const isCut = !part.whole && end > part.start && end < part.end && !ruler.fits(part.start, part.end);
    if (isCut) parts[index] = partOf(wordFrom(work, part.start, end), part.end, false, part);
  }
  addAll(work, frame, cutRun(work, ruler, done === 0 ? parts : parts.slice(done)));
}

/**
 * The heading goes with the beginning of its block, which is then whole in a piece of its own, if it is not in that one.
 * Where there is room for nothing but markup, the context is left out; where that is not enough, the heading is alone.
 * Answers with where the last piece ends.
 */
function cutBeginning(work: Work, frame: Frame, leads: readonly Part[], part: Part): number {
  const { graphemes } = work;
  const shown = shownFrom(work.structure, part.start);
  const heading = leads.at(-1) ?? part;
  const { start } = leads[0] ?? part;
  const bare = rulerIn(work, "", part.start);
  const framed = beginning(frame.ruler);
  if (!work.structure.shownFrom) return addAll(work, frame, framed);
  const both = withText(framed, frame.ruler);
  if (both) return addAll(work, frame, both);
  const alone = frame.context === "" ? undefined : withText(beginning(bare), bare);
  if (alone) return addAll(work, frame, alone, true);
  if (frame.ruler.fits(start, heading.end)) return addAll(work, frame, cutRun(work, frame.ruler, leads));
  if (bare.fits(start, heading.end)) return addAll(work, frame, cutRun(work, bare, leads), true);
  return addAll(work, frame, framed);

  /** The pieces, if one has a heading and text below it, else one with its first word, or the first character of that. */
  function withText(found: readonly Draft[], ruler: Ruler): readonly Draft[] | undefined {
    if (found.some((piece) => piece.start <= heading.start && piece.end > shown)) return found;
    const ends = [firstWordEnd(work, part), shown + 1].map((end) => graphemes.after(end));
    const end = ends.find((some) => ruler.fits(start, some));
    return end === undefined ? undefined : [pieceOf(ruler, start, end, ruler.measure(start, end))];
  }

  function beginning(ruler: Ruler): readonly Draft[] {
    // Only its first piece is needed.
    const end = graphemes.after(Math.min(part.end, ruler.reach(ruler.reach(part.start))));
    const found = cutRun(work, ruler, [...leads, partOf(part.start, end, false, part)]);
    const reaching = found.findIndex((piece) => piece.end > part.start);
    return found.slice(0, reaching + 1).filter((piece) => piece.start < part.start);
  }
}

function shownFrom(structure: Structure, position: number): number {
  return structure.shownFrom?.(position) ?? position;
}

function firstWordEnd(work: Work, { start, end }: Part): number {
  let position = shownFrom(work.structure, start);
  const limit = Math.min(end, position + LONGEST_WORD);
  while (position < limit && !isWordEnd(work, position)) position++;
  return position;
}

/** Where a word goes on that a piece ends in: with all of it. */
function wordFrom(work: Work, from: number, end: number): number {
  return isWordEnd(work, end) ? end : (work.words.last(from, end)?.next ?? from);
}

function isWordEnd({ structure, text }: Work, position: number): boolean {
  return isSpace(text.charCodeAt(position)) || shownFrom(structure, position) > position;
}

function cutRun(work: Work, ruler: Ruler, parts: readonly Part[]): readonly Draft[] {
  const pieces: Draft[] = [];
  const last = parts.length - 1;
  if (last < 0) return pieces;
  const { structure, text, graphemes, words, scannerOf } = work;
  const from = (parts[0] as Part).start;
  const to = (parts[last] as Part).end;
  const end = graphemes.after(trimEnd(text, to, from));

  /** No piece ends with what belongs to something below it where a grapheme of that fits too. */
  function beyond(start: number, found: Break): Longer | undefined {
    if (found.next >= end || !isLeadEnd(parts, found.end)) return undefined;
    const more = graphemes.after(found.next + 1);
    const units = ruler.measure(start, more);
    const next = graphemes.before(skipSpace(text, more, to));
    return units <= ruler.size ? { end: more, next, rank: GRAPHEME, units } : undefined;
  }

  const cutting = {
    text,
    graphemes,
    ruler,
    words: outsideLeads(words, parts),
    breaks: breaksBetween(text, parts, scannerOf),
    overlap: overlapOf(structure.settings, ruler),
    wholeSentences: true,
    beyond,
  };
  cutAll(cutting, from, to, pieces);
  return pieces;
}

/** No cut at a word is behind what belongs to something below it. */
function outsideLeads(words: Words, parts: readonly Part[]): Words {
  return {
    first: words.first,
    last(from, to) {
      const found = words.last(from, to);
      return found && isLeadEnd(parts, found.end) ? undefined : found;
    },
  };
}

/** Answers with where the last one ends. */
function addAll(work: Work, frame: Frame, pieces: readonly Draft[], isBare = false): number {
  for (const piece of pieces) add(work, frame, piece, isBare);
  return pieces.at(-1)?.end ?? 0;
}

/** Adds a piece, with what it is indexed with, unless all of it is in the one before. */
function add(work: Work, frame: Frame, piece: Draft, isBare = false): void {
  if (piece.end <= (work.pieces.at(-1)?.end ?? 0)) return;
  if (!isBare && frame.context !== "") piece.context = frame.context;
  let found = piece;
  for (let { around } = frame; around; { around } = around.frame) {
    const { ruler, context } = around.frame;
    if (found.start > around.start || found.context === undefined) continue;
    found = inOther(work, found, ruler, context);
  }
  work.pieces.push(inSection(work, found, frame.section));
}

/** The piece with its path. One that has only headings above the section's own has theirs. */
function inSection(work: Work, piece: Draft, { headings, bare }: Section): Piece {
  const index = bare.length > 0 ? firstBehind(bare, piece.end - 1) : 0;
  if (index < bare.length) return inPath(work, piece, (bare[index] as Section["bare"][number]).headings);
  if (headings.length > 0) {
    piece.context ??= "";
    piece.headings = headings;
  }
  return piece;
}

function inPath(work: Work, piece: Draft, headings: readonly string[]): Piece {
  const context = work.structure.headingPath ? pathOf(work, headings) : "";
  return { context: "", ...inOther(work, piece, rulerIn(work, context, piece.start), context), headings };
}

/** The piece with another context than it was cut for, or with none where it does not fit with that. */
function inOther(work: Work, piece: Draft, ruler: Ruler, context: string): Draft {
  const fits = context === "" || ruler.fits(piece.start, piece.end);
  return fits ? inContext(piece, ruler, context) : inContext(piece, rulerIn(work, "", piece.start), "");
}

function roomIn(work: Work, context: string): number {
  if (context !== work.asked) {
    const { settings, title } = work.structure;
    work.left = roomOf(settings, { title, context });
    work.asked = context;
  }
  return work.left;
}

function rulerIn(work: Work, context: string, from: number): Ruler {
  return work.rulers({ title: work.structure.title, context }, from, roomIn(work, context));
}

/** As much of a path, from its end, as leaves half of the room. */
function pathOf(work: Work, headings: readonly string[]): string {
  const whole = headingPath(headings);
  if (headings.length > 0 && headings[headings.length - 1] !== "" && isShort(work, whole)) return whole;
  let path = "";
  for (let index = headings.length - 1; index >= 0; index--) {
    const heading = headings[index] ?? "";
    const longer = path === "" ? heading : headingPath([heading, path]);
    if (!isShort(work, longer)) break;
    path = longer;
  }
  return path;
}

function isShort(work: Work, context: string): boolean {
  // No token of a language model is nearly as long: a heading of a megabyte need not be counted.
  return context.length <= 32 * work.room && 2 * roomIn(work, context) >= work.room;
}

/**
 * The label may be narrowed to leave half of the room, and the path of headings left out for it, which pieces have besides;
 * one that is still too long is left out itself.
 */
function withLabel(work: Work, context: string, label: string): string | undefined {
  const labels = [label, label.replaceAll(/[ \t]+/gu, " ")];
  for (const above of work.structure.headingPath ? [context, ""] : [context]) {
    for (const some of labels) {
      const found = stacked(above, some);
      if (isShort(work, found)) return found;
    }
  }
  return undefined;
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
