import { markOf } from "./anchor.ts";
import type { Break } from "./breaks.ts";
import { DOUBTFUL } from "./rank.ts";

/** A place where a piece may end. */
export interface Stop extends Break {
  readonly mark: number;
}

/** The stops of a text in order, found once however often they are asked for. */
export interface Stops {
  /** Forgets what is not behind a position: the first stop is the next one then. */
  startAt(position: number): void;
  /** The stop at an index from there. */
  at(index: number): Stop | undefined;
}

/** How many are forgotten at once. */
const FORGOTTEN = 256;

/** `scan` finds the breaks behind a position, of which those are stops that are clean; the last is the end of the text. */
export function stopsOf(
  text: string,
  last: Break,
  scan: (position: number) => Iterable<Break>,
  isClean: (found: Break) => boolean,
): Stops {
  let source: Iterator<Break> | undefined;
  let found: Stop[] = [];
  let first = 0;
  let finished = false;

  function read(): void {
    const result = source?.next();
    if (result && !result.done) {
      const { end, next, rank } = result.value;
      if (next >= last.end || !isClean(result.value)) return;
      found.push({ end, next, rank, mark: rank < DOUBTFUL ? 1 : markOf(text, result.value) });
    } else {
      finished = true;
      found.push({ ...last, mark: 1 });
    }
  }

  return {
    startAt(position) {
      source ??= scan(position)[Symbol.iterator]();
      while (first < found.length && (found[first]?.end ?? 0) <= position) first++;
      if (first < FORGOTTEN) return;
      found = found.slice(first);
      first = 0;
    },
    at(index) {
      while (first + index >= found.length && !finished) read();
      return found[first + index];
    },
  };
}
