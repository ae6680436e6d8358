import type { Piece } from "../../types.ts";
import type { Graphemes } from "../text/graphemes.ts";
import type { Ruler } from "./ruler.ts";
import { skipSpace, trimEnd } from "../text/space.ts";

interface Measuring {
  readonly graphemes: Graphemes;
  readonly ruler: Ruler;
}

/** A stretch without the white space around it, where that fits in one piece. */
export function wholePiece(text: string, from: number, to: number, of: Measuring): Piece | undefined {
  const { graphemes, ruler } = of;
  const start = graphemes.before(skipSpace(text, from, to));
  const end = graphemes.after(trimEnd(text, to, from));
  if (start >= end || !ruler.fits(start, end)) return undefined;
  return pieceOf(ruler, start, end, ruler.sizeOf(start, end, ruler.upTo(end) - ruler.before(start)));
}

export function pieceOf(ruler: Ruler, start: number, end: number, units: number): Piece {
  return ruler.tokens ? { start, end, tokens: units } : { start, end };
}
