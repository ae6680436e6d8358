import { ConfigError } from "../errors.ts";
import { tokenTrie } from "./token-trie.ts";

/** The tokens of a byte-pair encoding. An id is a rank too: the lower, the earlier merging makes it. */
export interface Vocabulary {
  /** Longest token at `start` of `text[0, end)`. There always is one: each byte is a token. */
  readonly longest: (text: Uint8Array, start: number, end: number) => number;
  /** By id, the longest token that is a proper prefix of this one, or -1. */
  readonly prefixes: Int32Array;
  /** By id, in bytes. */
  readonly lengths: Uint16Array;
  /** Whether merging leaves these two tokens side by side. */
  readonly adjoin: (left: number, right: number) => boolean;
}

/** From tiktoken's `bpe_ranks`: lines of `! firstId token token …`, tokens in base64. */
export function vocabulary(ranks: string): Vocabulary {
  const tokens = decoded(ranks);
  const { longest, prefixes } = tokenTrie(tokens);
  const size = tokens.length;
  const lengths = Uint16Array.from(tokens, (token) => token.length);

  // Encoding by longest match rests on two things: every byte is a token, and merging the bytes of a token yields the token.
  for (let byte = 0; byte < 256; byte++) {
    if (longest(Uint8Array.of(byte), 0, 1) < 0)
      throw new ConfigError(`The rank table has no token for the byte ${byte}.`);
  }
  const { adjoin, add } = merges(size);
  const bytes = new Uint8Array(65536);
  for (let id = 0; id < size; id++) {
    const end = lengths[id] as number;
    if (end < 2) continue;
    for (let at = 0; at < end; at++) bytes[at] = (tokens[id] as string).charCodeAt(at);
    let left = prefixes[id] as number;
    for (; left >= 0; left = prefixes[left] as number) {
      const start = lengths[left] as number;
      const right = longest(bytes, start, end);
      if (left < id && right < id && start + (lengths[right] as number) === end && adjoin(left, right)) {
        add(left, right, id);
        break;
      }
    }
    if (left < 0) throw new ConfigError(`Token ${id} of the rank table is not what merging makes of its bytes.`);
  }
  return { longest, prefixes, lengths, adjoin: remembered(adjoin) };
}

/** The same few pairs are asked about again and again, most of all in a long run of one character. */
function remembered(adjoin: (left: number, right: number) => boolean): (left: number, right: number) => boolean {
  // Two integers a slot: the left token; the right one, doubled, plus the answer.
  const slots = new Int32Array(2 * 32768).fill(-1);
  return (left, right) => {
    const slot = (hash(left, right) >>> 17) * 2;
    const known = slots[slot + 1] as number;
    if (slots[slot] === left && known >> 1 === right) return (known & 1) === 1;
    const answer = adjoin(left, right);
    slots[slot] = left;
    slots[slot + 1] = 2 * right + (answer ? 1 : 0);
    return answer;
  };
}

/** Which two tokens each was merged from, and which one two make. */
function merges(size: number) {
  // Left and right part by id; of a byte, itself.
  const parts = Int32Array.from({ length: 2 * size }, (_, index) => index >> 1);
  // Ids by the hash of their parts, -1 is free.
  const merged = new Int32Array(2 ** Math.ceil(Math.log2(4 * size))).fill(-1);

  function slotOf(left: number, right: number): number {
    for (let slot = hash(left, right); ; slot++) {
      slot &= merged.length - 1;
      const id = merged[slot] as number;
      if (id < 0 || (parts[2 * id] === left && parts[2 * id + 1] === right)) return slot;
    }
  }

  function add(left: number, right: number, id: number): void {
    merged[slotOf(left, right)] = id;
    parts[2 * id] = left;
    parts[2 * id + 1] = right;
  }

  /**
   * Undoes the merges along the cut, the later one first. Two parts that would themselves have been merged across it, before
   * the merge just undone, mean that merging never gets to these two tokens. Of equal ids the left one is made first.
   */
  function adjoin(left: number, right: number): boolean {
    let limit = size;
    for (;;) {
      const id = merged[slotOf(left, right)] as number;
      if (id >= 0 && id < limit) return false;
      if (left > right) {
        limit = left;
        left = parts[2 * left + 1] as number;
        if (left !== limit) continue;
        limit = right + 1;
        right = parts[2 * right] as number;
        if (right + 1 === limit) return true;
      } else {
        limit = right + 1;
        right = parts[2 * right] as number;
        if (right + 1 !== limit) continue;
        limit = left;
        left = parts[2 * left + 1] as number;
        if (left === limit) return true;
      }
    }
  }
  return { add, adjoin };
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** By id, as strings of bytes. */
function decoded(ranks: string): readonly string[] {
  const tokens: string[] = [];
  for (const line of ranks.split("\n")) {
    const [, first, ...encoded] = line.split(" ");
    while (tokens.length < Number(first)) tokens.push("");
    for (const token of encoded) tokens.push(atob(token));
  }
  return tokens;
}
