import { embedTexts } from "../embed/embedding.ts";
import { ConfigError, unexpected } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { expectOptions, wholeNumber } from "../options.ts";
import type { Chunker, Embedder, Piece, Span } from "../types.ts";
import { proseBreaks } from "./text/nested-breaks.ts";
import { textBreaks } from "./text/text-breaks.ts";
import type { Cutting } from "./cutting/cut.ts";
import { cutAll } from "./cutting/cut.ts";
import { givenText } from "./given-text.ts";
import { graphemes as graphemesOf } from "./text/graphemes.ts";
import type { ChunkerOptions } from "./options.ts";
import { settingsOf } from "./options.ts";
import { DOUBTFUL } from "./text/rank.ts";
import { overlapOf, rulersOf } from "./cutting/rulers.ts";
import { distances, percentile as percentileOf, topics } from "./topics.ts";
import { words as wordsOf } from "./text/words.ts";

export interface SemanticOptions extends ChunkerOptions {
  readonly embedder: Embedder;
  /** A topic ends at a peak of change that is above what so many per cent of the sentence ends have. Default 80. */
  readonly percentile?: number;
  /** Instead of `percentile`: a cosine distance, the same for every document, so that an edit changes no cut elsewhere. */
  readonly threshold?: number;
  /** A topic of fewer units goes on with the next one. Default: a quarter of `size`. */
  readonly minSize?: number;
}

/**
 * Cuts where the meaning changes: every sentence is embedded, and a topic ends where what comes before and what comes
 * after are least alike. A topic larger than `size` is cut as by `recursive()`, and only such pieces overlap.
 *
 * So a text that is new or changed costs an embedding of its sentences, in `plan` too; reports do not count these.
 */
export function semantic(options: SemanticOptions): Chunker {
  expectOptions("semantic", options);
  const { embedder, threshold, percentile = threshold === undefined ? 80 : undefined, minSize } = options;
  expectPart("embedder", embedder, "semantic.embedder");
  if (threshold !== undefined && options.percentile !== undefined) {
    throw new ConfigError("semantic: expected percentile or threshold, received both");
  }
  checkRange("percentile", percentile, 100);
  checkRange("threshold", threshold, 2);
  const { provider, model, dimensions } = embedder.fingerprint;
  const settings = settingsOf("semantic", options, {
    embedder: `${provider}/${model}/${dimensions}`,
    percentile,
    threshold,
    minSize,
  });
  const least = wholeNumber("semantic.minSize", minSize, 0, Math.floor(settings.size / 4));
  if (least > settings.size) {
    throw unexpected("semantic.minSize", `a whole number of at most size, ${settings.size}`, minSize);
  }

  const chunker: Chunker = async (document, { signal = new AbortController().signal } = {}) => {
    signal.throwIfAborted();
    const { text, title } = givenText("semantic", document);
    const ruler = rulersOf("semantic", text, settings)({ title });
    const graphemes = graphemesOf(text);
    const words = wordsOf(text, graphemes, settings.locale);
    const cutting = { text, graphemes, ruler, words, breaks: proseBreaks, overlap: 0 };
    const units = sentencesOf(cutting);
    const gaps = units.length > 1 ? distances(await vectorsOf(embedder, units, text, signal)) : [];
    const found = topics(units, gaps, {
      threshold: threshold ?? percentileOf(gaps, percentile ?? 0),
      isLarge: ({ start, end }) => ruler.units(start, end) >= least,
    });
    const overlap = overlapOf(settings, ruler);
    const pieces: Piece[] = [];
    for (const { start, end } of found) cutAll({ ...cutting, overlap }, start, end, pieces);
    return pieces;
  };
  return Object.assign(chunker, { fingerprint: settings.fingerprint });
}

function checkRange(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (typeof value === "number" && value >= 0 && value <= most)) return;
  throw unexpected(`semantic.${name}`, `a number between 0 and ${most}`, value);
}

/** Sentences, those that are larger than a piece in parts. */
function sentencesOf(cutting: Cutting): readonly Span[] {
  const { text, ruler, graphemes } = cutting;
  const sentences: Piece[] = [];
  let start = 0;
  const add = (end: number): void => {
    if (ruler.fits(start, end) && text.slice(start, end).trim() !== "") sentences.push({ start, end });
    else cutAll(cutting, start, end, sentences);
  };
  for (const { end, next, rank } of textBreaks(text, 0, text.length)) {
    if (rank < DOUBTFUL || !graphemes.isBoundary(end) || !graphemes.isBoundary(next)) continue;
    add(end);
    start = next;
  }
  add(text.length);
  return sentences;
}

async function vectorsOf(
  embedder: Embedder,
  units: readonly Span[],
  text: string,
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const texts = units.map(({ start, end }) => text.slice(start, end));
  const embedded = await embedTexts(embedder, texts, { role: "document", signal });
  return embedded.map((one) => {
    if ("error" in one) throw one.error;
    return one.vector;
  });
}
