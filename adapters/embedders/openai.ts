import { ConfigError, quoted } from "../../src/errors.ts";
import { endpoint } from "../../src/http/endpoint.ts";
import type { RemoteOptions } from "../../src/http/remote-options.ts";
import { inOrder, itemsOf, own, replyBytes, vectorIn } from "../../src/http/reply.ts";
import { checkTexts } from "../../src/http/sent-texts.ts";
import type { Embedder } from "../../src/types.ts";

export type { RemoteOptions } from "../../src/http/remote-options.ts";

/** OpenAI's models (November 2026). One that `shortens` can be asked for fewer dimensions. */
const models: ReadonlyMap<string, { readonly dimensions: number; readonly shortens: boolean }> = new Map([
  ["text-embedding-3-small", { dimensions: 1536, shortens: true }],
  ["text-embedding-3-large", { dimensions: 3072, shortens: true }],
  ["text-embedding-ada-002", { dimensions: 1536, shortens: false }],
]);
const limits = { items: 2048, tokens: 300_000, inputTokens: 8192 };
/** What every service of this API takes: TEI has the fewest items, Mistral the fewest tokens. */
const commonLimits = { items: 32, tokens: 16_384 };

/**
 * Embeddings of OpenAI, and of services with the same API: Azure, Mistral, Ollama, TEI, vLLM and many more.
 *
 * OpenAI's models are known with their dimensions and limits, and may be asked for fewer `dimensions`. Of any other model
 * `dimensions` says how many it has, because an index must know before the first reply; it is not sent, since servers
 * refuse it for models that cannot shorten.
 *
 * @example
 * openaiEmbedder({ model: "text-embedding-3-small", apiKey });
 * openaiEmbedder({ model: "nomic-embed-text", baseUrl: "http://localhost:11434/v1", dimensions: 768 });
 */
export function openaiEmbedder(options: RemoteOptions): Embedder {
  const { model, fault, post, ...declared } = endpoint(
    {
      part: "openaiEmbedder",
      adapter: "openai",
      home: "https://api.openai.com/v1",
      path: "embeddings",
      known: ["model", "apiKey", "baseUrl", "dimensions", "fetch"],
    },
    options,
  );
  const dimensions = dimensionsOf(model, declared.dimensions);
  const known = models.get(model);
  // base64 is a quarter of the size, and exact; not every other service knows it.
  const settings = known && { encoding_format: "base64", ...(known.shortens && { dimensions }) };
  let answeredBy: string | undefined;

  /** Vectors of two models do not belong together, whatever the service calls both. */
  const checkModel = (given: unknown): void => {
    if (typeof given !== "string") return;
    answeredBy ??= given;
    if (given !== answeredBy) throw fault(`asked for ${model}, answered by ${given}, earlier by ${answeredBy}`, true);
  };

  return {
    fingerprint: { provider: "openai", model, dimensions },
    limits: known === undefined ? commonLimits : limits,
    fusionWeight: 0.5,
    async embed(texts, callOptions) {
      checkTexts("openaiEmbedder", texts);
      if (texts.length === 0) return [];
      const empty = texts.indexOf("");
      if (empty !== -1) throw fault(`refused text ${empty} unsent: it is empty`);
      const reply = await post({ model, input: texts, ...settings }, callOptions, replyBytes(texts, dimensions));
      const items = inOrder(itemsOf(reply, "data", texts.length, fault), fault);
      const vectors = items.map((item) => vectorIn(own(item, "embedding"), dimensions, fault));
      checkModel(own(reply, "model"));
      return vectors;
    },
  };
}

function dimensionsOf(model: string, declared: number | undefined): number {
  const known = models.get(model);
  if (known === undefined) {
    if (declared !== undefined) return declared;
    throw new ConfigError(
      `openaiEmbedder: expected dimensions for the model ${quoted(model)}, which is not one of OpenAI's`,
    );
  }
  if (declared === undefined) return known.dimensions;
  if (declared === known.dimensions || (known.shortens && declared < known.dimensions)) return declared;
  const expected = known.shortens ? `at most ${known.dimensions}` : `to be ${known.dimensions}`;
  throw new ConfigError(`openaiEmbedder: expected dimensions of ${model} ${expected}, received ${declared}`);
}
