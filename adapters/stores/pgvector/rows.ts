import { saturate } from "../../../src/lexical/terms.ts";
import type { ChunkWrite, IndexSpec, StoredChunk } from "../../../src/types.ts";
import { denseVector, firstTermKey, sparseVector, termOfKey } from "./values.ts";

/** A chunk as a row of its table, and back. Rows travel as JSON text both ways: no client's type parsers are involved. */

/** All of a chunk but its legs: column, type, value. */
const storedColumns: readonly (readonly [column: string, type: string, valueOf: (chunk: StoredChunk) => unknown])[] = [
  ["document_id", `text COLLATE "C" NOT NULL`, (chunk) => chunk.documentId],
  ["document_hash", "text NOT NULL", (chunk) => chunk.documentHash],
  ["ordinal", "integer NOT NULL", (chunk) => chunk.ordinal],
  ["start_offset", "integer NOT NULL", (chunk) => chunk.span.start],
  ["end_offset", "integer NOT NULL", (chunk) => chunk.span.end],
  ["line", "integer NOT NULL", (chunk) => chunk.line],
  ["text", "text NOT NULL", (chunk) => chunk.text],
  ["gap", "text NOT NULL", (chunk) => chunk.gap],
  ["title", "text", (chunk) => chunk.title],
  ["headings", "jsonb NOT NULL", (chunk) => chunk.headings],
  ["context", "text", (chunk) => chunk.context],
  ["parent", "jsonb", (chunk) => chunk.parent],
  ["tokens", "integer", (chunk) => chunk.tokens],
  ["metadata", "jsonb NOT NULL", (chunk) => chunk.metadata],
];
const legColumns = ["vector", "terms", "counts", "weights"];

/** `is_first` marks one row of each document: documents are listed and counted by it. */
export function columnDefinitions(spec: IndexSpec): string {
  const stored = storedColumns.map(([column, type]) => `${column} ${type}`);
  return [
    `tenant text COLLATE "C" NOT NULL`,
    `id text COLLATE "C" NOT NULL`,
    ...stored,
    "is_first boolean NOT NULL",
    `vector vector${spec.dense === undefined ? "" : `(${spec.dense.dimensions})`}`,
    "terms bigint[]",
    "counts integer[]",
    "weights sparsevec(1000000000)",
    "PRIMARY KEY (tenant, id)",
  ].join(",\n  ");
}

const keptColumns = [...storedColumns.map(([column]) => column), "is_first"];
const given = [
  "id text",
  ...storedColumns.map(([column, type]) => `${column} ${type.split(" ")[0] ?? type}`),
  "is_first boolean",
].join(", ");

/** `$1` is the tenant, `$2` the rows; answers with the ids that were written. */
export function insertion(table: string): string {
  const columns = [...keptColumns, ...legColumns];
  const values = columns.map((column) =>
    column === "vector" || column === "weights"
      ? `w.${column}::${column === "vector" ? "vector" : "sparsevec"}`
      : `w.${column}`,
  );
  return `INSERT INTO ${table} AS c (tenant, id, ${columns.join(", ")})
SELECT $1::text, w.id, ${values.join(", ")}
FROM json_to_recordset($2::text::json) AS w(${given}, vector text, terms bigint[], counts integer[], weights text)
ON CONFLICT (tenant, id) DO UPDATE SET ${columns.map((column) => `${column} = EXCLUDED.${column}`).join(", ")}
WHERE c.document_id = EXCLUDED.document_id
RETURNING c.id`;
}

/** As `insertion`, of rows that must be there; their legs are not touched. */
export function keeping(table: string): string {
  return `UPDATE ${table} AS c SET ${keptColumns.map((column) => `${column} = w.${column}`).join(", ")}
FROM json_to_recordset($2::text::json) AS w(${given})
WHERE c.tenant = $1::text AND c.id = w.id AND c.document_id = w.document_id
RETURNING c.id`;
}

export function rowOf(chunk: ChunkWrite, isFirst: boolean, tenant: string, spec: IndexSpec): string {
  const row: Record<string, unknown> = { id: chunk.id, is_first: isFirst };
  for (const [column, , valueOf] of storedColumns) row[column] = valueOf(chunk);
  if (chunk.legs !== "kept") {
    const { vector, terms } = chunk.legs;
    if (vector !== undefined) row["vector"] = denseVector(vector);
    if (terms !== undefined) {
      const first = firstTermKey(tenant);
      row["terms"] = Array.from(terms.ids, (id) => first + id);
      row["counts"] = Array.from(terms.counts);
      if (spec.lexical !== undefined) row["weights"] = sparseVector(terms, saturate(terms, spec.lexical));
    }
  }
  return JSON.stringify(row);
}

/** The row `c` as a `StoredChunk`; what a chunk does not have is left out. */
export const chunkJson = `json_strip_nulls(json_build_object('id', c.id, 'documentId', c.document_id,
  'documentHash', c.document_hash, 'ordinal', c.ordinal,
  'span', json_build_object('start', c.start_offset, 'end', c.end_offset), 'line', c.line, 'text', c.text, 'gap', c.gap,
  'title', c.title, 'headings', c.headings, 'context', c.context, 'parent', c.parent, 'tokens', c.tokens,
  'metadata', c.metadata))`;

export const legsJson = `json_build_object('vector', c.vector::text, 'terms', c.terms, 'counts', c.counts)`;

export function writeOf(chunk: StoredChunk, legs: unknown): ChunkWrite {
  const { vector, terms, counts } = legs as {
    readonly vector: string | null;
    readonly terms: readonly number[] | null;
    readonly counts: readonly number[] | null;
  };
  return {
    ...chunk,
    legs: {
      ...(vector !== null && { vector: Float32Array.from(JSON.parse(vector) as readonly number[]) }),
      ...(terms !== null && {
        terms: { ids: Uint32Array.from(terms, termOfKey), counts: Uint32Array.from(counts ?? []) },
      }),
    },
  };
}

/** The one column `answer` of a statement's rows. */
export function answersOf(rows: readonly Record<string, unknown>[]): readonly unknown[] {
  return rows.map(({ answer }): unknown => JSON.parse(String(answer)));
}
