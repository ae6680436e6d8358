import { murmur3 } from "../../../src/lexical/terms.ts";
import { foreignChunk, notKept } from "../../../src/stores/refusals.ts";
import { firstChunk } from "../../../src/stores/remote-rows.ts";
import type { ChunkWrite, FilterTree, IndexSpec, Replacement } from "../../../src/types.ts";
import { name } from "./faults.ts";
import { conditionOf } from "./filter.ts";
import { type Place, sameDocument } from "./reading.ts";
import { insertion, keeping, rowOf } from "./rows.ts";
import { binding } from "./values.ts";

/** Rows and characters of one statement. The text is the same for any number of rows; the characters are held thrice. */
const batchRows = 500;
const batchLength = 4_000_000;

/** Writers of one document wait for each other; more locks than this would not fit into the table of the server. */
const LOCKS = 4_096;
const locking = `SELECT pg_advisory_xact_lock(hashtext($1::text), lock.value::integer)
FROM json_array_elements_text($2::text::json) WITH ORDINALITY AS lock(value, place) ORDER BY lock.place`;

/** Inside one transaction: stale rows go, kept ones are updated, the others written; any failure undoes it all. */
export async function replaceDocuments(
  place: Place,
  { documents: named, filter }: Pick<Replacement, "documents" | "filter">,
  spec: IndexSpec,
): Promise<void> {
  if (named.length === 0) return;
  const { query, table, tenant } = place;
  // In one order for every writer, so that two never wait for each other.
  await query(locking, [
    table,
    JSON.stringify([...new Set(named.map(({ id }) => lockOf(tenant, id)))].toSorted((a, b) => a - b)),
  ]);
  const documents = filter === undefined ? named : await matching(place, named, filter);
  const chunks = documents.flatMap((document) => document.chunks);
  const ids = documents.map(({ id }) => id);
  await query(
    `DELETE FROM ${table} AS c USING json_array_elements_text($2::text::json) AS d(id)
WHERE c.tenant = $1::text AND hashtextextended(c.document_id, 0) = hashtextextended(d.id, 0) AND c.document_id = d.id
  AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($3::text::json) AS stays(id) WHERE stays.id = c.id)`,
    [tenant, JSON.stringify(ids), JSON.stringify(chunks.map(({ id }) => id))],
  );
  const firsts = new Set(documents.map((document) => firstChunk(document.chunks)));
  const send = async (
    statement: string,
    given: readonly ChunkWrite[],
    refusal: (store: string, id: string) => Error,
  ): Promise<void> => {
    for (const { ids: sent, json } of batches(given, (chunk) => rowOf(chunk, firsts.has(chunk), tenant, spec))) {
      const written = new Set((await query(statement, [tenant, json])).map(({ id }) => String(id)));
      const missing = sent.find((id) => !written.has(id));
      if (missing !== undefined) throw refusal(name, missing);
    }
  };
  await send(
    keeping(table),
    chunks.filter(({ legs }) => legs === "kept"),
    notKept,
  );
  await send(
    insertion(table),
    chunks.filter(({ legs }) => legs !== "kept"),
    foreignChunk,
  );
}

/** Those with a row that the filter selects. Whoever writes one of them waits for its lock. */
async function matching(
  { query, table, tenant }: Place,
  documents: Replacement["documents"],
  filter: FilterTree,
): Promise<Replacement["documents"]> {
  const bind = binding();
  const ids = bind(JSON.stringify(documents.map(({ id }) => id)), "text");
  const rows = await query(
    `SELECT DISTINCT c.document_id AS id FROM json_array_elements_text(${ids}::json) AS d(id)
JOIN ${table} AS c ON c.tenant = ${bind(tenant, "text")} AND ${sameDocument("d.id")} WHERE ${conditionOf(filter, bind)}`,
    bind.values,
  );
  const found = new Set(rows.map(({ id }) => id));
  return documents.filter(({ id }) => found.has(id));
}

function lockOf(tenant: string, documentId: string): number {
  return murmur3(new TextEncoder().encode(`${tenant}\0${documentId}`)) % LOCKS;
}

function* batches(
  chunks: readonly ChunkWrite[],
  rowOfChunk: (chunk: ChunkWrite) => string,
): Generator<{ readonly ids: readonly string[]; readonly json: string }> {
  let ids: string[] = [];
  let rows: string[] = [];
  let length = 0;
  for (const chunk of chunks) {
    const row = rowOfChunk(chunk);
    if (ids.length > 0 && (ids.length === batchRows || length + row.length > batchLength)) {
      yield { ids, json: `[${rows.join(",")}]` };
      [ids, rows, length] = [[], [], 0];
    }
    ids.push(chunk.id);
    rows.push(row);
    length += row.length;
  }
  if (ids.length > 0) yield { ids, json: `[${rows.join(",")}]` };
}
