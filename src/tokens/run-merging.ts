import type { Encode, Vocabulary } from "./vocabulary.ts";

/** Bytes in a row, on average, for which a text is merged by this. */
const LONG = 64;

/** Longer texts get working space of their own, which is let go. */
const KEPT = 4096;

/**
 * Byte-pair encoding by its definition of what consists of long runs of one byte each, such as rules of dashes: the pair
 * that makes the lowest token is merged everywhere at once, for whatever becomes of it is merged later. There are few such
 * pairs in runs, and each merge halves them. Longest match takes almost every token of runs wrong first.
 *
 * Answers 0 where a text is not of this kind.
 */
export function runMerging({ joined, singles }: Vocabulary): Encode {
  const kept = new Int32Array(KEPT);

  return (text, start, end, ids) => {
    if (!hasLongRuns(text, start, end)) return 0;
    let count = end - start;
    const tokens = count <= KEPT ? kept : new Int32Array(count);
    for (let at = 0; at < count; at++) tokens[at] = singles[text[start + at] as number] as number;
    for (;;) {
      let lowest = Infinity;
      let place = 0;
      for (let at = 1; at < count; at++) {
        const token = joined(tokens[at - 1] as number, tokens[at] as number);
        if (token < 0 || token >= lowest) continue;
        lowest = token;
        place = at;
      }
      if (place === 0) break;
      const left = tokens[place - 1];
      const right = tokens[place];
      const before = count;
      count = 0;
      for (let at = 0; at < before; at++) {
        const isPair = tokens[at] === left && at + 1 < before && tokens[at + 1] === right;
        tokens[count++] = isPair ? lowest : (tokens[at] as number);
        if (isPair) at++;
      }
    }
    if (ids !== undefined) for (let at = 0; at < count; at++) ids.push(tokens[at] as number);
    return count;
  };
}

function hasLongRuns(text: Uint8Array, start: number, end: number): boolean {
  let room = (end - start) / LONG;
  for (let at = start + 1; at < end && room >= 1; at++) if (text[at] !== text[at - 1]) room--;
  return room >= 1;
}
