/**
 * Finds the longest token at a place of a text.
 *
 * A trie in arrays, its nodes in breadth-first order from the root, 0: the children of a node are side by side, by
 * ascending byte, and those that are visited most lie close together.
 */
export interface TokenTrie {
  /** At `start` of `text[0, end)`; -1 where not even its first byte is a token. */
  readonly longest: (text: Uint8Array, start: number, end: number) => number;
  /** By id, the longest token that is a proper prefix of this one, or -1. */
  readonly prefixes: Int32Array;
}

/** Of tokens by id, as strings of bytes; an empty one is a gap in the ids. */
export function tokenTrie(tokens: readonly string[]): TokenTrie {
  const prefixes = new Int32Array(tokens.length).fill(-1);
  const { firsts, bytes, best } = nodesOf(tokens, prefixes);
  // The first two steps of every walk by direct index.
  const doubles = Int32Array.from({ length: 65536 }, (_, pair) => {
    const node = child(0, pair >> 8);
    return node < 0 ? -1 : child(node, pair & 0xff);
  });
  const singles = Int32Array.from({ length: 256 }, (_, byte) => {
    const node = child(0, byte);
    return node < 0 ? -1 : (best[node] as number);
  });

  function child(node: number, byte: number): number {
    let low = firsts[node] as number;
    let high = firsts[node + 1] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = bytes[middle] as number;
      if (there === byte) return middle;
      if (there < byte) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  function longest(text: Uint8Array, start: number, end: number): number {
    if (start + 1 >= end) return singles[text[start] as number] as number;
    let node = doubles[((text[start] as number) << 8) | (text[start + 1] as number)] as number;
    if (node < 0) return singles[text[start] as number] as number;
    for (let at = start + 2; at < end; at++) {
      const next = child(node, text[at] as number);
      if (next < 0) break;
      node = next;
    }
    return best[node] as number;
  }
  return { longest, prefixes };
}

/** First child, last byte, and longest token on the way from the root, by node. */
function nodesOf(tokens: readonly string[], prefixes: Int32Array) {
  const sorted = [...tokens.keys()].filter((id) => tokens[id] !== "");
  sorted.sort((a, b) => ((tokens[a] as string) < (tokens[b] as string) ? -1 : 1));
  const tokenAt = (place: number): string => tokens[sorted[place] as number] as string;
  // A node is the tokens that have its bytes in common: a range of the sorted ones.
  const starts = [0];
  const ends = [sorted.length];
  const depths = [0];
  const bytes = [0];
  const best = [-1];
  const firsts: number[] = [];
  for (let node = 0; node < starts.length; node++) {
    firsts.push(starts.length);
    let at = starts[node] as number;
    const end = ends[node] as number;
    const depth = depths[node] as number;
    for (; at < end && tokenAt(at).length === depth; at++) {
      const id = sorted[at] as number;
      prefixes[id] = best[node] as number;
      best[node] = id;
    }
    while (at < end) {
      const byte = tokenAt(at).charCodeAt(depth);
      starts.push(at);
      while (at < end && tokenAt(at).charCodeAt(depth) === byte) at++;
      ends.push(at);
      depths.push(depth + 1);
      bytes.push(byte);
      best.push(best[node] as number);
    }
  }
  firsts.push(starts.length);
  return { firsts: Int32Array.from(firsts), bytes: Uint8Array.from(bytes), best: Int32Array.from(best) };
}
