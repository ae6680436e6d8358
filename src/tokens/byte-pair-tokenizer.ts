import { ConfigError, quoted } from "../errors.ts";
import { bytePairs } from "./byte-pairs.ts";
import type { Pretokens, PretokenTokenizer } from "./pretokens.ts";
import { scanners } from "./scanners.ts";
import { vocabulary } from "./vocabulary.ts";

/** The two parts of a tiktoken encoding that ordinary text needs. */
export interface Encoding {
  readonly pat_str: string;
  readonly bpe_ranks: string;
}

const utf8 = /* @__PURE__ */ new TextEncoder();
const KEPT = 65536;
/** Bytes of a pretoken that is remembered, and how many are. */
const LONGEST = 16;
const SLOTS = 65536;
const STRIDE = 8;
const SHIFT = 32 - Math.log2(SLOTS / 2);

export function bytePairTokenizer(name: string, encoding: Encoding): PretokenTokenizer {
  const scan = scanners.get(encoding.pat_str);
  if (scan === undefined) {
    throw new ConfigError(`Encoding ${quoted(name)} splits text by a pattern that is not known: ${encoding.pat_str}`);
  }
  const { encode, token } = bytePairs(vocabulary(encoding.bpe_ranks));
  const kept = new Uint8Array(KEPT);
  const keptView = new DataView(kept.buffer);
  const cache = new Int32Array(SLOTS * STRIDE);

  function countBytes(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const size = end - start;
    if (size === 1) return 1;
    if (size > LONGEST) return encode(bytes, start, end);
    const a = view.getInt32(start, true) & (MASKS[4 * size] as number);
    const b = view.getInt32(start + 4, true) & (MASKS[4 * size + 1] as number);
    const c = view.getInt32(start + 8, true) & (MASKS[4 * size + 2] as number);
    const d = view.getInt32(start + 12, true) & (MASKS[4 * size + 3] as number);
    let mixed = Math.imul(Math.imul(Math.imul(a ^ size, 0x9e3779b1) ^ b, 0x85ebca6b) ^ c, 0xc2b2ae35) ^ d;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
    const first = (mixed >>> SHIFT) * 2 * STRIDE;
    const second = first + STRIDE;
    if (
      cache[first] === a &&
      cache[first + 1] === b &&
      cache[first + 2] === c &&
      cache[first + 3] === d &&
      cache[first + 4] === size
    ) {
      return cache[first + 5] as number;
    }
    if (
      cache[second] === a &&
      cache[second + 1] === b &&
      cache[second + 2] === c &&
      cache[second + 3] === d &&
      cache[second + 4] === size
    ) {
      return cache[second + 5] as number;
    }
    const count = encode(bytes, start, end);
    for (let k = 0; k < 6; k++) cache[second + k] = cache[first + k] as number;
    cache[first] = a;
    cache[first + 1] = b;
    cache[first + 2] = c;
    cache[first + 3] = d;
    cache[first + 4] = size;
    cache[first + 5] = count;
    return count;
  }

  return {
    name,
    count(text) {
      const bytes = 3 * text.length + LONGEST <= KEPT ? kept : new Uint8Array(3 * text.length + LONGEST);
      const view = bytes === kept ? keptView : new DataView(bytes.buffer);
      const length = utf8.encodeInto(text, bytes).written;
      let count = 0;
      for (let at = 0, end; at < length; at = end) {
        end = scan(bytes, at, length);
        count += countBytes(bytes, view, at, end);
      }
      return count;
    },
    encode(text) {
      const bytes = utf8.encode(text);
      const ids: number[] = [];
      for (let at = 0, end; at < bytes.length; at = end) {
        end = scan(bytes, at, bytes.length);
        const count = encode(bytes, at, end);
        for (let index = 0; index < count; index++) ids.push(token(index));
      }
      return ids;
    },
    pretokens(text): Pretokens {
      throw new Error(text);
    },
  };
}

const MASKS = Int32Array.from({ length: 4 * (LONGEST + 1) }, (_, i) => {
  const left = (i >> 2) - 4 * (i & 3);
  return left >= 4 ? -1 : left <= 0 ? 0 : (1 << (8 * left)) - 1;
});
