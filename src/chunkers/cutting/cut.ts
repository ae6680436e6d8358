import type { Piece } from "../../types.ts";
import type { Break, Breaks } from "../text/breaks.ts";
import type { Graphemes } from "../text/graphemes.ts";
import { keepCompiled } from "./compiled.ts";
import type { Lengths } from "./optimum.ts";
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
  readonly words?: Words | undefined;
  /** In units, below `ruler.room`. */
  readonly overlap: number;
  /** An overlap begins at a break or not at all, unless a sentence had to be cut. */
  readonly wholeSentences?: boolean;
  /** Where else a piece ends, and its units, that would end at a break. */
  readonly beyond?: (start: number, found: Break) => Longer | undefined;
}

/** Another break for a piece, and what it has then. */
export interface Longer extends Break {
  readonly units: number;
}

/** Where a piece begins: with the overlap at `start`, with new text at `position`. */
export interface Place {
  readonly start: number;
  readonly position: number;
}

/** The pieces from a place to the next one; there is none at the end. */
export interface Section {
  readonly pieces: readonly Piece[];
  readonly next: Place | undefined;
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

/** Adds the pieces of the text from `from` to `to`. What fits stays whole. */
export function cutAll(cutting: Cutting, from: number, to: number, pieces: Piece[]): void {
  if (addWhole(cutting, from, to, pieces)) return;
  const cutter = cutterOf(cutting, from, to);
  let place = cutter.first;
  while (place) place = cutStretchAt(cutter, place, pieces);
}

/** The same, a stretch at a time. A generator takes a fiftieth of the time: it is for long texts. */
export function* cutSteps(
  cutting: Cutting,
  from: number,
  to: number,
  pieces: Piece[],
): Generator<void, void, undefined> {
  if (addWhole(cutting, from, to, pieces)) return;
  const cutter = cutterOf(cutting, from, to);
  for (let place = cutter.first; place; yield) place = cutStretchAt(cutter, place, pieces);
}

function addWhole(cutting: Cutting, from: number, to: number, pieces: Piece[]): boolean {
  const whole = wholePiece(cutting.text, from, to, cutting);
  if (whole) pieces.push(whole);
  return whole !== undefined;
}

/** Adds the pieces from a place to the next, which it answers with. */
function cutStretchAt(cutter: Cutter, place: Place, pieces: Piece[]): Place | undefined {
  const { pieces: found, next } = cutter.cut(place);
  for (const piece of found) pieces.push(piece);
  return next;
}

/** How much of what is new in a piece costs nothing. Structure makes pieces larger, up to the size. */
const TARGET = 1 / 3;
/** Windows within which a break is the strongest where a stretch ends, in pieces' worth. */
const WINDOW = 3;
/** Stops that are told apart within one piece. */
const GRAINS = 64;
/** How often a stretch is cut for less room where a tokenizer counts more than was estimated. */
const TRIES = 4;

/** What is cut from one position to another, and how far that is. */
interface Run extends Cutter {
  readonly cutting: Cutting;
  readonly to: number;
  /** The end of the last piece. */
  readonly last: number;
  /** The length at which a piece costs nothing. */
  readonly target: number;
  readonly extents: RunExtents;
  stops: Stops | undefined;
}

interface RunExtents extends Measures {
  readonly ruler: Ruler;
}

/** How a stretch is cut. */
interface StretchLengths extends Lengths {
  readonly ruler: Ruler;
  readonly run: Run;
  readonly stops: readonly Stop[];
  readonly place: Place;
  room: number;
}

// What an engine has compiled for functions of a single text is thrown away with them: these are of all.

/**
 * Cuts a stretch at a time, the cheapest way. Where a stretch ends, and so how it is cut, is decided by the text nearby,
 * so that an edit stays local. What has nothing to cut at within one piece is cut at words, a piece at a time.
 */
export function cutterOf(cutting: Cutting, from: number, to: number): Cutter {
  const { text, graphemes, ruler, overlap } = cutting;
  const last = graphemes.after(trimEnd(text, to, from));
  const first = graphemes.before(skipSpace(text, from, to));
  const { extent } = ruler;
  const run: Run = {
    cutting,
    to,
    last,
    target: overlap + (ruler.room - overlap) * TARGET,
    extents: { ruler, fits, reach, window: WINDOW * extent, grain: extent / GRAINS },
    stops: undefined,
    first: first < last ? { start: first, position: first } : undefined,
    cut: sectionAt,
  };
  keepCompiled(text, run);
  return run;
}

function fits(this: RunExtents, start: number, end: number): boolean {
  return this.ruler.mayFit(start, end);
}

function reach(this: RunExtents, start: number): number {
  return this.ruler.reach(start);
}

function sectionAt(this: Run, place: Place): Section {
  const { cutting, last, extents, target } = this;
  const { text, breaks, graphemes, ruler } = cutting;
  this.stops ??= stopsOf({ text, breaks, last, extents, isClean: (end, next) => isClean(graphemes, end, next) });
  const { stops, seen } = stretchOf(place.position, this.stops, extents);
  const begin = cutting.overlap > 0 ? beginBehind : undefined;
  const lengths: StretchLengths = { run: this, stops, place, target, room: ruler.room, ruler, begin, beginLater };
  for (let tries = 0; stops.length > 0 && tries < TRIES; tries++) {
    const pieces: Piece[] = [];
    const excess = cutStretch(lengths, pieces);
    if (excess === 0) return { pieces, seen, next: placeBehind(lengths, pieces) };
    lengths.room -= excess + tries;
  }
  return singleAt(this, place, stops.length > 0 ? seen : 0);
}

/** Makes the pieces that cost least; answers with what the largest one has beyond the size. */
function cutStretch(lengths: StretchLengths, pieces: Piece[]): number {
  const { ruler, stops, place } = lengths;
  let excess = 0;
  let latest = place.position;
  let previous = -1;
  for (const { start: earliest, end, units, stop } of cheapestCuts(stops, place, lengths)) {
    const start = startFrom(lengths, Math.max(earliest, previous + 1), latest);
    previous = start;
    const size = ruler.sizeOf(start, end, start === earliest ? units : ruler.upTo(end) - ruler.before(start));
    excess = Math.max(excess, size - ruler.size);
    pieces.push(pieceOf(ruler, start, end, size));
    latest = (stops[stop] as Stop).next;
  }
  return excess;
}

function beginLater(this: StretchLengths, start: number, position: number, end: number): number {
  return sentenceStart(this, this.ruler.back(end, this.room, start), position);
}

/** Where the text goes on behind a stretch; undefined at the end. */
function placeBehind(lengths: StretchLengths, pieces: readonly Piece[]): Place | undefined {
  const { run, stops } = lengths;
  const last = stops.length - 1;
  const position = (stops[last] as Stop).next;
  if (position >= run.last) return undefined;
  const earliest = lengths.begin?.((pieces[pieces.length - 1] as Piece).start, last) ?? position;
  return { start: startFrom(lengths, earliest, position), position };
}

/** One piece where there is nothing to cut at but words; `seen` is what has been looked at for that. */
function singleAt(run: Run, place: Place, seen: number): Section {
  const { ruler, graphemes } = run.cutting;
  const choice = single(run, place);
  const { start, end, next, units, oversize } = choice;
  const pieces = [{ ...pieceOf(ruler, start, end, units), ...(oversize && { oversize }) }];
  const furthest = Math.max(seen, ruler.reach(ruler.reach(place.position)), graphemes.after(place.position + 1));
  if (next >= run.last) return { pieces, seen: furthest, next: undefined };
  return { pieces, seen: furthest, next: { start: overlapStart(run, choice), position: next } };
}

/** Where the piece behind a stop begins, with the overlap. */
function beginBehind(this: StretchLengths, previous: number, index: number): number {
  const { run, stops, ruler } = this;
  const { overlap, wholeSentences } = run.cutting;
  const { end, next, rank } = stops[index] as Stop;
  const earliest = Math.max(previous + 1, ruler.back(end, overlap, previous));
  const found = sentenceStart(this, earliest, next, wholeSentences === true && rank >= DOUBTFUL, index);
  return found < end ? found : next;
}

/**
 * The first start of a sentence between two positions. Where there is none, the earliest position, for the piece to begin
 * at the next word: that is looked up for the pieces that are made in the end. With `whole` it is the latest then.
 */
function sentenceStart(
  { stops, place }: StretchLengths,
  earliest: number,
  latest: number,
  whole = false,
  until = stops.length,
): number {
  if (earliest >= latest) return latest;
  const { position } = place;
  if (position >= earliest && position < latest) return position;
  let start = latest;
  for (let index = until - 1; index >= 0; index--) {
    const stop = stops[index] as Stop;
    if (stop.next < earliest) break;
    if (stop.rank >= DOUBTFUL && stop.next < latest) start = stop.next;
  }
  return start < latest || whole ? start : earliest;
}

/** Where a piece begins from a position on: there, if it may begin there as it is, else at the next word. */
function startFrom({ run, stops, place }: StretchLengths, earliest: number, latest: number): number {
  const isStart =
    earliest >= latest ||
    earliest === place.start ||
    earliest === place.position ||
    stops.some(({ next }) => next === earliest);
  return isStart ? earliest : wordStart(run, earliest, latest);
}

/** The first start of a clause, in scripts without spaces, else of a word. */
function wordStart(run: Run, earliest: number, latest: number): number {
  const { text, graphemes, words } = run.cutting;
  if (words) {
    for (let position = earliest; position < latest; position++) {
      const isClause = rankOfWideStop(text, position - 1) > WORD;
      if (isClause && !isSpace(text.charCodeAt(position)) && graphemes.isBoundary(position)) return position;
    }
    const word = words.first(earliest, latest);
    if (word !== undefined && graphemes.isBoundary(word)) return word;
  }
  return Math.min(latest, textStart(run, graphemes.after(earliest)));
}

/** The piece at a place with nothing to cut at but words. An overlap costs no word its end. */
function single(run: Run, { start, position }: Place): Choice {
  const choice = choose(run, start, position);
  if (choice && (choice.rank > GRAPHEME || start === position)) return choice;
  const shorter = alone(run, position);
  return choice && shorter.rank === GRAPHEME ? choice : shorter;
}

function alone(run: Run, position: number): Choice {
  const choice = choose(run, position, position);
  if (choice) return choice;
  const { graphemes, ruler } = run.cutting;
  const end = graphemes.after(position + 1);
  const units = ruler.measure(position, end);
  return { start: position, end, next: textStart(run, end), rank: GRAPHEME, units, oversize: true };
}

/** The largest piece that is within the size, or none where not one grapheme is. */
function choose(run: Run, start: number, position: number): Choice | undefined {
  const { cutting, last } = run;
  const { graphemes, ruler } = cutting;
  const smallest = graphemes.after(position + 1);
  let limit = Math.max(smallest, Math.min(ruler.reach(start), last));
  for (;;) {
    const found = limit >= last ? { end: last, next: last, rank: PARAGRAPH } : wordBreak(run, position, limit);
    const units = ruler.measure(start, found.end);
    if (units <= ruler.size) return { ...found, start, units, ...cutting.beyond?.(start, found) };
    if (found.end <= smallest) return undefined;
    const fitting = start + Math.floor(((found.end - start) * ruler.size) / units);
    limit = Math.max(smallest, Math.min(found.end - 1, fitting));
  }
}

function wordBreak(run: Run, position: number, limit: number): Break {
  const { cutting } = run;
  const { text, graphemes, ruler, words } = cutting;
  const middle = position + (limit - position) / 2;
  const word = words?.last(position, limit);
  const mayEnd = word && isClean(graphemes, word.end, word.next);
  if (mayEnd && (word.end > middle || wordEnd(ruler, words, word.next) > limit)) return word;
  const edge = graphemes.before(limit);
  return { end: graphemes.after(trimEnd(text, edge, position)), next: textStart(run, edge), rank: GRAPHEME };
}

/** Where the last word that fits behind `start` ends. */
function wordEnd(ruler: Ruler, words: Words | undefined, start: number): number {
  return words?.last(start, ruler.reach(start))?.end ?? start;
}

/** Where the overlap begins that follows a piece which was cut at a word. */
function overlapStart(run: Run, { start, end, next }: Choice): number {
  const { ruler, overlap } = run.cutting;
  // What has no tokens would be in two pieces.
  if (overlap === 0) return next;
  let earliest = Math.max(start + 1, ruler.back(end, overlap, start));
  for (;;) {
    const found = earliest >= next ? next : wordStart(run, earliest, next);
    if (found >= end) return next;
    const units = ruler.units(found, end);
    if (units <= overlap) return found;
    earliest = found + Math.max(1, Math.floor((end - found) * (1 - overlap / units)));
  }
}

/** Whether a break is between graphemes. */
function isClean(graphemes: Graphemes, end: number, next: number): boolean {
  return graphemes.isBoundary(end) && graphemes.isBoundary(next);
}

function textStart({ cutting, to }: Run, position: number): number {
  return cutting.graphemes.before(skipSpace(cutting.text, position, to));
}
