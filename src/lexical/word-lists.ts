import { UnsupportedError } from "../errors.ts";
import { roomFor } from "../room.ts";

/**
 * Many growable lists of 32-bit words in a few shared pages.
 *
 * A posting list is most often one word long and sometimes half a million: an array each would cost more than what it
 * holds. A list lies in one block, of the smallest size that fits, so that it is scanned without a jump; blocks given
 * back are used again.
 */
export interface WordLists {
  /** Every list's number is below it. */
  readonly created: number;
  /** An empty list's number; numbers of dropped lists come again, so that they stay small. */
  create(): number;
  drop(list: number): void;
  lengthOf(list: number): number;
  /** What a longer list gains is to be written before it is read. */
  resize(list: number, length: number): void;
  append(list: number, word: number): void;
  /** The list itself, not a copy, until any list is changed. */
  words(list: number): Uint32Array;
  /** Where the list is, until any list is changed: from `startOf` on in this page. Short lists are seen faster so. */
  pageOf(list: number): Uint32Array;
  startOf(list: number): number;
}

const SMALLEST_PAGE = 1 << 6;
const LARGEST_PAGE = 1 << 16;
/** A longer block is a page of its own. */
const LONGEST_SHARED = 1 << 13;
/** Where an address would be: no block is there. */
const NONE = 0xffffffff;

export function wordLists(): WordLists {
  /** A block's address is the number of its page and, in the lower 16 bits, its place in the page. */
  const pages: Uint32Array[] = [];
  const sparePages: number[] = [];
  /** By size class, the first free block; each holds the address of the next. */
  const free = new Uint32Array(sizeClass(LONGEST_SHARED) + 1).fill(NONE);
  let next = 0;
  let unused = 0;
  let pageSize = SMALLEST_PAGE;

  /** Of each list its address and its length, side by side: a word appended somewhere else each time waits for memory. */
  let heads: Uint32Array = new Uint32Array(16);
  let created = 0;
  const spareLists: number[] = [];

  const addPage = (size: number): number => {
    const page = sparePages.pop() ?? pages.length;
    if (page > 0xffff) throw new UnsupportedError("One index in memory holds 4 billion postings at most.");
    pages[page] = new Uint32Array(size);
    return (page << 16) >>> 0;
  };

  const allocate = (size: number): number => {
    if (size > LONGEST_SHARED) return addPage(size);
    const kind = sizeClass(size);
    const block = free[kind] ?? NONE;
    if (block !== NONE) {
      free[kind] = pages[block >>> 16]?.[block & 0xffff] ?? NONE;
      return block;
    }
    if (size > unused) {
      // Pages double, so that a small index stays small. The end of the page before is left unused.
      unused = Math.max(size, pageSize);
      pageSize = Math.min(pageSize * 2, LARGEST_PAGE);
      next = addPage(unused);
    }
    unused -= size;
    next += size;
    return next - size;
  };

  const release = (address: number, size: number): void => {
    const page = address >>> 16;
    if (size > LONGEST_SHARED) {
      pages[page] = nothing;
      sparePages.push(page);
    } else {
      const words = pages[page] ?? nothing;
      words[address & 0xffff] = free[sizeClass(size)] ?? NONE;
      free[sizeClass(size)] = address;
    }
  };

  const move = (list: number, length: number): void => {
    const address = heads[2 * list] ?? 0;
    const before = heads[2 * list + 1] ?? 0;
    const oldSize = blockSize(before);
    const size = blockSize(length);
    const block = size === 0 ? NONE : allocate(size);
    if (oldSize > 0) {
      const kept = Math.min(before, length);
      const [from, to] = [address & 0xffff, block & 0xffff];
      const [source, target] = [pages[address >>> 16] ?? nothing, pages[block >>> 16] ?? nothing];
      // A call of `set` costs more than a few words.
      if (kept > 64) target.set(source.subarray(from, from + kept), to);
      else for (let i = 0; i < kept; i++) target[to + i] = source[from + i] as number;
      release(address, oldSize);
    }
    heads[2 * list] = block;
  };
  const resize = (list: number, length: number): void => {
    if (blockSize(length) !== blockSize(heads[2 * list + 1] ?? 0)) move(list, length);
    heads[2 * list + 1] = length;
  };

  return {
    get created() {
      return created;
    },
    create() {
      const list = spareLists.pop() ?? created++;
      heads = roomFor(heads, 2 * created);
      return list;
    },
    drop(list) {
      resize(list, 0);
      spareLists.push(list);
    },
    lengthOf: (list) => heads[2 * list + 1] ?? 0,
    resize,
    append(list, word) {
      const length = heads[2 * list + 1] ?? 0;
      resize(list, length + 1);
      const address = heads[2 * list] ?? 0;
      const words = pages[address >>> 16] ?? nothing;
      words[(address & 0xffff) + length] = word;
    },
    words(list) {
      const address = heads[2 * list] ?? 0;
      const start = address & 0xffff;
      return (pages[address >>> 16] ?? nothing).subarray(start, start + (heads[2 * list + 1] ?? 0));
    },
    pageOf: (list) => pages[(heads[2 * list] ?? 0) >>> 16] ?? nothing,
    startOf: (list) => (heads[2 * list] ?? 0) & 0xffff,
  };
}

const nothing = new Uint32Array(0);

/** Block sizes are 0 to 8 words, then four steps to each doubling: 10, 12, 14, 16, 20, … */
function blockSize(length: number): number {
  if (length <= 8) return length;
  const shift = 29 - Math.clz32(length - 1);
  return (((length - 1) >>> shift) + 1) << shift;
}

/** Numbers the block sizes from 1 on. */
function sizeClass(size: number): number {
  if (size <= 8) return size;
  const shift = 29 - Math.clz32(size - 1);
  return 4 * shift + ((size - 1) >>> shift) + 1;
}
