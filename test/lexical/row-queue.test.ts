import fc from "fast-check";
import { expect, test } from "vitest";
import { rowQueue } from "../../src/lexical/row-queue.ts";
import { topRows } from "../../src/top-rows.ts";

/** Few scores over again, next to each other and far apart, down to the smallest there is. */
const scores = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 4 }), fc.double({ min: Number.MIN_VALUE, max: 1e9, noNaN: true })),
  {
    maxLength: 120,
  },
);
const precedes = (a: number, b: number): boolean => (a * 7) % 128 < (b * 7) % 128;

test("rows come best first, of the same score by their order, until there are enough", () => {
  fc.assert(
    fc.property(scores, fc.nat(130), (given, wanted) => {
      const sorted = given
        .map((score, row) => ({ row, score }))
        .toSorted((a, b) => b.score - a.score || (precedes(a.row, b.row) ? -1 : 1))
        .slice(0, wanted);
      const queue = rowQueue(given.length, precedes);
      const best = topRows(wanted, precedes);
      for (const [row, score] of given.entries()) {
        queue.offer(row, score);
        best.offer(row, score);
      }
      const seen: { row: number; score: number }[] = [];
      if (wanted > 0) queue.bestFirst((row, score) => seen.push({ row, score }) === wanted);
      expect(seen).toEqual(sorted);
      const top = best.take();
      expect(Array.from(top.rows, (row, i) => ({ row, score: top.scores[i] }))).toEqual(sorted);
    }),
  );
});
