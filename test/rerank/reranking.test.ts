import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import { rerankTexts } from "../../src/rerank/reranking.ts";
import type { Reranker } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";

const { signal } = new AbortController();
const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);
const scoreOf = (text: string): number => Number(text.slice(1)) / 7;

function fakeReranker(score: Reranker, items?: number): Reranker & { readonly requests: (readonly string[])[] } {
  const requests: (readonly string[])[] = [];
  const reranker: Reranker = (query, texts, options) => {
    requests.push(texts);
    return score(query, texts, options);
  };
  return Object.assign(reranker, { fingerprint: "fake", requests, ...(items !== undefined && { limits: { items } }) });
}

afterEach(() => {
  vi.useRealTimers();
});

describe("rerankTexts", () => {
  test("law: each text has its own score, however many requests it takes and in whatever order they end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 9 }), fc.scheduler(), async (count, items, scheduler) => {
        const reranker = fakeReranker(async (_, texts) => {
          await scheduler.schedule(Promise.resolve());
          return texts.map(scoreOf);
        }, items);
        const scores = await scheduler.waitFor(rerankTexts(reranker, "query", namesOf(count), { signal }));
        expect(scores).toEqual(namesOf(count).map(scoreOf));
        expect(reranker.requests).toHaveLength(Math.ceil(count / items));
      }),
    );
  });

  test("one request where the reranker names no limit", async () => {
    const reranker = fakeReranker(async (_, texts) => texts.map(scoreOf));
    await rerankTexts(reranker, "query", namesOf(5000), { signal });
    expect(reranker.requests).toHaveLength(1);
  });

  test("a service that is down is waited for once, not by each of many searches", async () => {
    vi.useFakeTimers();
    let isDown = true;
    const reranker = fakeReranker(async (_, texts) => {
      if (isDown) throw new AdapterError("fake", "no answer", { retryable: true });
      return texts.map(scoreOf);
    });
    const search = async (): Promise<unknown> => {
      const call = rejection(rerankTexts(reranker, "query", namesOf(3), { signal }));
      await vi.runAllTimersAsync();
      return call;
    };
    for (const requests of [4, 5, 6]) {
      expect(await search()).toBeInstanceOf(AdapterError);
      expect(reranker.requests).toHaveLength(requests);
    }
    isDown = false;
    expect(await rerankTexts(reranker, "query", namesOf(3), { signal })).toHaveLength(3);
    isDown = true;
    await search();
    expect(reranker.requests).toHaveLength(6 + 1 + 4);
  });

  test.each<[string, unknown]>([
    ["a score too few", [1, 2]],
    ["a score too many", [1, 2, 3, 4]],
    ["no array", { length: 3 }],
    ["nothing", undefined],
    ["NaN", [1, Number.NaN, 3]],
    ["Infinity", [1, 2, -Infinity]],
    ["null", [null, 2, 3]],
    ["strings", ["1", "2", "3"]],
    ["a hole", Object.assign([1], { length: 3 })],
  ])("refuses a reply with %s", async (_, reply) => {
    const reranker = fakeReranker(async () => untyped(reply));
    const error = await rejection(rerankTexts(reranker, "query", namesOf(3), { signal }));
    expect(error).toBeInstanceOf(AdapterError);
    expect(error).toMatchObject({ adapter: "fake", retryable: false });
    expect(reranker.requests).toHaveLength(1);
  });

  test("retries while it helps", async () => {
    vi.useFakeTimers();
    let failures = 3;
    const reranker = fakeReranker(async (_, texts) => {
      if (failures-- > 0) throw new AdapterError("fake", "busy", { retryable: true, retryAfter: 1000 });
      return texts.map(scoreOf);
    });
    const work = rerankTexts(reranker, "query", namesOf(2), { signal });
    await vi.runAllTimersAsync();
    expect(await work).toEqual([0, 1 / 7]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("one failed request fails the ranking, and nothing more is sent", async () => {
    const failure = new AdapterError("fake", "no", { retryable: false, status: 400 });
    const reranker = fakeReranker(() => Promise.reject(failure), 1);
    expect(await rejection(rerankTexts(reranker, "query", namesOf(50), { signal }))).toBe(failure);
    expect(reranker.requests.length).toBeLessThanOrEqual(4);
  });

  test("an abort rejects with the reason, although the reranker ignores it", async () => {
    const controller = new AbortController();
    const reranker = fakeReranker(() => new Promise(() => undefined));
    const call = rejection(rerankTexts(reranker, "query", ["t1"], { signal: controller.signal }));
    controller.abort("enough");
    expect(await call).toBe("enough");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("no texts, no request; a limit that is none is refused", async () => {
    const reranker = fakeReranker(async (_, texts) => texts.map(scoreOf), 0);
    expect(await rerankTexts(reranker, "query", [], { signal })).toEqual([]);
    expect(await rejection(rerankTexts(reranker, "query", ["t1"], { signal }))).toBeInstanceOf(ConfigError);
    expect(reranker.requests).toEqual([]);
  });
});
