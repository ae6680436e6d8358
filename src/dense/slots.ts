import { pageRows } from "./kernels/kernels.ts";
import { roomFor } from "../room.ts";
import { isMarked, mark, type RowSet, rowsOf, unmark } from "../row-set.ts";

/**
 * Where the vector of each row stands. Row and slot are the same number until many rows are gone and the rest is moved
 * together; then there is a map.
 */
export interface Slots {
  readonly size: number;
  /** Slots below it have been given. */
  readonly end: number;
  readonly bytes: number;
  rows(): Iterable<number>;
  slotOf(row: number): number | undefined;
  /** Of a slot in use. */
  rowOf(slot: number): number;
  /** The slot of the row, a new one if it has none. */
  take(row: number): number;
  /** Where there are none yet, gives slots to so many rows from 0 on. */
  fill(rows: number): void;
  free(row: number): boolean;
  slotsBetween(from: number, to: number): number[];
  /** The bitmap of slots in use, or of those whose rows are allowed: whole words for every page. */
  mask(allowed: RowSet | undefined): Uint32Array;
  /** Moves the last slots into unused ones; what they hold is moved by the caller. */
  compact(move: (from: number, to: number) => void): void;
}

interface Moved {
  /** Slot + 1; 0 for a row without one. */
  slotByRow: Uint32Array;
  rowBySlot: Uint32Array;
  free: number[];
}

const wordsOfPage = pageRows / 32;

export function slots(): Slots {
  let used = new Uint32Array(wordsOfPage);
  let end = 0;
  let size = 0;
  let moved: Moved | undefined;
  /** The set that a mask was made of last: a set made once is used in many searches. */
  let last: { readonly set: RowSet; readonly slots: Uint32Array } | undefined;

  const isUsed = (slot: number): boolean => isMarked(used, slot);
  const use = (slot: number): void => {
    if (slot >= used.length * 32) used = roomFor(used, Math.ceil((slot + 1) / pageRows) * wordsOfPage, 1.5);
    mark(used, slot);
  };
  const slotOf = (row: number): number | undefined => {
    if (moved === undefined) return row < end && isUsed(row) ? row : undefined;
    const slot = moved.slotByRow[row] ?? 0;
    return slot === 0 ? undefined : slot - 1;
  };
  const rowOf = (slot: number): number => (moved === undefined ? slot : (moved.rowBySlot[slot] as number));
  const between = (from: number, to: number): number[] => {
    const found: number[] = [];
    for (let slot = from; slot < to; slot++) if (isUsed(slot)) found.push(slot);
    return found;
  };
  const place = (map: Moved, row: number, slot: number): void => {
    map.slotByRow = roomFor(map.slotByRow, row + 1, 1.5);
    map.rowBySlot = roomFor(map.rowBySlot, slot + 1, 1.5);
    map.slotByRow[row] = slot + 1;
    map.rowBySlot[slot] = row;
  };
  const slotsIn = (allowed: RowSet): Uint32Array => {
    if (moved === undefined) return allowed.words;
    if (last?.set === allowed) return last.slots;
    const words = new Uint32Array(used.length);
    for (const row of rowsOf(allowed)) {
      const slot = slotOf(row);
      if (slot !== undefined) mark(words, slot);
    }
    last = { set: allowed, slots: words };
    return words;
  };

  return {
    get size() {
      return size;
    },
    get end() {
      return end;
    },
    get bytes() {
      const map = moved === undefined ? 0 : moved.slotByRow.byteLength + moved.rowBySlot.byteLength;
      return used.byteLength + map;
    },
    rows: () => between(0, end).map(rowOf),
    slotOf,
    rowOf,
    take(row) {
      const there = slotOf(row);
      if (there !== undefined) return there;
      const slot = moved === undefined ? row : (moved.free.pop() ?? end);
      if (moved !== undefined) place(moved, row, slot);
      use(slot);
      end = Math.max(end, slot + 1);
      size++;
      last = undefined;
      return slot;
    },
    fill(rows) {
      used = new Uint32Array(Math.ceil(rows / pageRows) * wordsOfPage);
      used.fill(0xffffffff, 0, rows >>> 5);
      if ((rows & 31) > 0) used[rows >>> 5] = (1 << (rows & 31)) - 1;
      [end, size] = [rows, rows];
    },
    free(row) {
      const slot = slotOf(row);
      if (slot === undefined) return false;
      unmark(used, slot);
      size--;
      last = undefined;
      if (moved !== undefined) {
        moved.slotByRow[row] = 0;
        moved.free.push(slot);
      }
      return true;
    },
    slotsBetween: between,
    mask(allowed) {
      if (allowed === undefined) return used;
      const words = new Uint32Array(used.length);
      const mine = slotsIn(allowed);
      const both = Math.min(words.length, mine.length);
      for (let i = 0; i < both; i++) words[i] = (used[i] as number) & (mine[i] as number);
      return words;
    },
    compact(move) {
      const map = moved ?? { slotByRow: new Uint32Array(end), rowBySlot: new Uint32Array(end), free: [] };
      if (moved === undefined) for (const slot of between(0, end)) place(map, slot, slot);
      moved = map;
      let from = end - 1;
      for (let to = 0; to < size; to++) {
        if (isUsed(to)) continue;
        while (!isUsed(from)) from--;
        move(from, to);
        place(map, rowOf(from), to);
        mark(used, to);
        unmark(used, from);
      }
      end = size;
      used = used.slice(0, Math.ceil(end / pageRows) * wordsOfPage);
      map.rowBySlot = map.rowBySlot.slice(0, end);
      map.free = [];
      last = undefined;
    },
  };
}
