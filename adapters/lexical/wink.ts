import type createEngine from "wink-bm25-text-search";
import { ConfigError } from "../../src/errors.ts";
import { expectPart } from "../../src/expected-part.ts";
import { evaluateFilter } from "../../src/filter/evaluate.ts";
import { english } from "../../src/lexical/analyzers/english.ts";
import { bm25Parameters, idf, lengthNorm, saturation } from "../../src/lexical/terms.ts";
import type { Analyzer, Candidate, LexicalIndex, Scope, StoredMetadata } from "../../src/types.ts";

export interface WinkOptions {
  /** Default `english()`. */
  readonly analyzer?: Analyzer;
  /** Default 1.2. */
  readonly k1?: number;
  /** Default 0.75. */
  readonly b?: number;
}

/**
 * BM25 by the package wink-bm25-text-search: `npm install wink-bm25-text-search`.
 *
 * Its engine can neither update nor delete, so the first search after a change builds that of its tenant anew: some
 * 10,000 chunks a second, while nothing else runs. Scores have four decimals, because the engine rounds each term's share.
 * Nothing outlives the process; the retriever fills it again from the store, and what another process writes to that meanwhile
 * is not found.
 */
export function wink(options: WinkOptions = {}): LexicalIndex {
  const { k1, b } = bm25Parameters("wink", options, ["analyzer"]);
  const { analyzer = english() } = options;
  expectPart("analyzer", analyzer, "wink.analyzer");
  const scopes = new Map<string, HeldChunks>();
  let loading: Promise<typeof createEngine> | undefined;

  return {
    fingerprint: `wink@1${JSON.stringify({ k1, b, analyzer: analyzer.fingerprint })}`,
    durable: false,
    async prepare({ signal }) {
      signal.throwIfAborted();
      await (loading ??= loadEngine());
    },
    async replace({ scope, documents }, { signal }) {
      signal.throwIfAborted();
      await (loading ??= loadEngine());
      signal.throwIfAborted();
      const analysed = documents.map(({ id, chunks }) => {
        const indexed = chunks.map(({ text, ...chunk }) => ({ ...chunk, terms: analyzer.terms(text) }));
        return [id, indexed] as const;
      });
      const key = keyOf(scope);
      const held = scopes.get(key) ?? { generation: scope.generation, byDocument: new Map(), rank: undefined };
      for (const [id, chunks] of analysed) {
        if (chunks.length > 0) held.byDocument.set(id, chunks);
        else held.byDocument.delete(id);
      }
      held.rank = undefined;
      if (held.byDocument.size > 0) scopes.set(key, held);
      else scopes.delete(key);
    },
    async search({ scope, text, limit, filter }, { signal }) {
      signal.throwIfAborted();
      const create = await (loading ??= loadEngine());
      signal.throwIfAborted();
      const held = scopes.get(keyOf(scope));
      if (held === undefined) return [];
      held.rank ??= ranking([...held.byDocument.values()].flat(), { create, analyzer, k1, b });
      const admits = ({ metadata }: IndexedChunk): boolean => filter === undefined || evaluateFilter(filter, metadata);
      const candidates = held.rank(text, admits).map(({ id, score }) => ({ id, score: Math.round(score * 1e4) / 1e4 }));
      return candidates.toSorted((x, y) => y.score - x.score || (x.id < y.id ? -1 : 1)).slice(0, limit);
    },
    async retire(generation) {
      for (const [key, held] of scopes) if (held.generation === generation) scopes.delete(key);
    },
    async close() {
      scopes.clear();
    },
  };
}

interface IndexedChunk {
  readonly id: string;
  readonly terms: readonly string[];
  readonly metadata: StoredMetadata;
}

/** All that one tenant of one generation has. */
interface HeldChunks {
  readonly generation: string;
  readonly byDocument: Map<string, readonly IndexedChunk[]>;
  /** Over exactly these chunks; undefined after a change. */
  rank: Rank | undefined;
}

/** Every chunk that shares a term with the query and is admitted, in no order. */
type Rank = (query: string, admits: (chunk: IndexedChunk) => boolean) => readonly Candidate[];

interface Scoring {
  readonly create: typeof createEngine;
  readonly analyzer: Analyzer;
  readonly k1: number;
  readonly b: number;
}

/** Chunks without a term cannot be found and would count in the statistics. */
function ranking(chunks: readonly IndexedChunk[], scoring: Scoring): Rank {
  const found = chunks.filter(({ terms }) => terms.length > 0);
  return found.length < FEWEST ? fewRanked(found, scoring) : engineRanked(found, scoring);
}

/** The engine refuses a smaller collection. */
const FEWEST = 3;

function engineRanked(chunks: readonly IndexedChunk[], { create, analyzer, k1, b }: Scoring): Rank {
  const engine = create();
  engine.defineConfig({ fldWeights: { terms: 1 }, bm25Params: { k1, b, k: 1 }, ovFldNames: ["place"] });
  engine.definePrepTasks([(query: string) => analyzer.terms(query)]);
  engine.definePrepTasks([(terms: readonly string[]) => terms], "terms");
  // The engine makes every id a key of an object, and keys like numbers change places: it gets none of ours.
  chunks.forEach(({ terms }, place) => engine.addDoc({ terms, place }, `#${place}`));
  engine.consolidate();

  return (query, admits) => {
    /** The engine asks once for each posting. */
    const known = new Map<number, boolean>();
    const admitted = ({ place }: { readonly place: number }): boolean => {
      const chunk = chunks[place];
      const answer = known.get(place) ?? (chunk !== undefined && admits(chunk));
      known.set(place, answer);
      return answer;
    };
    // All of them, because the engine leaves it to chance which of those with the same score are within a limit.
    const scored = engine.search(query, chunks.length, admitted);
    return scored.map(([key, score]) => ({ id: chunks[Number(key.slice(1))]?.id ?? "", score }));
  };
}

/** The engine's formula, for as many chunks as it refuses. */
function fewRanked(chunks: readonly IndexedChunk[], { analyzer, k1, b }: Scoring): Rank {
  const averageLength = chunks.reduce((sum, { terms }) => sum + terms.length, 0) / chunks.length;
  const occurrences = (chunk: IndexedChunk, term: string): number => chunk.terms.filter((each) => each === term).length;
  return (query, admits) =>
    chunks.filter(admits).flatMap((chunk) => {
      const norm = lengthNorm(chunk.terms.length, { k1, b, averageLength });
      const shared = analyzer.terms(query).filter((term) => chunk.terms.includes(term));
      if (shared.length === 0) return [];
      const score = shared.reduce((sum, term) => {
        const frequency = chunks.filter(({ terms }) => terms.includes(term)).length;
        return sum + idf(chunks.length, frequency) * saturation(occurrences(chunk, term), norm, k1);
      }, 0);
      return [{ id: chunk.id, score }];
    });
}

function keyOf({ generation, tenant }: Scope): string {
  return JSON.stringify([generation, tenant]);
}

async function loadEngine(): Promise<typeof createEngine> {
  try {
    return (await import("wink-bm25-text-search")).default;
  } catch (cause) {
    throw new ConfigError("wink: its package is missing; npm install wink-bm25-text-search", { cause });
  }
}
