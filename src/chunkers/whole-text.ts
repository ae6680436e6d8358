import type { Piece } from "../types.ts";
import type { Style } from "./text-cutter.ts";
import { textCutter } from "./text-cutter.ts";

/** The pieces of a text that is all there. */
export function wholeText(style: Style, text: string, title?: string): readonly Piece[] {
  const cutter = textCutter(style, text, title);
  const pieces: Piece[] = [];
  for (let place = cutter.first; place;) {
    const cut = cutter.cut(place);
    pieces.push(...cut.pieces);
    place = cut.next;
  }
  return pieces;
}
