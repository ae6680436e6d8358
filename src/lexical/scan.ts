import type { RowSet } from "../row-set.ts";
import type { TopRows } from "../top-rows.ts";
import { type EntryColumns, LARGE_COUNT } from "./posting-lists.ts";

/** The loops that a lexical search spends its time in. */

/** BM25 with all that the query fixes taken out of the loop: weight · tf / (tf + base + slope · length). */
export interface TermWeight {
  readonly term: number;
  readonly weight: number;
  readonly base: number;
  readonly slope: number;
  /** No entry gets more. */
  readonly bound: number;
  /** The count of an entry whose posting says `LARGE_COUNT`. */
  readonly largeCount: (entry: number) => number;
}

/** Room for one search at a time: all scores are 0 between two. */
export interface Scores {
  readonly byEntry: Float64Array;
  /** The entries that have a score. */
  readonly scored: Uint32Array;
  count: number;
}

/** Adds a term's share to the score of each entry in its list, or of each allowed one. */
export function addScores(
  list: Uint32Array,
  scores: Scores,
  { lengths, rows }: EntryColumns,
  { weight, base, slope, largeCount }: TermWeight,
  allowed: RowSet | undefined,
): void {
  const words = allowed?.words;
  const { byEntry, scored } = scores;
  let { count: end } = scores;
  for (let i = 0; i < list.length; i++) {
    const posting = list[i] as number;
    const entry = posting >>> 8;
    if (words !== undefined && bitOf(words, rows[entry] as number) === 0) continue;
    const length = lengths[entry] as number;
    if (length === 0) continue;
    const small = posting & LARGE_COUNT;
    const count = small < LARGE_COUNT ? small : largeCount(entry);
    const before = byEntry[entry] as number;
    byEntry[entry] = before + (weight * count) / (count + base + slope * length);
    // Written always, kept if it is new: whether it is cannot be foretold, and a wrong guess costs more.
    scored[end] = entry;
    end += Number(before === 0);
  }
  scores.count = end;
}

/** Adds it where the score is at least `floor` already, which is above 0. */
export function raiseScores(
  list: Uint32Array,
  { byEntry }: Scores,
  { lengths }: EntryColumns,
  { weight, base, slope, largeCount }: TermWeight,
  floor: number,
): void {
  for (let i = 0; i < list.length; i++) {
    const posting = list[i] as number;
    const entry = posting >>> 8;
    const before = byEntry[entry] as number;
    if (before < floor) continue;
    const small = posting & LARGE_COUNT;
    const count = small < LARGE_COUNT ? small : largeCount(entry);
    byEntry[entry] = before + (weight * count) / (count + base + slope * (lengths[entry] as number));
  }
}

export function offerScores(
  { byEntry, scored, count }: Scores,
  rows: Uint32Array,
  allowed: RowSet | undefined,
  best: Pick<TopRows, "offer" | "least">,
  /** There are enough above it. */
  floor: number,
): void {
  const words = allowed?.words;
  let least = floor;
  for (let i = 0; i < count; i++) {
    const entry = scored[i] as number;
    const score = byEntry[entry] as number;
    if (score < least) continue;
    const row = rows[entry] as number;
    if (words !== undefined && bitOf(words, row) === 0) continue;
    best.offer(row, score);
    if (best.least > least) ({ least } = best);
  }
}

export function clearScores(scores: Scores): void {
  const { byEntry, scored, count } = scores;
  for (let i = 0; i < count; i++) byEntry[scored[i] as number] = 0;
  scores.count = 0;
}

function bitOf(words: Uint32Array, row: number): number {
  return ((words[row >>> 5] ?? 0) >>> (row & 31)) & 1;
}
