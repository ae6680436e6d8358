import type { Vocabulary } from "./vocabulary.ts";

/**
 * Byte-pair encoding by longest match with backtracking: linear in the length, where merging pair by pair is not.
 *
 * A sequence of tokens is the one that merging yields exactly when merging leaves every two neighbours of it side by side,
 * and every prefix of a text has one such sequence. So: take the longest token that may stand after the last one, else a
 * shorter one; where none does, no sequence passes through this place: mark it and go back by one token. No place is
 * entered again once it is marked. (Van Antwerpen and Neubeck, "So many tokens, so little time", GitHub 2024.)
 */
export function bytePairs({ longest, lengths, prefixes, adjoin }: Vocabulary): {
  /** Tokens of `bytes[start, end)`: how many. */
  encode(bytes: Uint8Array, start: number, end: number): number;
  /** Of the last call. */
  token(index: number): number;
} {
  let tokens = new Int32Array(0);
  let dead = new Uint8Array(0);

  function encode(bytes: Uint8Array, start: number, end: number): number {
    if (dead.length < end - start) {
      tokens = new Int32Array(end - start);
      dead = new Uint8Array(end - start);
    }
    let marked = false;
    let count = 0;
    let at = start;
    let token = longest(bytes, at, end);
    while (at < end) {
      const next = at + (lengths[token] as number);
      if (dead[next - start] !== 1 && (count === 0 || adjoin(tokens[count - 1] as number, token))) {
        tokens[count++] = token;
        at = next;
        if (at < end) token = longest(bytes, at, end);
        continue;
      }
      token = prefixes[token] as number;
      if (token >= 0) continue;
      dead[at - start] = 1;
      marked = true;
      token = tokens[--count] as number;
      at -= lengths[token] as number;
    }
    if (marked) for (let k = end - start; k >= 0; k--) dead[k] = 0;
    return count;
  }

  return { encode, token: (index) => tokens[index] as number };
}
