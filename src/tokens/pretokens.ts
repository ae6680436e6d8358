import type { Tokenizer } from "../types.ts";

/**
 * The pieces that a byte-pair tokenizer cuts a text into before it merges bytes to tokens, and the tokens up to each place
 * where it cuts; both begin with 0. No token spans two pieces, so the count of a text is the sum of theirs.
 *
 * For a slice from one place to another the difference of their sums is the count of the slice as well, exactly, unless the
 * slice ends in white space: where that is followed by something else in the text, its last character is a pretoken of its
 * own, and at the end of the slice it is not. So a slice without white space at its end is always exact.
 */
export interface Pretokens {
  /** UTF-16 offsets: 0, then the end of each pretoken; the last is the length of the text. */
  readonly ends: Int32Array;
  /** Tokens of the text up to each of these. */
  readonly sums: Int32Array;
}

/** A tokenizer that can say where it cuts, so that a chunker may count by prefix sums. */
export interface PretokenTokenizer extends Tokenizer {
  encode(text: string): readonly number[];
  pretokens(text: string): Pretokens;
}
