import { UnsupportedError } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import type { Candidate, StoreAnswer, StoredChunk, StoreQuery } from "../../../src/types.ts";
import type { Json } from "./client.ts";
import { DENSE, TERMS } from "./collection.ts";
import { name, refused } from "./faults.ts";
import type { Place } from "./places.ts";
import { chunkOf, denseVector, payloadParts, pointId, sparseVector } from "./points.ts";
import { type CorpusCounts, type Statistics, weighed } from "./statistics.ts";

/** Up to so many rows in the scope a dense search ranks them all; above it uses the graph. */
const EXACT_ROWS = 100_000;
/** Of the graph: how many it looks at. */
const EF = 512;
/** Rows asked for beyond the limit: where they score lower, all that tie at the limit are known. */
const SLACK = 8;
/** So many rows may tie at the limit before it is left to the server which of them come. */
const MOST_TIED = 100_000;

/** One leg of a search: its request but for the limit, and how its scores read. */
interface Leg {
  readonly leg: "dense" | "lexical";
  readonly request: Json;
  readonly sign: 1 | -1;
}
interface Found extends Candidate {
  readonly chunk: StoredChunk | undefined;
}

type Legs = { dense?: readonly Candidate[]; lexical?: readonly Candidate[] };

/** Both legs in one request; another one only where ties, or counts that are not known yet, ask for it. */
export async function searchRows(place: Place, query: StoreQuery, corpus: CorpusCounts): Promise<StoreAnswer> {
  const { lexical, limit } = query;
  if (lexical !== undefined && place.idf === "refused") {
    throw new UnsupportedError(
      `${name}: ${place.collection} was made for the idf of one shard on Qdrant 1.19, which several shards or an older server would answer otherwise. Build a new one with stage().`,
    );
  }
  if (limit > place.limits.rows) {
    throw new UnsupportedError(
      `${name}: strict mode allows ${place.limits.rows} rows of a query, ${limit} were asked for`,
    );
  }
  const filter = place.exists ? place.filter(query.filter) : "never";
  const counted = lexical !== undefined && (query.statistics === true || place.idf === "query");
  const statistics = counted ? await statisticsOf(place, query, corpus) : undefined;
  const legs = filter === "never" ? [] : await legsOf(place, query, filter, statistics);
  const fetched = Math.min(limit + SLACK, place.limits.rows);
  const pages = await queryBatch(place, legs, fetched, payloadParts.row);
  const answer: Legs = {
    ...(query.dense !== undefined && { dense: [] }),
    ...(lexical !== undefined && { lexical: [] }),
  };
  const chunks = new Map<string, StoredChunk>();
  for (const [index, leg] of legs.entries()) {
    const found = await untied(place, leg, pages[index] ?? [], limit, fetched);
    const best = found.toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, limit);
    answer[leg.leg] = best.map(({ id, score }) => ({ id, score }));
    for (const { id, chunk } of best) if (chunk !== undefined) chunks.set(id, chunk);
  }
  await addMissing(place, answer, chunks);
  // One that was deleted meanwhile is no candidate.
  for (const { leg } of legs) answer[leg] = (answer[leg] ?? []).filter(({ id }) => chunks.has(id));
  return { ...answer, chunks, ...(query.statistics === true && statistics !== undefined && { statistics }) };
}

async function statisticsOf(place: Place, { lexical }: StoreQuery, corpus: CorpusCounts): Promise<Statistics> {
  if (lexical === undefined || !place.exists) {
    return { chunks: 0, frequencies: Array.from(lexical?.ids ?? [], () => 0) };
  }
  return corpus.of(place, lexical);
}

async function legsOf(
  place: Place,
  { dense, lexical, limit }: StoreQuery,
  filter: Json,
  statistics: Statistics | undefined,
): Promise<readonly Leg[]> {
  const legs: Leg[] = [];
  if (dense !== undefined && "vector" in dense && place.spec.dense !== undefined) {
    const { metric } = place.spec.dense;
    const params = (await isSmall(place))
      ? { exact: true }
      : { hnsw_ef: Math.min(Math.max(EF, 2 * limit), place.limits.ef) };
    const request = { query: denseVector(dense.vector, metric), using: DENSE, filter, params };
    legs.push({ leg: "dense", request, sign: metric === "euclidean" ? -1 : 1 });
  }
  if (lexical !== undefined && lexical.ids.length > 0) {
    if (place.idf === "server") {
      const params = { idf: { corpus: place.filter(undefined) } };
      const request = { query: sparseVector(lexical, lexical.counts), using: TERMS, filter, params };
      legs.push({ leg: "lexical", request, sign: 1 });
    } else if (statistics !== undefined) {
      const { terms, weights } = weighed(lexical, statistics);
      if (terms.ids.length > 0) {
        legs.push({ leg: "lexical", request: { query: sparseVector(terms, weights), using: TERMS, filter }, sign: 1 });
      }
    }
  }
  return legs;
}

/** Whether all rows can be ranked. A large collection is asked how large this tenant is, which it estimates. */
async function isSmall(place: Place): Promise<boolean> {
  if (!place.limits.exact) return false;
  if (place.points <= EXACT_ROWS) return true;
  const filter = place.filter(undefined);
  return filter !== "never" && (await place.count(filter, false)) <= EXACT_ROWS;
}

async function queryBatch(
  place: Place,
  legs: readonly Leg[],
  limit: number,
  parts: readonly string[],
): Promise<readonly (readonly Found[])[]> {
  if (legs.length === 0) return [];
  const searches = legs.map(({ request }) => ({ ...request, limit, with_payload: parts }));
  const answers = await place.read("queryBatchPoints", { searches });
  if (!Array.isArray(answers) || answers.length !== legs.length) throw refused("expected an answer for each leg");
  return legs.map(({ sign }, index) => {
    const points = own((answers as readonly unknown[])[index], "points");
    if (!Array.isArray(points)) throw refused("expected points in the answer of a search, received none");
    return (points as readonly unknown[]).map((point) => foundOf(point, sign, parts === payloadParts.row));
  });
}

function foundOf(point: unknown, sign: 1 | -1, whole: boolean): Found {
  const score = own(point, "score");
  if (typeof score !== "number") throw refused(`expected a score, received ${String(score)}`);
  if (whole) {
    const chunk = chunkOf(point);
    return { id: chunk.id, score: sign * score, chunk };
  }
  const id = own(own(own(point, "payload"), "chunk"), "id");
  if (typeof id !== "string") throw refused("a point of the collection was not written by groundline");
  return { id, score: sign * score, chunk: undefined };
}

/**
 * Equal scores come in any order and are cut anywhere: more rows are fetched, ids alone, until one scores lower than the
 * last that fits.
 */
async function untied(
  place: Place,
  leg: Leg,
  first: readonly Found[],
  limit: number,
  fetched: number,
): Promise<readonly Found[]> {
  let found = first;
  const chunks = new Map(first.map(({ id, chunk }) => [id, chunk]));
  for (let most = fetched; found.length >= most && found.at(-1)?.score === found[limit - 1]?.score;) {
    most = Math.min(most * 4, MOST_TIED, place.limits.rows);
    if (most <= found.length) break;
    [found = []] = await queryBatch(place, [leg], most, payloadParts.id);
  }
  return found.map((each) => (each.chunk === undefined ? { ...each, chunk: chunks.get(each.id) } : each));
}

async function addMissing(
  place: Place,
  { dense = [], lexical = [] }: Pick<StoreAnswer, "dense" | "lexical">,
  chunks: Map<string, StoredChunk>,
): Promise<void> {
  const missing = [...new Set([...dense, ...lexical].map(({ id }) => id))].filter((id) => !chunks.has(id));
  if (missing.length === 0) return;
  for (const chunk of await retrieve(place, missing)) chunks.set(chunk.id, chunk);
}

/** Rows by their ids; an unknown one is absent. */
export async function retrieve(place: Place, chunkIds: readonly string[]): Promise<readonly StoredChunk[]> {
  const found: StoredChunk[] = [];
  for (let start = 0; start < chunkIds.length; start += 256) {
    const ids = await Promise.all(chunkIds.slice(start, start + 256).map((id) => pointId(place.tenant, id)));
    const points = await place.read("getPoints", { ids: [...new Set(ids)], with_payload: payloadParts.row });
    if (Array.isArray(points)) for (const point of points as readonly unknown[]) found.push(chunkOf(point));
  }
  return found;
}
