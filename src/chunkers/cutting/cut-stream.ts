import { ConfigError, shown } from "../../errors.ts";
import { abortable } from "../../signal.ts";
import { eachOf } from "../../source-items.ts";
import type { Piece } from "../../types.ts";
import type { Cutting, Place } from "./cut.ts";
import { cutterOf } from "./cut.ts";
import { skipSpace } from "../text/space.ts";
import type { Style } from "./text-cutting.ts";
import { textCutting } from "./text-cutting.ts";
import { wholePiece } from "./whole-piece.ts";

/** How far from a place the text can bear on what is decided there, clusters and white space apart. */
const NEARBY = 256;
/** Pieces' worth of text that is cut at a time. */
const AT_A_TIME = 32;

/**
 * Cuts a text that comes in parts, into the pieces that it has as a whole.
 *
 * A place is cut as soon as what comes behind it cannot change the piece any more. Held in memory is the text of a few
 * dozen pieces, or the longest grapheme or run of white space.
 */
export async function* cutStream(
  style: Style,
  parts: AsyncIterable<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece & { readonly text: string }, void, undefined> {
  const step = AT_A_TIME * style.settings.size;
  let text = "";
  let offset = 0;
  let place: Place | undefined;
  /** Whether there is more than one piece of it. */
  let isCut = false;
  let wanted = step;

  for await (const part of wholeCharacters(parts, signal)) {
    text += part;
    if (text.length < wanted) continue;
    const length = text.length;
    yield* advance(false);
    wanted = text.length < length ? text.length + step : 2 * length;
  }
  yield* advance(true);

  function* advance(isEnd: boolean): Generator<Piece & { readonly text: string }, void, undefined> {
    const cutting = textCutting(style, text);
    const whole = isCut ? undefined : wholePiece(text, 0, text.length, cutting);
    if (whole && isEnd) yield piece(whole);
    if (whole || !(isCut || isEnd || isMore(cutting))) return;
    const cutter = cutterOf(cutting, 0, text.length);
    place ??= cutter.first;
    isCut ||= place !== undefined;
    while (place) {
      const { pieces, next, seen } = cutter.cut(place);
      if (!isEnd && !isSettled(cutting, seen)) break;
      for (const found of pieces) yield piece(found);
      place = next;
    }
    forget(restart(cutting, (place?.start ?? text.length) - NEARBY));
  }

  function piece(found: Piece): Piece & { readonly text: string } {
    const { start, end } = found;
    return { ...found, start: offset + start, end: offset + end, text: text.slice(start, end) };
  }

  function forget(length: number): void {
    text = text.slice(length);
    offset += length;
    place &&= { start: place.start - length, position: place.position - length };
  }
}

/** Whether a text is more than one piece, whatever comes behind it: of some the tokens are fewer than of their beginning. */
function isMore(cutting: Cutting): boolean {
  const { text, graphemes, ruler } = cutting;
  const start = graphemes.before(skipSpace(text, 0));
  const end = restart(cutting, text.length - NEARBY);
  return end > start && ruler.wholeSize(start, end) > (ruler.tokens ? Number.MAX_SAFE_INTEGER : ruler.size);
}

/** Whether what is decided by the text up to a place is the same whatever comes behind the text. */
function isSettled({ text, graphemes, ruler }: Cutting, seen: number): boolean {
  if (seen >= text.length) return false;
  const near = skipSpace(text, seen) + NEARBY;
  // The last grapheme may go on, and the last tokens.
  return near <= graphemes.before(text.length - 1) && ruler.settled(near);
}

/** The last place at or before a position from which graphemes and tokens of the rest are found alike. */
function restart({ ruler, graphemes }: Cutting, position: number): number {
  let place = Math.max(0, position);
  for (;;) {
    const measured = ruler.restart(place);
    place = graphemes.before(measured);
    if (place === measured) return place;
  }
}

/** The parts of a stream, cut so that no surrogate pair and no CR LF lies across two of them. */
async function* wholeCharacters(
  parts: AsyncIterable<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  let held = "";
  const inTime = async <R>(next: () => Promise<R>): Promise<R> => {
    signal?.throwIfAborted();
    return signal ? abortable(next(), signal) : next();
  };
  for await (const part of eachOf<unknown>(parts, inTime)) {
    if (typeof part !== "string") throw new ConfigError(`parts: expected strings, received ${shown(part)}.`);
    const text = held + part;
    const last = text.charCodeAt(text.length - 1);
    const length = text.length - (last === 13 || (last & 0xfc00) === 0xd800 ? 1 : 0);
    held = text.slice(length);
    yield text.slice(0, length);
  }
  yield held;
}
