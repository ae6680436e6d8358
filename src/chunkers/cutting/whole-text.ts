import { breather, finishedSlowly } from "../../signal.ts";
import type { Piece } from "../../types.ts";
import { cutAll, cutSteps } from "./cut.ts";
import type { Style } from "./text-cutting.ts";
import { textCutting } from "./text-cutting.ts";

/** Characters that are cut without a break, a few milliseconds' worth. */
const AT_ONCE = 200_000;

/** The pieces of a text that is all there: of a long one, under a signal, as a promise, so that others can run meanwhile. */
export function wholeText(
  style: Style,
  text: string,
  title: string | undefined,
  signal: AbortSignal | undefined,
): readonly Piece[] | Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  const cutting = textCutting(style, text, title);
  if (signal === undefined || text.length <= AT_ONCE) {
    cutAll(cutting, 0, text.length, pieces);
    return pieces;
  }
  return finishedSlowly(cutSteps(cutting, 0, text.length, pieces), breather(signal)).then(() => pieces);
}
