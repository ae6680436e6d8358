import type { Break, Breaks, BreakScanner, BreakSink, Extents } from "./breaks.ts";
import { countLineEnds, LF, lineEndsOf } from "./line-ends.ts";
import { rankOfSpace } from "./punctuation.ts";
import { DOUBTFUL, LINE, PARAGRAPH, SENTENCE } from "./rank.ts";
import { skipSpace, trimEnd } from "./space.ts";
import type { TextBreaks } from "./text-breaks.ts";
import { isHeading, startOfLine, textBreaksOf } from "./text-breaks.ts";

/**
 * Takes plain text apart. There is no break inside a paragraph that fits, with the headings above it; a larger one has
 * those of its lines, a larger line those of its sentences, and a larger sentence those of its clauses. So most of a text
 * is not looked at.
 */
export const proseBreaks: Breaks = { of: (text) => nestedBreaks(text, true), firm: PARAGRAPH, shared: LINE };

/** Takes text apart that is laid out by line: paragraphs that fit have no breaks inside, larger ones those of all lines. */
export const lineBreaks: Breaks = { of: (text) => nestedBreaks(text, false), firm: PARAGRAPH, shared: LINE };

/** Sentences, and the clauses of those that do not fit: an ended line and a paragraph count as sentences. */
export const sentenceBreaks: Breaks = {
  of: (text) => {
    const breaks = textBreaksOf(text);
    return (from, to, extents, sink) => {
      const read = sentenceReader(breaks, to, extents, (end, next, rank) => sink(end, next, Math.min(rank, SENTENCE)));
      let position = from;
      return () => {
        const found = read(position);
        if (!found) return false;
        position = found.next;
        return true;
      };
    };
  },
  firm: DOUBTFUL,
  shared: DOUBTFUL,
};

/** How many paragraphs are read in one go, in one loop: a call for each takes a twentieth more time in all. */
const AT_ONCE = 16;

function nestedBreaks(text: string, isProse: boolean): BreakScanner {
  const lineEnd = lineEndsOf(text);
  const breaks = textBreaksOf(text);

  return (from, to, extents, sink) => {
    let start = from;
    let read = readParagraph;
    const nextSentence = sentenceReader(breaks, to, extents, sink);
    return () => read();

    function tell(end: number, next: number, rank: number): true {
      start = next;
      sink(end, next, rank);
      return true;
    }

    function readParagraph(): boolean {
      for (let told = 0; told < AT_ONCE; told++) {
        const beginning = start;
        const limit = Math.min(to, extents.reach(beginning));
        /** Where the paragraph begins that a line is in. */
        let top = beginning;
        let line = beginning;
        let above = beginning;
        for (;;) {
          let at = lineEnd(line);
          let isBlank = false;
          if (at + 1 < limit && text.charCodeAt(at) === LF) {
            let below = at + 1;
            let unit = text.charCodeAt(below);
            isBlank = unit === LF;
            // Behind most lines there is text at once, or indented.
            while (unit === 0x20 && below + 1 < limit) unit = text.charCodeAt(++below);
            if (unit > 0x20 && unit < 0x80) {
              above = line;
              line = below;
              continue;
            }
          }
          if (at > to) at = to;
          if (at > limit && skipSpace(text, limit, at) < at) break;
          const next = skipSpace(text, at, to);
          if (next < to && !isBlank && isOneBreak(at, next)) {
            above = line;
            line = next;
            continue;
          }
          const end = at < to ? trimEnd(text, at, beginning) : to;
          if (!extents.fits(beginning, end)) break;
          if (at === to) return false;
          if (next === to || (line !== top && above !== top) || rankOfBlank(end, line) === PARAGRAPH) {
            tell(end, next, PARAGRAPH);
            break;
          }
          top = line = next;
        }
        if (start !== beginning) continue;
        if (top === beginning) {
          read = readLine;
          return true;
        }
        tellHeadings(top);
      }
      return true;
    }

    /** Tells of the headings up to a position, none of which is in one piece with what is below. */
    function tellHeadings(position: number): void {
      while (start < position) {
        let at = lineEnd(start);
        const below = lineStart(at);
        // It is underlined.
        if (isOneBreak(at, below)) at = lineEnd(below);
        tell(trimEnd(text, at, start), lineStart(at), DOUBTFUL);
      }
    }

    function readLine(): boolean {
      const limit = isProse ? Math.min(to, extents.reach(start)) : to;
      let within = start;
      for (let line = start; ;) {
        const at = Math.min(to, lineEnd(line));
        if (at > limit && skipSpace(text, limit, at) < at) break;
        const next = lineStart(at);
        const end = at < to ? trimEnd(text, at, start) : to;
        let rank = LINE;
        if (next === to) rank = PARAGRAPH;
        else if (!isOneBreak(at, next)) rank = rankOfBlank(end, line);
        else if (isProse && isWrappedLine(end, next, within)) {
          within = at + 1;
          line = next;
          continue;
        }
        if (isProse && !extents.fits(start, end)) break;
        if (at === to) return false;
        if (rank !== LINE) read = readParagraph;
        return tell(end, next, rank);
      }
      read = readSentence;
      return true;
    }

    /** Where the line begins behind one that ends at `at`. */
    function lineStart(at: number): number {
      if (at + 1 >= to) return to;
      const unit = text.charCodeAt(at + 1);
      return unit > 0x20 && unit < 0x80 ? at + 1 : skipSpace(text, at, to);
    }

    function rankOfBlank(end: number, line: number): number {
      return isProse && isHeading(text, end, line) ? DOUBTFUL : PARAGRAPH;
    }

    /** Whether a line is one of wrapped prose. One of whole sentences is not. */
    function isWrappedLine(end: number, next: number, within: number): boolean {
      if (!breaks.isWrapped(end, next, within)) return false;
      const isWhole = within === start && skipSpace(text, startOfLine(text, start, 0)) === start;
      return !isWhole || rankOfSpace(text, end, next) < SENTENCE;
    }

    /** Whether there is a line break from the end of a line to the next one, and not more. */
    function isOneBreak(at: number, next: number): boolean {
      return next === at + 1 || countLineEnds(text, at, next) < 2;
    }

    function readSentence(): boolean {
      const found = nextSentence(start);
      if (found === undefined) return false;
      if (countLineEnds(text, found.end, found.next) > 1) read = readParagraph;
      else if (found.rank === LINE) read = readLine;
      start = found.next;
      return true;
    }
  };
}

/**
 * Answers with the next break behind a position, and tells the sink of it: of a sentence that fits, or of a clause or the
 * sentence where it does not.
 */
function sentenceReader(
  breaks: TextBreaks,
  to: number,
  extents: Extents,
  sink: BreakSink,
): (from: number) => Break | undefined {
  /** Where the sentence begins that a position is in. */
  let start = -1;
  let position = -1;
  let isLong = false;
  /** What begins up to here and fits ends within the limit. */
  let near = -1;
  let limit = -1;
  /** Where they were estimated from. */
  let estimated = -1;

  function readNext(): Break | undefined {
    if (!isLong) {
      let found = start > near ? undefined : breaks.nextSentenceBreak(start, limit);
      // Estimates may be far off: what is not found by those of a sentence before is looked for by its own.
      if (!found && estimated < start) {
        estimated = start;
        near = extents.reach(start);
        // Twice the reach: what ends behind it does not fit, whatever it was estimated by.
        limit = Math.min(to - 1, extents.reach(near));
        found = breaks.nextSentenceBreak(start, limit);
      }
      if (extents.fits(start, found?.end ?? to)) return found;
      isLong = true;
    }
    return breaks.nextBreak(position, to - 1);
  }

  return (from) => {
    if (from !== position) {
      start = position = from;
      isLong = false;
    }
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
