import { unexpected } from "../errors.ts";
import { checkOptions, wholeNumber } from "../options.ts";
import type { CallOptions, PortOptions, Span } from "../types.ts";
import type { AnyDocument } from "./inputs.ts";

/** Queries out of the user's own documents, where nobody has written any. */

/** A query with what in its document it is about. */
export interface Draft {
  readonly text: string;
  /** Where the answer stands. Absent: the document as a whole is right. */
  readonly span?: Span;
  /** What the query was taken from: it must not be in the index that is measured. "title": the title. */
  readonly removed?: Span | "title";
}

/** One draft for a document, or none. `next` gives seeded 32-bit numbers. */
export interface QueryGenerator {
  readonly name: string;
  draft(
    document: AnyDocument,
    options: PortOptions & { readonly next: () => number },
  ): Promise<Draft | undefined> | Draft | undefined;
}

/** Words that make a sentence one to search by. */
const SENTENCE = { least: 6, most: 40 };
/** Of a script without spaces, characters. */
const UNSPACED = { least: 15, most: 120 };
const TITLE_WORDS = 3;
const BODY_WORDS = 15;

/**
 * Inverse cloze: a sentence as the query for the document without it. The best there is without a model: it ranks systems
 * as real queries do, moderately, when nothing of the index was fitted on the removed sentence. Not for chunk sizes.
 */
export function sentenceQueries(): QueryGenerator;
export function sentenceQueries(options?: unknown): QueryGenerator {
  checkOptions("sentenceQueries", options, []);
  return {
    name: "sentence",
    draft({ text }, { next }) {
      const found = sentencesOf(text);
      // A document that is one sentence would be empty without it.
      if (found.length < 2) return undefined;
      const span = found[next() % found.length];
      return span && { text: text.slice(span.start, span.end), removed: span };
    },
  };
}

/** The title as the query for the body. */
export function titleQueries(): QueryGenerator;
export function titleQueries(options?: unknown): QueryGenerator {
  checkOptions("titleQueries", options, []);
  return {
    name: "title",
    draft({ title = "", text }) {
      if (wordsOf(title) < TITLE_WORDS || wordsOf(text) < BODY_WORDS) return undefined;
      return { text: title, removed: "title" };
    },
  };
}

/** A passage that a model is to ask about. */
export interface AskedPassage {
  readonly documentId: string;
  readonly title?: string;
  readonly text: string;
}

/**
 * Questions by a model of the user's: `ask` gets a passage and answers with a question that it answers, or with nothing.
 *
 * @param options.size Characters of a passage, at most. Default 1,000.
 */
export function modelQueries(
  ask: (passage: AskedPassage, options: CallOptions) => Promise<string | undefined>,
  options: { readonly name?: string; readonly size?: number } = {},
): QueryGenerator {
  checkOptions("modelQueries", options, ["name", "size"]);
  const { name = "model" } = options;
  if (typeof ask !== "function") throw unexpected("modelQueries", "a function", ask);
  const size = wholeNumber("modelQueries.size", options.size, 1, 1_000);
  return {
    name,
    async draft({ id, title, text }, { signal, next }) {
      const span = passageIn(text, size, next);
      if (span === undefined) return undefined;
      const passage = { documentId: id, text: text.slice(span.start, span.end), ...(title !== undefined && { title }) };
      const question: unknown = await ask(passage, { signal });
      if (question === undefined || question === "") return undefined;
      if (typeof question !== "string") {
        throw unexpected("modelQueries", "ask to answer with a question", question);
      }
      return { text: question.trim(), span };
    },
  };
}

/** Whole sentences from a random one on, as many as fit. */
function passageIn(text: string, size: number, next: () => number): Span | undefined {
  const found = sentencesOf(text);
  const first = next() % Math.max(1, found.length);
  const start = found[first]?.start;
  if (start === undefined) return undefined;
  let end = Math.min(text.length, start + size);
  for (const sentence of found.slice(first)) {
    if (sentence.end - start > size) break;
    end = sentence.end;
  }
  return { start, end };
}

/** Sentences that are neither too short nor too long to search by, white space around them left out. */
function sentencesOf(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const match of text.matchAll(/[^.!?。！？\n]+[.!?。！？]*/gu)) {
    const [whole] = match;
    const start = match.index + (whole.length - whole.trimStart().length);
    const end = start + whole.trim().length;
    const words = wordsOf(whole);
    const unspaced = words < SENTENCE.least && whole.length / Math.max(1, words) > UNSPACED.least;
    const [length, { least, most }] = unspaced ? [end - start, UNSPACED] : [words, SENTENCE];
    if (length >= least && length <= most) found.push({ start, end });
  }
  return found;
}

function wordsOf(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== "").length;
}
