import type { Piece } from "../types.ts";
import type { Break, BreakScanner } from "./breaks.ts";
import { GRAPHEME, PARAGRAPH, SENTENCE } from "./rank.ts";
import type { Graphemes } from "./graphemes.ts";
import type { Ruler } from "./ruler.ts";
import { skipSpace, trimEnd } from "./space.ts";
import type { Words } from "./words.ts";

/** What the pieces of a text are cut by. */
export interface Cutting {
  readonly text: string;
  readonly graphemes: Graphemes;
  readonly ruler: Ruler;
  readonly breaks: BreakScanner;
  /** Absent where words may be cut. */
  readonly words?: Words;
  /** In units, below `ruler.room`. */
  readonly overlap: number;
  /** An overlap begins with a sentence or not at all, unless a sentence had to be cut. */
  readonly wholeSentences?: boolean;
}

/** A piece that begins at `start`, and the break behind it. */
interface Choice extends Break {
  readonly start: number;
  readonly units: number;
  readonly oversize?: true;
}

/**
 * Cuts the text from `from` to `to` into pieces that overlap.
 *
 * Each cut is decided by the one before it and the text nearby, at the strongest break in the second half of what fits.
 * So two runs over nearly the same text meet again at the next strong break, and an edit stays local.
 */
export function* cut(cutting: Cutting, from: number, to: number): Generator<Piece, void, undefined> {
  const { text, graphemes, ruler, words, overlap } = cutting;
  const last = graphemes.after(trimEnd(text, to, from));
  let position = graphemes.before(skipSpace(text, from, to));
  let start = position;
  while (position < last) {
    const choice = best(start, position);
    const { end, next, units, oversize } = choice;
    yield { start: choice.start, end, ...(ruler.tokens && { tokens: units }), ...(oversize && { oversize }) };
    start = next < last ? overlapStart(choice) : next;
    position = next;
  }

  /** The piece that goes on at `position` and repeats the text from `start`, or less of it for a whole sentence. */
  function best(start: number, position: number): Choice {
    const choice = choose(start, position) ?? alone(position);
    if (choice.rank >= SENTENCE || choice.start === position) return choice;
    const sentence = firstSentence(position, ruler.reach(position));
    const end = sentence?.end ?? last;
    const later = aligned(ruler.back(end, ruler.room, start), position, false);
    const whole = choose(later, position) ?? alone(position);
    return whole.rank >= SENTENCE ? whole : choice;
  }

  function alone(position: number): Choice {
    const choice = choose(position, position);
    if (choice) return choice;
    const end = graphemes.after(position + 1);
    const next = nextStart(end);
    return { start: position, end, next, rank: GRAPHEME, units: ruler.measure(position, end), oversize: true };
  }

  /** The strongest break whose piece is within the size, or none where not one grapheme is. */
  function choose(start: number, position: number): Choice | undefined {
    const smallest = graphemes.after(position + 1);
    let limit = Math.max(smallest, Math.min(ruler.reach(start), last));
    for (;;) {
      const found = limit === last ? { end: last, next: last, rank: PARAGRAPH } : strongest(position, limit);
      const units = ruler.measure(start, found.end);
      if (units <= ruler.size) return { ...found, start, units };
      if (found.end <= smallest) return undefined;
      const fitting = start + Math.floor(((found.end - start) * ruler.size) / units);
      limit = Math.max(smallest, Math.min(found.end - 1, fitting));
    }
  }

  function strongest(position: number, limit: number): Break {
    const middle = position + (limit - position) / 2;
    const quarter = position + (limit - position) / 4;
    let anchor: Break | undefined;
    let late: Break | undefined;
    let early: Break | undefined;
    for (const found of breaksIn(position, limit)) {
      if (found.end > middle) late = stronger(late, found);
      else if (found.rank >= SENTENCE) early = found;
      if (found.end > quarter && found.rank >= SENTENCE && isAnchor(text, found)) anchor = stronger(anchor, found);
    }
    if (anchor && anchor.rank >= (late?.rank ?? 0)) return anchor;
    if (late && late.rank >= SENTENCE) return late;
    // What follows an early break is long. It is cut only if it would be cut in a piece of its own too.
    if (early && fitsAlone(early.next)) return early;
    if (late) return late;
    const word = words?.last(position, limit);
    if (word && (word.end > middle || wordEnd(word.next) > limit)) return word;
    const edge = graphemes.before(limit);
    return { end: graphemes.after(trimEnd(text, edge, position)), next: nextStart(edge), rank: GRAPHEME };
  }

  function wordEnd(start: number): number {
    return words?.last(start, ruler.reach(start))?.end ?? 0;
  }

  function fitsAlone(position: number): boolean {
    const limit = ruler.reach(position);
    return limit >= last || firstSentence(position, limit) !== undefined;
  }

  function firstSentence(from: number, to: number): Break | undefined {
    for (const found of breaksIn(from, to)) if (found.rank >= SENTENCE) return found;
    return undefined;
  }

  /** Where the overlap that follows a piece begins. */
  function overlapStart({ start, end, next, rank }: Choice): number {
    let from = Math.max(start + 1, ruler.back(end, overlap, start));
    for (;;) {
      const found = aligned(from, next, rank >= SENTENCE && cutting.wholeSentences === true);
      if (found >= end) return next;
      const units = ruler.units(found, end);
      if (units <= overlap) return found;
      from = found + Math.max(1, Math.floor((end - found) * (1 - overlap / units)));
    }
  }

  /** The first good place to begin at in [from, to], `to` if there is none. */
  function aligned(from: number, to: number, wholeSentences: boolean): number {
    if (from >= to) return to;
    for (const { next, rank } of breaksIn(trimEnd(text, from) - 1, to)) {
      if (rank >= SENTENCE && next >= from && next < to) return next;
    }
    if (wholeSentences) return to;
    return words?.first(from, to) ?? Math.min(to, nextStart(graphemes.after(from)));
  }

  function nextStart(position: number): number {
    return graphemes.before(skipSpace(text, position, to));
  }

  function* breaksIn(from: number, to: number): Generator<Break, void, undefined> {
    for (const found of cutting.breaks(text, from, Math.min(to, last - 1))) {
      if (found.next < last && graphemes.isBoundary(found.end) && graphemes.isBoundary(found.next)) yield found;
    }
  }
}

/** The later of two that are equally strong. */
function stronger(one: Break | undefined, later: Break): Break {
  return one && one.rank > later.rank ? one : later;
}

/** One break in this many is an anchor. */
const ANCHOR_EVERY = 6;
const ANCHOR_CONTEXT = 12;

/**
 * Whether the characters around a break make it one to prefer, as in content-defined chunking (LBFS, SOSP 2001): where
 * breaks are of one rank, two runs that are out of step both take the next anchor, and go on alike.
 */
function isAnchor(text: string, { end, next }: Break): boolean {
  let hash = 0x811c9dc5;
  for (let position = Math.max(0, end - ANCHOR_CONTEXT); position < end; position++) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  for (let position = next; position < Math.min(text.length, next + ANCHOR_CONTEXT); position++) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % ANCHOR_EVERY === 0;
}
