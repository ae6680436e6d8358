/** The bytes of all tokens, one after the other: token `id` is `bytes[offsets[id], offsets[id + 1])`. A gap is empty. */
export interface TokenBytes {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/**
 * Finds the longest token at a place of a text.
 *
 * A trie in one open-addressing table. Key: a node and a byte. Value: twice the node they lead to, plus one where nothing
 * follows it. Nodes below the number of tokens are tokens, under their ids; the root is the one after them.
 */
export function tokenTrie(tokens: TokenBytes): {
  /** At `start` of `text[0, end)`; -1 where not even its first byte is a token. */
  readonly longest: (text: Uint8Array, start: number, end: number) => number;
  /** By id, the longest token that is a proper prefix of this one, or -1. */
  readonly prefixes: Int32Array;
} {
  const root = tokens.offsets.length - 1;
  const prefixes = new Int32Array(root).fill(-1);
  const slots = builtSlots(tokens, prefixes);
  // The first two steps of every walk by direct index.
  const singles = Int32Array.from({ length: 256 }, (_, byte) => next(slots, root, byte));
  const doubles = Int32Array.from({ length: 65536 }, (_, pair) =>
    next(slots, (singles[pair >> 8] as number) >> 1, pair & 0xff),
  );

  function longest(text: Uint8Array, start: number, end: number): number {
    let token = (singles[text[start] as number] as number) >> 1;
    if (start + 1 >= end) return token;
    let step = doubles[((text[start] as number) << 8) | (text[start + 1] as number)] as number;
    for (let at = start + 2; step >= 0; at++) {
      const node = step >> 1;
      if (node < root) token = node;
      if (at === end || (step & 1) === 1) break;
      step = next(slots, node, text[at] as number);
    }
    return token;
  }
  return { longest, prefixes };
}

function builtSlots({ bytes, offsets }: TokenBytes, prefixes: Int32Array): Int32Array {
  const root = offsets.length - 1;
  let slots = emptySlots(1024);
  let nodes = root + 1;
  let used = 0;
  // Shortest first: when a node is made, it is known whether a token ends there.
  for (const id of shortestFirst(offsets)) {
    const last = (offsets[id + 1] as number) - 1;
    let node = root;
    for (let at = offsets[id] as number; at <= last; at++) {
      const key = keyOf(node, bytes[at] as number);
      let slot = slotOf(slots, key);
      if (slots[slot] === -1) {
        if (4 * ++used > slots.length) {
          slots = doubled(slots);
          slot = slotOf(slots, key);
        }
        slots[slot] = key;
        slots[slot + 1] = at === last ? id : nodes++;
      }
      node = slots[slot + 1] as number;
      if (at < last && node < root) prefixes[id] = node;
    }
  }
  markLeaves(slots, nodes);
  return slots;
}

function markLeaves(slots: Int32Array, nodes: number): void {
  const leaf = new Uint8Array(nodes).fill(1);
  for (let slot = 0; slot < slots.length; slot += 2) {
    if (slots[slot] !== -1) leaf[(slots[slot] as number) >> 8] = 0;
  }
  for (let slot = 0; slot < slots.length; slot += 2) {
    const node = slots[slot + 1] as number;
    if (node >= 0) slots[slot + 1] = 2 * node + (leaf[node] as number);
  }
}

function shortestFirst(offsets: Uint32Array): readonly number[] {
  const byLength: number[][] = [];
  for (let id = 0; id + 1 < offsets.length; id++) {
    (byLength[(offsets[id + 1] as number) - (offsets[id] as number)] ??= []).push(id);
  }
  return byLength.slice(1).flat();
}

function emptySlots(capacity: number): Int32Array {
  return new Int32Array(2 * capacity).fill(-1);
}

function doubled(slots: Int32Array): Int32Array {
  const larger = emptySlots(slots.length);
  for (let from = 0; from < slots.length; from += 2) {
    const key = slots[from] as number;
    if (key === -1) continue;
    const slot = slotOf(larger, key);
    larger[slot] = key;
    larger[slot + 1] = slots[from + 1] as number;
  }
  return larger;
}

/** The value that a node and a byte lead to, or -1. */
function next(slots: Int32Array, node: number, byte: number): number {
  return slots[slotOf(slots, keyOf(node, byte)) + 1] as number;
}

function keyOf(node: number, byte: number): number {
  return (node << 8) | byte;
}

function slotOf(slots: Int32Array, key: number): number {
  const mask = slots.length / 2 - 1;
  const mixed = Math.imul(key, 0x9e3779b1);
  let slot = (mixed ^ (mixed >>> 15)) & mask;
  while (slots[2 * slot] !== key && slots[2 * slot] !== -1) slot = (slot + 1) & mask;
  return 2 * slot;
}
