import { expect } from "vitest";
import { indexedText } from "../../src/chunkers/text/indexed-text.ts";
import type { Piece, Span, Tokenizer } from "../../src/types.ts";

const clusters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What every chunker promises, whatever the text. */
export function expectContract(
  document: { readonly text: string; readonly title?: string },
  pieces: readonly Piece[],
  limit: { readonly size: number; readonly tokenizer?: Tokenizer | undefined },
  /** What the chunker may leave out, because it is no text. */
  omitted: readonly Span[] = [],
): void {
  const { text, title } = document;
  const boundaries = new Set([text.length]);
  for (const { index } of clusters.segment(text)) boundaries.add(index);
  const covered = new Uint8Array(text.length);
  let before: Span = { start: -1, end: -1 };
  for (const { start, end, context, oversize, tokens } of pieces) {
    expect(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= text.length).toBe(
      true,
    );
    expect(start, "pieces are sorted and none starts twice").toBeGreaterThan(before.start);
    expect(end, "each has text that none before it has").toBeGreaterThan(before.end);
    before = { start, end };
    const passage = text.slice(start, end);
    expect(passage.trim(), "no piece is blank").not.toBe("");
    expect(boundaries.has(start) && boundaries.has(end), `graphemes are whole in ${start}…${end}`).toBe(true);
    const indexed = indexedText({ title, context, text: passage });
    const units = limit.tokenizer ? limit.tokenizer.count(indexed) : indexed.length;
    if (oversize) {
      expect([...clusters.segment(passage)], "only one grapheme may be larger than the limit").toHaveLength(1);
      expect(units).toBeGreaterThan(limit.size);
    } else expect(units, `${start}…${end} is within the limit`).toBeLessThanOrEqual(limit.size);
    if (limit.tokenizer) expect(tokens).toBe(units);
    covered.fill(1, start, end);
  }
  for (const { start, end } of omitted) covered.fill(1, start, end);
  for (let position = 0; position < text.length; position++) {
    if (!covered[position] && text.charAt(position).trim() !== "") {
      expect.fail(`the character at ${position} (${JSON.stringify(text.charAt(position))}) is in no piece`);
    }
  }
}
