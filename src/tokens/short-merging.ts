import type { Encode, Vocabulary } from "./vocabulary.ts";

const MOST = 16;
/** The place of a pair among so many, below its rank in one integer. */
const PLACE_BITS = 4;
/** The rank of a pair that is no token, as -1 is read. */
const NEVER = 0x3ffffff;

/** Byte-pair encoding by its definition: of all neighbours the pair that makes the lowest token is merged first. */
export function shortMerging({ joined, singles, doubles }: Vocabulary): {
  readonly most: number;
  readonly encode: Encode;
} {
  const parts = new Int32Array(MOST);
  // By the left part of a pair: the token that it makes.
  const pairs = new Int32Array(MOST);

  /** The rank and place of the lowest pair before `last`. Without a branch, which would be guessed wrong half of the time. */
  function lowest(last: number): number {
    let least = (NEVER << PLACE_BITS) | (MOST - 1);
    for (let at = 0; at < last; at++) {
      const lower = ((((pairs[at] as number) & NEVER) << PLACE_BITS) | at) - least;
      least += lower & (lower >> 31);
    }
    return least;
  }

  function encode(text: Uint8Array, start: number, end: number, ids?: number[]): number {
    let last = end - start - 1;
    for (let at = 0; at <= last; at++) {
      const byte = text[start + at] as number;
      parts[at] = singles[byte] as number;
      if (at < last) pairs[at] = doubles[(byte << 8) | (text[start + at + 1] as number)] as number;
    }
    for (;;) {
      const least = lowest(last);
      const token = least >> PLACE_BITS;
      if (token === NEVER) break;
      const at = least & (MOST - 1);
      parts[at] = token;
      last--;
      for (let place = at + 1; place <= last; place++) {
        parts[place] = parts[place + 1] as number;
        pairs[place] = pairs[place + 1] as number;
      }
      if (at > 0) pairs[at - 1] = joined(parts[at - 1] as number, token);
      if (at < last) pairs[at] = joined(token, parts[at + 1] as number);
    }
    if (ids !== undefined) for (let at = 0; at <= last; at++) ids.push(parts[at] as number);
    return last + 1;
  }
  return { most: MOST, encode };
}
