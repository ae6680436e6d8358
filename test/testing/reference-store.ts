import { AdapterError, UnsupportedError } from "../../src/errors.ts";
import { evaluateFilter } from "../../src/filter/evaluate.ts";
import { checkSpec } from "../../src/fingerprint.ts";
import { checkReplacement } from "../../src/stores/refusals.ts";
import type {
  Candidate,
  ChunkWrite,
  FilterTree,
  IndexSpec,
  LexicalSpec,
  Scope,
  Store,
  StoredChunk,
  StoredMetadata,
  Terms,
} from "../../src/types.ts";

/** A row in a plain list: what a store holds is one array of these. */
export interface HeldRow {
  readonly scope: Scope;
  readonly chunk: StoredChunk;
  readonly vector?: Float32Array;
  readonly terms?: Terms;
}

/** The decisions of a store, one function each, so that a test can put one wrong one in its place. */
export interface Decisions {
  copied(write: ChunkWrite): ChunkWrite;
  matches(tree: FilterTree, metadata: StoredMetadata): boolean;
  inScope(row: HeldRow, scope: Scope, call: "read" | "count" | "search" | "statistics" | "replace"): boolean;
  similarity(a: Float32Array, b: Float32Array, metric: "cosine" | "dot" | "euclidean"): number;
  /** Over which rows idf and statistics are taken. */
  counted(row: HeldRow, selected: boolean, deleted: boolean): boolean;
  weight(count: number, length: number, settings: LexicalSpec, live: readonly HeldRow[]): number;
  order(a: Candidate, b: Candidate): number;
}

export const right: Decisions = {
  copied: (write) => structuredClone(write),
  matches: evaluateFilter,
  inScope: (row, scope) => row.scope.generation === scope.generation && row.scope.tenant === scope.tenant,
  similarity(a, b, metric) {
    let dot = 0;
    let squares = 0;
    a.forEach((value, index) => {
      const other = b[index] ?? 0;
      dot += value * other;
      squares += (value - other) ** 2;
    });
    if (metric === "euclidean") return -Math.sqrt(squares);
    return metric === "dot" ? dot : dot / Math.sqrt(a.reduce(addSquare, 0) * b.reduce(addSquare, 0));
  },
  counted: (row, _selected, deleted) => row.terms !== undefined && !deleted,
  weight: (count, length, { k1, b, averageLength }) =>
    (count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / averageLength)),
  order: (a, b) => b.score - a.score || (a.id < b.id ? -1 : 1),
};

/** The plainest store there is: lists and loops. It shares nothing with `memory()` but the meaning of a filter. */
export function referenceStore(wrong: Partial<Decisions> = {}): Store {
  const { copied, matches, inScope, similarity, counted, weight, order } = { ...right, ...wrong };
  const specs = new Map<string, IndexSpec>();
  let live: string | undefined;
  let rows: readonly HeldRow[] = [];
  let graves: readonly HeldRow[] = [];

  const specOf = (generation: string): IndexSpec => {
    const spec = specs.get(generation);
    if (spec === undefined) throw new AdapterError("reference", `no generation ${generation}`, { retryable: false });
    return spec;
  };
  const visible = (scope: Scope, call: "read" | "count" | "search", filter?: FilterTree): readonly HeldRow[] => {
    specOf(scope.generation);
    const seen = rows.filter((row) => inScope(row, scope, call));
    return filter === undefined ? seen : seen.filter(({ chunk }) => matches(filter, chunk.metadata));
  };
  const documentsOf = (held: readonly HeldRow[]): readonly string[] =>
    [...new Set(held.map(({ chunk }) => chunk.documentId))].toSorted((a, b) => (a < b ? -1 : 1));

  return {
    name: "reference",
    async prepare(spec, { signal, fresh = false, create = true }) {
      signal.throwIfAborted();
      if (fresh || live === undefined) {
        if (!fresh && !create) return undefined;
        const generation = `g${specs.size + 1}`;
        specs.set(generation, spec);
        if (!fresh) live = generation;
        return { generation, spec };
      }
      const stored = specOf(live);
      checkSpec(stored, spec);
      const merged = { ...stored, fields: { ...stored.fields, ...spec.fields } };
      specs.set(live, merged);
      return { generation: live, spec: merged };
    },
    async publish(generation, { signal }) {
      signal.throwIfAborted();
      specOf(generation);
      live = generation;
    },
    async retire(generation, { signal }) {
      signal.throwIfAborted();
      specs.delete(generation);
      rows = rows.filter(({ scope }) => scope.generation !== generation);
    },
    async replace({ scope, documents, filter }, { signal }) {
      signal.throwIfAborted();
      checkReplacement("reference", documents, specOf(scope.generation));
      const mine = rows.filter((row) => inScope(row, scope, "replace"));
      const added = documents.flatMap(({ chunks }) =>
        chunks.map((write): HeldRow => {
          const { legs, ...chunk } = copied(write);
          if (legs !== "kept") return { scope, chunk, ...legs };
          const held = mine.find((row) => row.chunk.id === write.id);
          if (held !== undefined) return { ...held, chunk };
          throw new AdapterError("reference", `no row ${write.id}`, { retryable: true, code: "conflict" });
        }),
      );
      const isMeant = (id: string): boolean =>
        filter === undefined || mine.some(({ chunk }) => chunk.documentId === id && matches(filter, chunk.metadata));
      const replaced = new Set(documents.flatMap(({ id }) => (isMeant(id) ? id : [])));
      const gone = mine.filter(({ chunk }) => replaced.has(chunk.documentId));
      graves = [...graves, ...gone];
      rows = [...rows.filter((row) => !gone.includes(row)), ...added];
    },
    async read(scope, which, { signal }) {
      signal.throwIfAborted();
      const seen = visible(scope, "read");
      if ("chunkIds" in which) {
        return which.chunkIds.flatMap((id) => seen.flatMap(({ chunk }) => (chunk.id === id ? [chunk] : [])));
      }
      return which.documentIds.flatMap((id) =>
        seen.flatMap(({ chunk }) => (chunk.documentId === id ? [chunk] : [])).toSorted((a, b) => a.ordinal - b.ordinal),
      );
    },
    async export(scope, { after = "", limit }, { signal }) {
      signal.throwIfAborted();
      const seen = visible(scope, "read").toSorted((a, b) => (a.chunk.id < b.chunk.id ? -1 : 1));
      const rest = seen.filter(({ chunk }) => chunk.id > after);
      const chunks = rest.slice(0, limit).map(written);
      const last = chunks.at(-1);
      return rest.length > limit && last !== undefined ? { chunks, next: last.id } : { chunks };
    },
    async list(scope, { filter, after = "", limit }, { signal }) {
      signal.throwIfAborted();
      const seen = visible(scope, "read", filter);
      const rest = documentsOf(seen).filter((id) => id > after);
      const documents = rest.slice(0, limit).map((id) => ({
        id,
        hash: seen.find(({ chunk }) => chunk.documentId === id)?.chunk.documentHash ?? "",
      }));
      const last = documents.at(-1);
      return rest.length > limit && last !== undefined ? { documents, next: last.id } : { documents };
    },
    async search({ scope, filter, limit, dense, lexical, statistics }, { signal }) {
      signal.throwIfAborted();
      const spec = specOf(scope.generation);
      const selected = visible(scope, "search", filter);
      const best = (candidates: readonly Candidate[]): readonly Candidate[] =>
        candidates.toSorted(order).slice(0, limit);
      const inStatistics = (row: HeldRow, deleted: boolean): boolean =>
        inScope(row, scope, "statistics") && counted(row, selected.includes(row), deleted);
      const corpus = [
        ...rows.filter((row) => inStatistics(row, false)),
        ...graves.filter((row) => inStatistics(row, true)),
      ];
      const frequencies = Array.from(
        lexical?.ids ?? [],
        (id) => corpus.filter(({ terms }) => terms?.ids.includes(id)).length,
      );

      const denseLeg = (): readonly Candidate[] => {
        const { metric } = spec.dense ?? {};
        if (dense === undefined || metric === undefined || !("vector" in dense))
          throw new UnsupportedError("no dense leg");
        const scored = selected.flatMap(({ chunk: { id }, vector }) =>
          vector === undefined ? [] : [{ id, score: similarity(vector, dense.vector, metric) }],
        );
        return best(scored);
      };
      const lexicalLeg = (query: Terms): readonly Candidate[] => {
        const settings = spec.lexical;
        if (settings === undefined) throw new UnsupportedError("no lexical leg");
        const scored = selected.flatMap(({ chunk: { id }, terms }) => {
          if (terms === undefined || !terms.ids.some((term) => query.ids.includes(term))) return [];
          const length = terms.counts.reduce((sum, count) => sum + count, 0);
          const score = query.ids.reduce((sum, term, position) => {
            const count = terms.counts[terms.ids.indexOf(term)];
            if (count === undefined) return sum;
            const df = frequencies[position] ?? 0;
            const idf = Math.log(1 + (corpus.length - df + 0.5) / (df + 0.5));
            return sum + (query.counts[position] ?? 0) * idf * weight(count, length, settings, corpus);
          }, 0);
          return [{ id, score }];
        });
        return best(scored);
      };

      const legs = {
        ...(dense && { dense: denseLeg() }),
        ...(lexical && { lexical: lexicalLeg(lexical) }),
      };
      const found = new Set([...(legs.dense ?? []), ...(legs.lexical ?? [])].map(({ id }) => id));
      const chunks = new Map(
        selected.flatMap(({ chunk }) => (found.has(chunk.id) ? [[chunk.id, chunk] as const] : [])),
      );
      const asked = statistics === true && lexical !== undefined;
      return { ...legs, chunks, ...(asked && { statistics: { chunks: corpus.length, frequencies } }) };
    },
    async count(scope, filter, { signal }) {
      signal.throwIfAborted();
      const seen = visible(scope, "count", filter);
      return { documents: documentsOf(seen).length, chunks: seen.length };
    },
  };
}

function written({ chunk, vector, terms }: HeldRow): ChunkWrite {
  return { ...chunk, legs: { ...(vector && { vector }), ...(terms && { terms }) } };
}

function addSquare(sum: number, value: number): number {
  return sum + value * value;
}
