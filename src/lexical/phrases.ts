import type { PostingLists } from "./posting-lists.ts";
import type { TermSequences } from "./sequences.ts";

/** The rows in which these terms follow each other; one term has to stand somewhere. */
export function rowsWith(
  terms: readonly number[],
  lists: PostingLists,
  sequences: (() => TermSequences) | undefined,
): readonly number[] {
  const { byTerm, entries } = lists;
  const wanted = new Set(terms);
  const [rarest] = [...wanted].toSorted((a, z) => byTerm.lengthOf(a) - byTerm.lengthOf(z));
  if (rarest === undefined || wanted.has(-1)) return [];
  const rows: number[] = [];
  // What an entry has is not looked up for one term: a snapshot would be read to its end for it.
  const order = terms.length === 1 ? undefined : { byEntry: lists.byEntry, sequences: sequences?.() };
  for (const posting of byTerm.words(rarest)) {
    const entry = posting >>> 8;
    if (entries.lengths[entry] === 0) continue;
    const row = entries.rows[entry] ?? 0;
    if (order === undefined) {
      rows.push(row);
      continue;
    }
    const words = order.byEntry.words(entry);
    const placeOf = new Map<number, number>();
    words.forEach((word, place) => {
      if (wanted.has(word >>> 8)) placeOf.set(word >>> 8, place);
    });
    if (placeOf.size < wanted.size) continue;
    const places = terms.map((term) => placeOf.get(term) ?? -1);
    if (order.sequences?.contains(row, words.length, places) === true) rows.push(row);
  }
  return rows;
}
