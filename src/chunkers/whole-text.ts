import type { Piece } from "../types.ts";
import { cutAll } from "./cut.ts";
import type { Style } from "./text-cutter.ts";
import { measuredText, textCutter } from "./text-cutter.ts";
import { wholePiece } from "./whole-piece.ts";

/** The pieces of a text that is all there. */
export function wholeText(style: Style, text: string, title?: string): readonly Piece[] {
  const measured = measuredText(style, text, title);
  const whole = wholePiece(text, 0, text.length, measured);
  if (whole) return [whole];
  const pieces: Piece[] = [];
  cutAll(textCutter(style, measured), (piece) => pieces.push(piece));
  return pieces;
}
