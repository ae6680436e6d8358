import type { Encode } from "./byte-pairs.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A token so many times in a row. */
interface Run {
  readonly token: number;
  readonly times: number;
}

/** How long runs are on average, at least, and how many there may be. */
const LONG = 64;
const MOST = 32;

/**
 * Byte-pair encoding by its definition of what consists of a few long runs of one byte each, such as rules of dashes: all
 * pairs inside a run are merged at once, for what becomes of one of them is merged later. Longest match takes almost every
 * token of those wrong first: of such bytes there are tokens of many lengths, while merging doubles.
 *
 * Answers 0 where a text is not of this kind.
 */
export function runMerging({ joined, singles }: Vocabulary): Encode {
  return (text, start, end, ids) => {
    const runs = runsOf(text, start, end, singles);
    if (runs === undefined) return 0;
    for (;;) {
      // Even places are pairs inside a run, odd ones those of its last token and the first of the next run.
      let lowest = Infinity;
      let place = -1;
      for (let at = 0; at < 2 * runs.length - 1; at++) {
        const left = runs[at >> 1] as Run;
        const right = runs[(at + 1) >> 1] as Run;
        if (left === right && left.times === 1) continue;
        const token = joined(left.token, right.token);
        if (token < 0 || token >= lowest) continue;
        lowest = token;
        place = at;
      }
      if (place < 0) break;
      const at = place >> 1;
      const left = runs[at] as Run;
      const right = runs[(place + 1) >> 1] as Run;
      const merged =
        left === right
          ? [
              { token: lowest, times: left.times >> 1 },
              { token: left.token, times: left.times & 1 },
            ]
          : [
              { token: left.token, times: left.times - 1 },
              { token: lowest, times: 1 },
              { token: right.token, times: right.times - 1 },
            ];
      runs.splice(at, left === right ? 1 : 2, ...merged.filter(({ times }) => times > 0));
    }
    let count = 0;
    for (const { token, times } of runs) {
      count += times;
      if (ids !== undefined) for (let time = 0; time < times; time++) ids.push(token);
    }
    return count;
  };
}

function runsOf(text: Uint8Array, start: number, end: number, singles: Int32Array): Run[] | undefined {
  const most = Math.min(MOST, (end - start) / LONG);
  const runs: Run[] = [];
  for (let at = start; at < end;) {
    if (runs.length + 1 > most) return undefined;
    const from = at;
    const byte = text[at] as number;
    while (at < end && text[at] === byte) at++;
    runs.push({ token: singles[byte] as number, times: at - from });
  }
  return runs;
}
