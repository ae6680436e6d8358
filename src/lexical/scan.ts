import type { RowSet } from "../row-set.ts";
import type { TopRows } from "../top-rows.ts";

/** The two loops that a lexical search spends its time in. */

/** By number of entry. */
export interface EntryColumns {
  /** What counts as the length; 0 marks a dead entry. */
  readonly lengths: Uint32Array;
  readonly rows: Uint32Array;
  /** All 0 between searches. */
  readonly scores: Float64Array;
}

/** BM25 with everything taken out of the loop that the query fixes: weight · tf / (tf + base + slope · length). */
export interface TermWeight {
  readonly weight: number;
  readonly base: number;
  readonly slope: number;
  /** The count of an entry whose posting says `LARGE_COUNT`. */
  readonly largeCount: (entry: number) => number;
}

/** The largest number in a posting's 8 bits for the count stands for any that does not fit. */
export const LARGE_COUNT = 0xff;

/** Adds a term's share to the score of each entry in its list, or of each allowed one. */
export function addScores(
  list: Uint32Array,
  { lengths, rows, scores }: EntryColumns,
  { weight, base, slope, largeCount }: TermWeight,
  allowed: RowSet | undefined,
): void {
  const words = allowed?.words;
  for (let i = 0; i < list.length; i++) {
    const posting = list[i] ?? 0;
    const entry = posting >>> 8;
    if (words !== undefined && bitOf(words, rows[entry] ?? 0) === 0) continue;
    const length = lengths[entry] ?? 0;
    if (length === 0) continue;
    const small = posting & LARGE_COUNT;
    const count = small < LARGE_COUNT ? small : largeCount(entry);
    scores[entry] = (scores[entry] ?? 0) + (weight * count) / (count + base + slope * length);
  }
}

/**
 * Offers each entry that was scored, once, and sets its score back: reading the list again is cheaper than keeping
 * another of what was touched. Rows that are not allowed are offered with 0, because a branch that goes either way as
 * often costs more than the offer.
 */
export function takeScores(
  list: Uint32Array,
  { rows, scores }: EntryColumns,
  allowed: RowSet | undefined,
  best: TopRows,
): void {
  const words = allowed?.words;
  for (let i = 0; i < list.length; i++) {
    const entry = (list[i] ?? 0) >>> 8;
    const score = scores[entry] ?? 0;
    if (score === 0) continue;
    scores[entry] = 0;
    const row = rows[entry] ?? 0;
    best.offer(row, words === undefined ? score : score * bitOf(words, row));
  }
}

function bitOf(words: Uint32Array, row: number): number {
  return ((words[row >>> 5] ?? 0) >>> (row & 31)) & 1;
}
