import { runMerging } from "./run-merging.ts";
import { shortMerging } from "./short-merging.ts";
import type { Encode, Vocabulary } from "./vocabulary.ts";

/** Longer pieces get working space of their own, which is let go. */
const KEPT = 4096;

/**
 * Byte-pair encoding by longest match with backtracking: linear in the length, where merging pair by pair is not. That is
 * for short words, of which longest match gets the first token wrong more often than not.
 *
 * A sequence of tokens is the one that merging yields exactly when merging leaves every two neighbours in it side by side,
 * and each prefix of a text has one such sequence. So: take the longest token that may stand after the last one, else a
 * shorter one; where there is none, no sequence passes through this place: mark it and take back the last token. No place
 * is entered twice. (Van Antwerpen and Neubeck, "So many tokens, so little time", github.blog, 2024.)
 */
export function bytePairs(vocabulary: Vocabulary): Encode {
  const { longest, prefixes, lengths, adjoin } = vocabulary;
  const short = shortMerging(vocabulary);
  const mergeRuns = runMerging(vocabulary);
  const keptTokens = new Int32Array(KEPT);
  const keptDead = new Uint8Array(KEPT + 1);

  return (text, start, end, ids) => {
    const size = end - start;
    // In other scripts than Latin the longest token is seldom wrong.
    if (size <= short.most && size > 0 && (text[end - 1] as number) < 0x80) return short.encode(text, start, end, ids);
    const ofRuns = mergeRuns(text, start, end, ids);
    if (ofRuns > 0) return ofRuns;
    const tokens = size <= KEPT ? keptTokens : new Int32Array(size);
    const dead = size <= KEPT ? keptDead : new Uint8Array(size + 1);
    let marked = false;
    let count = 0;
    let at = start;
    let token = longest(text, at, end);
    while (at < end) {
      const next = at + (lengths[token] as number);
      if (dead[next - start] === 0 && (count === 0 || adjoin(tokens[count - 1] as number, token, text[at] as number))) {
        tokens[count++] = token;
        at = next;
        if (at < end) token = longest(text, at, end);
        continue;
      }
      token = prefixes[token] as number;
      if (token >= 0) continue;
      dead[at - start] = 1;
      marked = true;
      token = tokens[--count] as number;
      at -= lengths[token] as number;
    }
    if (marked) for (let place = 0; place < size; place++) dead[place] = 0;
    if (ids !== undefined) for (let index = 0; index < count; index++) ids.push(tokens[index] as number);
    return count;
  };
}
