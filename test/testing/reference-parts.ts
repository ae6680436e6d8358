import type { Chunker, Embedder, LexicalIndex, Piece, Reranker, StoredMetadata } from "../../src/types.ts";
import { evaluateFilter } from "../../src/filter/evaluate.ts";

/** Small right parts, for seeded bugs to be put into. */

const wordPattern = /[\p{L}\p{N}]+/gu;

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(wordPattern) ?? [];
}

/** Pieces of at most 400 characters, cut between graphemes, without the white space around them. */
const cut = new Map<string, readonly Piece[]>(); // the same few texts again and again, and segmenting them is slow

export const plainChunker: Chunker & { readonly stream: NonNullable<Chunker["stream"]> } = Object.assign(
  ({ text }: { readonly text: string }): readonly Piece[] => {
    const known = cut.get(text);
    if (known !== undefined) return known;
    const pieces: Piece[] = [];
    let start = 0;
    let end = 0;
    const flush = (): void => {
      const slice = text.slice(start, end);
      const from = start + slice.length - slice.trimStart().length;
      if (slice.trim() !== "") pieces.push({ start: from, end: from + slice.trim().length });
      start = end;
    };
    for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
      if (end + segment.length - start > 400) flush();
      end += segment.length;
    }
    flush();
    cut.set(text, pieces);
    return pieces;
  },
  {
    async *stream(parts: AsyncIterable<string>) {
      let text = "";
      for await (const part of parts) text += part;
      for (const piece of await plainChunker({ text })) yield { ...piece, text: text.slice(piece.start, piece.end) };
    },
  },
);

/** A bag of words in 24 dimensions, of unit length. */
export function plainEmbedder(): Embedder {
  return {
    fingerprint: { provider: "test", model: "bag", dimensions: 24 },
    async embed(texts, { signal }) {
      signal?.throwIfAborted();
      return texts.map(bagOf);
    },
  };
}

export function bagOf(text: string): Float32Array {
  const bag = new Float32Array(24);
  bag[0] = 0.1;
  for (const word of wordsOf(text)) {
    let hash = 7;
    for (let index = 0; index < word.length; index++) hash = (Math.imul(hash, 31) + word.charCodeAt(index)) >>> 0;
    bag[1 + (hash % 23)] = (bag[1 + (hash % 23)] ?? 0) + 1;
  }
  const length = Math.hypot(...bag);
  return bag.map((value) => value / length);
}

/** The share of the query's words that a text has. */
export const plainReranker: Reranker = async (query, texts, { signal } = {}) => {
  signal?.throwIfAborted();
  return texts.map((text) => overlap(query, text));
};

export function overlap(query: string, text: string): number {
  const asked = new Set(wordsOf(query));
  const held = new Set(wordsOf(text));
  return [...asked].filter((word) => held.has(word)).length / Math.max(1, asked.size);
}

export interface HeldText {
  readonly generation: string;
  readonly place: string;
  readonly documentId: string;
  readonly id: string;
  readonly words: readonly string[];
  readonly metadata: StoredMetadata;
}

/** What a lexical index decides, one function each. */
export interface LexicalDecisions {
  place(scope: { readonly generation: string; readonly tenant: string | null }): string;
  counted(text: HeldText, place: string, live: boolean): boolean;
  idf(count: number, frequency: number): number;
  saturation(count: number, norm: number): number;
  order(a: { readonly id: string; readonly score: number }, b: { readonly id: string; readonly score: number }): number;
  holds(word: string, asked: string): boolean;
}

const rightDecisions: LexicalDecisions = {
  place: ({ generation, tenant }) => JSON.stringify([generation, tenant]),
  counted: (text, place, live) => live && text.place === place,
  idf: (count, frequency) => Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)),
  saturation: (count, norm) => (count * 2.2) / (count + 1.2 * (0.25 + 0.75 * norm)),
  order: (a, b) => b.score - a.score || (a.id < b.id ? -1 : 1),
  holds: (word, asked) => word === asked,
};

/** BM25 with the live average length, in lists and loops. */
export function plainLexicalIndex(wrong: Partial<LexicalDecisions> = {}): LexicalIndex {
  const { place, counted, idf, saturation, order, holds } = { ...rightDecisions, ...wrong };
  let texts: readonly HeldText[] = [];
  let graves: readonly HeldText[] = [];
  return {
    fingerprint: "plain",
    durable: false,
    async replace({ scope, documents }, { signal }) {
      signal.throwIfAborted();
      const here = place(scope);
      const replaced = new Set(documents.map(({ id }) => id));
      const gone = texts.filter((text) => text.place === here && replaced.has(text.documentId));
      const added = documents.flatMap(({ id: documentId, chunks }) =>
        chunks.map(({ id, text, metadata }) => ({
          generation: scope.generation,
          place: here,
          documentId,
          id,
          words: wordsOf(text),
          metadata,
        })),
      );
      graves = [...graves, ...gone];
      texts = [...texts.filter((text) => !gone.includes(text)), ...added];
    },
    async search({ scope, text, limit, filter }, { signal }) {
      signal.throwIfAborted();
      const here = place(scope);
      const corpus = [
        ...texts.filter((held) => counted(held, here, true)),
        ...graves.filter((held) => counted(held, here, false)),
      ];
      const average = corpus.reduce((sum, { words }) => sum + words.length, 0) / corpus.length;
      const asked = wordsOf(text).map((word) => {
        const frequency = corpus.filter(({ words }) => words.some((other) => holds(other, word))).length;
        return { word, weight: idf(corpus.length, frequency) };
      });
      return texts
        .filter((held) => held.place === here && (filter === undefined || evaluateFilter(filter, held.metadata)))
        .filter(({ words }) => asked.some(({ word }) => words.some((other) => holds(other, word))))
        .map(({ id, words }) => {
          const score = asked.reduce((sum, { word, weight }) => {
            const count = words.filter((other) => holds(other, word)).length;
            return sum + weight * saturation(count, words.length / average);
          }, 0);
          return { id, score };
        })
        .toSorted(order)
        .slice(0, limit);
    },
    async retire(generation) {
      const stays = (held: HeldText): boolean => held.generation !== generation;
      texts = texts.filter(stays);
      graves = graves.filter(stays);
    },
  };
}
