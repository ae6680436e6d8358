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
  if (start >= end) return undefined;
  const size = ruler.wholeSize(start, end);
  return size <= ruler.size ? pieceOf(ruler, start, end, size) : undefined;
}

export function pieceOf(ruler: Ruler, start: number, end: number, units: number): Piece {
  return ruler.tokens ? { start, end, tokens: units } : { start, end };
}
