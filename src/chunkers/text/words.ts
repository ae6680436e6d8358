import type { Break } from "./breaks.ts";
import { WORD } from "./rank.ts";
import type { Graphemes } from "./graphemes.ts";
import { isSpace, skipSpace, trimEnd } from "./space.ts";

/** Words of one text, in languages with and without spaces between them. */
export interface Words {
  /** The last break whose `end` lies in (from, to]. */
  last(from: number, to: number): Break | undefined;
  /** The start of the first word in [from, to). */
  readonly first: (from: number, to: number) => number | undefined;
}

/** Dictionary words are looked up in a window: `Intl.Segmenter` on a whole text takes quadratic time. */
const WINDOW = 32;
const ZERO_WIDTH_SPACE = 0x200b;

export function words(text: string, graphemes: Graphemes, locale: string | undefined): Words {
  let segmenter: Intl.Segmenter | undefined;

  /** The nearest word boundary in text without spaces, up to a position or from it on. */
  function dictionary(position: number, direction: -1 | 1): number | undefined {
    segmenter ??= new Intl.Segmenter(locale, { granularity: "word" });
    const start = graphemes.before(Math.max(0, position - WINDOW));
    const end = Math.min(text.length, position + WINDOW);
    const segments = segmenter.segment(text.slice(start, end));
    let boundary = position;
    while (boundary > start && boundary < end) {
      const { index = 0, segment = "" } = segments.containing(boundary - start) ?? {};
      const isHere = start + index === boundary;
      if (isHere && graphemes.isBoundary(boundary)) return boundary;
      if (direction > 0) boundary = start + index + segment.length;
      else boundary = isHere ? boundary - 1 : start + index;
    }
    return undefined;
  }

  function last(from: number, to: number): Break | undefined {
    const spaced = lastSpace(from, to);
    if (!isUnspaced(text.charCodeAt(to - 1)) && !isUnspaced(text.charCodeAt(to))) return spaced;
    const floor = spaced?.next ?? from;
    const boundary = dictionary(to, -1);
    if (boundary === undefined || boundary <= floor || isSpace(text.charCodeAt(boundary - 1))) return spaced;
    return { end: boundary, next: graphemes.before(skipSpace(text, boundary)), rank: WORD };
  }

  function lastSpace(from: number, to: number): Break | undefined {
    for (let position = to; position > from; position--) {
      const isBreak = isSpace(text.charCodeAt(position)) || text.charCodeAt(position - 1) === ZERO_WIDTH_SPACE;
      if (!isBreak) continue;
      const end = trimEnd(text, position, from);
      const next = skipSpace(text, position);
      if (end > from && next < text.length && graphemes.isBoundary(end) && graphemes.isBoundary(next)) {
        return { end, next, rank: WORD };
      }
      position = end;
    }
    return undefined;
  }

  function first(from: number, to: number): number | undefined {
    if (isUnspaced(text.charCodeAt(from))) {
      const boundary = skipSpace(text, dictionary(from, 1) ?? to, to);
      return boundary < to ? boundary : undefined;
    }
    for (let position = Math.max(1, from); position < to; position++) {
      const before = text.charCodeAt(position - 1);
      const isBehind = isSpace(before) || before === ZERO_WIDTH_SPACE;
      if (isBehind && !isSpace(text.charCodeAt(position)) && graphemes.isBoundary(position)) return position;
    }
    return undefined;
  }

  return { last, first };
}

/** Scripts that are written without spaces between words. */
export function isUnspaced(unit: number): boolean {
  return (
    (unit >= 0xe00 && unit <= 0x109f) || // Thai, Lao, Tibetan, Myanmar
    (unit >= 0x1780 && unit <= 0x17ff) || // Khmer
    (unit >= 0x2e80 && unit <= 0xabff) || // Chinese, Japanese and their neighbours
    (unit >= 0xd840 && unit <= 0xd88f) || // ideographs beyond the basic plane
    (unit >= 0xf900 && unit <= 0xfaff) ||
    (unit >= 0xff01 && unit <= 0xff9f)
  );
}
