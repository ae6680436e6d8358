import type { RowSet } from "../row-set.ts";
import type { TopRows } from "../top-rows.ts";
import { type EntryColumns, LARGE_COUNT } from "./posting-lists.ts";

/** The two loops that a lexical search spends its time in. */

/** BM25 with all that the query fixes taken out of the loop: weight · tf / (tf + base + slope · length). */
export interface TermWeight {
  readonly weight: number;
  readonly base: number;
  readonly slope: number;
  /** The count of an entry whose posting says `LARGE_COUNT`. */
  readonly largeCount: (entry: number) => number;
}

/** Adds a term's share to the score of each entry in its list, or of each allowed one. */
export function addScores(
  list: Uint32Array,
  scores: Float64Array,
  { lengths, rows }: EntryColumns,
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
 * Offers each entry that was scored, once, and sets its score back to 0: reading the list again is cheaper than keeping
 * another of what was touched. Rows that are not allowed are offered with 0, because a branch that goes either way as
 * often costs more than the offer.
 */
export function takeScores(
  list: Uint32Array,
  scores: Float64Array,
  rows: Uint32Array,
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
