import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concurrently } from "../src/concurrency.ts";
import { rejection } from "./rejection.ts";

describe("concurrently", () => {
  test("law: every item once, started in order, never more than the limit at a time and as many as it allows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 8 }), fc.scheduler(), async (count, limit, scheduler) => {
        const items = Array.from({ length: count }, (_, index) => index);
        const started: number[] = [];
        let running = 0;
        let most = 0;
        const work = concurrently(items, limit, async (item) => {
          started.push(item);
          running++;
          most = Math.max(most, running);
          await scheduler.schedule(Promise.resolve());
          running--;
        });
        await scheduler.waitFor(work);
        expect(started).toEqual(items);
        expect(most).toBe(Math.min(limit, count));
      }),
    );
  });

  test("rejects with the first failure", async () => {
    const failure = new Error("third");
    const work = concurrently([1, 2, 3, 4], 2, async (item) => {
      if (item >= 3) throw failure;
    });
    expect(await rejection(work)).toBe(failure);
  });
});
