import type { Chunker, Piece } from "../types.ts";
import { cutStream } from "./cut-stream.ts";
import type { Style } from "./text-cutter.ts";
import { textCutter } from "./text-cutter.ts";

/** A chunker of running text, in one go or from a stream. */
export function textChunker(style: Style): Chunker {
  const chunker: Chunker = ({ text, title }, { signal } = {}) => {
    signal?.throwIfAborted();
    const cutter = textCutter(style, text, title);
    const pieces: Piece[] = [];
    for (let place = cutter.first; place;) {
      const cut = cutter.cut(place);
      pieces.push(...cut.pieces);
      place = cut.next;
    }
    return pieces;
  };
  return Object.assign(chunker, {
    fingerprint: style.settings.fingerprint,
    stream: (parts: AsyncIterable<string>, { signal }: { readonly signal?: AbortSignal } = {}) =>
      cutStream(style, parts, signal),
  });
}
