import { AdapterError } from "../../src/errors.ts";
import { evaluateFilter } from "../../src/filter/evaluate.ts";
import type { LexicalIndex } from "../../src/types.ts";
import { plainLexicalIndex } from "./reference-parts.ts";

type Change = Parameters<LexicalIndex["replace"]>[0];

/** Bugs of lexical indexes. */
export const lexicalMutants: Readonly<Record<string, () => LexicalIndex>> = {
  "drops every 101st chunk": () =>
    wrapped((index) => ({
      replace(change, options) {
        let row = 0;
        return index.replace(
          withChunks(change, (chunks) => chunks.filter(() => ++row % 101 !== 0)),
          options,
        );
      },
    })),
  "adds and never removes": () => {
    let documents = 0;
    return wrapped((index) => ({
      replace: ({ scope, documents: written }, options) => {
        const renamed = written.map(({ chunks }) => ({ id: `${documents++}`, chunks }));
        return index.replace({ scope, documents: renamed }, options);
      },
    }));
  },
  "cannot delete": () =>
    wrapped((index) => ({
      replace: ({ scope, documents }, options) =>
        index.replace({ scope, documents: documents.filter(({ chunks }) => chunks.length > 0) }, options),
    })),
  "shows what it held at the first search": () => {
    let frozen = false;
    return wrapped((index) => ({
      async replace(change, options) {
        options.signal.throwIfAborted();
        if (!frozen) await index.replace(change, options);
      },
      search: (...call) => {
        frozen = true;
        return index.search(...call);
      },
    }));
  },
  "needs three chunks": () =>
    wrapped((index) => {
      let chunks = 0;
      return {
        async replace(change, options) {
          await index.replace(change, options);
          chunks += change.documents.flatMap((document) => document.chunks).length;
        },
        async search(...call) {
          if (chunks < 3) throw new AdapterError("mutant", "the collection is too small", { retryable: false });
          return index.search(...call);
        },
      };
    }),
  "keeps the first metadata": () => {
    const first = new Map<string, Change["documents"][number]["chunks"][number]["metadata"]>();
    return wrapped((index) => ({
      replace: (change, options) =>
        index.replace(
          withChunks(change, (chunks) =>
            chunks.map(({ id, text, metadata }) => {
              if (!first.has(id)) first.set(id, metadata);
              return { id, text, metadata: first.get(id) ?? metadata };
            }),
          ),
          options,
        ),
    }));
  },
  "counts words in an object": () =>
    wrapped((index) => ({
      search: async (query, options) => (query.text in {} ? [] : index.search(query, options)),
    })),
  "builds a pattern from the query": () =>
    wrapped((index) => ({
      search: (query, options) => {
        void new RegExp(query.text, "u");
        return index.search(query, options);
      },
    })),
  "matches prefixes": () => plainLexicalIndex({ holds: (word, asked) => word.startsWith(asked) }),
  "matches substrings": () =>
    plainLexicalIndex({ holds: (word, asked) => word.includes(asked) || asked.includes(word) }),
  "takes no words for every word": () =>
    wrapped((index) => ({
      search: ({ text, ...query }, options) =>
        index.search({ ...query, text: text.trim() === "" ? "copper zinc silver" : text }, options),
    })),
  "weighs every word alike": () => plainLexicalIndex({ idf: () => 1 }),
  "weighs frequent words more": () => plainLexicalIndex({ idf: (count, frequency) => frequency / count }),
  "does not saturate": () => plainLexicalIndex({ saturation: (count) => count }),
  "takes a word once": () => plainLexicalIndex({ saturation: (count, norm) => Math.min(count, 1) / (1 + norm) }),
  "does not look at the length": () => plainLexicalIndex({ saturation: (count) => (count * 2.2) / (count + 1.2) }),
  "breaks ties by insertion": () => plainLexicalIndex({ order: (a, b) => b.score - a.score }),
  "puts the lowest score first": () =>
    plainLexicalIndex({ order: (a, b) => a.score - b.score || (a.id < b.id ? -1 : 1) }),
  "gives at most ten": () =>
    wrapped((index) => ({
      search: (query, options) => index.search({ ...query, limit: Math.min(query.limit, 10) }, options),
    })),
  "gives at least ten": () =>
    wrapped((index) => ({
      search: (query, options) => index.search({ ...query, limit: Math.max(query.limit, 10) }, options),
    })),
  "counts what was deleted": () => plainLexicalIndex({ counted: ({ place }, here) => place === here }),
  "counts every tenant": () => plainLexicalIndex({ counted: (_text, _here, live) => live }),
  "ignores the tenant": () => plainLexicalIndex({ place: ({ generation }) => generation }),
  "ignores the generation": () => plainLexicalIndex({ place: ({ tenant }) => JSON.stringify(tenant) }),
  "takes no tenant for one named null": () =>
    plainLexicalIndex({ place: ({ generation, tenant }) => `${generation} ${tenant}` }),
  "ignores the filter": () =>
    wrapped((index) => ({ search: ({ filter: _filter, ...query }, options) => index.search(query, options) })),
  "filters after the limit": () => {
    const held = new Map<string, Change["documents"][number]["chunks"][number]>();
    return wrapped((index) => ({
      replace(change, options) {
        for (const chunk of change.documents.flatMap(({ chunks }) => chunks)) held.set(chunk.id, chunk);
        return index.replace(change, options);
      },
      async search({ filter, ...query }, options) {
        const candidates = await index.search(query, options);
        return candidates.filter(
          ({ id }) => filter === undefined || evaluateFilter(filter, held.get(id)?.metadata ?? {}),
        );
      },
    }));
  },
  "ignores an abort": () =>
    wrapped((index) => ({
      replace: (change) => index.replace(change, { signal: new AbortController().signal }),
      search: (query) => index.search(query, { signal: new AbortController().signal }),
    })),
  "notices an abort when it has written": () =>
    wrapped((index) => ({
      async replace(change, { signal }) {
        await index.replace(change, { signal: new AbortController().signal });
        signal.throwIfAborted();
      },
    })),
  "wraps the reason of an abort": () =>
    wrapped((index) => ({
      search: async (query, options) =>
        index.search(query, options).catch((cause: unknown) => {
          throw new AdapterError("mutant", "search failed", { retryable: true, cause });
        }),
    })),
  "retires nothing": () => wrapped(() => ({ retire: async () => undefined })),
  "retires every generation": () =>
    wrapped((index) => {
      const filled = new Set<string>();
      return {
        replace(change, options) {
          filled.add(change.scope.generation);
          return index.replace(change, options);
        },
        async retire() {
          for (const generation of filled) await index.retire?.(generation);
        },
      };
    }),
  "cannot be closed twice": () => {
    let closed = false;
    return wrapped(() => ({
      async close() {
        if (closed) throw new Error("closed already");
        closed = true;
      },
    }));
  },
};

function wrapped(wrong: (index: LexicalIndex) => Partial<LexicalIndex>): LexicalIndex {
  const index = plainLexicalIndex();
  return { ...index, ...wrong(index) };
}

function withChunks(
  change: Change,
  map: (chunks: Change["documents"][number]["chunks"]) => Change["documents"][number]["chunks"],
): Change {
  const documents = change.documents.map(({ id, chunks }) => ({ id, chunks: map(chunks) }));
  return { ...change, documents };
}
