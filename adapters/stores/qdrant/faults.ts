import { AdapterError, RetrievalError } from "../../../src/errors.ts";
import { refusalError, shortened } from "../../../src/http/refusal.ts";
import { own } from "../../../src/http/reply.ts";
import { type Redact, redactedCause } from "../../../src/http/secrets.ts";

export const name = "qdrant";

export function refused(message: string): AdapterError {
  return new AdapterError(name, message);
}

/** Nothing in a status 500 of a cluster says that nothing was written: all calls may be made again, as ids are stable. */
const transient: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What the server refused, read from the response itself: the client keeps the first digit of a `Retry-After`, and of a
 * refusal only the reason phrase. 401 is plain text, a 404 may be empty, a gateway answers in HTML.
 */
export async function refusalOf(response: Response, operation: string, redact: Redact): Promise<AdapterError> {
  const { status, headers } = response;
  const text = await response.text().catch(() => undefined);
  const reason = reasonIn(text);
  const said = reason === undefined ? text : JSON.stringify({ message: reason });
  const error = refusalError({ adapter: name, where: operation, status, headers, text: said }, redact);
  // A request that is larger than the whole budget of writes will be so the next time.
  if (status !== 429 || error.retryAfter !== undefined || !/split your request/i.test(error.message)) return error;
  return new AdapterError(name, error.message.slice(name.length + 2), { status });
}

function reasonIn(text: string | undefined): string | undefined {
  try {
    const error = own(own(JSON.parse(text ?? ""), "status"), "error");
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined; // no JSON
  }
}

/** Ours pass; of the rest words and codes are kept, without the request that they carry. */
export function asAdapterError(error: unknown, redact: Redact): unknown {
  if (error instanceof RetrievalError) return error;
  const cause = redactedCause(error, redact);
  const status = own(error, "status");
  if (typeof status === "number") {
    const reason = own(own(own(error, "data"), "status"), "error");
    const message = shortened(redact(typeof reason === "string" ? reason : (cause?.message ?? "")));
    return new AdapterError(name, `${status}: ${message}`, {
      retryable: transient.has(status) || status >= 500,
      status,
      cause,
    });
  }
  const messages: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) messages.push(at.message);
  const reason = shortened(messages.join(": ")) || "no reason given";
  return new AdapterError(name, `the request failed: ${reason}`, { retryable: isTransient(error, reason), cause });
}

/** Lost connections, answers cut short and the client's own timeout; not a redirect, which is never followed. */
function isTransient(error: unknown, reason: string): boolean {
  if (reason.toLowerCase().includes("redirect")) return false;
  return error instanceof TypeError || error instanceof SyntaxError || isTimeout(error) || isConnectionReset(error);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (/Timeout/.test(error.name) || /aborted/.test(error.message));
}

const resets: ReadonlySet<unknown> = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** The server closes idle connections after five seconds: a request may meet one that is about to go. */
export function isConnectionReset(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (resets.has(own(at, "code"))) return true;
  }
  return false;
}
