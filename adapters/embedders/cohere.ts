import { ConfigError, quoted, unexpected } from "../../src/errors.ts";
import { endpoint } from "../../src/http/endpoint.ts";
import type { RemoteOptions } from "../../src/http/remote-options.ts";
import { itemsOf, own, replyBytes, vectorIn } from "../../src/http/reply.ts";
import { checkTexts } from "../../src/http/sent-texts.ts";
import type { Embedder } from "../../src/types.ts";

interface Model {
  /** The first is the default; where there are several, the request names one. */
  readonly dimensions: readonly number[];
  readonly inputTokens: number;
}
/** Cohere's models (November 2026). */
const models: ReadonlyMap<string, Model> = new Map([
  ["embed-v4.0", { dimensions: [1536, 1024, 512, 256], inputTokens: 128_000 }],
  ["embed-english-v3.0", { dimensions: [1024], inputTokens: 512 }],
  ["embed-multilingual-v3.0", { dimensions: [1024], inputTokens: 512 }],
  ["embed-english-light-v3.0", { dimensions: [384], inputTokens: 512 }],
  ["embed-multilingual-light-v3.0", { dimensions: [384], inputTokens: 512 }],
]);
const limits = { items: 96, tokens: 128_000 };
const inputTypes: Readonly<Record<string, string>> = { document: "search_document", query: "search_query" };

/**
 * Embeddings of Cohere (`v2/embed`), with the input type that documents and queries each need.
 *
 * A text longer than the model reads is refused by the service, never cut. `dimensions` chooses among those that the model
 * has; of an unknown model it says how many there are, and is not sent.
 *
 * @example cohereEmbedder({ model: "embed-v4.0", apiKey })
 */
export function cohereEmbedder(options: RemoteOptions): Embedder {
  const { model, fault, post, ...declared } = endpoint(
    {
      part: "cohereEmbedder",
      adapter: "cohere",
      home: "https://api.cohere.com/v2",
      path: "embed",
      known: ["model", "apiKey", "baseUrl", "dimensions", "fetch"],
    },
    options,
  );
  const known = models.get(model);
  const dimensions = dimensionsOf(model, known, declared.dimensions);
  const settings = {
    model,
    embedding_types: ["float"],
    truncate: "NONE",
    ...(known !== undefined && known.dimensions.length > 1 && { output_dimension: dimensions }),
  };
  return {
    fingerprint: { provider: "cohere", model, dimensions },
    limits: known === undefined ? limits : { ...limits, inputTokens: known.inputTokens },
    fusionWeight: 0.5,
    async embed(texts, callOptions) {
      checkTexts("cohereEmbedder", texts);
      if (texts.length === 0) return [];
      const empty = texts.indexOf("");
      if (empty !== -1) throw fault(`refused text ${empty} unsent: it is empty`);
      const { role } = Object(callOptions) as typeof callOptions;
      const input_type = inputTypes[role];
      if (input_type === undefined) throw unexpected("cohereEmbedder", 'the role to be "document" or "query"', role);
      const body = { ...settings, input_type, texts };
      const reply = await post(body, callOptions, replyBytes(texts, dimensions));
      // By position: the API has no index.
      const vectors = itemsOf(own(reply, "embeddings"), "float", texts.length, fault);
      return vectors.map((vector) => vectorIn(vector, dimensions, fault));
    },
  };
}

function dimensionsOf(model: string, known: Model | undefined, declared: number | undefined): number {
  const [standard] = known?.dimensions ?? [];
  if (declared === undefined) {
    if (standard !== undefined) return standard;
    throw new ConfigError(
      `cohereEmbedder: expected dimensions for the model ${quoted(model)}, which is not a known one`,
    );
  }
  if (known === undefined || known.dimensions.includes(declared)) return declared;
  const expected = known.dimensions.join(", ");
  throw new ConfigError(`cohereEmbedder: expected dimensions of ${model} to be ${expected}, received ${declared}`);
}
