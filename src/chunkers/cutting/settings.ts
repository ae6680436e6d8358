import type { Ruler, Surroundings } from "./ruler.ts";

/** Options checked and filled in. */
export interface Settings {
  readonly size: number;
  /** In units, below `size`. */
  readonly overlap: number;
  /** Tokens of a text, checked; absent where sizes are in characters. */
  readonly count?: (text: string) => number;
  /** Present with `count`. */
  readonly tokenRuler?: (of: Measured) => Ruler;
  readonly locale?: string;
  readonly fingerprint: string;
}

/** A text that is to be measured. */
export interface Measured {
  readonly text: string;
  /** Nothing before is asked for. */
  readonly from: number;
  readonly size: number;
  /** Units for text. */
  readonly room: number;
  readonly around: Surroundings;
}
