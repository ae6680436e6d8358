import type { Piece } from "../types.ts";
import { isAnchor } from "./anchor.ts";
import type { Break, BreakScanner } from "./breaks.ts";
import type { Graphemes } from "./graphemes.ts";
import { GRAPHEME, PARAGRAPH, SENTENCE } from "./rank.ts";
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
  /** An overlap begins at a break or not at all, unless a sentence had to be cut. */
  readonly wholeSentences?: boolean;
  /** Where a block that begins here and fits into a piece ends. */
  blockEnd?(position: number): number | undefined;
}

/** Where a piece begins: with the overlap at `start`, with new text at `position`. */
export interface Place {
  readonly start: number;
  readonly position: number;
}

export interface Cutter {
  /** Absent where the text is blank. */
  readonly first?: Place;
  /** The piece at a place and the place behind it, which is absent at the end. */
  cut(place: Place): { readonly piece: Piece; readonly next?: Place };
}

/** A piece that begins at `start`, and the break behind it. */
interface Choice extends Break {
  readonly start: number;
  readonly units: number;
  readonly oversize?: true;
}

/** The pieces of the text from `from` to `to`. */
export function* cut(cutting: Cutting, from: number, to: number): Generator<Piece, void, undefined> {
  const cutter = cutterOf(cutting, from, to);
  let place = cutter.first;
  while (place) {
    const { piece, next } = cutter.cut(place);
    yield piece;
    place = next;
  }
}

/**
 * Cuts one piece at a time. Each cut is decided by the one before it and the text nearby: the strongest break in the
 * second half of what fits. So two runs over nearly the same text soon cut alike again, and an edit stays local.
 */
export function cutterOf(cutting: Cutting, from: number, to: number): Cutter {
  const { text, graphemes, ruler, words, overlap } = cutting;
  const last = graphemes.after(trimEnd(text, to, from));
  const first = graphemes.before(skipSpace(text, from, to));

  /** The piece that goes on at `position` and repeats the text from `start`, or less of it for the sake of a sentence. */
  function best({ start, position }: Place): Choice {
    const choice = choose(start, position) ?? alone(position);
    if (choice.rank >= SENTENCE || choice.start === position) return choice;
    const reach = ruler.reach(position);
    const end =
      cutting.blockEnd?.(position) ?? firstSentence(position, reach)?.end ?? (reach < last ? undefined : last);
    if (end === undefined) return choice;
    const later = alignedStart(ruler.back(end, ruler.room, start), position, false);
    const whole = choose(later, position) ?? alone(position);
    return whole.rank >= SENTENCE ? whole : choice;
  }

  function alone(position: number): Choice {
    const choice = choose(position, position);
    if (choice) return choice;
    const end = graphemes.after(position + 1);
    const units = ruler.measure(position, end);
    return { start: position, end, next: textStart(end), rank: GRAPHEME, units, oversize: true };
  }

  /** The strongest break whose piece is within the size, or none where not one grapheme is. */
  function choose(start: number, position: number): Choice | undefined {
    const smallest = graphemes.after(position + 1);
    const block = cutting.blockEnd?.(position) ?? smallest;
    const expected = Math.max(smallest, ruler.expected(start));
    let limit = Math.max(block, Math.min(ruler.reach(start), last));
    for (;;) {
      let found = limit >= last ? { end: last, next: last, rank: PARAGRAPH } : strongest(position, limit);
      if (found.rank < SENTENCE && limit > expected) found = strongest(position, (limit = expected));
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
    if (anchor && anchor.rank >= (late?.rank ?? GRAPHEME)) return anchor;
    if (late && late.rank >= SENTENCE) return late;
    // What follows an early break is long. It is cut only if it would be cut in a piece of its own too.
    if (early && fitsAlone(early.next)) return early;
    if (late) return late;
    const word = words?.last(position, limit);
    if (word && isClean(word) && (word.end > middle || wordEnd(word.next) > limit)) return word;
    const edge = graphemes.before(limit);
    return { end: graphemes.after(trimEnd(text, edge, position)), next: textStart(edge), rank: GRAPHEME };
  }

  function fitsAlone(position: number): boolean {
    if (cutting.blockEnd?.(position) !== undefined) return true;
    const limit = ruler.reach(position);
    return limit >= last || firstSentence(position, limit) !== undefined;
  }

  function firstSentence(position: number, limit: number): Break | undefined {
    for (const found of breaksIn(position, limit)) if (found.rank >= SENTENCE) return found;
    return undefined;
  }

  /** Where the last word that fits behind `start` ends. */
  function wordEnd(start: number): number {
    return words?.last(start, ruler.reach(start))?.end ?? start;
  }

  /** Where the overlap that follows a piece begins. */
  function overlapStart({ start, end, next, rank }: Choice): number {
    const wholeSentences = cutting.wholeSentences === true && rank >= SENTENCE;
    let earliest = Math.max(start + 1, ruler.back(end, overlap, start));
    for (;;) {
      const found = alignedStart(earliest, next, wholeSentences);
      if (found >= end) return next;
      const units = ruler.units(found, end);
      if (units <= overlap) return found;
      earliest = found + Math.max(1, Math.floor((end - found) * (1 - overlap / units)));
    }
  }

  /** The first good place to begin at between two positions, the later one if there is none. */
  function alignedStart(earliest: number, latest: number, wholeSentences: boolean): number {
    if (earliest >= latest) return latest;
    for (const { next, rank } of breaksIn(trimEnd(text, earliest, from) - 1, latest)) {
      if (rank >= SENTENCE && next >= earliest && next < latest) return next;
    }
    if (wholeSentences) return latest;
    const word = words?.first(earliest, latest);
    if (word !== undefined && graphemes.isBoundary(word)) return word;
    return Math.min(latest, textStart(graphemes.after(earliest)));
  }

  /** Whether a break is between graphemes. */
  function isClean({ end, next }: Break): boolean {
    return graphemes.isBoundary(end) && graphemes.isBoundary(next);
  }

  function textStart(position: number): number {
    return graphemes.before(skipSpace(text, position, to));
  }

  function* breaksIn(after: number, limit: number): Generator<Break, void, undefined> {
    for (const found of cutting.breaks(text, after, Math.min(limit, last - 1))) {
      if (found.next < last && isClean(found)) yield found;
    }
  }

  return {
    ...(first < last && { first: { start: first, position: first } }),
    cut(place) {
      const choice = best(place);
      const { start, end, next, units, oversize } = choice;
      const piece = { start, end, ...(ruler.tokens && { tokens: units }), ...(oversize && { oversize }) };
      return next < last ? { piece, next: { start: overlapStart(choice), position: next } } : { piece };
    },
  };
}

/** The later of two that are equally strong. */
function stronger(one: Break | undefined, later: Break): Break {
  return one && one.rank > later.rank ? one : later;
}
