import type { TokenTable } from "./token-table.ts";

export interface TokenTrie {
  /** The longest token at `start` of `text[0, end)`; -1 where not even its first byte is a token. */
  readonly longest: (text: Uint8Array, start: number, end: number) => number;
  /** By byte, the token that it is, or -1. */
  readonly singles: Int32Array;
  /** By two bytes, the first times 256: the token that they are, or -1. */
  readonly doubles: Int32Array;
}

const NONE = -1;

/**
 * Finds the longest token at a place of a text.
 *
 * A trie in one array, two integers a node. First: where its children are, as the number of the first one, times 256, plus
 * how many others there are; negative where there are none. Second: the token that it is, times 256, negative where it is
 * none, plus the byte that leads to it. The children of a node are side by side, by ascending byte; groups of them lie in the
 * order in which tokens were made, for a walk takes as long as its nodes take to come from memory.
 */
export function tokenTrie(table: TokenTable): TokenTrie {
  const nodes = nodesOf(table);
  // The first two steps of every walk by direct index.
  const first = Int32Array.from({ length: 256 }, (_, byte) => child(0, byte));
  const second = Int32Array.from({ length: 65536 }, (_, pair) => child(first[pair >> 8] as number, pair & 0xff));
  const singles = first.map(tokenOf);

  function tokenOf(node: number): number {
    return node < 0 ? NONE : (nodes[2 * node + 1] as number) >> 8;
  }

  function child(node: number, byte: number): number {
    const group = node < 0 ? NONE : (nodes[2 * node] as number);
    if (group < 0) return NONE;
    let low = group >> 8;
    let high = low + (group & 0xff);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((nodes[2 * middle + 1] as number) & 0xff) < byte) low = middle + 1;
      else high = middle;
    }
    return ((nodes[2 * low + 1] as number) & 0xff) === byte ? low : NONE;
  }

  function longest(text: Uint8Array, start: number, end: number): number {
    if (start >= end) return NONE;
    const byte = text[start] as number;
    let found = singles[byte] as number;
    if (start + 1 === end) return found;
    let node = second[(byte << 8) | (text[start + 1] as number)] as number;
    for (let at = start + 2; node >= 0; at++) {
      const token = tokenOf(node);
      if (token >= 0) found = token;
      if (at >= end) break;
      node = child(node, text[at] as number);
    }
    return found;
  }
  return { longest, singles, doubles: second.map(tokenOf) };
}

function nodesOf({ bytes, starts, size }: TokenTable): Int32Array {
  // Numbered as tokens lead to them, the root 0.
  const most = (starts[size] as number) + 1;
  const parents = new Int32Array(most);
  const steps = new Uint8Array(most);
  const tokens = new Int32Array(most).fill(NONE);
  const degrees = new Uint16Array(most);
  const numbered = stepNumbers(most);
  let count = 1;
  for (let id = 0; id < size; id++) {
    let node = 0;
    for (let at = starts[id] as number; at < (starts[id + 1] as number); at++) {
      const next = numbered(node, bytes[at] as number, count);
      if (next === count) {
        parents[next] = node;
        steps[next] = bytes[at] as number;
        (degrees[node] as number)++;
        count++;
      }
      node = next;
    }
    tokens[node] = id;
  }

  const nodes = new Int32Array(2 * count).fill(NONE);
  const groups = new Int32Array(count);
  let place = 1;
  for (let node = 0; node < count; node++) {
    groups[node] = place;
    place += degrees[node] as number;
  }
  const free = groups.slice();
  const places = new Int32Array(count);
  for (const node of byStep(steps.subarray(0, count)))
    if (node > 0) places[node] = (free[parents[node] as number] as number)++;
  for (let node = 0; node < count; node++) {
    const at = 2 * (places[node] as number);
    const others = (degrees[node] as number) - 1;
    if (others >= 0) nodes[at] = ((groups[node] as number) << 8) | others;
    nodes[at + 1] = ((tokens[node] as number) << 8) | (steps[node] as number);
  }
  return nodes;
}

/** The number of the node that a step from another leads to, `next` where there was none. */
function stepNumbers(most: number): (node: number, byte: number, next: number) => number {
  const last = 2 ** Math.ceil(Math.log2(most + 1)) - 1;
  // Two integers a slot: the step and the number.
  const slots = new Int32Array(2 * (last + 1)).fill(NONE);
  return (node, byte, next) => {
    const step = (node << 8) | byte;
    const mixed = Math.imul(step, 0x9e3779b1);
    for (let slot = (mixed ^ (mixed >>> 15)) & last; ; slot = (slot + 1) & last) {
      if (slots[2 * slot] === step) return slots[2 * slot + 1] as number;
      if (slots[2 * slot] !== NONE) continue;
      slots[2 * slot] = step;
      return (slots[2 * slot + 1] = next);
    }
  };
}

/** Indexes in the order of their bytes. */
function byStep(steps: Uint8Array): Int32Array {
  const places = new Int32Array(257);
  for (const step of steps) (places[step + 1] as number)++;
  for (let step = 0; step < 256; step++) (places[step + 1] as number) += places[step] as number;
  const sorted = new Int32Array(steps.length);
  for (const [index, step] of steps.entries()) sorted[(places[step] as number)++] = index;
  return sorted;
}
