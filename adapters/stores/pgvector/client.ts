import { abortable } from "../../../src/signal.ts";
import { asAdapterError, isConnectionLost } from "./faults.ts";

/** The few methods of a pool, or of PGlite, that are used. */
export interface PostgresQueries {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}
type Lease = PostgresQueries & { release(error?: Error | boolean): void };
type Pool = PostgresQueries & { connect(): Promise<Lease> };

/** A pool or PGlite. A bare connection cannot be shared by two calls and does not type-check. */
export type PostgresClient = PostgresQueries &
  ({ connect(): Promise<Lease> } | { transaction<T>(run: (transaction: PostgresQueries) => Promise<T>): Promise<T> });

export type Value = string | number | null;
/** Runs one statement. Values are text or numbers, cast in the statement: the same for every client. */
export type Query = (text: string, values?: readonly Value[]) => Promise<readonly Record<string, unknown>[]>;

export interface SessionOptions {
  readonly signal: AbortSignal;
  /** Constant SQL run first; `true` for a transaction without any. Settings end with the transaction. */
  readonly transaction?: string | true | undefined;
}

/**
 * Runs `work` on one connection and gives it back, also after an error. An abort rejects at once: the statement is
 * cancelled on a server, whose connection is closed; PGlite cannot cancel, finishes it and rolls back.
 */
export async function session<T>(
  client: PostgresClient,
  { signal, transaction }: SessionOptions,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    if ("connect" in client) return await onPool(client, signal, transaction, work);
    const run = async (queries: PostgresQueries): Promise<T> => {
      const query = queryOf(queries, signal);
      if (typeof transaction === "string") await query(transaction);
      const result = await work(query);
      // What was aborted during its last statement must not be committed.
      signal.throwIfAborted();
      return result;
    };
    return await abortable(transaction === undefined ? run(client) : client.transaction(run), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw asAdapterError(error);
  }
}

async function onPool<T>(
  pool: Pool,
  signal: AbortSignal,
  transaction: string | true | undefined,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const lease = await leaseOf(pool, signal);
  let running = "";
  const query = queryOf(lease, signal, (text) => (running = text));
  try {
    const result = await abortable(
      transaction === undefined ? work(query) : inTransaction(query, transaction, work),
      signal,
    );
    giveBack(lease);
    return result;
  } catch (error) {
    if (signal.aborted) {
      // Closed first: a pool of one connection has room for the one that cancels.
      giveBack(lease, true);
      cancel(pool, lease, running);
    } else if (isConnectionLost(error)) giveBack(lease, true);
    else if (transaction === undefined) giveBack(lease);
    else {
      await lease.query("ROLLBACK").then(
        () => giveBack(lease),
        () => giveBack(lease, true),
      );
    }
    throw error;
  }
}

async function inTransaction<T>(query: Query, settings: string | true, work: (query: Query) => Promise<T>): Promise<T> {
  // One round trip for both: without values, a pool's client takes several statements.
  await query(settings === true ? "BEGIN" : `BEGIN; ${settings}`);
  const result = await work(query);
  await query("COMMIT");
  return result;
}

/** A connection that arrives after the abort goes straight back. */
async function leaseOf(pool: Pool, signal: AbortSignal): Promise<Lease> {
  const pending = pool.connect();
  try {
    const lease = await abortable(pending, signal);
    // A client outside its pool throws what nobody listens to: a lost connection would end the process.
    if ("on" in lease && typeof lease.on === "function") lease.on("error", ignored);
    return lease;
  } catch (error) {
    pending.then((lease) => giveBack(lease), ignored);
    throw error;
  }
}

/** `broken` closes the connection instead. It keeps its listener then: what dies late must find one. */
function giveBack(lease: Lease, broken = false): void {
  if (!broken && "off" in lease && typeof lease.off === "function") lease.off("error", ignored);
  lease.release(broken);
}

const cancelling = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE pid = $1::int AND usename = current_user AND state = 'active' AND left(query, 200) = left($2::text, 200)`;

/** Best effort, as the caller is gone. Behind a proxy the number may be another's: the statement must be the same too. */
function cancel(pool: Pool, lease: Lease, statement: string): void {
  if (!("processID" in lease) || typeof lease.processID !== "number") return;
  pool.query(cancelling, [lease.processID, statement]).catch(ignored);
}

function queryOf(queries: PostgresQueries, signal: AbortSignal, onStart?: (text: string) => void): Query {
  return async (text, values) => {
    signal.throwIfAborted();
    onStart?.(text);
    const { rows } = await (values === undefined ? queries.query(text) : queries.query(text, [...values]));
    return rows;
  };
}

function ignored(): void {
  // nobody is left to tell
}
