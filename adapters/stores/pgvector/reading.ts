import type { ChunkWrite, FilterTree, StoredChunk } from "../../../src/types.ts";
import type { Query } from "./client.ts";
import { conditionOf } from "./filter.ts";
import { answersOf, chunkJson, legsJson, writeOf } from "./rows.ts";
import { documentOrder, documentOrderStart } from "./schema.ts";
import { type Binding, binding } from "./values.ts";

/** `read`, `list`, `count` and `export`, of one tenant's rows in one table. */
export interface Place {
  readonly query: Query;
  readonly table: string;
  readonly tenant: string;
}

export async function readChunks(
  { query, table, tenant }: Place,
  which: { readonly documentIds: readonly string[] } | { readonly chunkIds: readonly string[] },
): Promise<readonly StoredChunk[]> {
  const [ids, condition] =
    "documentIds" in which ? [which.documentIds, sameDocument("asked.id")] : [which.chunkIds, "c.id = asked.id"];
  // What cannot be stored is not there; Postgres would refuse to hear of it.
  const known = ids.filter((id) => !id.includes("\0") && id.isWellFormed());
  if (known.length === 0) return [];
  const rows = await query(
    `SELECT ${chunkJson}::text AS answer FROM json_array_elements_text($2::text::json) WITH ORDINALITY AS asked(id, place)
JOIN ${table} AS c ON c.tenant = $1::text AND ${condition} ORDER BY asked.place, c.ordinal`,
    [tenant, JSON.stringify(known)],
  );
  return answersOf(rows) as readonly StoredChunk[];
}

/** Through the hash, which is what is indexed: an id may be longer than an index entry. */
export function sameDocument(id: string): string {
  return `hashtextextended(c.document_id, 0) = hashtextextended(${id}, 0) AND c.document_id = ${id}`;
}

export async function countChunks(
  { query, table, tenant }: Place,
  filter: FilterTree | undefined,
): Promise<{ documents: number; chunks: number }> {
  const bind = binding();
  const where = `c.tenant = ${bind(tenant, "text")}`;
  const text =
    filter === undefined
      ? `SELECT json_build_array(count(*) FILTER (WHERE c.is_first), count(*))::text AS answer FROM ${table} AS c WHERE ${where}`
      : `SELECT json_build_array(count(DISTINCT c.document_id), count(*))::text AS answer FROM ${table} AS c
WHERE ${where} AND ${conditionOf(filter, bind)}`;
  const [counts] = answersOf(await query(text, bind.values)) as readonly (readonly [number, number])[];
  return { documents: counts?.[0] ?? 0, chunks: counts?.[1] ?? 0 };
}

const order = documentOrder("c.document_id");
const orderStart = documentOrderStart("c.document_id");

function isAfter(after: string | undefined, bind: Binding): string {
  if (after === undefined) return "TRUE";
  const id = bind(after, "text");
  return `(${orderStart}, ${order}) > (${documentOrderStart(id)}, ${documentOrder(id)})`;
}

/** Sorted by the beginning first: that is how the index has it. */
export async function listDocuments(
  { query, table, tenant }: Place,
  { filter, after, limit }: { readonly filter?: FilterTree; readonly after?: string; readonly limit: number },
): Promise<{ readonly documents: readonly { readonly id: string; readonly hash: string }[]; readonly next?: string }> {
  const bind = binding();
  const where = `c.tenant = ${bind(tenant, "text")} AND ${isAfter(after, bind)}`;
  const columns = "json_build_object('id', c.document_id, 'hash', c.document_hash)::text AS answer";
  const text =
    filter === undefined
      ? `SELECT ${columns} FROM ${table} AS c WHERE ${where} AND c.is_first`
      : `SELECT DISTINCT ON (${orderStart}, ${order}) ${columns} FROM ${table} AS c WHERE ${where} AND ${conditionOf(filter, bind)}`;
  const found = answersOf(
    await query(`${text} ORDER BY ${orderStart}, ${order} LIMIT ${bind(limit + 1, "bigint")}`, bind.values),
  ) as readonly { readonly id: string; readonly hash: string }[];
  const documents = found.slice(0, limit);
  const last = documents.at(-1);
  return found.length > limit && last !== undefined ? { documents, next: last.id } : { documents };
}

/** Whole documents until there are `limit` chunks, so that a page can be written as it is. */
export async function exportChunks(
  { query, table, tenant }: Place,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<{ readonly chunks: readonly ChunkWrite[]; readonly next?: string }> {
  const bind = binding();
  const key = bind(tenant, "text");
  const rows = await query(
    `WITH documents AS (
  SELECT c.document_id AS id, row_number() OVER (ORDER BY ${orderStart}, ${order}) AS place FROM ${table} AS c
  WHERE c.tenant = ${key} AND c.is_first AND ${isAfter(after, bind)} ORDER BY ${orderStart}, ${order} LIMIT ${bind(limit, "bigint")}
), sized AS (
  SELECT id, place, sum(size) OVER (ORDER BY place) - size AS before FROM documents,
    LATERAL (SELECT count(*) AS size FROM ${table} AS c WHERE c.tenant = ${key} AND ${sameDocument("documents.id")}) AS own
)
SELECT json_build_object('chunk', ${chunkJson}, 'legs', ${legsJson})::text AS answer FROM sized
JOIN ${table} AS c ON c.tenant = ${key} AND ${sameDocument("sized.id")}
WHERE sized.before < ${bind(limit, "bigint")} ORDER BY sized.place, c.ordinal`,
    bind.values,
  );
  const answers = answersOf(rows) as readonly { readonly chunk: StoredChunk; readonly legs: unknown }[];
  const chunks = answers.map(({ chunk, legs }) => writeOf(chunk, legs));
  const last = chunks.at(-1);
  return chunks.length >= limit && last !== undefined ? { chunks, next: last.documentId } : { chunks };
}
