import { AdapterError, RetrievalError } from "../../../src/errors.ts";

export const name = "pgvector";

/** Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html after which the call may succeed. */
const transient = [
  "08", // connection
  "40", // serialization, deadlock
  "53", // out of memory, disk or connections
  "55P03", // a lock was not free
  "57014", // cancelled, as by statement_timeout
  "57P01", // the server shuts down, crashed or starts
  "57P02",
  "57P03",
  "57P05",
  "58",
];
const network = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "EAI_AGAIN", "ENOTFOUND", "EHOSTUNREACH"]);

/** The connection is not to be used again. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return network.has(code) || code.startsWith("08") || code.startsWith("57P");
  // What `pg` says of sockets has no code.
  return error instanceof Error && /^Connection terminated|not queryable|timeout/.test(error.message);
}

/** Ours pass. Of the rest the words and the code are kept: clients hang statements, values and settings on their errors. */
export function asAdapterError(error: unknown): unknown {
  if (error instanceof RetrievalError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : "the client failed";
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  const retryable = isConnectionLost(error) || transient.some((prefix) => code?.startsWith(prefix));
  return new AdapterError(name, code === undefined ? message : `${message} (${code})`, { retryable, cause });
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return undefined;
}
