import type { Measured, Ruler } from "./ruler.ts";

/** Options checked and filled in. */
export interface Settings {
  readonly size: number;
  /** In units, below `size`. */
  readonly overlap: number;
  /** Tokens of a text, checked; absent where sizes are in characters. */
  readonly count?: (text: string) => number;
  /** Present with `count`: rulers of a text. */
  readonly tokenRulers?: (text: string) => (of: Measured) => Ruler;
  readonly locale?: string;
  readonly fingerprint: string;
}
