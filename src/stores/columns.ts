import { type FieldTest, passes } from "../filter/evaluate.ts";
import { roomFor } from "../room.ts";
import { andRows, mark, notRows, orRows, type RowSet, rowSetOf, unmark } from "../row-set.ts";
import type { FilterTree, StoredMetadata, StoredValue } from "../types.ts";

/**
 * Metadata by field instead of by row, so that a filter becomes a bitmap of rows without looking into each of them: a
 * test is asked once of every different value, then rows are looked up by the number of theirs.
 */
export interface Columns {
  set(row: number, metadata: StoredMetadata): void;
  delete(row: number): void;
  /**
   * The rows that match, as `evaluateFilter` means it. The same set again for the same filter until something is
   * written. Yields now and then; when rows have changed meanwhile it has to be begun again.
   */
  match(filter: FilterTree): Generator<void, RowSet, undefined>;
}

type Value = StoredValue | readonly StoredValue[];

/** Rows, or values, between two breaks: a few milliseconds of them. */
const slice = 16_384;

/** Beyond this share of all rows, looking at each is faster than going from one that passes to the next. */
const manyRows = 0.25;

/** How many filters are remembered: their bitmaps are small. */
const remembered = 32;

/** `metadataOf` is asked for all rows below `rows()` when a field is filtered by for the first time. */
export function columns(metadataOf: (row: number) => StoredMetadata | undefined, rows: () => number): Columns {
  const fields = new Map<string, Column>();
  const answers = new Map<string, RowSet>();
  let used = new Uint32Array(32);

  const note = (row: number, present: boolean): void => {
    used = roomFor(used, (row >>> 5) + 1);
    if (present) mark(used, row);
    else unmark(used, row);
    answers.clear();
  };

  function* columnOf(field: string): Generator<void, Column, undefined> {
    const known = fields.get(field) ?? column(field);
    fields.set(field, known);
    for (; known.built < rows(); known.built++) {
      if (known.built % slice === slice - 1) yield;
      known.set(known.built, metadataOf(known.built));
    }
    return known;
  }

  function* leaf(test: FieldTest): Generator<void, RowSet, undefined> {
    const known = yield* columnOf(test.field);
    const { values } = known;
    const passed = new Uint8Array(values.length);
    for (let number = 1; number < values.length; number++) {
      if (number % slice === 0) yield;
      const value = values[number];
      if (value === undefined) continue;
      if (typeof value === "object" ? value.some((one) => passes(test, one)) : passes(test, value)) passed[number] = 1;
    }
    return rowSetOf(known.rowsOf(passed));
  }

  function* match(filter: FilterTree): Generator<void, RowSet, undefined> {
    switch (filter.op) {
      case "always":
        return rowSetOf(used.slice());
      case "never":
        return rowSetOf(new Uint32Array(0));
      case "not":
        return notRows(yield* match(filter.part), rowSetOf(used));
      case "and":
      case "or": {
        const join = filter.op === "and" ? andRows : orRows;
        let all: RowSet | undefined;
        for (const part of filter.parts) {
          const found = yield* match(part);
          all = all === undefined ? found : join(all, found);
        }
        return all ?? (yield* match({ op: filter.op === "and" ? "always" : "never" }));
      }
      default:
        return yield* leaf(filter);
    }
  }

  return {
    set(row, metadata) {
      for (const known of fields.values()) if (row < known.built) known.set(row, metadata);
      note(row, true);
    },
    delete(row) {
      for (const known of fields.values()) if (row < known.built) known.set(row, undefined);
      note(row, false);
    },
    *match(filter) {
      const key = JSON.stringify(filter);
      const before = answers.get(key);
      if (before !== undefined) return before;
      const found = yield* match(filter);
      if (answers.size >= remembered) answers.clear();
      answers.set(key, found);
      return found;
    },
  };
}

/** The values of one field. */
interface Column {
  /** Rows below it are in. */
  built: number;
  /** By number, from 1. A number that no row has any more is a hole until it is given again. */
  readonly values: readonly (Value | undefined)[];
  /** The bitmap of rows whose value has a 1 at its number. */
  rowsOf(passed: Uint8Array): Uint32Array;
  set(row: number, metadata: StoredMetadata | undefined): void;
}

/** All rows with a value, value after value, and where those of each number begin. */
interface Grouped {
  readonly rows: Uint32Array;
  readonly starts: Uint32Array;
}

function column(field: string): Column {
  /** For each row the number of its value; 0 for none. */
  let numbers = new Uint32Array(32);
  /** Made when rows are asked for again before anything was written: what a filter costs then depends on what it selects. */
  let grouped: Grouped | "next time" | undefined;
  /** What was answered last, since anything was written. */
  let last: { readonly passed: Uint8Array; readonly words: Uint32Array } | undefined;
  const values: (Value | undefined)[] = [undefined];
  const rowsWith: number[] = [0];
  const free: number[] = [];
  const single = new Map<StoredValue, number>();
  const several = new Map<string, number>();

  const numberOf = (value: Value): number => {
    const list = typeof value === "object";
    const known = list ? several.get(JSON.stringify(value)) : single.get(value);
    if (known !== undefined) return known;
    const number = free.pop() ?? values.length;
    values[number] = value;
    rowsWith[number] = 0;
    if (list) several.set(JSON.stringify(value), number);
    else single.set(value, number);
    return number;
  };
  const release = (number: number): void => {
    const value = values[number];
    rowsWith[number] = (rowsWith[number] ?? 0) - 1;
    if (rowsWith[number] > 0 || value === undefined) return;
    if (typeof value === "object") several.delete(JSON.stringify(value));
    else single.delete(value);
    values[number] = undefined;
    free.push(number);
  };

  /** Rows of which one says that they pass, and the other not. */
  const rowsBetween = (a: Uint8Array, b: Uint8Array): number => {
    let rows = 0;
    for (let number = 1; number < b.length; number++) if (a[number] !== b[number]) rows += rowsWith[number] as number;
    return rows;
  };

  const group = (): Grouped => {
    const rows = new Uint32Array(numbers.length);
    const starts = new Uint32Array(values.length + 2);
    for (const number of numbers) starts[number + 2] = (starts[number + 2] as number) + 1;
    for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
    for (const [row, number] of numbers.entries()) {
      const at = starts[number + 1] as number;
      rows[at] = row;
      starts[number + 1] = at + 1;
    }
    return { rows, starts };
  };

  return {
    built: 0,
    values,
    rowsOf(passed) {
      // Filters that follow each other often differ by little, as those of the last seven days do.
      const none = new Uint8Array(passed.length);
      const selected = rowsBetween(none, passed);
      const changed = last === undefined ? selected : rowsBetween(last.passed, passed);
      const near = changed < selected ? last : undefined;
      const start = near?.passed ?? none;
      const words = near?.words.slice() ?? new Uint32Array(numbers.length / 32);
      last = { passed, words };
      if (Math.min(selected, changed) < numbers.length * manyRows && grouped !== undefined) {
        if (grouped === "next time") grouped = group();
        const { rows, starts } = grouped;
        for (let number = 1; number < passed.length; number++) {
          if (passed[number] === start[number]) continue;
          for (let at = starts[number] as number; at < (starts[number + 1] as number); at++) {
            const row = rows[at] as number;
            words[row >>> 5] = (words[row >>> 5] as number) ^ (1 << (row & 31));
          }
        }
        return words;
      }
      grouped ??= "next time";
      const has = (row: number): number => passed[numbers[row] as number] as number;
      for (let row = 0; row < numbers.length; row += 32) {
        let word = 0;
        // Four at a time: this loop is what a filter of many rows costs.
        for (let i = 0; i < 32; i += 4) {
          const at = row + i;
          word |= (has(at) | (has(at + 1) << 1) | (has(at + 2) << 2) | (has(at + 3) << 3)) << i;
        }
        words[row >>> 5] = word;
      }
      return words;
    },
    set(row, metadata) {
      const value = metadata !== undefined && Object.hasOwn(metadata, field) ? metadata[field] : undefined;
      const number = value === undefined ? 0 : numberOf(value);
      // 32 of them are looked at together.
      numbers = roomFor(numbers, (row | 31) + 1);
      const before = numbers[row] as number;
      rowsWith[number] = (rowsWith[number] ?? 0) + 1;
      numbers[row] = number;
      grouped = undefined;
      last = undefined;
      if (before !== 0) release(before);
    },
  };
}
