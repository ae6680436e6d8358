/** The tokens of a byte-pair encoding. An id is a rank too: the lower, the earlier merging makes it. */
export interface Vocabulary {
  /** Longest token at `start` of `bytes[0, length)`. There always is one: each byte is a token. */
  longest(bytes: Uint8Array, start: number, length: number): number;
  /** In bytes, by id. 0 is a gap in the ids. */
  readonly lengths: Uint8Array;
  /** By id, the longest token that is a proper prefix of this one, or -1. */
  readonly prefixes: Int32Array;
  /** Whether merging leaves these two tokens side by side. */
  adjoin(left: number, right: number): boolean;
}

/** Reads tiktoken's `bpe_ranks`: lines of `! firstId token token …`, tokens in base64. */
export function vocabulary(ranks: string): Vocabulary {
  const { bytes, offsets } = decoded(ranks);
  const size = offsets.length - 1;
  const lengths = Uint8Array.from({ length: size }, (_, id) => (offsets[id + 1] as number) - (offsets[id] as number));
  const { step, longest, prefixes } = trie(bytes, offsets, lengths);

  // The two tokens that each was merged from, itself twice where there are none; and merged ones by the hash of the two.
  const parts = new Int32Array(2 * size);
  const mask = 2 ** Math.ceil(Math.log2(4 * size)) - 1;
  const merged = new Int32Array(mask + 1).fill(-1);

  function slotOf(left: number, right: number): number {
    let slot = hash(left, right) & mask;
    for (;;) {
      const id = merged[slot] as number;
      if (id < 0 || (parts[2 * id] === left && parts[2 * id + 1] === right)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function adjoin(left: number, right: number): boolean {
    let limit = size;
    for (;;) {
      const id = merged[slotOf(left, right)] as number;
      // Across this cut merging would have gone on, before it made the larger of the two.
      if (id >= 0 && id < limit) return false;
      // Undo the later of the two merges. Of equals the left one came first.
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

  function find(start: number, end: number): number {
    let node = size;
    for (let at = start; at < end && node >= 0; at++) node = step(node, bytes[at] as number);
    return node < size ? node : -1;
  }

  for (let id = 0; id < size; id++) {
    parts[2 * id] = parts[2 * id + 1] = id;
    for (let left = prefixes[id] as number; left >= 0; left = prefixes[left] as number) {
      if (left > id) continue;
      const right = find((offsets[id] as number) + (lengths[left] as number), offsets[id + 1] as number);
      if (right < 0 || right > id || !adjoin(left, right)) continue;
      merged[slotOf(left, right)] = id;
      parts[2 * id] = left;
      parts[2 * id + 1] = right;
      break;
    }
  }
  return { longest, lengths, prefixes, adjoin };
}

/** Nodes below the number of tokens are tokens, under their ids; the root is the next. */
function trie(bytes: Uint8Array, offsets: Uint32Array, lengths: Uint8Array) {
  const size = lengths.length;
  const mask = 2 ** Math.ceil(Math.log2(4 * size)) - 1;
  const slots = new Int32Array(2 * (mask + 1)).fill(-1);
  const prefixes = new Int32Array(size).fill(-1);
  let nodes = size + 1;

  function slotOf(node: number, byte: number): number {
    const key = (node << 8) | byte;
    let slot = hash(node, byte) & mask;
    while (slots[2 * slot] !== key && slots[2 * slot] !== -1) slot = (slot + 1) & mask;
    return 2 * slot;
  }
  function step(node: number, byte: number): number {
    return slots[slotOf(node, byte) + 1] as number;
  }

  // Shortest first: when a node is made it is known whether a token ends in it.
  for (const id of shortestFirst(lengths)) {
    const last = (offsets[id + 1] as number) - 1;
    let node = size;
    for (let at = offsets[id] as number; at <= last; at++) {
      const slot = slotOf(node, bytes[at] as number);
      if (slots[slot] === -1) {
        slots[slot] = (node << 8) | (bytes[at] as number);
        slots[slot + 1] = at === last ? id : nodes++;
      }
      node = slots[slot + 1] as number;
      if (node < size && at < last) prefixes[id] = node;
    }
  }

  // The first two steps of every walk, without hashing.
  const singles = Int32Array.from({ length: 256 }, (_, byte) => step(size, byte));
  const doubles = Int32Array.from({ length: 65536 }, (_, pair) => step(singles[pair >> 8] as number, pair & 0xff));

  function longest(text: Uint8Array, start: number, length: number): number {
    let token = singles[text[start] as number] as number;
    if (start + 1 === length) return token;
    let node = doubles[((text[start] as number) << 8) | (text[start + 1] as number)] as number;
    for (let at = start + 2; node >= 0; at++) {
      if (node < size) token = node;
      if (at === length) break;
      node = step(node, text[at] as number);
    }
    return token;
  }
  return { step, longest, prefixes };
}

function decoded(ranks: string): { bytes: Uint8Array; offsets: Uint32Array } {
  const lines = ranks.split("\n").map((line) => line.split(" "));
  const bytes = new Uint8Array(ranks.length);
  const offsets = new Uint32Array(1 + Math.max(...lines.map((line) => Number(line[1]) + line.length - 2)));
  let at = 0;
  let id = 0;
  for (const [, first, ...tokens] of lines) {
    while (id < Number(first)) offsets[++id] = at;
    for (const token of tokens) {
      const text = atob(token);
      for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
      offsets[++id] = at;
    }
  }
  return { bytes, offsets };
}

function shortestFirst(lengths: Uint8Array): readonly number[] {
  const ids: number[][] = [];
  for (let id = 0; id < lengths.length; id++) (ids[lengths[id] as number] ??= []).push(id);
  return ids.slice(1).flat();
}

function hash(a: number, b: number): number {
  const mixed = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
