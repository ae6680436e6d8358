import { ConfigError, unexpected } from "../../src/errors.ts";
import { checkOptions, expectOptions, expectType } from "../../src/options.ts";
import type { Store } from "../../src/types.ts";
import type { PostgresClient, PostgresQueries } from "./pgvector/client.ts";
import { namesOf } from "./pgvector/names.ts";
import { postgresStore } from "./pgvector/store.ts";

export type { PostgresClient, PostgresQueries };

export interface PgvectorOptions {
  /** A `pg.Pool`, PGlite, or anything with their few methods. It stays yours: it is never ended. */
  readonly client: PostgresClient;
  /** The list of generations; the chunks of each are in a table of this name and its number. Default "groundline". */
  readonly table?: string;
  /** Default "public". */
  readonly schema?: string;
  /** "none": every dense search is exact, and takes time in proportion to the rows. Default "hnsw". */
  readonly index?: "hnsw" | "none";
  /** Lets the server itself hold tenants apart, for every role that is no superuser. Default false. */
  readonly rowLevelSecurity?: boolean;
}

/** Behind tenant and filter: up to so many rows a dense search ranks them all, above it uses the index. */
const exactRows = 10_000;

/**
 * A store on Postgres with pgvector 0.8 or later. Constructing does no I/O; the first `index` creates what is needed.
 *
 * @example createRetriever({ store: pgvector({ client: new pg.Pool() }), embedder })
 */
export function pgvector(options: PgvectorOptions): Store {
  expectOptions("pgvector", options);
  checkOptions("pgvector", options, ["client", "table", "schema", "index", "rowLevelSecurity"]);
  const { client, table = "groundline", schema = "public", index = "hnsw", rowLevelSecurity = false } = options;
  const given: unknown = client;
  if (!has(given, "query") || !(has(given, "connect") || has(given, "transaction"))) {
    throw unexpected("client", "a pg.Pool or PGlite", given);
  }
  // A client of `pg` connects too, but to the server.
  if (has(given, "connect") && "connectionParameters" in given) {
    throw new ConfigError("client: expected a pg.Pool, received a single connection, which two calls cannot share");
  }
  if (index !== "hnsw" && index !== "none") {
    throw unexpected("index", '"hnsw" or "none"', index);
  }
  expectType("rowLevelSecurity", rowLevelSecurity, "boolean");
  return postgresStore({ client, names: namesOf({ schema, table }), index, rowLevelSecurity, exactRows });
}

function has(client: unknown, method: string): client is Record<string, unknown> {
  return (
    typeof client === "object" &&
    client !== null &&
    method in client &&
    typeof client[method as keyof typeof client] === "function"
  );
}
