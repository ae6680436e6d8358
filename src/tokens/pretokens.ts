import type { Tokenizer } from "../types.ts";

/**
 * Where a byte-pair tokenizer cuts a text before it merges: no token ever spans two pretokens, so the count of a text is
 * the sum over its pretokens.
 */
export interface Pretokens {
  /** UTF-16 offset of each pretoken's end, ascending; the last one is the length of the text. */
  readonly ends: Uint32Array;
  /** Tokens in each pretoken, at least 1. */
  readonly counts: Uint32Array;
}

/** A tokenizer that can also say where its tokens may be cut, e.g. those of `groundline/tokens`. */
export interface PretokenTokenizer extends Tokenizer {
  encode(text: string): readonly number[];
  pretokens(text: string): Pretokens;
}
