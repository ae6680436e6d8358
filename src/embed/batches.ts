import { wholeNumber } from "../options.ts";
import type { Embedder } from "../types.ts";

type Limits = NonNullable<Embedder["limits"]>;

/** Items in one request, for an embedder that names no limit of its own. */
const DEFAULT_ITEMS = 256;
/** What encoders put around a text: [CLS] and [SEP], or begin and end. */
const MARKERS = 2;
/** The longest token of cl100k_base, o200k_base, p50k_base and r50k_base, in bytes: a run of spaces or of mojibake. */
const LONGEST_TOKEN = 128;

/**
 * The positions, grouped so that the texts of each group are one request within the limits, in order. A text beyond a
 * limit by itself is a group of its own.
 *
 * Without a tokenizer, a text counts as many tokens as it has UTF-8 bytes, and two more: byte-level BPE never makes more
 * than one of a byte, so a request never exceeds `limits.tokens`. English comes to about a quarter of that.
 */
export function batchesOf(
  texts: readonly string[],
  positions: readonly number[],
  limits: Limits = {},
): readonly (readonly number[])[] {
  checkLimits(limits);
  const { items = DEFAULT_ITEMS, tokens = Infinity, bytes = Infinity } = limits;
  const batches: number[][] = [];
  let batch: number[] = [];
  let batchBytes = 0;
  for (const position of positions) {
    const size = utf8Length(texts[position] ?? "");
    const count = batch.length + 1;
    const total = batchBytes + size;
    if (count > items || total > bytes || total + count * MARKERS > tokens) {
      if (batch.length > 0) batches.push(batch);
      batch = [];
      batchBytes = 0;
    }
    batch.push(position);
    batchBytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/**
 * Why a text cannot be embedded whatever its language: only what is certain, because a longer text may still be few
 * tokens. Services refuse the rest themselves, or are told to (Cohere).
 */
export function excessOf(text: string, limits: Limits = {}): string | undefined {
  const { bytes = Infinity, inputTokens = Infinity } = limits;
  // A code unit is at most three bytes: most texts need no count.
  if (text.length * 3 <= Math.min(bytes, inputTokens * LONGEST_TOKEN)) return undefined;
  const size = utf8Length(text);
  if (size > bytes) return `a text of ${size} bytes, beyond the ${bytes} of one request`;
  if (size > inputTokens * LONGEST_TOKEN)
    return `a text of ${size} bytes, beyond the ${inputTokens} tokens of one input`;
  return undefined;
}

function checkLimits(limits: Limits): void {
  for (const name of ["items", "tokens", "bytes", "inputTokens"] as const) {
    wholeNumber(`embedder.limits.${name}`, limits[name], 1, Infinity);
  }
}

/** Without encoding. A lone surrogate is sent as U+FFFD: three bytes. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else {
      length += 2;
      if ((text.codePointAt(at) ?? 0) > 0xffff) at++; // two units, four bytes
    }
  }
  return length;
}
