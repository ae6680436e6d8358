import { unexpected } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { callOptions, checkOptions } from "../options.ts";
import { breather, withDeadline } from "../signal.ts";
import type { CallOptions, Chunker, Piece } from "../types.ts";
import { checkPieces } from "./pieces.ts";

/**
 * A chunker on its own: the pieces of a document with their text.
 *
 * @example for (const { text } of await split(article, recursive({ size: 400 }))) console.log(text);
 */
export async function split(
  document: string | { readonly text: string; readonly title?: string },
  chunker: Chunker,
  options?: CallOptions,
): Promise<readonly (Piece & { readonly text: string })[]> {
  checkOptions("split", options, callOptions);
  const whole = typeof document === "string" ? { text: document } : document;
  if (typeof whole?.text !== "string") {
    throw unexpected("split", "a text, or a document with one", document);
  }
  expectPart("chunker", chunker, "split: chunker");
  return withDeadline("split", options, async (signal) => {
    const breathe = breather(signal);
    const pieces = checkPieces(await chunker(whole, { signal }), whole.text);
    // What was cut in one go let no one abort.
    await breathe();
    return pieces.map((piece) => ({ ...piece, text: whole.text.slice(piece.start, piece.end) }));
  });
}
