import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cheapestCuts, costOfLength } from "../../src/chunkers/cutting/optimum.ts";
import type { Stop } from "../../src/chunkers/cutting/stops.ts";

const [target, room] = [20, 60];
const costs = [8, 6, 3, 1, 0.5, 0.15, 0];

function costOf(length: number, { rank, mark }: Stop): number {
  return costOfLength(length / target) + (costs[rank] ?? 0) - (mark % 6 === 0 ? 0.05 : 0);
}

/** The least that the rest costs, by trying everything. */
function leastCost(stops: readonly Stop[], from: number): number {
  if (stops.length === 0) return 0;
  const ways = stops.flatMap((stop, index) =>
    stop.end - from <= room ? [costOf(stop.end - from, stop) + leastCost(stops.slice(index + 1), stop.next)] : [],
  );
  return Math.min(...ways);
}

const stops = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 6 }), fc.nat(30)), {
    minLength: 1,
    maxLength: 9,
  })
  .map((list) => {
    let at = 0;
    return list.map(([length, rank, mark]) => {
      const end = at + length;
      at = end + 1;
      return { end, next: end + 1, rank, mark };
    });
  });

describe("the cheapest cuts", () => {
  test.each([1, 1.5, 2, 3])(
    "cost the square of the logarithm of %d times the target, and more where it is missed",
    (times) => {
      expect(costOfLength(times)).toBeCloseTo(Math.log(times) ** 2, 2);
      expect(costOfLength(1 / times)).toBeCloseTo(4 * Math.log(times) ** 2, 1);
    },
  );

  test("cost as little as any others, and each piece is within the room", () => {
    fc.assert(
      fc.property(stops, (list) => {
        const cuts = cheapestCuts(
          list,
          { start: 0, position: 0 },
          {
            target,
            room,
            ruler: { upTo: (end) => end, before: (start) => start },
            begin: (_previous, index) => list[index]?.next ?? 0,
            beginLater: (_start, position) => position,
          },
        );
        let total = 0;
        for (const { start, end, stop, units } of cuts) {
          const at = list[stop];
          expect(at?.end).toBe(end);
          expect(units).toBe(end - start);
          expect(units).toBeLessThanOrEqual(room);
          if (at) total += costOf(units, at);
        }
        expect(cuts.at(-1)?.end).toBe(list.at(-1)?.end);
        expect(total).toBeCloseTo(leastCost(list, 0), 9);
      }),
      { numRuns: 300 },
    );
  });
});
