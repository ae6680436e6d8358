import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { cohereReranker } from "../../../adapters/cohere.ts";
import { AdapterError, ConfigError, TimeoutError } from "../../../src/errors.ts";
import { rerankTexts } from "../../../src/rerank/reranking.ts";
import { canary, leaksOf } from "../../http/canary.ts";
import { echoing, fakeServer, json, redirecting, resetting, silent, text } from "../../http/fake-server.ts";
import { rejection } from "../../rejection.ts";

const rerankerAt = (url: string): ReturnType<typeof cohereReranker> =>
  cohereReranker({ model: "rerank-v4.0-pro", apiKey: canary, baseUrl: url });
const results = (...pairs: readonly (readonly [unknown, unknown])[]): unknown => ({
  id: "1",
  results: pairs.map(([index, relevance_score]) => ({ index, relevance_score })),
});

describe("cohereReranker", () => {
  test("sends query and texts, and gives the scores in the order of the texts", async () => {
    await using server = await fakeServer(json(results([2, 0.9], [0, 0.5], [1, 0.1])));
    const reranker = rerankerAt(server.url);
    expect(await reranker("query", ["a", "b", "c"])).toEqual([0.5, 0.1, 0.9]);
    expect(server.requests).toMatchObject([
      {
        path: "/v2/rerank",
        headers: { authorization: `Bearer ${canary}` },
        body: { model: "rerank-v4.0-pro", query: "query", documents: ["a", "b", "c"] },
      },
    ]);
    expect(reranker.fingerprint).toBe("cohere rerank-v4.0-pro");
    expect(reranker.limits).toEqual({ items: 1000 });
  });

  test("another service of the same API keeps its path", async () => {
    await using server = await fakeServer(json(results([0, 1])));
    await rerankerAt(`${server.url}/v1`)("query", ["a"]);
    expect(server.requests[0]?.path).toBe("/v1/rerank");
  });

  test("law: in whatever order the results come, each text has its own score", async () => {
    const order = fc
      .integer({ min: 1, max: 40 })
      .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }));
    await fc.assert(
      fc.asyncProperty(order, async (indices) => {
        const fetch = async (): Promise<Response> =>
          Response.json(results(...indices.map((index) => [index, index / 64] as const)));
        const reranker = cohereReranker({ model: "mine", fetch });
        const texts = indices.map((_, index) => `text ${index}`);
        expect(await reranker("query", texts)).toEqual(texts.map((_, index) => index / 64));
      }),
    );
  });

  test.each<[string, unknown, RegExp]>([
    ["a result short", results([0, 1]), /expected 2 items as results, one for each text, received 1/u],
    ["an index twice", results([0, 1], [0, 1]), /index 0 twice/u],
    ["an index beyond", results([0, 1], [2, 1]), /index from 0 to 1, received 2/u],
    ["null for a score", results([0, 1], [1, null]), /finite number/u],
    ["a string for a score", results([0, 1], [1, canary]), /finite number/u],
    ["no results", {}, /array as results, received undefined/u],
  ])("refuses a reply with %s", async (_, body, message) => {
    await using server = await fakeServer(json(body));
    const error = await rejection(rerankerAt(server.url)("query", ["a", "b"]));
    expect(error).toBeInstanceOf(AdapterError);
    expect(error).toMatchObject({ adapter: "cohere", retryable: false, message: expect.stringMatching(message) });
    expect(leaksOf(error)).toEqual([]);
  });

  test("refuses a score that only JSON can write", async () => {
    await using server = await fakeServer(text('{"results":[{"index":0,"relevance_score":1e999}]}'));
    expect(await rejection(rerankerAt(server.url)("query", ["a"]))).toBeInstanceOf(AdapterError);
  });

  test("no key in the error of any failure", async () => {
    const failures = [...[200, 400, 429, 500].map(echoing), redirecting("/elsewhere"), resetting, text(canary)];
    await using server = await fakeServer(...failures);
    const reranker = rerankerAt(server.url);
    for (const _ of failures) expect(leaksOf(await rejection(reranker("query", ["a"])))).toEqual([]);
    expect(server.requests).toHaveLength(failures.length);
  });

  test("keeps the caller's timeout and signal, and closes the connection", async () => {
    await using server = await fakeServer(silent);
    const reranker = rerankerAt(server.url);
    expect(await rejection(reranker("query", ["a"], { timeout: 30 }))).toBeInstanceOf(TimeoutError);
    await server.abandoned;
    const controller = new AbortController();
    const call = rejection(rerankTexts(reranker, "query", ["a"], { signal: controller.signal }));
    controller.abort("enough");
    expect(await call).toBe("enough");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("no texts, no request", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    expect(await cohereReranker({ model: "mine", fetch })("query", [])).toEqual([]);
    expect(fetch).not.toHaveBeenCalled();
  });

  test("has no dimensions to be given", () => {
    const make = (): unknown => cohereReranker({ model: "mine", dimensions: 3 });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(/unknown option "dimensions"; expected one of model, apiKey, baseUrl, fetch/u);
  });
});
