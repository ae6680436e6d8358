import type { Store } from "../../src/types.ts";
import { referenceStore, right } from "./reference-store.ts";
import { rewriting, wrapped } from "./wrapped-store.ts";

/** Bugs of the scores, the order and the answer of a search. */
export const searchMutants: Readonly<Record<string, () => Store>> = {
  "breaks ties by insertion": () => referenceStore({ order: (a, b) => b.score - a.score }),
  "breaks ties by the last id": () => referenceStore({ order: (a, b) => b.score - a.score || (a.id < b.id ? 1 : -1) }),
  "puts the lowest score first": () => referenceStore({ order: (a, b) => a.score - b.score || (a.id < b.id ? -1 : 1) }),
  "scores euclidean distances above zero": () =>
    referenceStore({
      similarity: (a, b, metric) => right.similarity(a, b, metric) * (metric === "euclidean" ? -1 : 1),
    }),
  "squares euclidean distances": () =>
    referenceStore({
      similarity: (a, b, metric) =>
        metric === "euclidean" ? -(right.similarity(a, b, metric) ** 2) : right.similarity(a, b, metric),
    }),
  "takes dot products for cosines": () =>
    referenceStore({ similarity: (a, b, metric) => right.similarity(a, b, metric === "cosine" ? "dot" : metric) }),
  "takes cosines for dot products": () =>
    referenceStore({ similarity: (a, b, metric) => right.similarity(a, b, metric === "dot" ? "cosine" : metric) }),
  "takes a missing vector for one of zeros": () =>
    rewriting((chunk) =>
      chunk.legs === "kept" ? chunk : { ...chunk, legs: { vector: new Float32Array(4), ...chunk.legs } },
    ),
  "ranks rows that share no term with the query": () =>
    wrapped((store) => ({
      async search(query, options) {
        const { lexical, ...answer } = await store.search(query, options);
        if (lexical === undefined) return answer;
        const everything = await store.export?.(query.scope, { limit: 1_000 }, options);
        const found = new Set(lexical.map(({ id }) => id));
        const others = (everything?.chunks ?? []).filter(({ id }) => !found.has(id));
        return { ...answer, lexical: [...lexical, ...others.map(({ id }) => ({ id, score: 0 }))] };
      },
    })),
  "takes a query without terms for everything": () =>
    wrapped((store) => ({
      async search(query, options) {
        const answer = await store.search(query, options);
        if (query.lexical?.ids.length !== 0) return answer;
        const everything = await store.export?.(query.scope, { limit: 1_000 }, options);
        return { ...answer, lexical: (everything?.chunks ?? []).map(({ id }) => ({ id, score: 0 })) };
      },
    })),
  "answers for an empty index without legs": () =>
    wrapped((store) => ({
      async search(query, options) {
        const { chunks } = await store.count(query.scope, undefined, options);
        return chunks === 0 ? { chunks: new Map() } : store.search(query, options);
      },
    })),
  "scores cosines from 0 to 1": () =>
    referenceStore({
      similarity: (a, b, metric) =>
        metric === "cosine" ? (1 + right.similarity(a, b, metric)) / 2 : right.similarity(a, b, metric),
    }),
  "takes the live average length": () =>
    referenceStore({
      weight: (count, length, settings, live) => {
        const total = live.reduce((sum, { terms }) => sum + (terms?.counts.reduce((a, b) => a + b, 0) ?? 0), 0);
        return right.weight(count, length, { ...settings, averageLength: total / live.length }, live);
      },
    }),
  "takes the default k1 and b": () =>
    referenceStore({
      weight: (count, length, settings, live) => right.weight(count, length, { ...settings, k1: 1.2, b: 0.75 }, live),
    }),
  "does not saturate": () => referenceStore({ weight: (count) => count }),
  "takes idf over the filter": () =>
    referenceStore({ counted: (row, selected, deleted) => selected && right.counted(row, selected, deleted) }),
  "counts deleted rows in idf": () => referenceStore({ counted: (row) => row.terms !== undefined }),
  "counts rows without terms in idf": () => referenceStore({ counted: (_row, _selected, deleted) => !deleted }),
  "takes each query term once": () =>
    wrapped((store) => ({
      search: (query, options) =>
        store.search(
          query.lexical === undefined
            ? query
            : { ...query, lexical: { ids: query.lexical.ids, counts: query.lexical.counts.map(() => 1) } },
          options,
        ),
    })),
  "limits both legs together": () =>
    wrapped((store) => ({
      async search(query, options) {
        const { dense, lexical, ...answer } = await store.search(query, options);
        const left = query.limit - (dense?.length ?? 0);
        return { ...answer, ...(dense && { dense }), ...(lexical && { lexical: lexical.slice(0, left) }) };
      },
    })),
  "gives at most 100 candidates": () =>
    wrapped((store) => ({
      search: (query, options) => store.search({ ...query, limit: Math.min(query.limit, 100) }, options),
    })),
  "gives the rows of the dense leg alone": () =>
    wrapped((store) => ({
      async search(query, options) {
        const answer = await store.search(query, options);
        const dense = new Set(answer.dense?.map(({ id }) => id));
        return { ...answer, chunks: new Map([...answer.chunks].filter(([id]) => dense.has(id))) };
      },
    })),
  "answers with legs that were not asked for": () =>
    wrapped((store) => ({
      async search(query, options) {
        return { dense: [], lexical: [], ...(await store.search(query, options)) };
      },
    })),
  "answers for a missing leg with nothing": () =>
    wrapped((store) => ({
      async search(query, options) {
        try {
          return await store.search(query, options);
        } catch {
          options.signal.throwIfAborted();
          return { dense: [], lexical: [], chunks: new Map() };
        }
      },
    })),
  "reverses the statistics": () =>
    wrapped((store) => ({
      async search(query, options) {
        const { statistics, ...answer } = await store.search(query, options);
        if (statistics === undefined) return answer;
        return { ...answer, statistics: { ...statistics, frequencies: statistics.frequencies.toReversed() } };
      },
    })),
  "gives no statistics": () =>
    wrapped((store) => ({
      search: ({ statistics, ...query }, options) =>
        store.search({ ...query, statistics: statistics === undefined }, options),
    })),
};
