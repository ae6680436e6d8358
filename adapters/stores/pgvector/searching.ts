import type { Candidate, IndexSpec, StoreAnswer, StoredChunk, StoreQuery } from "../../../src/types.ts";
import type { Query, Value } from "./client.ts";
import { conditionOf } from "./filter.ts";
import { answersOf, chunkJson } from "./rows.ts";
import { vectorColumn } from "./schema.ts";
import { type Binding, binding, denseVector, firstTermKey } from "./values.ts";

/** Both legs, their rows and the statistics, in one statement with one answer. */

export interface SearchPlan {
  /** Up to this many rows behind tenant and filter are ranked one by one; more of them through the index, if there is one. */
  readonly exactRows: number;
  readonly indexed: boolean;
}

/**
 * For a statement that may use the index. Relaxed: what comes out of order is sorted afterwards, and `strict_order` would
 * drop it. The scan goes on until the filter has let enough rows through; memory is for what it has seen, and for rows that
 * are ranked one by one.
 */
export const indexSettings = `SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
set_config('hnsw.ef_search', '200', true), set_config('hnsw.max_scan_tuples', '200000', true),
set_config('work_mem', '32MB', true)`;

/** Candidates taken from the index, of which the best by their full vectors stay. */
function overFetched(limit: number): number {
  return Math.max(limit * 2, 40);
}

interface Found {
  readonly matching?: number | null;
  readonly dense?: readonly (readonly [string, number])[] | null;
  readonly lexical?: readonly (readonly [string, number])[] | null;
  readonly statistics?: { readonly chunks: number; readonly frequencies: readonly number[] | null };
  readonly chunks: readonly StoredChunk[] | null;
}

export async function searchRows(
  query: Query,
  table: string,
  tenant: string,
  asked: StoreQuery,
  spec: IndexSpec,
  plan: SearchPlan,
): Promise<StoreAnswer> {
  const statement = searchStatement(table, tenant, asked, spec, plan);
  const [found] = answersOf(await query(statement.text, statement.values)) as readonly Found[];
  if (found === undefined) return { chunks: new Map() };
  const matching = found.matching ?? 0;
  if (matching > plan.exactRows && (found.dense ?? []).length < Math.min(asked.limit, matching)) {
    // The scan of the index gave up before it had met enough rows: they are there, so they are looked for.
    return searchRows(query, table, tenant, asked, spec, { ...plan, indexed: false });
  }
  return {
    ...(asked.dense !== undefined && { dense: candidatesOf(found.dense) }),
    ...(asked.lexical !== undefined && { lexical: candidatesOf(found.lexical) }),
    chunks: new Map((found.chunks ?? []).map((chunk) => [chunk.id, chunk])),
    ...(asked.statistics === true &&
      found.statistics !== undefined && {
        statistics: { chunks: found.statistics.chunks, frequencies: found.statistics.frequencies ?? [] },
      }),
  };
}

function candidatesOf(found: readonly (readonly [string, number])[] | null | undefined): readonly Candidate[] {
  return (found ?? []).map(([id, score]) => ({ id, score }));
}

/** The text depends on which legs are asked for and on the shape of the filter, never on a value. */
function searchStatement(
  table: string,
  tenant: string,
  { filter, limit, dense, lexical }: StoreQuery,
  spec: IndexSpec,
  plan: SearchPlan,
): { readonly text: string; readonly values: readonly Value[] } {
  const bind = binding();
  const key = bind(tenant, "text");
  const scope = `c.tenant = ${key}`;
  const where = filter === undefined ? scope : `${scope} AND ${conditionOf(filter, bind)}`;
  const most = bind(limit, "bigint");
  const parts: string[] = [];
  const answer: string[] = [];
  const legs: string[] = [];
  if (dense !== undefined && "vector" in dense && spec.dense !== undefined) {
    parts.push(
      ...denseParts({
        table,
        where,
        filtered: filter !== undefined,
        most,
        limit,
        vector: dense.vector,
        dense: spec.dense,
        plan,
        bind,
      }),
    );
    legs.push("dense");
    if (plan.indexed && vectorColumn(spec.dense).indexed !== undefined)
      answer.push("'matching', (SELECT rows FROM matching)");
  }
  if (lexical !== undefined) {
    const terms = Array.from(lexical.ids, (id, index) => [firstTermKey(tenant) + id, lexical.counts[index]]);
    parts.push(...lexicalParts({ table, scope, where, most, terms: bind(JSON.stringify(terms), "json") }));
    legs.push("lexical");
    answer.push(`'statistics', json_build_object('chunks', (SELECT chunks FROM corpus),
    'frequencies', (SELECT json_agg(frequency ORDER BY place) FROM frequencies))`);
  }
  for (const leg of legs) {
    answer.push(`'${leg}', (SELECT json_agg(json_build_array(id, score) ORDER BY score DESC, id) FROM ${leg})`);
  }
  const ids = legs.map((leg) => `SELECT id FROM ${leg}`).join(" UNION ");
  if (legs.length > 0)
    answer.push(`'chunks', (SELECT json_agg(${chunkJson}) FROM ${table} AS c WHERE ${scope} AND c.id IN (${ids}))`);
  const prelude = parts.length === 0 ? "" : `WITH ${parts.join(",\n")}\n`;
  return { text: `${prelude}SELECT json_build_object(${answer.join(",\n  ")})::text AS answer`, values: bind.values };
}

/** Higher is better: `<#>` is the negative product already, `<=>` is 1 - cosine. */
function scoreOf(vector: string, operator: string, asked: string): string {
  return operator === "<=>" ? `1 - (${vector} <=> ${asked})` : `-(${vector} ${operator} ${asked})`;
}

function denseParts(options: {
  readonly table: string;
  readonly where: string;
  readonly filtered: boolean;
  readonly most: string;
  readonly limit: number;
  readonly vector: Float32Array;
  readonly dense: NonNullable<IndexSpec["dense"]>;
  readonly plan: SearchPlan;
  readonly bind: Binding;
}): readonly string[] {
  const { table, where, filtered, most, limit, vector, dense, plan, bind } = options;
  const { operator, indexed } = vectorColumn(dense);
  const asked = bind(denseVector(vector), `vector(${dense.dimensions})`);
  const having = `${where} AND c.vector IS NOT NULL`;
  if (!plan.indexed || indexed === undefined) {
    return [
      `dense AS MATERIALIZED (SELECT c.id, ${scoreOf("c.vector", operator, asked)} AS score FROM ${table} AS c
  WHERE ${having} ORDER BY score DESC, c.id LIMIT ${most})`,
    ];
  }
  const enough = bind(plan.exactRows, "integer");
  // The filter first: where few rows pass, ranking them all is exact and faster than any index. What passed is kept, as
  // asking the filter again costs more; without one, rows are counted in the index alone.
  const [counted, near] = filtered
    ? ["near", `SELECT near.id, near.vector FROM near WHERE (SELECT rows FROM matching) <= ${enough}`]
    : [
        `(SELECT 1 FROM ${table} AS c WHERE ${where} LIMIT ${enough} + 1) AS near`,
        `SELECT c.id, c.vector FROM ${table} AS c WHERE (SELECT rows FROM matching) <= ${enough} AND ${having}`,
      ];
  const passed = `near AS MATERIALIZED (SELECT c.id, c.vector FROM ${table} AS c WHERE ${having} LIMIT ${enough} + 1)`;
  return [
    ...(filtered ? [passed] : []),
    `matching AS MATERIALIZED (SELECT count(*) AS rows FROM ${counted})`,
    // The condition on their number is outside of the rows, so that only one of the two sides is run.
    `dense AS MATERIALIZED (SELECT found.id, ${scoreOf("found.vector", operator, asked)} AS score FROM (
    ${near}
    UNION ALL
    (SELECT c.id, c.vector FROM ${table} AS c WHERE (SELECT rows FROM matching) > ${enough} AND ${having}
      ORDER BY ${indexed.expression} ${operator} ${asked}::${indexed.cast} LIMIT ${bind(overFetched(limit), "bigint")})
  ) AS found ORDER BY score DESC, found.id LIMIT ${most})`,
  ];
}

/** BM25: what a document's terms weigh is stored; what the query's weigh is counted here, over the tenant's live rows. */
function lexicalParts(options: {
  readonly table: string;
  readonly scope: string;
  readonly where: string;
  readonly most: string;
  readonly terms: string;
}): readonly string[] {
  const { table, scope, where, most, terms } = options;
  return [
    `corpus AS MATERIALIZED (SELECT count(*) AS chunks FROM ${table} AS c WHERE ${scope} AND c.terms IS NOT NULL)`,
    `frequencies AS MATERIALIZED (
  SELECT asked.place, (asked.pair ->> 0)::bigint AS term, (asked.pair ->> 1)::float8 AS count,
    (SELECT count(*) FROM ${table} AS c WHERE ${scope} AND c.terms @> ARRAY[(asked.pair ->> 0)::bigint]) AS frequency
  FROM json_array_elements(${terms}) WITH ORDINALITY AS asked(pair, place)
)`,
    `weighed AS MATERIALIZED (
  SELECT array_agg(term) AS terms,
    ('{' || string_agg((term % 1073741824 + 1) || ':' || count * ln(1 + (chunks - frequency + 0.5::float8) / (frequency + 0.5::float8)),
      ',' ORDER BY term) || '}/1000000000')::sparsevec AS weights
  FROM frequencies, corpus WHERE frequency > 0
)`,
    `lexical AS MATERIALIZED (SELECT c.id, -(c.weights <#> (SELECT weights FROM weighed)) AS score FROM ${table} AS c
  WHERE ${where} AND c.terms && (SELECT terms FROM weighed) ORDER BY score DESC, c.id LIMIT ${most})`,
  ];
}
