import { describe, expect, test } from "vitest";
import { postingLists } from "../../src/lexical/posting-lists.ts";
import { encodeTerms, termId } from "../../src/lexical/terms.ts";
import { spaces } from "./naive-bm25.ts";

const ROWS = 400;
const make = () => postingLists((length) => length);
const termsOf = (row: number, round: number) => encodeTerms(spaces, `all t${(row + round) % 20} only${row}x${round}`);

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

  test("is gone when enough was written since, also what died behind the clearing", () => {
    const lists = make();
    const words = Array.from({ length: 64 }, (_, i) => `w${i}`);
    const terms = encodeTerms(spaces, words.join(" "));
    for (let row = 0; row < 3000; row++) lists.set(row, terms);
    for (let row = 0; row < 3000; row++) lists.delete(row);
    const other = encodeTerms(spaces, "other");
    for (let write = 0; write < 3000; write++) lists.set(0, other);
    expect(words.filter((word) => lists.termOf(termId(word)) !== -1)).toEqual([]);
    // Each list has one number at most that was never used, and each number comes again.
    expect(lists.byTerm.create()).toBeLessThan(66);
    expect(lists.byEntry.create()).toBeLessThan(3003);
  });

  test("a term that no row has any more is forgotten", () => {
    const lists = make();
    lists.set(0, termsOf(0, 0));
    lists.delete(0);
    expect(lists.termOf(termId("all"))).toBe(-1);
    expect(lists.entryOf(0)).toBe(-1);
  });
});
