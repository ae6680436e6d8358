import { AdapterError, quoted } from "../errors.ts";
import { idf, saturate } from "../lexical/terms.ts";
import type { Opened } from "../scope/opening.ts";
import { ownScore, someTerms } from "../stores/own-query.ts";
import { retrying } from "../retry.ts";
import type { Candidate, ChunkWrite, IndexSpec, PortOptions, Scope, Store, StoreAnswer, StoreQuery } from "../types.ts";

/** Documents are looked at behind each of these ids: stores list them in the order of their code units. */
const places = [undefined, "4", "A", "N", "a", "n", "\u0800", "\u7000"];
/** Chunks looked at behind each. */
const chunksOfPlace = 4;
const limit = 100;
/** Relative: what codes and 16-bit vectors may cost a score. */
const tolerance = 1e-2;

/**
 * Before a generation is published: it has as many chunks as were written, where that is known, and a sample of them is
 * found.
 */
export async function verifyStaged(
  store: Store,
  { generation, spec }: Opened,
  written: Iterable<readonly [tenant: string | null, chunks: number]>,
  options: PortOptions,
): Promise<void> {
  for (const [tenant, chunks] of written) {
    const scope = { generation, tenant };
    const counted = Number.isNaN(chunks)
      ? { chunks }
      : await retrying(() => store.count(scope, undefined, options), options);
    if (!Object.is(counted.chunks, chunks)) {
      throw refused(store, scope, `${chunks} chunks were written and ${counted.chunks} are there`);
    }
    await verifyAnswers(store, scope, spec, options);
  }
}

/**
 * Throws unless a sample of the stored chunks is found by what it is indexed with: a chunk that is asked for by its own
 * terms and its own vector is among the candidates, or all of them score at least as high as it would.
 */
export async function verifyAnswers(store: Store, scope: Scope, spec: IndexSpec, options: PortOptions): Promise<void> {
  if (store.export === undefined) return;
  const sample = new Map<string, ChunkWrite>();
  for (const after of places) {
    const page = { limit: chunksOfPlace, ...(after !== undefined && { after }) };
    const { chunks } = await retrying(async () => store.export?.(scope, page, options) ?? { chunks: [] }, options);
    for (const chunk of chunks.slice(0, chunksOfPlace)) sample.set(chunk.id, chunk);
  }
  for (const chunk of sample.values()) {
    const query = queryOf(chunk, scope, spec);
    if (query === undefined) continue;
    const answer = await retrying(() => store.search(query, options), options);
    const absent = absentFrom(answer, chunk, query, spec);
    if (absent !== undefined) {
      throw refused(store, scope, `chunk ${quoted(chunk.id)} is stored and not found by its own ${absent}`);
    }
  }
}

function queryOf({ legs }: ChunkWrite, scope: Scope, spec: IndexSpec): StoreQuery | undefined {
  if (legs === "kept") return undefined;
  const { vector, terms } = legs;
  const own = {
    ...(spec.dense && vector && { dense: { vector } }),
    ...(spec.lexical && terms && { lexical: someTerms(terms) }),
  };
  return Object.keys(own).length === 0 ? undefined : { scope, limit, statistics: true, ...own };
}

/** What the chunk is not found by, if there is such a leg. */
function absentFrom(
  answer: StoreAnswer,
  { id, legs }: ChunkWrite,
  { dense, lexical }: StoreQuery,
  spec: IndexSpec,
): "vector" | "terms" | undefined {
  const isFound = (leg: StoreAnswer["dense"], own: number): boolean => {
    const least = own - tolerance * Math.max(1, Math.abs(own));
    // Itself, or the last of as many as were asked for, which all score as high.
    const tells = (candidate: Candidate, index: number): boolean => candidate.id === id || index === limit - 1;
    return leg?.some((candidate, index) => tells(candidate, index) && candidate.score >= least) === true;
  };
  if (dense !== undefined && "vector" in dense) {
    const own = ownScore(dense.vector, spec.dense?.metric ?? "cosine");
    if (!isFound(answer.dense, own)) return "vector";
  }
  const { statistics } = answer;
  const terms = legs === "kept" ? undefined : legs.terms;
  if (lexical === undefined || !terms || !spec.lexical || !statistics) return undefined;
  // The query's terms are the first of the row's.
  const weights = saturate(terms, spec.lexical);
  let own = 0;
  for (const [index, count] of lexical.counts.entries()) {
    own += count * idf(statistics.chunks, statistics.frequencies[index] ?? 0) * (weights[index] ?? 0);
  }
  return isFound(answer.lexical, own) ? undefined : "terms";
}

function refused(store: Store, { generation, tenant }: Scope, why: string): AdapterError {
  const whose = tenant === null ? "" : ` for tenant ${quoted(tenant)}`;
  return new AdapterError(store.name, `generation ${quoted(generation)} does not hold${whose} what it should: ${why}`);
}
