/** A place to cut: what comes before ends at `end`, what comes after starts at `next`; only white space lies between. */
export interface Break {
  readonly end: number;
  readonly next: number;
  readonly rank: number;
}

/** What stays whole: about what one piece may be. */
export interface Extents {
  fits(start: number, end: number): boolean;
  /** How far one piece may go at most. */
  reach(start: number): number;
}

/** Is told of breaks in order. */
export type BreakSink = (end: number, next: number, rank: number) => void;

/**
 * Reads the breaks of a text from a position to where it ends for this purpose. Each call of the answer tells the sink of
 * the next few, or of none yet, and is false at the end.
 */
export type BreakScanner = (from: number, to: number, extents: Extents, sink: BreakSink) => () => boolean;

/** How texts are taken apart. */
export interface Breaks {
  readonly of: (text: string) => BreakScanner;
  /** Behind a break of this rank the same is found wherever the reading began. */
  readonly firm: number;
  /** Behind a break of this rank two readings that both have it find the same. */
  readonly shared: number;
}
