import { LARGE_COUNT, type PostingLists } from "./posting-lists.ts";

/** All that postings hold, so that others can be made of it; to be read before the next write. */
export interface PostingsContents {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** How many terms each of them has. */
  readonly sizes: Uint32Array;
  /** By ascending term id. */
  readonly lists: Iterable<TermRows>;
}

/** The rows of a term, as ascending indices into `PostingsContents.rows`, and how often it stands in each. */
export interface TermRows {
  readonly id: number;
  readonly places: Uint32Array;
  readonly counts: Uint32Array;
}

export function contentsOf({ entries, terms, byTerm, byEntry, countOf }: PostingLists): PostingsContents {
  const { lengths, rows } = entries;
  const { ids, frequencies } = terms;
  const order = ordered(lengths, rows);
  const places = new Uint32Array(lengths.length);
  order.forEach((entry, place) => (places[entry] = place));

  const rowsOf = (term: number): TermRows => {
    const packed = new Uint32Array(frequencies[term] ?? 0);
    let found = 0;
    for (const posting of byTerm.words(term)) {
      const entry = posting >>> 8;
      if (lengths[entry] !== 0) packed[found++] = ((places[entry] ?? 0) << 8) | (posting & LARGE_COUNT);
    }
    packed.sort();
    return {
      id: ids[term] ?? 0,
      places: packed.map((word) => word >>> 8),
      counts: packed.map((word) => countOf(order[word >>> 8] ?? 0, term, word)),
    };
  };

  return {
    rows: order.map((entry) => rows[entry] ?? 0),
    sizes: order.map((entry) => byEntry.lengthOf(entry)),
    lists: {
      *[Symbol.iterator]() {
        for (const term of ordered(frequencies, ids)) yield rowsOf(term);
      },
    },
  };
}

/** The numbers in use, by what they stand for. */
function ordered(used: Uint32Array, keys: Uint32Array): Uint32Array {
  const numbers = used.map((_, number) => number).filter((number) => used[number] !== 0);
  return numbers.toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}
