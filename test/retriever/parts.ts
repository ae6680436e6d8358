import { termId } from "../../src/lexical/terms.ts";
import type { CallOptions, Chunker, Embedder, Piece } from "../../src/types.ts";

/** Small, deterministic parts to build retrievers from in tests. */

/** One paragraph a chunk. */
export function paragraphs(): Chunker {
  const cut = ({ text }: { readonly text: string }): readonly Piece[] => {
    const pieces: Piece[] = [];
    for (const match of text.matchAll(/[^\n]+(?:\n[^\n]+)*/g)) {
      if (match[0].trim() !== "") pieces.push({ start: match.index, end: match.index + match[0].length });
    }
    return pieces;
  };
  return Object.assign(cut, { fingerprint: "paragraphs" });
}

export interface CountingEmbedder extends Embedder {
  /** Every text that was embedded as part of a document, in order. */
  readonly texts: string[];
  readonly calls: (CallOptions & { readonly role: string; readonly count: number })[];
}

/** Words hashed into 32 dimensions, so that texts which share words are near each other. */
export function wordEmbedder(change: Partial<Embedder> = {}): CountingEmbedder {
  const texts: string[] = [];
  const calls: CountingEmbedder["calls"] = [];
  return {
    texts,
    calls,
    fingerprint: { provider: "test", model: "words", dimensions: 32 },
    async embed(given, options) {
      options.signal?.throwIfAborted();
      calls.push({ ...options, count: given.length });
      if (options.role === "document") texts.push(...given);
      return given.map(wordVector);
    },
    ...change,
  };
}

function wordVector(text: string): Float32Array {
  const vector = new Float32Array(32).fill(0.01);
  for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
    const slot = termId(word) % 32;
    vector[slot] = (vector[slot] ?? 0) + 1;
  }
  return vector;
}

/** A promise that is resolved from outside. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}
