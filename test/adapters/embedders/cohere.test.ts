import { describe, expect, test, vi } from "vitest";
import { cohereEmbedder } from "../../../adapters/cohere.ts";
import { AdapterError, ConfigError } from "../../../src/errors.ts";
import { canary, leaksOf } from "../../http/canary.ts";
import { echoing, fakeServer, json } from "../../http/fake-server.ts";
import { rejection } from "../../rejection.ts";

const role = "document";
const reply = (float: unknown): unknown => ({ id: "1", embeddings: { float }, texts: [], meta: {} });

describe("cohereEmbedder", () => {
  test("asks for floats by role, uncut, with the dimensions that were chosen", async () => {
    await using server = await fakeServer(json(reply([Array(256).fill(0.5)])));
    const embedder = cohereEmbedder({ model: "embed-v4.0", apiKey: canary, baseUrl: server.url, dimensions: 256 });
    expect(await embedder.embed(["one"], { role })).toEqual([new Float32Array(256).fill(0.5)]);
    await embedder.embed(["one"], { role: "query" });
    expect(server.requests[0]).toMatchObject({ path: "/v2/embed", headers: { authorization: `Bearer ${canary}` } });
    expect(server.requests.map(({ body }) => body)).toEqual(
      ["search_document", "search_query"].map((input_type) => ({
        model: "embed-v4.0",
        texts: ["one"],
        input_type,
        embedding_types: ["float"],
        truncate: "NONE",
        output_dimension: 256,
      })),
    );
  });

  test("a model with one size is not asked for it", async () => {
    await using server = await fakeServer(json(reply([Array(1024).fill(1)])));
    const embedder = cohereEmbedder({ model: "embed-english-v3.0", baseUrl: `${server.url}/v2` });
    await embedder.embed(["one"], { role });
    expect(server.requests[0]?.body).not.toHaveProperty("output_dimension");
    expect(server.requests[0]?.path).toBe("/v2/embed");
    expect(embedder.fingerprint).toEqual({ provider: "cohere", model: "embed-english-v3.0", dimensions: 1024 });
    expect(embedder.limits).toEqual({ items: 96, tokens: 128_000, inputTokens: 512 });
    expect(embedder.fusionWeight).toBe(0.5);
  });

  test.each<[string, unknown, RegExp]>([
    ["a vector short", reply([[1, 2]]), /expected 2 items as float, one for each text, received 1/u],
    ["another dimension", reply([[1, 2], [1]]), /2 dimensions, received 1/u],
    [
      "null in a vector",
      reply([
        [1, 2],
        [1, null],
      ]),
      /finite/u,
    ],
    ["no vectors", { embeddings: { int8: [] } }, /array as float, received undefined/u],
    ["no embeddings", {}, /array as float/u],
  ])("refuses a reply with %s", async (_, body, message) => {
    await using server = await fakeServer(json(body));
    const embedder = cohereEmbedder({ model: "mine", baseUrl: server.url, dimensions: 2 });
    const error = await rejection(embedder.embed(["one", "two"], { role }));
    expect(error).toBeInstanceOf(AdapterError);
    expect(error).toMatchObject({ adapter: "cohere", retryable: false, message: expect.stringMatching(message) });
  });

  test.each([200, 401, 429, 500])("no key in the error of an echo with status %i", async (status) => {
    await using server = await fakeServer(echoing(status));
    const embedder = cohereEmbedder({ model: "mine", apiKey: canary, baseUrl: server.url, dimensions: 2 });
    expect(leaksOf(await rejection(embedder.embed(["one"], { role })))).toEqual([]);
  });

  test("an empty text is refused, and no texts are no request", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const embedder = cohereEmbedder({ model: "embed-v4.0", fetch });
    expect(await rejection(embedder.embed([""], { role }))).toBeInstanceOf(AdapterError);
    expect(await embedder.embed([], { role })).toEqual([]);
    expect(fetch).not.toHaveBeenCalled();
  });

  test.each<[string, object, RegExp]>([
    ["an unknown model without dimensions", { model: "mine" }, /expected dimensions for the model "mine"/u],
    ["a size that the model has not", { model: "embed-v4.0", dimensions: 300 }, /1536, 1024, 512, 256, received 300/u],
    ["an unknown option", { model: "embed-v4.0", inputType: "x" }, /unknown option "inputType"/u],
  ])("refuses %s", (_, options, message) => {
    const make = (): unknown => Reflect.apply(cohereEmbedder, undefined, [options]);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});
