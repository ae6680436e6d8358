import type { Piece } from "../../types.ts";
import { cutAll } from "./cut.ts";
import type { Style } from "./text-cutting.ts";
import { textCutting } from "./text-cutting.ts";

/** The pieces of a text that is all there. */
export function wholeText(style: Style, text: string, title?: string): readonly Piece[] {
  const pieces: Piece[] = [];
  cutAll(textCutting(style, text, title), 0, text.length, (piece) => pieces.push(piece));
  return pieces;
}
