import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { andRows, hasRow, notRows, orRows, rowSet, rowSetOf, rowsOf } from "../../src/row-set.ts";

const CAPACITY = 100;
const rows = fc.uniqueArray(fc.nat(CAPACITY - 1));
const sorted = (values: Iterable<number>): readonly number[] => [...values].toSorted((a, b) => a - b);

describe("rowSet", () => {
  test("holds what it was given, in order, and counts it", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const set = rowSet(CAPACITY, [...given, ...given]);
        expect(set.size).toBe(given.length);
        expect([...rowsOf(set)]).toEqual(sorted(given));
        for (let row = 0; row < CAPACITY + 64; row++) expect(hasRow(set, row)).toBe(given.includes(row));
      }),
    );
  });

  test("the last row of a word, and of the capacity", () => {
    const set = rowSet(64, [31, 32, 63]);
    expect([...rowsOf(set)]).toEqual([31, 32, 63]);
    expect(set.words).toEqual(Uint32Array.of(0x80000000, 0x80000001));
  });

  test("empty", () => {
    expect(rowSet(0)).toEqual({ words: new Uint32Array(0), size: 0 });
    expect([...rowsOf(rowSet(10))]).toEqual([]);
    expect(hasRow(rowSet(0), 0)).toBe(false);
  });

  test.each([100, -1, Number.NaN])("row %d is refused where the capacity is 100", (row) => {
    expect(() => rowSet(CAPACITY, [row])).toThrow(RangeError);
  });

  test("words kept elsewhere are counted, not copied", () => {
    const words = Uint32Array.of(0b1011, 0xffffffff);
    const set = rowSetOf(words);
    expect(set.size).toBe(35);
    expect(set.words).toBe(words);
  });
});

describe("the algebra is that of sets, also where capacities differ", () => {
  const pair = fc.tuple(rows, fc.uniqueArray(fc.nat(40)));
  const both = ([a, b]: readonly [readonly number[], readonly number[]]) =>
    [new Set(a), new Set(b), rowSet(CAPACITY, a), rowSet(41, b)] as const;

  test("and, or, not", () => {
    fc.assert(
      fc.property(pair, (given) => {
        const [a, b, setA, setB] = both(given);
        const cases = [
          [andRows(setA, setB), [...a].filter((row) => b.has(row))],
          [andRows(setB, setA), [...a].filter((row) => b.has(row))],
          [orRows(setA, setB), new Set([...a, ...b])],
          [orRows(setB, setA), new Set([...a, ...b])],
          [notRows(setA, setB), [...b].filter((row) => !a.has(row))],
          [notRows(setB, setA), [...a].filter((row) => !b.has(row))],
        ] as const;
        for (const [set, wanted] of cases) {
          expect([...rowsOf(set)]).toEqual(sorted(wanted));
          expect(set.size).toBe([...wanted].length);
        }
        expect([...rowsOf(setA)]).toEqual(sorted(a));
      }),
    );
  });

  test("a set and its complement make the universe, and share nothing", () => {
    fc.assert(
      fc.property(pair, (given) => {
        const [, , setA, setB] = both(given);
        const universe = orRows(setA, setB);
        expect(orRows(setA, notRows(setA, universe))).toEqual(universe);
        expect(andRows(setA, notRows(setA, universe)).size).toBe(0);
      }),
    );
  });
});
