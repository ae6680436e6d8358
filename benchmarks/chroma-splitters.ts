import type { PretokenTokenizer } from "../adapters/tokens.ts";
import type { Span } from "../src/index.ts";

/**
 * The two splitters whose figures Chroma has published ("Evaluating Chunking Strategies for Retrieval", 2024), written
 * again as plainly as can be, with the way in which its evaluation finds a chunk's place.
 */

const separators = ["\n\n", "\n", ".", "?", "!", " ", ""];

/** Splits at the first separator that is there, keeps it before what follows, merges up to the size, splits the rest further. */
export function recursiveTokenText(
  text: string,
  {
    size,
    overlap,
    tokenizer,
  }: { readonly size: number; readonly overlap: number; readonly tokenizer: PretokenTokenizer },
): string[] {
  const count = (part: string): number => tokenizer.count(part);
  return split(text, separators);

  function split(part: string, from: readonly string[]): string[] {
    const at = from.findIndex((separator) => separator === "" || part.includes(separator));
    const separator = from[at] ?? "";
    const further = separator === "" ? [] : from.slice(at + 1);
    const found: string[] = [];
    let fitting: string[] = [];
    for (const piece of splitBefore(part, separator)) {
      if (count(piece) < size) {
        fitting.push(piece);
        continue;
      }
      found.push(...merge(fitting));
      fitting = [];
      found.push(...(further.length > 0 ? split(piece, further) : [piece]));
    }
    return [...found, ...merge(fitting)];
  }

  function merge(pieces: readonly string[]): string[] {
    const merged: string[] = [];
    let current: string[] = [];
    let total = 0;
    for (const piece of pieces) {
      const length = count(piece);
      if (total + length > size && current.length > 0) {
        merged.push(current.join("").trim());
        while (total > overlap || (total + length > size && total > 0)) total -= count(current.shift() ?? "");
      }
      current.push(piece);
      total += length;
    }
    merged.push(current.join("").trim());
    return merged.filter((one) => one !== "");
  }
}

function splitBefore(text: string, separator: string): string[] {
  if (separator === "") return Array.from(text);
  const [first = "", ...rest] = text.split(separator);
  return [first, ...rest.map((part) => separator + part)].filter((part) => part !== "");
}

/** Windows of tokens; `ends` are the offsets behind each token. */
export function tokenText(
  text: string,
  { size, overlap, ends }: { readonly size: number; readonly overlap: number; readonly ends: readonly number[] },
): string[] {
  const chunks: string[] = [];
  for (let start = 0; start < ends.length; start += size - overlap) {
    const stop = Math.min(ends.length, start + size);
    chunks.push(text.slice(start === 0 ? 0 : ends[start - 1], ends[stop - 1]));
    if (stop === ends.length) break;
  }
  return chunks;
}

/** Where a chunk is by Chroma's search: its first occurrence, without a stop at its end. */
export function placesOf(text: string, chunks: readonly string[]): Span[] {
  return chunks.map((chunk) => {
    const wanted = chunk.endsWith(".") ? chunk.slice(0, -1) : chunk;
    const start = text.indexOf(wanted);
    return { start, end: start + wanted.length };
  });
}

/**
 * Precision omega: of the characters in all chunks that touch the true spans, the share that is true. A perfect search could
 * do no better with these chunks, so no search is needed. Spans that only meet at an end touch each other, as in Chroma's code.
 */
export function precisionOmega(truth: readonly Span[], chunks: readonly Span[]): number {
  const both: Span[] = [];
  const touching: Span[] = [];
  for (const chunk of chunks) {
    const common = truth.flatMap(({ start, end }) => {
      const shared = { start: Math.max(start, chunk.start), end: Math.min(end, chunk.end) };
      return shared.start <= shared.end ? [shared] : [];
    });
    if (common.length === 0) continue;
    touching.push(chunk);
    both.push(...common);
  }
  const found = lengthOf(both);
  const missed = lengthOf(truth) - found;
  return found === 0 ? 0 : found / (lengthOf(touching) + missed);
}

/** Characters in at least one of the spans. */
function lengthOf(spans: readonly Span[]): number {
  let length = 0;
  let reached = -Infinity;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    length += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return length;
}
