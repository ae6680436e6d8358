/** A set of rows, as a bitmap: what a filter selects, pushed into the scan of both legs. Row numbers are uint32. */
export interface RowSet {
  /** Bit `row & 31` of word `row >>> 5`. */
  readonly words: Uint32Array;
  /** How many rows are in it. */
  readonly size: number;
}

/** Rows below `capacity`; any other row given is a RangeError, because it would be lost in silence. */
export function rowSet(capacity: number, rows: Iterable<number> = []): RowSet {
  const words = new Uint32Array(wordsFor(capacity));
  for (const row of rows) {
    if (!(row >= 0 && row < capacity)) throw new RangeError(`Row ${row} is not below ${capacity}.`);
    mark(words, row);
  }
  return rowSetOf(words);
}

/** Takes the words as they are, for whoever keeps a bitmap up to date by hand. They are not copied. */
export function rowSetOf(words: Uint32Array): RowSet {
  let size = 0;
  for (let i = 0; i < words.length; i++) size += ones(wordAt(words, i));
  return { words, size };
}

/** A row beyond the bitmap is not in it. */
export function hasRow(set: RowSet, row: number): boolean {
  return isMarked(set.words, row);
}

/** The same of the words of a bitmap. */
export function isMarked(words: Uint32Array, row: number): boolean {
  return ((wordAt(words, row >>> 5) >>> (row & 31)) & 1) === 1;
}

/** There must be a word for it. */
export function mark(words: Uint32Array, row: number): void {
  words[row >>> 5] = wordAt(words, row >>> 5) | (1 << (row & 31));
}

export function unmark(words: Uint32Array, row: number): void {
  words[row >>> 5] = wordAt(words, row >>> 5) & ~(1 << (row & 31));
}

export function andRows(a: RowSet, b: RowSet): RowSet {
  const words = a.words.slice(0, Math.min(a.words.length, b.words.length));
  for (let i = 0; i < words.length; i++) words[i] = wordAt(words, i) & wordAt(b.words, i);
  return rowSetOf(words);
}

export function orRows(a: RowSet, b: RowSet): RowSet {
  const [longer, shorter] = a.words.length < b.words.length ? [b, a] : [a, b];
  const words = longer.words.slice();
  for (let i = 0; i < shorter.words.length; i++) words[i] = wordAt(words, i) | wordAt(shorter.words, i);
  return rowSetOf(words);
}

/** The rows of `universe` that are not in the set: a complement is always taken within something. */
export function notRows(set: RowSet, universe: RowSet): RowSet {
  const words = universe.words.slice();
  for (let i = 0; i < words.length; i++) words[i] = wordAt(words, i) & ~wordAt(set.words, i);
  return rowSetOf(words);
}

/** In ascending order. */
export function* rowsOf(set: RowSet): Generator<number, void, undefined> {
  for (let i = 0; i < set.words.length; i++) {
    for (let word = wordAt(set.words, i); word !== 0; word &= word - 1) {
      yield i * 32 + 31 - Math.clz32(word & -word);
    }
  }
}

function wordsFor(capacity: number): number {
  return Math.ceil(capacity / 32);
}

function wordAt(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

/** Population count of 32 bits (Hacker's Delight, 5-2). */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
