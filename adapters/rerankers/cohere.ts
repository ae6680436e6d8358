import { unexpected } from "../../src/errors.ts";
import { endpoint } from "../../src/http/endpoint.ts";
import type { RemoteOptions } from "../../src/http/remote-options.ts";
import { inOrder, itemsOf, own } from "../../src/http/reply.ts";
import { checkTexts } from "../../src/http/sent-texts.ts";
import type { Reranker } from "../../src/types.ts";

/**
 * Reranking by Cohere (`v2/rerank`), and by services with the same API: Jina, vLLM.
 *
 * Scores are relevances from 0 to 1, comparable for one query and one model only. Of a text longer than 4,096 tokens the
 * service reads the beginning.
 *
 * @example cohereReranker({ model: "rerank-v4.0-pro", apiKey })
 */
export function cohereReranker(options: RemoteOptions): Reranker {
  const { model, fault, post } = endpoint(
    {
      part: "cohereReranker",
      adapter: "cohere",
      home: "https://api.cohere.com/v2",
      path: "rerank",
      known: ["model", "apiKey", "baseUrl", "fetch"],
    },
    options,
  );
  const rerank: Reranker = async (query, texts, callOptions) => {
    if (typeof query !== "string") throw unexpected("cohereReranker", "the query to be a string", query);
    checkTexts("cohereReranker", texts);
    if (texts.length === 0) return [];
    const reply = await post({ model, query, documents: texts }, callOptions);
    return inOrder(itemsOf(reply, "results", texts.length, fault), fault).map((result) => {
      const score = own(result, "relevance_score");
      if (typeof score === "number" && Number.isFinite(score)) return score;
      throw fault("expected every relevance_score to be a finite number");
    });
  };
  return Object.assign(rerank, { fingerprint: `cohere ${model}`, limits: { items: 1000 } });
}
