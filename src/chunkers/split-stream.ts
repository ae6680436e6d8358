import { TimeoutError, unexpected, UnsupportedError } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { callOptions, checkOptions } from "../options.ts";
import { checkCallOptions, withDeadline } from "../signal.ts";
import { eachOf } from "../source-items.ts";
import type { CallOptions, Chunker, Piece } from "../types.ts";
import { checkStreamed } from "./pieces.ts";

const STAGE = "splitStream";

/**
 * The pieces of a text that comes in parts: the same, however it is cut on its way in.
 *
 * Memory stays bounded, whatever the length of the text. A chunker without `stream` is an UnsupportedError.
 *
 * @example for await (const { text } of splitStream(file.pipeThrough(new TextDecoderStream()), recursive())) …
 */
export function splitStream(
  parts: AsyncIterable<string>,
  chunker: Chunker,
  options: CallOptions = {},
): AsyncIterable<Piece & { readonly text: string }> {
  checkOptions("splitStream", options, callOptions);
  checkCallOptions(options);
  if (typeof parts !== "object" || parts === null || !(Symbol.asyncIterator in parts)) {
    throw unexpected("splitStream", "parts to be an AsyncIterable of strings", parts);
  }
  expectPart("chunker", chunker, "splitStream: chunker");
  if (chunker.stream === undefined) {
    const { fingerprint = "the chunker" } = chunker;
    throw new UnsupportedError(
      `splitStream: ${fingerprint} cannot cut a stream, it needs the whole text: use split().`,
    );
  }
  const cut = chunker.stream.bind(chunker);
  return piecesOf((signal) => cut(parts, { signal }), options);
}

async function* piecesOf(
  stream: (signal: AbortSignal) => AsyncIterable<Piece & { readonly text: string }>,
  options: CallOptions,
): AsyncGenerator<Piece & { readonly text: string }, void, undefined> {
  const { signal, timeout } = options;
  const started = performance.now();
  const controller = new AbortController();
  const inTime = <R>(next: () => Promise<R>): Promise<R> => {
    const left =
      timeout === undefined ? undefined : Math.max(Number.MIN_VALUE, timeout - (performance.now() - started));
    return withDeadline(STAGE, { ...(signal && { signal }), ...(left !== undefined && { timeout: left }) }, next);
  };
  let index = 0;
  try {
    for await (const piece of eachOf(stream(controller.signal), inTime)) yield checkStreamed(piece, index++);
  } catch (error) {
    controller.abort(error);
    const isLate = error instanceof TimeoutError && error.stage === STAGE && timeout !== undefined;
    throw isLate ? new TimeoutError(STAGE, timeout) : error;
  }
}
