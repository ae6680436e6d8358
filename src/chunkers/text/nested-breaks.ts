import type { Break, Breaks, BreakScanner, BreakSink, Extents } from "./breaks.ts";
import { countLineEnds, lineEndsOf } from "./line-ends.ts";
import { rankOfSpace } from "./punctuation.ts";
import { DOUBTFUL, LINE, PARAGRAPH, SENTENCE } from "./rank.ts";
import { skipSpace, trimEnd } from "./space.ts";
import { isHeading, isWrapped, nextSentenceBreak, nextTextBreak, startOfLine } from "./text-breaks.ts";

/**
 * Takes plain text apart. There is no break inside a paragraph that fits, with the headings above it; a larger one has
 * those of its lines, a larger line those of its sentences, and a larger sentence those of its clauses. So most of a text
 * is not looked at.
 */
export const proseBreaks: Breaks = { of: (text) => nestedBreaks(text, true), firm: PARAGRAPH };

/** Takes text apart that is laid out by line: paragraphs that fit have no breaks inside, larger ones those of all lines. */
export const lineBreaks: Breaks = { of: (text) => nestedBreaks(text, false), firm: PARAGRAPH };

/** Sentences, and the clauses of those that do not fit: an ended line and a paragraph count as sentences. */
export const sentenceBreaks: Breaks = {
  of: (text) => (from, to, extents, sink) => {
    const read = sentenceReader(text, { from, to }, extents, (end, next, rank) =>
      sink(end, next, Math.min(rank, SENTENCE)),
    );
    return () => read() !== undefined;
  },
  firm: DOUBTFUL,
};

function nestedBreaks(text: string, isProse: boolean): BreakScanner {
  const rankOfBlank = (end: number): number => (isProse && isHeading(text, end) ? DOUBTFUL : PARAGRAPH);
  const findParagraph = lineFinder(text, (end, next) => (countLineEnds(text, end, next) > 1 ? rankOfBlank(end) : 0));
  const findLine = lineFinder(text, (end, next, start, isFirst) => {
    if (countLineEnds(text, end, next) > 1) return rankOfBlank(end);
    if (!isProse || !isWrapped(text, end, next, start)) return LINE;
    // A line of whole sentences is none of those that were wrapped.
    const isWhole = isFirst && skipSpace(text, startOfLine(text, start, 0)) === start;
    return isWhole && rankOfSpace(text, end, next) >= SENTENCE ? LINE : 0;
  });

  return (from, to, extents, sink) => {
    let start = from;
    let read = readParagraph;
    return () => read();

    function tell({ end, next, rank }: Break): true {
      start = next;
      sink(end, next, rank);
      return true;
    }

    function readParagraph(): boolean {
      const limit = Math.min(to, extents.reach(start));
      let headings: Break[] | undefined;
      for (let position = start; ;) {
        const found = findParagraph(position, limit, to);
        if (!found || !extents.fits(start, found.end)) break;
        if (found.end >= to) return false;
        if (found.rank === PARAGRAPH) return tell(found);
        headings ??= [];
        headings.push(found);
        position = found.next;
      }
      if (headings) for (const heading of headings) tell(heading);
      else read = readLine;
      return true;
    }

    function readLine(): boolean {
      const limit = isProse ? Math.min(to, extents.reach(start)) : to;
      const found = findLine(start, limit, to);
      if (isProse && (!found || !extents.fits(start, found.end))) {
        read = sentencesFrom(start);
        return true;
      }
      if (!found || found.end >= to) return false;
      if (found.rank !== LINE) read = readParagraph;
      return tell(found);
    }

    function sentencesFrom(position: number): () => boolean {
      const readSentence = sentenceReader(text, { from: position, to }, extents, sink);
      return () => {
        const found = readSentence();
        if (found === undefined) return false;
        const { end, next, rank } = found;
        if (countLineEnds(text, end, next) > 1) read = readParagraph;
        else if (rank === LINE) read = readLine;
        start = next;
        return true;
      };
    }
  };
}

type LineFinder = (position: number, limit: number, to: number) => Break | undefined;

/** Finds the next end of a line that has a rank and is not behind the limit. The end of the text is one as well. */
function lineFinder(
  text: string,
  rankOf: (end: number, next: number, start: number, isFirst: boolean) => number,
): LineFinder {
  const lineEnd = lineEndsOf(text);
  return (position, limit, to) => {
    let from = position;
    let start = position;
    for (;;) {
      const at = Math.min(lineEnd(from), to);
      if (at > limit && skipSpace(text, limit, at) < at) return undefined;
      if (at === to) return { end: to, next: to, rank: PARAGRAPH };
      const end = trimEnd(text, at, position);
      const next = skipSpace(text, at, to);
      if (next === to) return { end, next: to, rank: PARAGRAPH };
      const rank = rankOf(end, next, start, from === position);
      if (rank > 0) return { end, next, rank };
      from = next;
      start = at + 1;
    }
  };
}

/** Answers with the next break that it tells the sink of: of a sentence that fits, or of a clause or the sentence where it does not. */
function sentenceReader(
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
  extents: Extents,
  sink: BreakSink,
): () => Break | undefined {
  let start = from;
  let position = from;
  let isLong = false;
  /** What begins up to here and fits ends within the limit. */
  let near = -1;
  let limit = from;

  function readNext(): Break | undefined {
    if (!isLong) {
      if (start > near) {
        near = extents.reach(start);
        // Twice the reach: what ends behind it does not fit, whatever it was estimated by.
        limit = Math.min(to - 1, extents.reach(near));
      }
      const found = nextSentenceBreak(text, start, limit);
      if (extents.fits(start, found?.end ?? to)) return found;
      isLong = true;
    }
    return nextTextBreak(text, position, to - 1);
  }

  return () => {
    const found = readNext();
    if (!found) return undefined;
    const { end, next, rank } = found;
    sink(end, next, rank);
    position = next;
    if (rank >= DOUBTFUL) {
      start = next;
      isLong = false;
    }
    return found;
  };
}
