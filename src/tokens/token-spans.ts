import { ConfigError, shown, unexpected } from "../errors.ts";
import type { Span } from "../types.ts";

/**
 * Which tokens of a document each piece consists of, for late chunking: the whole document is embedded once, token by token,
 * and a piece's vector is the mean over its tokens.
 *
 * `offsets` are those that the model's own tokenizer gives, one pair of UTF-16 offsets into the document for each token; a
 * special token has an empty pair. A token that reaches into two pieces belongs to both. What is returned are indexes of
 * tokens, end exclusive, in the order of the pieces; a piece without a token has an empty span.
 *
 * @example const means = tokenSpans(pieces, offsets).map(({ start, end }) => mean(vectors.slice(start, end)));
 */
export function tokenSpans(
  pieces: readonly Span[],
  offsets: readonly (readonly [start: number, end: number])[],
): readonly Span[] {
  for (const [name, value] of Object.entries({ pieces, offsets })) {
    if (!Array.isArray(value)) throw unexpected(`tokenSpans: ${name}`, "an array", value);
  }
  const tokens: { readonly index: number; readonly start: number; readonly end: number }[] = [];
  for (const [index, offset] of offsets.entries()) {
    const name = `tokenSpans: offsets[${index}]`;
    if (!Array.isArray(offset)) throw unexpected(name, "a pair of numbers", offset);
    const [start, end] = offset;
    const least = tokens.at(-1);
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
      throw new ConfigError(`${name}: expected a span of text, received ${shown(start)}…${shown(end)}`);
    }
    if (end === start) continue;
    if (least && (start < least.start || end < least.end)) {
      throw new ConfigError(`${name}: offsets must ascend, received ${shown(start)}…${shown(end)}`);
    }
    tokens.push({ index, start, end });
  }
  return pieces.map((piece, index) => {
    if (!Number.isSafeInteger(piece?.start) || !Number.isSafeInteger(piece.end)) {
      throw unexpected(`tokenSpans: pieces[${index}]`, "a span", piece);
    }
    const first = firstWhere(tokens.length, (at) => (tokens[at]?.end ?? 0) > piece.start);
    const behind = firstWhere(tokens.length, (at) => (tokens[at]?.start ?? 0) >= piece.end);
    const start = tokens[first]?.index ?? offsets.length;
    return { start, end: behind > first ? (tokens[behind - 1]?.index ?? start) + 1 : start };
  });
}

/** The first of so many indexes where something holds that holds from there on. */
function firstWhere(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
