import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { embedTexts } from "../../src/embed/embedding.ts";
import { embedQuery, type Embedded } from "../../src/embed/request.ts";
import { AdapterError, ConfigError } from "../../src/errors.ts";
import type { Embedder } from "../../src/types.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";

const { signal } = new AbortController();
const role = "document";

/** Two numbers that only this text has, so that a vector on the wrong text is seen. */
const vectorOf = (text: string): Float32Array => Float32Array.of(Number(text.slice(1)) + 1, text.length);
const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);

type Embed = Embedder["embed"];
interface FakeEmbedder extends Embedder {
  readonly requests: (readonly string[])[];
}
function fakeEmbedder(
  embed: Embed = async (texts) => texts.map(vectorOf),
  settings: Partial<Embedder> = {},
): FakeEmbedder {
  const requests: (readonly string[])[] = [];
  return {
    fingerprint: { provider: "fake", model: "two", dimensions: 2 },
    ...settings,
    requests,
    embed(texts, options) {
      requests.push(texts);
      return embed(texts, options);
    },
  };
}
const refusing = (poisoned: (text: string) => boolean, status: number | undefined = 400): FakeEmbedder =>
  fakeEmbedder(async (texts) => {
    if (texts.some(poisoned)) throw new AdapterError("fake", "cannot embed this", { retryable: false, status });
    return texts.map(vectorOf);
  });
const failedOf = (embedded: readonly Embedded[]): number[] =>
  [...embedded.keys()].filter((position) => "error" in (embedded[position] ?? {}));
const errorOf = (embedded: Embedded | undefined): unknown =>
  embedded !== undefined && "error" in embedded ? embedded.error : expect.unreachable("has a vector");
const expectTied = (texts: readonly string[], embedded: readonly Embedded[]): void => {
  expect(embedded).toHaveLength(texts.length);
  embedded.forEach((reply, position) => {
    if ("vector" in reply) expect(reply.vector).toEqual(vectorOf(texts[position] ?? ""));
  });
};

afterEach(() => {
  vi.useRealTimers();
});

describe("embedTexts", () => {
  test("law: each text has its own vector, in whatever order the batches end, within the concurrency", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(40),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 5 }),
        fc.scheduler(),
        async (count, items, concurrency, scheduler) => {
          let running = 0;
          let most = 0;
          const embedder = fakeEmbedder(
            async (texts) => {
              most = Math.max(most, ++running);
              await scheduler.schedule(Promise.resolve());
              running--;
              return texts.map(vectorOf);
            },
            { limits: { items } },
          );
          const texts = namesOf(count);
          const embedded = await scheduler.waitFor(embedTexts(embedder, texts, { signal, role, concurrency }));
          expect(failedOf(embedded)).toEqual([]);
          expectTied(texts, embedded);
          expect(embedder.requests).toHaveLength(Math.ceil(count / items));
          expect(most).toBeLessThanOrEqual(concurrency);
        },
      ),
    );
  });

  test("law: exactly the texts that the embedder cannot take are without a vector", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.uniqueArray(fc.nat(299), { maxLength: 3 }),
        async (count, bad) => {
          const poisoned = bad.filter((position) => position < count).toSorted((a, b) => a - b);
          const embedder = refusing((text) => poisoned.includes(Number(text.slice(1))));
          const embedded = await embedTexts(embedder, namesOf(count), { signal, role });
          expect(failedOf(embedded)).toEqual(poisoned);
          expectTied(namesOf(count), embedded);
          // Two batches, and for each of the poisoned at most two requests a level.
          expect(embedder.requests.length).toBeLessThanOrEqual(2 + poisoned.length * 16);
        },
      ),
    );
  });

  test("a text refused by the embedder itself is found like one refused by the service", async () => {
    const embedder = fakeEmbedder(async (texts) => {
      if (texts.includes("t5")) throw new Error("cannot");
      return texts.map(vectorOf);
    });
    expect(failedOf(await embedTexts(embedder, namesOf(9), { signal, role }))).toEqual([5]);
  });

  test("where every part is refused, a batch costs 15 requests and the others one each", async () => {
    const embedder = refusing(() => true);
    const embedded = await embedTexts(embedder, namesOf(1024), { signal, role, concurrency: 1 });
    expect(failedOf(embedded)).toHaveLength(1024);
    expect(embedder.requests).toHaveLength(15 + 3);
  });

  test("a success shows that texts are at fault after all", async () => {
    const embedder = refusing((text) => Number(text.slice(1)) < 256 || text === "t600");
    const embedded = await embedTexts(embedder, namesOf(1024), { signal, role, concurrency: 1 });
    expect(failedOf(embedded)).toEqual([...Array(256).keys(), 600]);
  });

  test("many bad texts end within bounded requests, and what was embedded stays", async () => {
    const embedder = refusing((text) => Number(text.slice(1)) % 2 === 1);
    const embedded = await embedTexts(embedder, namesOf(256), { signal, role });
    expect(embedder.requests.length).toBeLessThanOrEqual(65);
    expect(failedOf(embedded)).toHaveLength(256);
    const few = await embedTexts(embedder, namesOf(8), { signal, role });
    expect(failedOf(few)).toEqual([1, 3, 5, 7]);
  });

  test.each([401, 402, 404, 429])(
    "after a final %i nothing more is sent, and every text has the error",
    async (status) => {
      const embedder = refusing((text) => text === "t300", status);
      const embedded = await embedTexts(embedder, namesOf(1024), { signal, role, concurrency: 1 });
      expect(embedder.requests).toHaveLength(2);
      expect(failedOf(embedded)).toHaveLength(768);
      expectTied(namesOf(1024), embedded);
      expect(errorOf(embedded[1023])).toHaveProperty("status", status);
    },
  );

  test("a wrong setup that the embedder throws is not looked for in the texts", async () => {
    const embedder = fakeEmbedder(async () => {
      throw new ConfigError("model: unknown");
    });
    const embedded = await embedTexts(embedder, namesOf(600), { signal, role, concurrency: 1 });
    expect(failedOf(embedded)).toHaveLength(600);
    expect(embedder.requests).toHaveLength(1);
  });

  test("a busy service is asked again, and a batch for which it stays busy fails whole, alone", async () => {
    vi.useFakeTimers();
    let first = true;
    const embedder = fakeEmbedder(async (texts) => {
      if (texts.includes("t300") || first) {
        first = false;
        throw new AdapterError("fake", "busy", { retryable: true, status: 503 });
      }
      return texts.map(vectorOf);
    });
    const work = embedTexts(embedder, namesOf(768), { signal, role });
    await vi.runAllTimersAsync();
    const embedded = await work;
    expect(failedOf(embedded)).toEqual([...Array(256).keys()].map((index) => index + 256));
    expect(embedder.requests).toHaveLength(1 + 3 + 3);
    expectTied(namesOf(768), embedded);
    expect(vi.getTimerCount()).toBe(0);
  });

  describe("a service that is down", () => {
    const down = (status?: number): FakeEmbedder =>
      fakeEmbedder(async () => {
        throw new AdapterError("fake", "no answer", { retryable: true, status });
      });
    const embed = async (embedder: Embedder, count: number): Promise<readonly Embedded[]> => {
      const work = embedTexts(embedder, namesOf(count), { signal, role, concurrency: 1 });
      await vi.runAllTimersAsync();
      return work;
    };

    test("is retried for one batch, and asked once for each of the others, in later calls too, for half a minute", async () => {
      vi.useFakeTimers();
      const embedder = down();
      expect(failedOf(await embed(embedder, 768))).toHaveLength(768);
      expect(embedder.requests).toHaveLength(4 + 2);
      await embed(embedder, 768);
      expect(embedder.requests).toHaveLength(4 + 2 + 3);
      vi.advanceTimersByTime(31_000);
      await embed(embedder, 256);
      expect(embedder.requests).toHaveLength(4 + 2 + 3 + 4);
    });

    test("is waited for again after a reply", async () => {
      vi.useFakeTimers();
      const embedder = fakeEmbedder(async (texts) => {
        if (texts.includes("t256")) return texts.map(vectorOf);
        throw new AdapterError("fake", "no answer", { retryable: true });
      });
      expect(failedOf(await embed(embedder, 768))).toHaveLength(512);
      expect(embedder.requests).toHaveLength(4 + 1 + 4);
    });

    test("is not what one that asks for patience is", async () => {
      vi.useFakeTimers();
      const embedder = down(429);
      expect(failedOf(await embed(embedder, 512))).toHaveLength(512);
      expect(embedder.requests).toHaveLength(4 + 4);
    });
  });

  describe("checks every vector of a reply", () => {
    test.each<[string, unknown, RegExp]>([
      ["another dimension", Float32Array.of(1, 2, 3), /2 dimensions, received 3/u],
      ["NaN", Float32Array.of(1, Number.NaN), /finite/u],
      ["Infinity", Float32Array.of(-Infinity, 1), /finite/u],
      ["zeros under cosine", new Float32Array(2), /zeros/u],
      ["a plain array", [1, 2], /Float32Array, received an array of 2/u],
      ["doubles", Float64Array.of(1, 2), /Float32Array/u],
      ["null", null, /Float32Array, received null/u],
      ["nothing", undefined, /Float32Array, received undefined/u],
    ])("%s", async (_, wrong, message) => {
      const embedder = fakeEmbedder(async (texts) =>
        texts.map((text) => (text === "t1" ? untyped<Float32Array>(wrong) : vectorOf(text))),
      );
      const embedded = await embedTexts(embedder, namesOf(3), { signal, role });
      expect(failedOf(embedded)).toEqual([1]);
      const error = errorOf(embedded[1]);
      expect(error).toBeInstanceOf(AdapterError);
      expect(error).toMatchObject({ adapter: "fake", retryable: false, message: expect.stringMatching(message) });
      expectTied(namesOf(3), embedded);
      expect(await rejection(embedQuery(embedder, "t1", { signal }))).toMatchObject({
        message: expect.stringMatching(message),
      });
    });

    test("zeros are a vector like any other under the other metrics", async () => {
      for (const metric of ["dot", "euclidean"] as const) {
        const embedder = fakeEmbedder(async (texts) => texts.map(() => new Float32Array(2)), { metric });
        expect(failedOf(await embedTexts(embedder, namesOf(2), { signal, role }))).toEqual([]);
      }
    });

    test.each([
      ["a vector too few", (texts: readonly string[]) => texts.slice(1).map(vectorOf)],
      ["a vector too many", (texts: readonly string[]) => [...texts, "t0"].map(vectorOf)],
      ["no array", () => ({ length: 3 })],
      ["nothing", () => undefined],
    ])("%s: no text gets a vector", async (_, reply) => {
      const embedder = fakeEmbedder(async (texts) => untyped(reply(texts)));
      const embedded = await embedTexts(embedder, namesOf(3), { signal, role });
      expect(failedOf(embedded)).toEqual([0, 1, 2]);
      expect(errorOf(embedded[0])).toBeInstanceOf(AdapterError);
    });
  });

  test("a text surely beyond the limits is refused unsent, the others keep their places", async () => {
    const embedder = fakeEmbedder(undefined, { limits: { inputTokens: 1 } });
    const texts = ["t0", `t${"0".repeat(200)}`, "t2"];
    const embedded = await embedTexts(embedder, texts, { signal, role });
    expect(failedOf(embedded)).toEqual([1]);
    expect(errorOf(embedded[1])).toMatchObject({ name: "AdapterError", retryable: false });
    expect(embedder.requests).toEqual([["t0", "t2"]]);
    expectTied(texts, embedded);
    expect(await rejection(embedQuery(embedder, texts[1] ?? "", { signal }))).toBeInstanceOf(AdapterError);
  });

  test("tells the embedder the role, and the caller how many texts have their vector", async () => {
    const embed = vi.fn<Embed>(async (texts) => texts.map(vectorOf));
    const counts: number[] = [];
    const embedder = fakeEmbedder(embed, { limits: { items: 2 } });
    await embedTexts(embedder, namesOf(5), { signal, role, onEmbedded: (count) => counts.push(count) });
    expect(counts).toEqual([2, 2, 1]);
    expect(embed.mock.calls.map(([, options]) => options.role)).toEqual([role, role, role]);
    await embedQuery(embedder, "t1", { signal });
    expect(embed.mock.lastCall?.[1].role).toBe("query");
  });

  test("what the caller's onEmbedded throws rejects, and stops the rest", async () => {
    const failure = new Error("from onEmbedded");
    const embedder = fakeEmbedder(undefined, { limits: { items: 1 } });
    const onEmbedded = (): void => {
      throw failure;
    };
    const error = await rejection(embedTexts(embedder, namesOf(50), { signal, role, onEmbedded }));
    expect(error).toBe(failure);
    expect(embedder.requests.length).toBeLessThanOrEqual(8);
  });

  test("an abort rejects with the reason at once, although the embedder ignores it, and sends nothing more", async () => {
    const controller = new AbortController();
    const embedder = fakeEmbedder(() => new Promise(() => undefined), { limits: { items: 1 } });
    const call = rejection(embedTexts(embedder, namesOf(50), { signal: controller.signal, role }));
    await Promise.resolve();
    const reason = { why: "enough" };
    controller.abort(reason);
    expect(await call).toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(embedder.requests).toHaveLength(4);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("no texts, no request", async () => {
    const embedder = fakeEmbedder();
    expect(await embedTexts(embedder, [], { signal, role })).toEqual([]);
    expect(embedder.requests).toEqual([]);
  });
});

describe("embedQuery", () => {
  test("gives the vector, after a retry if need be", async () => {
    vi.useFakeTimers();
    let failures = 2;
    const embedder = fakeEmbedder(async (texts) => {
      if (failures-- > 0) throw new AdapterError("fake", "busy", { retryable: true });
      return texts.map(vectorOf);
    });
    const work = embedQuery(embedder, "t7", { signal });
    await vi.runAllTimersAsync();
    expect(await work).toEqual(vectorOf("t7"));
  });

  test("rejects with what the embedder says", async () => {
    const failure = new AdapterError("fake", "no", { retryable: false, status: 401 });
    const embedder = fakeEmbedder(() => Promise.reject(failure));
    expect(await rejection(embedQuery(embedder, "t7", { signal }))).toBe(failure);
  });
});
