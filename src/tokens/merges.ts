import { ConfigError } from "../errors.ts";

/** Which two tokens each was merged from, and which one two make. */
export interface Merges {
  /** `first` is the first byte of the right one. */
  readonly add: (left: number, right: number, id: number, first: number) => void;
  /** The token that two make, or -1. */
  readonly joined: (left: number, right: number) => number;
  /** Whether merging leaves these two tokens side by side, by what has been added. */
  readonly adjoin: (left: number, right: number) => boolean;
  /** To be called when all are added. The same as `adjoin` is then quicker, given the first byte of the right one. */
  readonly completed: () => (left: number, right: number, first: number) => boolean;
}

/** What a slot has room for. */
const ID_BITS = 18;
const LOW_BITS = 32 - ID_BITS;
const LOW = (1 << LOW_BITS) - 1;
const FREE = -1;

/** By token: its left and right part (of a byte, itself), and with what bytes the next one may begin to be merged with. */
const PARTS = 4;
const RIGHT = 1;
const FOLLOWERS = 2;

/** Pairs that are not there are told by a few bits of theirs: a table that the processor keeps near. */
const MARKS = 16384;

/**
 * Everything that belongs together is side by side: most of the time goes by waiting for memory.
 */
export function merges(size: number): Merges {
  if (size > 1 << ID_BITS)
    throw new ConfigError(`The rank table has ids up to ${size - 1}; they may have ${ID_BITS} bits.`);
  const parts = Int32Array.from({ length: PARTS * size }, (_, index) => ((index & 3) > RIGHT ? 0 : index >> 2));
  // Two integers a slot: left, and the low bits of right; id, and the high bits of right.
  const last = 2 ** Math.ceil(Math.log2(2 * size)) - 1;
  const slots = new Int32Array(2 * (last + 1)).fill(FREE);
  const marks = new Int32Array(MARKS);

  function add(left: number, right: number, id: number, first: number): void {
    const mark = hash(left, right);
    let slot = mark & last;
    while (slots[2 * slot + 1] !== FREE) slot = (slot + 1) & last;
    slots[2 * slot] = (left << LOW_BITS) | (right & LOW);
    slots[2 * slot + 1] = (id << LOW_BITS) | (right >>> LOW_BITS);
    (marks[(mark >>> 5) & (MARKS - 1)] as number) |= 1 << mark;
    parts[PARTS * id] = left;
    parts[PARTS * id + RIGHT] = right;
    (parts[PARTS * left + FOLLOWERS] as number) |= 1 << first;
  }

  function joined(left: number, right: number): number {
    const mark = hash(left, right);
    if ((((marks[(mark >>> 5) & (MARKS - 1)] as number) >>> mark) & 1) === 0) return -1;
    const low = (left << LOW_BITS) | (right & LOW);
    for (let slot = mark & last; ; slot = (slot + 1) & last) {
      const there = slots[2 * slot + 1] as number;
      if (there === FREE) return -1;
      if (slots[2 * slot] === low && (there & LOW) === right >>> LOW_BITS) return there >>> LOW_BITS;
    }
  }

  /**
   * Undoes the merges along the cut, the later one first. Two parts that would themselves have been merged across it, before
   * the merge just undone, mean that merging never gets to these two tokens. Of equal ids the left one is made first.
   */
  function adjoin(left: number, right: number): boolean {
    let limit = size;
    for (;;) {
      const id = joined(left, right);
      if (id >= 0 && id < limit) return false;
      if (left > right) {
        limit = left;
        left = parts[PARTS * left + RIGHT] as number;
        if (left !== limit) continue;
        limit = right + 1;
        right = parts[PARTS * right] as number;
        if (right + 1 === limit) return true;
      } else {
        limit = right + 1;
        right = parts[PARTS * right] as number;
        if (right + 1 !== limit) continue;
        limit = left;
        left = parts[PARTS * left + RIGHT] as number;
        if (left === limit) return true;
      }
    }
  }

  function completed(): (left: number, right: number, first: number) => boolean {
    // What may follow the end of a token may follow the token.
    for (let id = 0; id < size; id++) {
      const right = parts[PARTS * id + RIGHT] as number;
      (parts[PARTS * id + FOLLOWERS] as number) |= parts[PARTS * right + FOLLOWERS] as number;
    }
    // Bytes that are 32 apart are taken for one another: it is asked in vain then.
    return (left, right, first) =>
      (((parts[PARTS * left + FOLLOWERS] as number) >>> first) & 1) === 0 || adjoin(left, right);
  }
  return { add, joined, adjoin, completed };
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
