import { describe, expect, test } from "vitest";
import { postingLists } from "../../src/lexical/posting-lists.ts";
import { encodeTerms, termId } from "../../src/lexical/terms.ts";
import { spaces } from "./naive-bm25.ts";

const ROWS = 400;
const make = () => postingLists((length) => length, undefined);
const termsOf = (row: number, round: number) =>
  encodeTerms(spaces, [{ text: `all t${(row + round) % 20} only${row}x${round}`, weight: 1 }]);

describe("what updates leave behind", () => {
  test("is used again: a hundred updates of each row take no more room than two", () => {
    const lists = make();
    for (let round = 0; round < 100; round++) {
      for (let row = 0; row < ROWS; row++) lists.set(row, termsOf(row, round));
    }
    expect(lists.byEntry.created).toBeLessThan(2 * ROWS + 10);
    expect(lists.byTerm.created).toBeLessThan(ROWS + 21 + 10);
    expect([lists.rows, lists.postings]).toEqual([ROWS, 3 * ROWS]);
  });

  test("never outnumbers the living by much", () => {
    const lists = make();
    let longest = 0;
    for (let round = 0; round < 20; round++) {
      for (let row = 0; row < ROWS; row++) {
        lists.set(row, termsOf(row, round));
        longest = Math.max(longest, lists.byTerm.lengthOf(lists.termOf(termId("all"))));
      }
    }
    expect(longest).toBeLessThanOrEqual(2 * ROWS + 2);
  });

  test("a term that no row has any more is forgotten", () => {
    const lists = make();
    lists.set(0, termsOf(0, 0));
    lists.delete(0);
    expect(lists.termOf(termId("all"))).toBe(-1);
    expect(lists.entryOf(0)).toBe(-1);
  });
});
