import type { Breaks, BreakScanner, Extents } from "../text/breaks.ts";
import { DOUBTFUL, PARAGRAPH } from "../text/rank.ts";
import { firstBehind } from "../text/spans.ts";

/** A block that is not taken apart further. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly breaks: Breaks;
  /** Belongs to the part behind it: no piece ends with it. */
  readonly lead: boolean;
  /** No piece ends inside. */
  readonly whole: boolean;
  /** Of the break behind it. */
  readonly rank: number;
}

/** Where the parts begin that belong to what comes behind them all, which starts there. */
export function firstLead(parts: readonly Part[], start: number): number {
  let first = parts.length;
  while (parts[first - 1]?.lead) first--;
  return parts[first]?.start ?? start;
}

/** The breaks between parts, and inside those that are not kept whole. */
export function breaksBetween(text: string, parts: readonly Part[], scannerOf: (of: Breaks) => BreakScanner): Breaks {
  const scan: BreakScanner = (from, to, extents, sink) => {
    let index = firstBehind(parts, from);
    let readInside: (() => boolean) | undefined;

    /** What is above the part and belongs to it takes some of its piece. */
    function extentsIn({ start: own }: Part): Extents {
      const above = firstLead(parts.slice(0, index), own);
      if (above === own || above < from) return extents;
      return {
        fits: (start, end) => extents.fits(start === own ? above : start, end),
        reach: (start) => extents.reach(start === own ? above : start),
      };
    }

    return () => {
      const part = parts[index];
      if (!part || part.start >= to) return false;
      if (!part.whole) {
        readInside ??= scannerOf(part.breaks)(Math.max(from, part.start), part.end, extentsIn(part), sink);
        if (readInside()) return true;
        readInside = undefined;
      }
      const next = parts[++index];
      if (!next) return false;
      // What announces a list or a table stays with it where it can.
      const rank = text.charAt(part.end - 1) === ":" ? Math.min(part.rank, DOUBTFUL) : part.rank;
      if (!part.lead) sink(part.end, next.start, rank);
      return true;
    };
  };
  // What is above a part counts where the reading began above it.
  return { of: () => scan, firm: PARAGRAPH, shared: Infinity };
}

/** Whether a part ends here that belongs to what is behind it. */
export function isLeadEnd(parts: readonly Part[], end: number): boolean {
  const part = parts[firstBehind(parts, end - 1)];
  return part !== undefined && part.lead && part.end === end;
}
