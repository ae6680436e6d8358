import type { ChunkWrite, Store, StoredChunk } from "../../src/types.ts";
import { referenceStore } from "./reference-store.ts";
import { wrapped } from "./wrapped-store.ts";

/** Bugs of `read`, `list`, `count` and `export`. */
export const readMutants: Readonly<Record<string, () => Store>> = {
  "reads spans off by one": () =>
    reading((chunk) => ({ ...chunk, span: { start: chunk.span.start + 1, end: chunk.span.end } })),
  "reads an empty title as none": () =>
    reading(({ title, ...chunk }) => (title === undefined || title === "" ? chunk : { ...chunk, title })),
  "reads a missing token count as 0": () => reading((chunk) => ({ tokens: 0, ...chunk })),
  "loses empty headings": () => reading((chunk) => ({ ...chunk, headings: chunk.headings.filter(Boolean) })),
  "loses the parent": () => reading(({ parent, ...chunk }) => (parent === undefined ? chunk : chunk)),
  "normalises line ends": () => reading((chunk) => ({ ...chunk, text: chunk.text.replaceAll("\r\n", "\n") })),
  "normalises Unicode": () => reading((chunk) => ({ ...chunk, text: chunk.text.normalize("NFC") })),
  "trims the gap": () => reading((chunk) => ({ ...chunk, gap: chunk.gap.trim() })),
  "cuts long text": () => reading((chunk) => ({ ...chunk, text: chunk.text.slice(0, 65_535) })),
  "unwraps arrays of one value": () =>
    reading((chunk) => {
      const single = ([field, value]: [string, unknown]): [string, unknown] =>
        Array.isArray(value) && value.length === 1 ? [field, value[0]] : [field, value];
      return {
        ...chunk,
        metadata: Object.fromEntries(Object.entries(chunk.metadata).map(single)) as StoredChunk["metadata"],
      };
    }),
  "rounds numbers to 32 bits": () =>
    reading((chunk) => {
      const rounded = (value: unknown): unknown =>
        typeof value === "number" ? Math.fround(value) : Array.isArray(value) ? value.map(rounded) : value;
      const entries = Object.entries(chunk.metadata).map(([field, value]) => [field, rounded(value)]);
      return { ...chunk, metadata: Object.fromEntries(entries) as StoredChunk["metadata"] };
    }),
  "reads chunks in the order they were written": () => referenceOrder((chunks) => chunks),
  "reads chunks in the order of their ids": () =>
    referenceOrder((chunks) => chunks.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
  "reads a page of 100 rows": () =>
    wrapped((store) => ({ read: async (...call) => (await store.read(...call)).slice(0, 100) })),
  "reads one chunk of many": () =>
    wrapped((store) => ({
      async read(scope, which, options) {
        const chunks = await store.read(scope, which, options);
        return "chunkIds" in which ? chunks.slice(0, 1) : chunks;
      },
    })),
  "keeps documents in an object": () =>
    wrapped((store) => ({
      read: async (...call) => (await store.read(...call)).filter(({ documentId }) => !(documentId in {})),
    })),
  "reads everything for no ids": () =>
    wrapped((store) => ({
      async read(scope, which, options) {
        if ("chunkIds" in which || which.documentIds.length > 0) return store.read(scope, which, options);
        const { documents } = await store.list(scope, { limit: 1_000 }, options);
        return store.read(scope, { documentIds: documents.map(({ id }) => id) }, options);
      },
    })),
  "lists in the order of a locale": () =>
    listing((documents) => documents.toSorted((a, b) => a.id.localeCompare(b.id))),
  "lists in the order of code points": () =>
    listing((documents) => documents.toSorted((a, b) => byCodePoint(a.id, b.id))),
  "loses the next page": () =>
    wrapped((store) => ({ list: async (...call) => ({ documents: (await store.list(...call)).documents }) })),
  "skips a document between pages": () =>
    wrapped((store) => ({
      async list(scope, page, options) {
        const { documents, next } = await store.list(scope, { ...page, limit: page.limit + 1 }, options);
        return { documents: documents.slice(0, page.limit), ...(next !== undefined && { next }) };
      },
    })),
  "forgets the filter after the first page": () =>
    wrapped((store) => ({
      list: (scope, { filter, ...page }, options) =>
        store.list(scope, page.after === undefined && filter !== undefined ? { ...page, filter } : page, options),
    })),
  "lists a document when all of its chunks match": () =>
    wrapped((store) => ({
      async list(scope, { filter, ...page }, options) {
        if (filter === undefined) return store.list(scope, page, options);
        const opposite = await store.list(scope, { filter: { op: "not", part: filter }, limit: 1_000 }, options);
        const excluded = new Set(opposite.documents.map(({ id }) => id));
        const { documents, ...rest } = await store.list(scope, { ...page, filter }, options);
        return { documents: documents.filter(({ id }) => !excluded.has(id)), ...rest };
      },
    })),
  "lists without hashes": () => listing((documents) => documents.map(({ id }) => ({ id, hash: "" }))),
  "counts chunks as documents": () =>
    wrapped((store) => ({
      async count(...call) {
        const { chunks } = await store.count(...call);
        return { documents: chunks, chunks };
      },
    })),
  "counts without the filter": () =>
    wrapped((store) => ({ count: (scope, _filter, options) => store.count(scope, undefined, options) })),
  "exports without vectors": () =>
    exporting((chunk) =>
      chunk.legs === "kept" ? chunk : { ...chunk, legs: { ...(chunk.legs.terms && { terms: chunk.legs.terms }) } },
    ),
  "exports one page": () =>
    wrapped((store) => ({
      export: async (...call) => ({ chunks: (await store.export?.(...call))?.chunks ?? [] }),
    })),
};

function reading(map: (chunk: StoredChunk) => StoredChunk): Store {
  return wrapped((store) => ({ read: async (...call) => (await store.read(...call)).map(map) }));
}

function referenceOrder(order: (chunks: readonly StoredChunk[]) => readonly StoredChunk[]): Store {
  const store = referenceStore();
  return {
    ...store,
    async read(scope, which, options) {
      if ("chunkIds" in which) return store.read(scope, which, options);
      const { chunks } = (await store.export?.(scope, { limit: 1_000_000 }, options)) ?? { chunks: [] };
      const wanted = chunks.filter(({ documentId }) => which.documentIds.includes(documentId));
      return order(wanted.map(({ legs: _legs, ...chunk }) => chunk));
    },
  };
}

function listing(
  map: (
    documents: readonly { readonly id: string; readonly hash: string }[],
  ) => readonly { id: string; hash: string }[],
): Store {
  return wrapped((store) => ({
    async list(...call) {
      const { documents, ...rest } = await store.list(...call);
      return { documents: map(documents), ...rest };
    },
  }));
}

function exporting(map: (chunk: ChunkWrite) => ChunkWrite): Store {
  return wrapped((store) => ({
    async export(...call) {
      const { chunks = [], ...rest } = (await store.export?.(...call)) ?? {};
      return { chunks: chunks.map(map), ...rest };
    },
  }));
}

function byCodePoint(a: string, b: string): number {
  const [left, right_] = [
    Array.from(a, (character) => character.codePointAt(0) ?? 0),
    Array.from(b, (character) => character.codePointAt(0) ?? 0),
  ];
  const index = left.findIndex((code, position) => code !== right_[position]);
  return index === -1 ? left.length - right_.length : (left[index] ?? 0) - (right_[index] ?? -1);
}
