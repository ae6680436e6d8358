import type { TokenTable } from "./token-table.ts";
import type { Utf8 } from "./utf8.ts";

export type Count = (text: Utf8, start: number, end: number) => number;

/** Bytes of the longest pretoken that is remembered; longer ones seldom come again. */
const LONGEST = 15;
/** Pairs of slots. A slot is four integers: the bytes, and in the last byte of the last length and count, half a byte each. */
const PAIRS = 65536;
const COUNT_SHIFT = 28;
const WITHOUT_COUNT = 0x0fffffff;

/**
 * Remembers the counts of short pretokens: 2 MB, at most 131,072 of them, the older of two giving way. Those that are tokens
 * by themselves are known from the beginning, where a table has them.
 */
export function remembered(count: Count, table?: TokenTable): Count {
  const slots = new Int32Array(8 * PAIRS);
  let ask = count;

  function holds(slot: number, a: number, b: number, c: number, d: number): boolean {
    return (
      ((slots[slot + 3] as number) & WITHOUT_COUNT) === d &&
      slots[slot] === a &&
      slots[slot + 1] === b &&
      slots[slot + 2] === c
    );
  }

  function countOf(text: Utf8, start: number, end: number): number {
    const size = end - start;
    if (size === 1) return 1;
    if (size > LONGEST) return ask(text, start, end);
    const { view } = text;
    const a = view.getInt32(start, true) & (MASKS[4 * size] as number);
    const b = view.getInt32(start + 4, true) & (MASKS[4 * size + 1] as number);
    const c = view.getInt32(start + 8, true) & (MASKS[4 * size + 2] as number);
    const d = (view.getInt32(start + 12, true) & (MASKS[4 * size + 3] as number)) | (size << 24);
    const first = 8 * (hash(a, b, c, d) & (PAIRS - 1));
    if (holds(first, a, b, c, d)) return (slots[first + 3] as number) >>> COUNT_SHIFT;
    if (holds(first + 4, a, b, c, d)) return (slots[first + 7] as number) >>> COUNT_SHIFT;

    const tokens = ask(text, start, end);
    for (let index = first; index < first + 4; index++) slots[index + 4] = slots[index] as number;
    slots[first] = a;
    slots[first + 1] = b;
    slots[first + 2] = c;
    slots[first + 3] = d | (tokens << COUNT_SHIFT);
    return tokens;
  }

  if (table !== undefined) {
    const { bytes, starts, size } = table;
    const text = { bytes, view: new DataView(bytes.buffer), length: bytes.length };
    ask = () => 1;
    // The frequent ones last, so that they are those that stay.
    for (let id = size - 1; id >= 0; id--) {
      const [start, end] = [starts[id] as number, starts[id + 1] as number];
      if (end - start <= LONGEST) countOf(text, start, end);
    }
    ask = count;
  }
  return countOf;
}
/** By four times the size and the index of an integer: which of its bytes belong to a pretoken of that size. */
const MASKS: Int32Array = /* @__PURE__ */ Int32Array.from(
  { length: 4 * (LONGEST + 1) },
  (_, index) => 2 ** (8 * Math.min(4, Math.max(0, (index >> 2) - 4 * (index & 3)))) - 1,
);

function hash(a: number, b: number, c: number, d: number): number {
  const mixed =
    Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca6b) + Math.imul(c, 0xc2b2ae35) + Math.imul(d, 0x27d4eb2f);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 16;
}
