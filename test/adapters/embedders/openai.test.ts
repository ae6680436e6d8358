import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openaiEmbedder } from "../../../adapters/embedders/openai.ts";
import { embedTexts } from "../../../src/embed/embedding.ts";
import { AdapterError, ConfigError, TimeoutError } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { canary, leaksOf } from "../../http/canary.ts";
import {
  answering,
  dripping,
  echoing,
  fakeServer,
  json,
  redirecting,
  resetting,
  resettingMidBody,
  silent,
  text,
} from "../../http/fake-server.ts";
import type { Behaviour, FakeRequest } from "../../http/fake-server.ts";
import { rejection } from "../../rejection.ts";

const role = "document";
const dimensions = 3;
const embedderAt = (url: string): ReturnType<typeof openaiEmbedder> =>
  openaiEmbedder({ model: "fake-embed", apiKey: canary, baseUrl: `${url}/v1`, dimensions });

/** Exact in float32, and of this text alone. */
const vectorOf = (input: string): number[] => [input.length, input.charCodeAt(0), Number(input.slice(1)) / 4];
const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);
const inputsOf = (body: unknown): string[] => (own(body, "input") as string[] | undefined) ?? [];
const base64Of = (numbers: readonly number[]): string =>
  Buffer.from(Float32Array.from(numbers).buffer).toString("base64");

interface Item {
  readonly object: "embedding";
  readonly index: number;
  readonly embedding: unknown;
}
const itemsOf = (inputs: readonly string[]): Item[] =>
  inputs.map((input, index) => ({ object: "embedding", index, embedding: vectorOf(input) }));
const replyOf = (data: unknown, model = "fake-embed"): unknown => ({
  object: "list",
  data,
  model,
  usage: { prompt_tokens: 1, total_tokens: 1 },
});
const embeddings = (change: (items: Item[]) => unknown, model?: string): Behaviour =>
  answering(({ body }: FakeRequest) => replyOf(change(itemsOf(inputsOf(body))), model));

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("openaiEmbedder", () => {
  test("OpenAI's models are known; the smaller one is asked for as base64 and with its dimensions", async () => {
    const large = openaiEmbedder({ model: "text-embedding-3-large", apiKey: "sk" });
    expect(large.fingerprint).toEqual({ provider: "openai", model: "text-embedding-3-large", dimensions: 3072 });
    expect(large.limits).toEqual({ items: 2048, tokens: 300_000, inputTokens: 8192 });
    expect(large.fusionWeight).toBe(0.5);
    expect(openaiEmbedder({ model: "text-embedding-3-small" }).fingerprint.dimensions).toBe(1536);
    expect(openaiEmbedder({ model: "text-embedding-ada-002" }).fingerprint.dimensions).toBe(1536);

    await using server = await fakeServer(embeddings((items) => items));
    const baseUrl = `${server.url}/v1/`;
    const short = openaiEmbedder({ model: "text-embedding-3-small", apiKey: canary, baseUrl, dimensions });
    expect(await short.embed(["t1"], { role })).toEqual([Float32Array.from(vectorOf("t1"))]);
    expect(server.requests[0]).toMatchObject({
      path: "/v1/embeddings",
      headers: { authorization: `Bearer ${canary}` },
      body: { model: "text-embedding-3-small", input: ["t1"], encoding_format: "base64", dimensions },
    });
  });

  test("another model is sent nothing that its server might refuse", async () => {
    await using server = await fakeServer(embeddings((items) => items));
    vi.stubEnv("OPENAI_API_KEY", canary);
    const embedder = openaiEmbedder({ model: "nomic-embed-text", baseUrl: server.url, dimensions });
    await embedder.embed(["t1"], { role: "query" });
    expect(server.requests[0]?.path).toBe("/v1/embeddings");
    expect(server.requests[0]?.body).toEqual({ model: "nomic-embed-text", input: ["t1"] });
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(embedder.limits).toEqual({ items: 32, tokens: 16_384 });
  });

  test("a model that cannot shorten is not asked to", async () => {
    await using server = await fakeServer(
      embeddings((items) => items.map((item) => ({ ...item, embedding: Array(1536).fill(1) }))),
    );
    await openaiEmbedder({ model: "text-embedding-ada-002", baseUrl: server.url }).embed(["t1"], { role });
    expect(server.requests[0]?.body).toEqual({
      model: "text-embedding-ada-002",
      input: ["t1"],
      encoding_format: "base64",
    });
  });

  test("an address with a path and a query keeps both", async () => {
    await using server = await fakeServer(embeddings((items) => items));
    const baseUrl = `${server.url}/openai/deployments/mine?api-version=2024-10-21`;
    await openaiEmbedder({ model: "mine", baseUrl, dimensions }).embed(["t1"], { role });
    expect(server.requests[0]?.path).toBe("/openai/deployments/mine/embeddings?api-version=2024-10-21");
  });

  test.each<[string, object, RegExp]>([
    ["an unknown model without dimensions", { model: "mine" }, /expected dimensions for the model "mine"/u],
    ["more dimensions than the model has", { model: "text-embedding-3-small", dimensions: 3072 }, /at most 1536/u],
    ["a model that cannot shorten", { model: "text-embedding-ada-002", dimensions: 256 }, /to be 1536, received 256/u],
    ["no model", {}, /expected model to be a non-empty string, received undefined/u],
    ["an empty model", { model: "" }, /model/u],
    ["an unknown option", { model: "mine", dimension: 3 }, /unknown option "dimension"/u],
    ["half a dimension", { model: "mine", dimensions: 1.5 }, /dimensions: expected a whole number/u],
    ["null for an address", { model: "mine", dimensions, baseUrl: null }, /baseUrl/u],
    ["no address", { model: "mine", dimensions, baseUrl: `localhost/${canary}` }, /baseUrl/u],
    ["another protocol", { model: "mine", dimensions, baseUrl: "file:///v1" }, /http or https/u],
    [
      "a password in the address",
      { model: "mine", dimensions, baseUrl: `http://me:${encodeURIComponent(canary)}@fake.test` },
      /password/u,
    ],
    ["a key with a line break", { model: "mine", dimensions, apiKey: `${canary}\n` }, /apiKey to be .* visible/u],
    ["an empty key", { model: "mine", dimensions, apiKey: "" }, /apiKey/u],
    ["a key that is none", { model: "mine", dimensions, apiKey: { canary } }, /apiKey .* received an object/u],
    ["a fetch that is none", { model: "mine", dimensions, fetch: "fetch" }, /expected fetch to be a function/u],
  ])("refuses %s", (_, options, message) => {
    const make = (): unknown => Reflect.apply(openaiEmbedder, undefined, [options]);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/7f3a/u);
  });

  test("refuses to be called without options", () => {
    expect(() => Reflect.apply(openaiEmbedder, undefined, [])).toThrow(/^openaiEmbedder: expected model/u);
  });

  test("does not show its key", () => {
    expect(leaksOf(openaiEmbedder({ model: "mine", dimensions, apiKey: canary }))).toEqual([]);
  });

  describe("places vectors by index", () => {
    test.each<[string, Behaviour]>([
      ["in order", embeddings((items) => items)],
      ["backwards", embeddings((items) => items.toReversed())],
      [
        "as base64",
        embeddings((items) => items.map((item) => ({ ...item, embedding: base64Of(item.embedding as number[]) }))),
      ],
    ])("%s", async (_, behaviour) => {
      await using server = await fakeServer(behaviour);
      const vectors = await embedderAt(server.url).embed(namesOf(20), { role });
      expect(vectors).toEqual(namesOf(20).map((input) => Float32Array.from(vectorOf(input))));
    });
  });

  describe("refuses a reply that cannot be tied to the texts", () => {
    const first = (items: Item[], change: object): unknown[] =>
      items.map((item, index) => (index === 0 ? { ...item, ...change } : item));
    test.each<[string, Behaviour, RegExp]>([
      [
        "a vector short",
        embeddings((items) => items.slice(1)),
        /expected 3 items as data, one for each text, received 2/u,
      ],
      ["a vector more", embeddings((items) => [...items, ...items.slice(0, 1)]), /received 4/u],
      ["an index twice", embeddings((items) => first(items, { index: 1 })), /index 1 twice/u],
      ["an index beyond", embeddings((items) => first(items, { index: 3 })), /index from 0 to 2, received 3/u],
      ["no index", embeddings((items) => items.map(({ embedding }) => ({ embedding }))), /index from 0 to 2/u],
      ["null in a vector", embeddings((items) => first(items, { embedding: [1, null, 2] })), /finite.* received null/u],
      ["NaN in base64", embeddings((items) => first(items, { embedding: base64Of([1, Number.NaN, 2]) })), /finite/u],
      ["no vector", embeddings((items) => first(items, { embedding: undefined })), /received undefined/u],
      ["null for a vector", embeddings((items) => first(items, { embedding: null })), /received null/u],
      ["another dimension", embeddings((items) => first(items, { embedding: [1, 2] })), /3 dimensions, received 2/u],
      ["no data", json({ object: "list" }), /array as data, received undefined/u],
      ["another shape", json([]), /array as data/u],
      ["null", json(null), /array as data/u],
    ])("%s", async (_, behaviour, message) => {
      await using server = await fakeServer(behaviour);
      const error = await rejection(embedderAt(server.url).embed(namesOf(3), { role }));
      expect(error).toBeInstanceOf(AdapterError);
      expect(error).toMatchObject({ adapter: "openai", retryable: false, message: expect.stringMatching(message) });
      expect(leaksOf(error)).toEqual([]);
    });
  });

  test("no key in the error of any failure", async () => {
    await using thief = await fakeServer(json({}));
    const failures = [
      ...[400, 401, 429, 500].map(echoing),
      answering((request) => replyOf(itemsOf(inputsOf(request.body)), JSON.stringify(request))),
      answering((request) => replyOf(itemsOf(inputsOf(request.body)), `${JSON.stringify(request)} again`)),
      echoing(200),
      redirecting(`${thief.url}/${encodeURIComponent(canary)}`),
      resetting,
      resettingMidBody,
      text('{"data":'),
      text(`<title>${canary}</title>`),
      text("", 503),
    ];
    await using server = await fakeServer(...failures);
    const embedder = embedderAt(server.url);
    const errors: unknown[] = [];
    for (const _ of failures) {
      const outcome = await embedder.embed(["t1"], { role }).catch((error: unknown) => error);
      if (outcome instanceof Error) errors.push(outcome);
      expect(leaksOf(outcome)).toEqual([]);
    }
    expect(errors).toHaveLength(failures.length - 1);
    expect(thief.requests).toEqual([]);
  });

  test("another model in the reply than before is refused, and may be asked again", async () => {
    const same = embeddings((items) => items, "served-1");
    await using server = await fakeServer(
      same,
      same,
      embeddings((items) => items, "served-2"),
      same,
    );
    const embedder = embedderAt(server.url);
    await embedder.embed(["t1"], { role });
    await embedder.embed(["t1"], { role });
    const error = await rejection(embedder.embed(["t1"], { role }));
    expect(error).toMatchObject({ retryable: true, message: expect.stringMatching(/fake-embed.*served-2.*served-1/u) });
    await embedder.embed(["t1"], { role });
  });

  test("an empty text is refused, and no texts are no request", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const embedder = openaiEmbedder({ model: "mine", dimensions, fetch });
    expect(await rejection(embedder.embed(["t1", ""], { role }))).toMatchObject({
      name: "AdapterError",
      retryable: false,
      message: expect.stringContaining("text 1"),
    });
    expect(await embedder.embed([], { role })).toEqual([]);
    expect(fetch).not.toHaveBeenCalled();
  });

  test("keeps the caller's timeout and signal, and closes the connection", async () => {
    for (const behaviour of [silent, dripping()]) {
      await using server = await fakeServer(behaviour);
      const error = await rejection(embedderAt(server.url).embed(["t1"], { role, timeout: 30 }));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toHaveProperty("stage", "openai");
      await server.abandoned;
    }
    await using server = await fakeServer(silent);
    const controller = new AbortController();
    const call = rejection(embedderAt(server.url).embed(["t1"], { role, signal: controller.signal }));
    await server.arrived;
    controller.abort(canary);
    expect(await call).toBe(canary);
    await server.abandoned;
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test.each([0, Number.NaN])("refuses a timeout of %s unsent", async (timeout) => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const embedder = openaiEmbedder({ model: "mine", dimensions, fetch });
    expect(await rejection(embedder.embed(["t1"], { role, timeout }))).toBeInstanceOf(ConfigError);
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe("openaiEmbedder within the core", () => {
  const { signal } = new AbortController();

  test("law: whatever the replies, no text has the vector of another, and none is lost", async () => {
    const faults: ((items: Item[]) => unknown)[] = [
      (items) => items.toReversed(),
      (items) => items.slice(1),
      (items) => items.map((item) => ({ ...item, index: 0 })),
      (items) => items.map((item) => ({ ...item, index: item.index + 1 })),
      (items) => items.map((item) => ({ ...item, embedding: [1, 2] })),
      (items) => items.map((item) => ({ ...item, embedding: [0, null, 0] })),
      (items) => items.map((item) => ({ ...item, embedding: [0, 0, 0] })),
      (items) => items,
    ];
    const plan = fc.array(fc.constantFrom(...faults), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(plan, fc.integer({ min: 1, max: 120 }), async (changes, count) => {
        let calls = 0;
        const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
          const change = changes[calls++ % changes.length] ?? ((items) => items);
          return Response.json(
            replyOf(change(itemsOf(inputsOf(JSON.parse(await new Response(init?.body ?? "").text()))))),
          );
        };
        const embedder = openaiEmbedder({ model: "mine", dimensions, fetch });
        const embedded = await embedTexts(embedder, namesOf(count), { signal, role });
        expect(embedded).toHaveLength(count);
        for (const [position, reply] of embedded.entries()) {
          const expected =
            "error" in reply
              ? { error: expect.any(AdapterError) }
              : { vector: Float32Array.from(vectorOf(`t${position}`)) };
          expect(reply).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a service that is busy, broken and out of order ends with every vector in its place", async () => {
    const limited = json({ error: { message: "slow down" } }, 429, { "retry-after-ms": "1" });
    const backwards = embeddings((items) => items.toReversed());
    await using server = await fakeServer(limited, backwards, resettingMidBody, backwards);
    const embedded = await embedTexts(embedderAt(server.url), namesOf(90), { signal, role, concurrency: 2 });
    expect(embedded).toEqual(namesOf(90).map((input) => ({ vector: Float32Array.from(vectorOf(input)) })));
    expect(server.requests).toHaveLength(3 + 2);
  });
});
