import type { PostingLists } from "./posting-lists.ts";
import type { TermSequences } from "./sequences.ts";

/** The rows in which these terms follow each other; one term has to stand somewhere. */
export function rowsWith(
  terms: readonly number[],
  { byTerm, byEntry, entries }: PostingLists,
  sequences: TermSequences | undefined,
): readonly number[] {
  const wanted = new Set(terms);
  const [rarest] = [...wanted].toSorted((a, z) => byTerm.lengthOf(a) - byTerm.lengthOf(z));
  if (rarest === undefined || wanted.has(-1)) return [];
  const rows: number[] = [];
  for (const posting of byTerm.words(rarest)) {
    const entry = posting >>> 8;
    if (entries.lengths[entry] === 0) continue;
    const words = byEntry.words(entry);
    const placeOf = new Map<number, number>();
    words.forEach((word, place) => {
      if (wanted.has(word >>> 8)) placeOf.set(word >>> 8, place);
    });
    if (placeOf.size < wanted.size) continue;
    const row = entries.rows[entry] ?? 0;
    const places = terms.map((term) => placeOf.get(term) ?? -1);
    if (terms.length === 1 || sequences?.contains(row, words.length, places) === true) rows.push(row);
  }
  return rows;
}
