import { isMarked, type RowSet } from "../row-set.ts";
import type { TopRows } from "../top-rows.ts";
import { LARGE_COUNT, type PostingLists } from "./posting-lists.ts";

/** The loops that a lexical search spends its time in. */

/** BM25 with all that the query fixes taken out of the loop: weight · tf / (tf + base + slope · length). */
export interface TermWeight {
  readonly term: number;
  /** Postings in its list, those of dead entries too. */
  readonly listed: number;
  readonly weight: number;
  readonly base: number;
  readonly slope: number;
  /** No entry gets more. */
  readonly bound: number;
}

/** Room for one search at a time: all scores are 0 between two. */
export interface Scores {
  readonly byEntry: Float64Array;
  /** The entries that have a score, in the order in which they got it. */
  readonly scored: Uint32Array;
  /** For some of a list's postings. */
  readonly room: Uint32Array;
  count: number;
}

/** Adds a term's share to the score of each entry in its list, or of each allowed one. */
export function addScores(
  { byTerm, entries, countOf }: PostingLists,
  { term, weight, base, slope }: TermWeight,
  scores: Scores,
  allowed: RowSet | undefined,
): void {
  const { lengths, rows } = entries;
  const words = allowed?.words;
  const { byEntry, scored } = scores;
  const list = byTerm.words(term);
  let { count: end } = scores;
  for (let i = 0; i < list.length; i++) {
    const posting = list[i] as number;
    const entry = posting >>> 8;
    if (words !== undefined && !isMarked(words, rows[entry] as number)) continue;
    const length = lengths[entry] as number;
    if (length === 0) continue;
    const small = posting & LARGE_COUNT;
    const count = small < LARGE_COUNT ? small : countOf(entry, term, posting);
    const before = byEntry[entry] as number;
    byEntry[entry] = before + (weight * count) / (count + base + slope * length);
    // Written always, kept if it is new: whether it is cannot be foretold, and a wrong guess costs more.
    scored[end] = entry;
    end += Number(before === 0);
  }
  scores.count = end;
}

/** Takes back the scores that are not at least `floor`. */
export function keepScores(scores: Scores, floor: number): void {
  const { byEntry, scored, count } = scores;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const entry = scored[i] as number;
    const score = byEntry[entry] as number;
    const stays = Number(score >= floor);
    byEntry[entry] = score * stays;
    scored[kept] = entry;
    kept += stays;
  }
  scores.count = kept;
}

/** Adds a term's share where the score is at least `floor` already, which is above 0. */
export function raiseScores(
  { byTerm, entries, countOf }: PostingLists,
  { term, weight, base, slope }: TermWeight,
  { byEntry, room }: Scores,
  floor: number,
): void {
  const { lengths } = entries;
  const list = byTerm.words(term);
  let found = 0;
  // Few are found, and a loop that does nothing else is twice as fast.
  for (let i = 0; i < list.length; i++) {
    const posting = list[i] as number;
    if ((byEntry[posting >>> 8] as number) >= floor) room[found++] = posting;
  }
  for (let i = 0; i < found; i++) {
    const posting = room[i] as number;
    const entry = posting >>> 8;
    const small = posting & LARGE_COUNT;
    const count = small < LARGE_COUNT ? small : countOf(entry, term, posting);
    byEntry[entry] =
      (byEntry[entry] as number) + (weight * count) / (count + base + slope * (lengths[entry] as number));
  }
}

/** Offers the first `count` scores that are at least `floor`, and answers with what they have to be in the end. */
export function offerScores(
  { byEntry, scored }: Scores,
  count: number,
  rows: Uint32Array,
  allowed: RowSet | undefined,
  best: Pick<TopRows, "offer">,
  floor: number,
): number {
  const words = allowed?.words;
  let least = floor;
  for (let i = 0; i < count; i++) {
    const entry = scored[i] as number;
    const score = byEntry[entry] as number;
    if (score < least) continue;
    const row = rows[entry] as number;
    if (words !== undefined && !isMarked(words, row)) continue;
    const wanted = best.offer(row, score);
    if (wanted > least) least = wanted;
  }
  return least;
}

export function clearScores(scores: Scores): void {
  const { byEntry, scored, count } = scores;
  for (let i = 0; i < count; i++) byEntry[scored[i] as number] = 0;
  scores.count = 0;
}
