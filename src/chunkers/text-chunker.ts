import type { Chunker } from "../types.ts";
import { cutStream } from "./cutting/cut-stream.ts";
import { givenText } from "./given-text.ts";
import type { Style } from "./cutting/text-cutting.ts";
import { wholeText } from "./cutting/whole-text.ts";

/** A chunker of running text, in one go or from a stream. */
export function textChunker(style: Style): Chunker {
  const chunker: Chunker = (document, { signal } = {}) => {
    signal?.throwIfAborted();
    const { text, title } = givenText(style.name, document);
    return wholeText(style, text, title, signal);
  };
  return Object.assign(chunker, {
    fingerprint: style.settings.fingerprint,
    stream: (parts: AsyncIterable<string>, { signal }: { readonly signal?: AbortSignal } = {}) =>
      cutStream(style, parts, signal),
  });
}
