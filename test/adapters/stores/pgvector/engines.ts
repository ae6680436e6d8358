import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";
import type { PostgresClient, PostgresQueries } from "../../../../adapters/stores/pgvector.ts";
import { pgvector } from "../../../../adapters/stores/pgvector.ts";
import type { Store } from "../../../../src/types.ts";

/** Postgres itself, embedded, in every run; and the server at GROUNDLINE_PG_URL where there is one. */
export interface Engine {
  readonly name: string;
  open(): Promise<OpenEngine>;
}
export interface OpenEngine {
  readonly client: PostgresClient;
  /** A store of tables that nobody else uses. */
  emptyStore(options?: Partial<Parameters<typeof pgvector>[0]>): Store;
  close(): Promise<void>;
}

const url = process.env["GROUNDLINE_PG_URL"];
if (url === undefined) console.log("GROUNDLINE_PG_URL is not set: Postgres is PGlite alone.");

export const engines: readonly Engine[] = [
  { name: "PGlite", open: openPglite },
  ...(url === undefined ? [] : [{ name: "a server", open: () => openServer(url) }]),
];

export async function openPglite(): Promise<OpenEngine> {
  const client = await PGlite.create({ extensions: { vector } });
  await client.query("CREATE EXTENSION vector");
  return { client, emptyStore: emptyStores(client), close: () => client.close() };
}

async function openServer(connectionString: string): Promise<OpenEngine> {
  const client = new pg.Pool({ connectionString, max: 8 });
  const { rows } = await client.query<{ about: string }>(
    `SELECT version() || ', pgvector ' || (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS about`,
  );
  console.log(rows[0]?.about);
  const schema = `groundline_test_${process.pid}_${Date.now().toString(36)}`;
  return {
    client,
    emptyStore: emptyStores(client, schema),
    async close() {
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await client.end();
    },
  };
}

function emptyStores(client: PostgresClient, schema = "public"): OpenEngine["emptyStore"] {
  let made = 0;
  return (options) => pgvector({ client, schema, table: `case_${++made}`, ...options });
}

/** From now on this connection belongs to a role that policies bind: superusers pass them. */
export async function becomeOrdinary(client: PostgresQueries): Promise<void> {
  await client.query("CREATE ROLE ordinary");
  await client.query("GRANT CREATE, USAGE ON SCHEMA public TO ordinary");
  await client.query("SET ROLE ordinary");
}
