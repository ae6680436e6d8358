import { AdapterError } from "../../src/errors.ts";
import type { Embedder, Reranker } from "../../src/types.ts";
import { bagOf, overlap, plainEmbedder, plainReranker } from "./reference-parts.ts";

/** Bugs of embedders and rerankers. */

export const embedderMutants: Readonly<Record<string, () => Embedder>> = {
  "shuffles the vectors of a batch": () => embedding((texts) => texts.map(bagOf).toReversed()),
  "gives a text another vector in a batch": () =>
    embedding((texts) => {
      const vectors = texts.map(bagOf);
      return vectors.map((vector) => vector.map((value, index) => value - 0.01 * (vectors[0]?.[index] ?? 0)));
    }),
  "pads to the longest text of a batch": () =>
    embedding((texts) => {
      const longest = Math.max(...texts.map(({ length }) => length));
      return texts.map((text) => bagOf(text.padEnd(longest, " x")));
    }),
  "gives every text the first vector": () => embedding((texts) => texts.map(() => bagOf(texts[0] ?? ""))),
  "joins the texts into one vector": () => embedding((texts) => (texts.length === 0 ? [] : [bagOf(texts.join(" "))])),
  "drops the last text": () => embedding((texts) => texts.map(bagOf).slice(0, Math.max(1, texts.length - 1))),
  "merges texts that are equal": () => embedding((texts) => [...new Set(texts)].map(bagOf)),
  "gives NaN for a text without words": () =>
    embedding((texts) =>
      texts.map((text) => (/[\p{L}\p{N}]/u.test(text) ? bagOf(text) : bagOf(text).fill(Number.NaN))),
    ),
  "gives NaN in one place": () => embedding((texts) => texts.map((text) => bagOf(text).with(3, Number.NaN))),
  "gives a vector of zeros": () =>
    embedding((texts) => texts.map((text) => (text.startsWith("A") ? new Float32Array(24) : bagOf(text)))),
  "gives vectors of another size": () => embedding((texts) => texts.map((text) => bagOf(text).slice(1))),
  "gives plain arrays": () => embedding((texts) => texts.map((text) => [...bagOf(text)] as unknown as Float32Array)),
  "gives the same buffer again": () => {
    const shared = Array.from({ length: 5 }, () => new Float32Array(24));
    return embedding((texts) =>
      texts.map((text, index) => {
        const buffer = shared[index] ?? new Float32Array(24);
        buffer.set(bagOf(text));
        return buffer;
      }),
    );
  },
  "gives one vector for no text": () => embedding((texts) => (texts.length === 0 ? [bagOf("")] : texts.map(bagOf))),
  "empties its input": () => embedding((texts) => (texts as string[]).splice(0).map(bagOf)),
  "knows the role of documents alone": () => ({
    ...plainEmbedder(),
    async embed(texts, { role, signal }) {
      if (role !== "document") throw new AdapterError("mutant", "unknown role", { retryable: false });
      signal?.throwIfAborted();
      return texts.map(bagOf);
    },
  }),
  "batches queries wrongly": () => ({
    ...plainEmbedder(),
    async embed(texts, { role, signal }) {
      signal?.throwIfAborted();
      return role === "query" ? texts.map(bagOf).toReversed() : texts.map(bagOf);
    },
  }),
  "declares no dimensions": () => ({
    ...plainEmbedder(),
    fingerprint: { provider: "test", model: "bag", dimensions: 0 },
  }),
  "declares a limit of 0 texts": () => ({ ...plainEmbedder(), limits: { items: 0 } }),
  "ignores an abort": () => ({ ...plainEmbedder(), embed: async (texts) => texts.map(bagOf) }),
  "wraps the reason of an abort": () => ({
    ...plainEmbedder(),
    async embed(texts, { signal }) {
      if (signal?.aborted === true)
        throw new AdapterError("mutant", "aborted", { retryable: true, cause: signal.reason });
      return texts.map(bagOf);
    },
  }),
};

function embedding(embed: (texts: readonly string[]) => readonly Float32Array[]): Embedder {
  return {
    ...plainEmbedder(),
    async embed(texts, { signal }) {
      signal?.throwIfAborted();
      return embed(texts);
    },
  };
}

export const rerankerMutants: Readonly<Record<string, () => Reranker>> = {
  "sorts its scores": () => scoring((scores) => scores.toSorted((a, b) => b - a)),
  "reverses its scores": () => scoring((scores) => scores.toReversed()),
  "gives the better text the lower score": () => scoring((scores) => scores.map((score) => 1 - score)),
  "scores by place": () => scoring((scores) => scores.map((_, index) => 1 - index / 10)),
  "drops texts that score 0": () => scoring((scores) => scores.filter((score) => score > 0)),
  "gives the best three": () => scoring((scores) => scores.slice(0, 3)),
  "gives NaN where nothing matches": () =>
    scoring((scores) => scores.map((score) => (score === 0 ? Number.NaN : score))),
  "scales by the best of the batch, from 0": () =>
    scoring((scores) => {
      const best = Math.max(...scores);
      return scores.map((score) => score / best);
    }),
  "refuses no texts": () => scoring((scores) => [scores.reduce((a, b) => Math.max(a, b)), ...scores.slice(1)]),
  "scores a repeated text once":
    () =>
    async (query, texts, { signal } = {}) => {
      signal?.throwIfAborted();
      return [...new Set(texts)].map((text) => overlap(query, text));
    },
  "sorts its input":
    () =>
    async (query, texts, { signal } = {}) => {
      signal?.throwIfAborted();
      return (texts as string[]).splice(0).map((text) => overlap(query, text));
    },
  "builds a pattern from the query":
    () =>
    async (query, texts, { signal } = {}) => {
      signal?.throwIfAborted();
      const pattern = new RegExp(query.split(" ").join("|"), "giu");
      return texts.map((text) => text.match(pattern)?.length ?? 0);
    },
  "ignores an abort": () => (query, texts) => plainReranker(query, texts),
  "wraps the reason of an abort":
    () =>
    (query, texts, { signal } = {}) =>
      signal?.aborted === true
        ? Promise.reject(new AdapterError("mutant", "aborted", { retryable: true, cause: signal.reason }))
        : plainReranker(query, texts),
};

function scoring(map: (scores: readonly number[]) => readonly number[]): Reranker {
  return async (query, texts, options) => map(await plainReranker(query, texts, options));
}
