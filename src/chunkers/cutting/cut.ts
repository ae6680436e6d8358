import type { Piece } from "../../types.ts";
import type { Break, Breaks } from "../text/breaks.ts";
import type { Graphemes } from "../text/graphemes.ts";
import { keepCompiled } from "../compiled.ts";
import { cheapestCuts } from "./optimum.ts";
import { rankOfWideStop } from "../text/punctuation.ts";
import { DOUBTFUL, GRAPHEME, PARAGRAPH, WORD } from "../text/rank.ts";
import type { Ruler } from "./ruler.ts";
import { isSpace, skipSpace, trimEnd } from "../text/space.ts";
import type { Stop, Stops } from "./stops.ts";
import { stopsOf } from "./stops.ts";
import type { Measures } from "./stretch.ts";
import { stretchOf } from "./stretch.ts";
import { pieceOf, wholePiece } from "./whole-piece.ts";
import type { Words } from "../text/words.ts";

/** What the pieces of a text are cut by. */
export interface Cutting {
  readonly text: string;
  readonly graphemes: Graphemes;
  readonly ruler: Ruler;
  readonly breaks: Breaks;
  /** Absent where words may be cut. */
  readonly words?: Words;
  /** In units, below `ruler.room`. */
  readonly overlap: number;
  /** An overlap begins at a break or not at all, unless a sentence had to be cut. */
  readonly wholeSentences?: boolean;
  /** Whether what ends at a position belongs to what is behind it: no piece ends there where some of that fits too. */
  readonly isLead?: (end: number) => boolean;
}

/** Where a piece begins: with the overlap at `start`, with new text at `position`. */
export interface Place {
  readonly start: number;
  readonly position: number;
}

/** The pieces from a place to the next one, which is absent at the end. */
export interface Section {
  readonly pieces: readonly Piece[];
  readonly next?: Place;
  /** The text up to here decides it; Infinity: the end of the text does. */
  readonly seen: number;
}

export interface Cutter {
  /** Absent where the text is blank. */
  readonly first: Place | undefined;
  /** To be asked place after place. */
  cut(place: Place): Section;
}

/** A piece that begins at `start`, and the break behind it. */
interface Choice extends Break {
  readonly start: number;
  readonly units: number;
  readonly oversize?: true;
}

/** Tells of the pieces of the text from `from` to `to`. What fits stays whole. */
export function cutAll(cutting: Cutting, from: number, to: number, add: (piece: Piece) => void): void {
  const cutNext = cutsOf(cutting, from, to, add);
  while (cutNext());
}

/** The same, a stretch at a time. */
export function* cutSteps(
  cutting: Cutting,
  from: number,
  to: number,
  add: (piece: Piece) => void,
): Generator<void, void, undefined> {
  const cutNext = cutsOf(cutting, from, to, add);
  while (cutNext()) yield;
}

/** Each call of the answer tells of the pieces of a stretch, and is false at the end. */
function cutsOf(cutting: Cutting, from: number, to: number, add: (piece: Piece) => void): () => boolean {
  const whole = wholePiece(cutting.text, from, to, cutting);
  if (whole) {
    add(whole);
    return () => false;
  }
  const cutter = cutterOf(cutting, from, to);
  let place = cutter.first;
  return () => {
    if (!place) return false;
    const { pieces, next } = cutter.cut(place);
    for (const piece of pieces) add(piece);
    place = next;
    return true;
  };
}

/** How much of what is new in a piece costs nothing. Structure makes pieces larger, up to the size. */
const TARGET = 1 / 3;
/** Windows within which a break is the strongest where a stretch ends, in pieces' worth. */
const WINDOW = 3;
/** Stops that are told apart within one piece. */
const GRAINS = 64;
/** How often a stretch is cut for less room where a tokenizer counts more than was estimated. */
const TRIES = 4;

/**
 * Cuts a stretch at a time, the cheapest way. Where a stretch ends, and so how it is cut, is decided by the text nearby,
 * so that an edit stays local. What has nothing to cut at within one piece is cut at words, a piece at a time.
 */
export function cutterOf(cutting: Cutting, from: number, to: number): Cutter {
  const { text, graphemes, ruler, words, overlap } = cutting;
  const last = graphemes.after(trimEnd(text, to, from));
  const first = graphemes.before(skipSpace(text, from, to));
  const extents: Measures = {
    fits: ruler.mayFit,
    reach: ruler.reach,
    window: WINDOW * ruler.extent,
    grain: ruler.extent / GRAINS,
  };
  const target = overlap + (ruler.room - overlap) * TARGET;
  let source: Stops | undefined;

  function section(place: Place): Section {
    source ??= stopsOf({ text, breaks: cutting.breaks, last, extents, isClean });
    const { stops, seen } = stretchOf(place.position, source, extents);
    for (let room = ruler.room, tries = 0; stops.length > 0 && tries < TRIES; tries++) {
      const cuts = cheapestCuts(stops, place, {
        target,
        room,
        ruler,
        begin:
          overlap > 0
            ? (previous, index) => beginBehind(stops, index, { start: previous, floor: place.position })
            : undefined,
        beginLater: (start, position, end) =>
          sentenceStart(stops, ruler.back(end, room, start), { floor: place.position, latest: position, whole: false }),
      });
      const pieces: Piece[] = [];
      let excess = 0;
      let latest = place.position;
      let previous = -1;
      for (const { start: earliest, end, units, stop } of cuts) {
        const least = Math.max(earliest, previous + 1);
        const start = isStart(least, latest, stops, place) ? least : wordStart(least, latest);
        previous = start;
        const size = ruler.sizeOf(start, end, start === earliest ? units : ruler.upTo(end) - ruler.before(start));
        excess = Math.max(excess, size - ruler.size);
        pieces.push(pieceOf(ruler, start, end, size));
        latest = stops[stop]?.next ?? latest;
      }
      if (excess > 0) {
        room -= excess + tries;
        continue;
      }
      const final = pieces.at(-1);
      if (!final || latest >= last) return { pieces, seen };
      const begin = beginBehind(stops, stops.length - 1, { start: final.start, floor: place.position });
      const start = isStart(begin, latest, stops, place) ? begin : wordStart(begin, latest);
      return { pieces, seen, next: { start, position: latest } };
    }
    const choice = single(place);
    const { start, end, next, units, oversize } = choice;
    const piece = pieceOf(ruler, start, end, units);
    const pieces = [oversize ? { ...piece, oversize } : piece];
    const reach = Math.max(ruler.reach(ruler.reach(place.position)), graphemes.after(place.position + 1));
    const furthest = stops.length > 0 ? Math.max(seen, reach) : reach;
    if (next >= last) return { pieces, seen: furthest };
    return { pieces, seen: furthest, next: { start: overlapStart(choice), position: next } };
  }

  /** Where the piece behind a stop begins. */
  function beginBehind(
    stops: readonly Stop[],
    index: number,
    { start, floor }: { readonly start: number; readonly floor: number },
  ): number {
    const stop = stops[index];
    if (!stop) return start;
    const { end, next, rank } = stop;
    if (overlap === 0) return next;
    const earliest = Math.max(start + 1, ruler.back(end, overlap, start));
    const whole = cutting.wholeSentences === true && rank >= DOUBTFUL;
    const found = sentenceStart(stops, earliest, { floor, latest: next, whole, until: index });
    return found < end ? found : next;
  }

  /**
   * The first start of a sentence between two positions. Where there is none, the earliest position, for the piece to begin
   * at the next word: that is looked up for the pieces that are made in the end. With `whole` it is the latest then.
   */
  function sentenceStart(
    stops: readonly Stop[],
    earliest: number,
    of: { readonly floor: number; readonly latest: number; readonly whole: boolean; readonly until?: number },
  ): number {
    const { floor, latest, whole, until = stops.length } = of;
    if (earliest >= latest) return latest;
    let start = floor >= earliest && floor < latest ? floor : latest;
    if (start === latest) {
      for (let index = until - 1; index >= 0; index--) {
        const stop = stops[index];
        if (!stop || stop.next < earliest) break;
        if (stop.rank >= DOUBTFUL && stop.next < latest) start = stop.next;
      }
    }
    return start < latest || whole ? start : earliest;
  }

  /** Whether a piece may begin here as it is. */
  function isStart(start: number, latest: number, stops: readonly Stop[], place: Place): boolean {
    return (
      start >= latest || start === place.start || start === place.position || stops.some(({ next }) => next === start)
    );
  }

  /** The first start of a clause, in scripts without spaces, else of a word. */
  function wordStart(earliest: number, latest: number): number {
    if (!words) return Math.min(latest, textStart(graphemes.after(earliest)));
    for (let position = earliest; position < latest; position++) {
      const isClause = rankOfWideStop(text.charCodeAt(position - 1)) > WORD;
      if (isClause && !isSpace(text.charCodeAt(position)) && graphemes.isBoundary(position)) return position;
    }
    const word = words.first(earliest, latest);
    if (word !== undefined && graphemes.isBoundary(word)) return word;
    return Math.min(latest, textStart(graphemes.after(earliest)));
  }

  /** The piece at a place with nothing to cut at but words. An overlap costs no word its end. */
  function single({ start, position }: Place): Choice {
    const choice = choose(start, position);
    if (choice && (choice.rank > GRAPHEME || start === position)) return choice;
    const shorter = alone(position);
    return choice && shorter.rank === GRAPHEME ? choice : shorter;
  }

  function alone(position: number): Choice {
    const choice = choose(position, position);
    if (choice) return choice;
    const end = graphemes.after(position + 1);
    const units = ruler.measure(position, end);
    return { start: position, end, next: textStart(end), rank: GRAPHEME, units, oversize: true };
  }

  /** The largest piece that is within the size, or none where not one grapheme is. */
  function choose(start: number, position: number): Choice | undefined {
    const smallest = graphemes.after(position + 1);
    let limit = Math.max(smallest, Math.min(ruler.reach(start), last));
    for (;;) {
      const found = limit >= last ? { end: last, next: last, rank: PARAGRAPH } : wordBreak(position, limit);
      const units = ruler.measure(start, found.end);
      if (units <= ruler.size) return withFollowing({ ...found, start, units });
      if (found.end <= smallest) return undefined;
      const fitting = start + Math.floor(((found.end - start) * ruler.size) / units);
      limit = Math.max(smallest, Math.min(found.end - 1, fitting));
    }
  }

  /** The choice, with a grapheme more where it is one that should not end there. */
  function withFollowing(choice: Choice): Choice {
    if (choice.next >= last || cutting.isLead?.(choice.end) !== true) return choice;
    const end = graphemes.after(choice.next + 1);
    const units = ruler.measure(choice.start, end);
    return units > ruler.size ? choice : { start: choice.start, end, next: textStart(end), rank: GRAPHEME, units };
  }

  function wordBreak(position: number, limit: number): Break {
    const middle = position + (limit - position) / 2;
    const word = words?.last(position, limit);
    const mayEnd = word && isClean(word.end, word.next) && cutting.isLead?.(word.end) !== true;
    if (mayEnd && (word.end > middle || wordEnd(word.next) > limit)) return word;
    const edge = graphemes.before(limit);
    return { end: graphemes.after(trimEnd(text, edge, position)), next: textStart(edge), rank: GRAPHEME };
  }

  /** Where the last word that fits behind `start` ends. */
  function wordEnd(start: number): number {
    return words?.last(start, ruler.reach(start))?.end ?? start;
  }

  /** Where the overlap begins that follows a piece which was cut at a word. */
  function overlapStart({ start, end, next }: Choice): number {
    let earliest = Math.max(start + 1, ruler.back(end, overlap, start));
    for (;;) {
      const found = earliest >= next ? next : wordStart(earliest, next);
      if (found >= end) return next;
      const units = ruler.units(found, end);
      if (units <= overlap) return found;
      earliest = found + Math.max(1, Math.floor((end - found) * (1 - overlap / units)));
    }
  }

  /** Whether a break is between graphemes. */
  function isClean(end: number, next: number): boolean {
    return graphemes.isBoundary(end) && graphemes.isBoundary(next);
  }

  function textStart(position: number): number {
    return graphemes.before(skipSpace(text, position, to));
  }

  keepCompiled("cutter", text, section);
  return { first: first < last ? { start: first, position: first } : undefined, cut: section };
}
