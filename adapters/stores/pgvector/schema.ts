import { ConfigError, UnsupportedError } from "../../../src/errors.ts";
import type { IndexSpec } from "../../../src/types.ts";
import type { Query } from "./client.ts";
import { name } from "./faults.ts";
import type { Names } from "./names.ts";
import { columnDefinitions } from "./rows.ts";

/** What `prepare` creates. Each part runs inside a transaction that holds the lock of the names. */

/** Of the tables of a generation, kept with it. A release that changes them raises it and migrates what is older. */
export const LAYOUT = 1;

/** Limits of pgvector: https://github.com/pgvector/pgvector#reference */
const mostDimensions = 16_000;
const mostIndexed = { vector: 2_000, halfvec: 4_000 } as const;

const operators = { cosine: "<=>", dot: "<#>", euclidean: "<->" } as const;
const operatorClasses = { cosine: "cosine", dot: "ip", euclidean: "l2" } as const;

export interface VectorColumn {
  readonly operator: "<=>" | "<#>" | "<->";
  /** What is indexed, the column `c.vector` in it; undefined where there are too many dimensions for an index. */
  readonly indexed?: { readonly expression: string; readonly cast: string; readonly operatorClass: string };
}

/** Up to 2,000 dimensions as they are, up to 4,000 as 16-bit floats that find and 32-bit floats that rank; above, exact. */
export function vectorColumn({ dimensions, metric }: NonNullable<IndexSpec["dense"]>): VectorColumn {
  const operator = operators[metric];
  if (dimensions > mostIndexed.halfvec) return { operator };
  const type = dimensions > mostIndexed.vector ? "halfvec" : "vector";
  const cast = `${type}(${dimensions})`;
  const expression = type === "vector" ? "c.vector" : `(c.vector::${cast})`;
  return { operator, indexed: { expression, cast, operatorClass: `${type}_${operatorClasses[metric]}_ops` } };
}

export function checkDimensions({ dense }: IndexSpec): void {
  if (dense !== undefined && dense.dimensions > mostDimensions) {
    throw new UnsupportedError(
      `${name}: a vector has at most ${mostDimensions} dimensions, this one has ${dense.dimensions}`,
    );
  }
}

/** Halts before anything is created where the server cannot hold an index. */
export async function checkServer(query: Query): Promise<void> {
  const [server] =
    await query(`SELECT current_setting('server_encoding') AS encoding, to_regtype('vector') IS NOT NULL AS visible,
  (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS version,
  (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available`);
  const { encoding, visible, version, available } = server ?? {};
  if (encoding !== "UTF8") {
    throw new ConfigError(`client: expected a database in UTF8, received one in ${String(encoding)}`);
  }
  if (typeof version !== "string") {
    throw new ConfigError(
      typeof available === "string"
        ? `client: the extension vector is not in this database. Run CREATE EXTENSION vector; there.`
        : `client: the server does not have the extension vector (pgvector). Install pgvector 0.8 or later, then run CREATE EXTENSION vector; in this database.`,
    );
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === 0 && minor < 8) {
    throw new ConfigError(
      `client: expected the extension vector 0.8 or later, received ${version}. Install it and run ALTER EXTENSION vector UPDATE;`,
    );
  }
  if (visible !== true) {
    throw new ConfigError(
      "client: the extension vector is in a schema that is not on the search_path of this connection.",
    );
  }
}

/**
 * Read from the catalog of the server: `to_regclass` may answer from what this connection remembers, and would miss a
 * table that another one made while this one waited for the lock.
 */
export async function hasCatalog(query: Query, { schema, table }: Names): Promise<boolean> {
  const found = await query("SELECT 1 FROM pg_tables WHERE schemaname = $1::text AND tablename = $2::text", [
    schema,
    table,
  ]);
  return found.length > 0;
}

export async function tableState(
  query: Query,
  { schema, table }: Names,
  generation: string,
): Promise<{ readonly secured: boolean; readonly indexed: boolean }> {
  const relation = `${table}_${generation}`;
  const [state] = await query(
    `SELECT rowsecurity AS secured, EXISTS (SELECT 1 FROM pg_indexes AS i
  WHERE i.schemaname = t.schemaname AND i.tablename = t.tablename AND i.indexname = $3::text) AS indexed
FROM pg_tables AS t WHERE t.schemaname = $1::text AND t.tablename = $2::text`,
    [schema, relation, `${relation}_vector`],
  );
  return { secured: state?.["secured"] === true, indexed: state?.["indexed"] === true };
}

/** The list of generations: one of them is live, the one before it stays readable. */
export async function createCatalog(query: Query, names: Names): Promise<void> {
  const [schema] = await query("SELECT 1 FROM pg_namespace WHERE nspname = $1::text", [names.schema]);
  if (schema === undefined) await query(`CREATE SCHEMA "${names.schema}"`);
  await query(`CREATE TABLE IF NOT EXISTS ${names.catalog} (
  generation integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('staged', 'live', 'previous')),
  layout integer NOT NULL,
  spec jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz
)`);
  await query(
    `CREATE UNIQUE INDEX IF NOT EXISTS ${names.index("0", "live")} ON ${names.catalog} (state) WHERE state = 'live'`,
  );
}

/** In the order of JavaScript's strings, by UTF-16 units: what lies beyond them sorts before U+E000…U+FFFF. */
export function documentOrder(id: string): string {
  const escaped = `replace(${id}, chr(1114111), chr(1114111) || chr(1))`;
  return String.raw`regexp_replace(${escaped}, '([\uE000-\uFFFF])', chr(1114111) || '\1', 'g') COLLATE "C"`;
}

/** Its beginning: an index entry is limited, a document's id is not. */
export function documentOrderStart(id: string): string {
  return `left(${documentOrder(id)}, 100)`;
}

export async function createGeneration(
  query: Query,
  names: Names,
  spec: IndexSpec,
  state: "staged" | "live",
): Promise<string> {
  const published = state === "live" ? "now()" : "NULL";
  const [row] = await query(
    `INSERT INTO ${names.catalog} (state, layout, spec, published_at) VALUES ($1::text, ${LAYOUT}, $2::text::jsonb, ${published}) RETURNING generation::text AS generation`,
    [state, JSON.stringify(spec)],
  );
  const generation = String(row?.["generation"]);
  const table = names.chunks(generation);
  if (table === undefined) throw new UnsupportedError(`${name}: there is no generation ${generation}`);
  await query(`CREATE TABLE ${table} (\n  ${columnDefinitions(spec)}\n)`);
  const index = (what: string, on: string): Promise<unknown> =>
    query(`CREATE INDEX ${names.index(generation, what)} ON ${table} ${on}`);
  await index("documents", "(tenant, hashtextextended(document_id, 0), ordinal)");
  await index("listing", `(tenant, (${documentOrderStart("document_id")})) WHERE is_first`);
  await index("metadata", "USING gin (metadata jsonb_path_ops)");
  if (spec.lexical !== undefined) {
    await index("terms", "USING gin (terms)");
    await index("worded", "(tenant) WHERE terms IS NOT NULL");
  }
  return generation;
}

/** After loading it takes a fifth of the time that it takes before. */
export async function createVectorIndex(
  query: Query,
  names: Names,
  generation: string,
  spec: IndexSpec,
): Promise<void> {
  const table = names.chunks(generation);
  const indexed = spec.dense && vectorColumn(spec.dense).indexed;
  if (table === undefined || indexed === undefined) return;
  const on = `(${indexed.expression.replace("c.", "")} ${indexed.operatorClass})`;
  await query(`CREATE INDEX IF NOT EXISTS ${names.index(generation, "vector")} ON ${table} USING hnsw ${on}`);
}

/** Rows of one tenant, for every role that is no superuser; `tenantSetting` says which. */
export async function secureRows(query: Query, table: string): Promise<void> {
  await query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
  await query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
  // A setting that was never made is NULL, one that was and has ended is empty: neither equals what begins with "=".
  await query(`CREATE POLICY tenant ON ${table} USING ('=' || tenant = current_setting('groundline.tenant', true))`);
}

export const tenantSetting = "SELECT set_config('groundline.tenant', '=' || $1::text, true)";
