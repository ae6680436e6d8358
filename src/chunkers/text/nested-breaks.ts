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
  const lineEnd = lineEndsOf(text);

  return (from, to, extents, sink) => {
    let start = from;
    let read = readParagraph;
    /** The end of the line that was found, without white space, and where the next one begins, with and without it. */
    let end = from;
    let behind = from;
    let next = from;
    return () => read();

    /** Finds the first end of a line from a position on that is not behind the limit. The end of the text is one as well. */
    function findLine(position: number, limit: number): boolean {
      const at = Math.min(lineEnd(position), to);
      if (at > limit && skipSpace(text, limit, at) < at) return false;
      end = at < to ? trimEnd(text, at, start) : to;
      behind = at + 1;
      next = skipSpace(text, at, to);
      return true;
    }

    function tell(last: number, first: number, rank: number): true {
      start = first;
      sink(last, first, rank);
      return true;
    }

    function readParagraph(): boolean {
      const limit = Math.min(to, extents.reach(start));
      let headings: { readonly end: number; readonly next: number }[] | undefined;
      for (let position = start; findLine(position, limit); position = next) {
        if (next < to && countLineEnds(text, end, next) < 2) continue;
        if (!extents.fits(start, end)) break;
        if (end >= to) return false;
        if (next === to || rankOfBlank() === PARAGRAPH) return tell(end, next, PARAGRAPH);
        headings ??= [];
        headings.push({ end, next });
      }
      if (headings) for (const heading of headings) tell(heading.end, heading.next, DOUBTFUL);
      else read = readLine;
      return true;
    }

    function readLine(): boolean {
      const limit = isProse ? Math.min(to, extents.reach(start)) : to;
      let rank = 0;
      let line = start;
      for (let position = start; rank === 0 && findLine(position, limit); position = next) {
        rank = rankOfLine(line, position === start);
        line = behind;
      }
      if (isProse && (rank === 0 || !extents.fits(start, end))) {
        read = sentencesFrom(start);
        return true;
      }
      if (rank === 0 || end >= to) return false;
      if (rank !== LINE) read = readParagraph;
      return tell(end, next, rank);
    }

    function rankOfBlank(): number {
      return isProse && isHeading(text, end) ? DOUBTFUL : PARAGRAPH;
    }

    /** The rank of the end that was found of the line that `line` lies in; 0 where it is one of wrapped prose. */
    function rankOfLine(line: number, isFirst: boolean): number {
      if (next === to) return PARAGRAPH;
      if (countLineEnds(text, end, next) > 1) return rankOfBlank();
      if (!isProse || !isWrapped(text, end, next, line)) return LINE;
      // A line of whole sentences is none of those that were wrapped.
      const isWhole = isFirst && skipSpace(text, startOfLine(text, line, 0)) === line;
      return isWhole && rankOfSpace(text, end, next) >= SENTENCE ? LINE : 0;
    }

    function sentencesFrom(position: number): () => boolean {
      const readSentence = sentenceReader(text, { from: position, to }, extents, sink);
      return () => {
        const found = readSentence();
        if (found === undefined) return false;
        if (countLineEnds(text, found.end, found.next) > 1) read = readParagraph;
        else if (found.rank === LINE) read = readLine;
        start = found.next;
        return true;
      };
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
