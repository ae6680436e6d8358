import { AdapterError, RetrievalError, TimeoutError } from "../errors.ts";
import { abortable, withDeadline } from "../signal.ts";
import { plain, refusalError, shortened } from "./refusal.ts";
import { own } from "./reply.ts";
import { redactedCause, redactorOf } from "./secrets.ts";
import type { Redact } from "./secrets.ts";

export interface JsonRequest {
  /** Named in errors. */
  readonly adapter: string;
  readonly url: URL;
  /** The place for keys: no value of these is ever seen in an error. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  readonly signal: AbortSignal;
  /** Of the reply, decompressed. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds for one request and its whole reply, so that a dripping one ends. Default five minutes. */
  readonly patience?: number | undefined;
}

const REPLY_BYTES = 64 * 2 ** 20;
const ERROR_BYTES = 64 * 2 ** 10;
const PATIENCE = 300_000;
/** A status that is already known need not wait long for its explanation. */
const ERROR_PATIENCE = 5000;

/**
 * One POST, one JSON reply; or an `AdapterError` with status, reason, `retryAfter` and whether asking again may help. An
 * abort rejects with the signal's reason and closes the connection, in the midst of a body too.
 *
 * Redirects are refused: `fetch` would take the key headers along to whatever host a redirect names.
 */
export async function postJson(request: JsonRequest): Promise<unknown> {
  const { adapter, url, headers, signal, patience = PATIENCE } = request;
  const redact = redactorOf(headers, url);
  const where = redact(`POST ${url.origin}${url.pathname}`);
  try {
    return await withDeadline("request", { signal, timeout: patience }, (limited) =>
      exchange({ ...request, signal: limited }, where, redact),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TimeoutError) {
      throw new AdapterError(adapter, `${where} was not answered within ${patience} ms`, { retryable: true });
    }
    if (error instanceof RetrievalError) throw error;
    throw connectionError(adapter, where, error, redact);
  }
}

async function exchange(request: JsonRequest, where: string, redact: Redact): Promise<unknown> {
  const { adapter, signal, maxBytes = REPLY_BYTES } = request;
  // Taken off the object: browsers refuse a fetch that is called as a method of something else.
  const { fetch: send = globalThis.fetch } = request;
  const response = await send(request.url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...request.headers },
    body: JSON.stringify(request.body),
    redirect: "error",
    signal,
  });
  const { status, headers } = response;
  if (!response.ok) {
    const text = await explanationIn(response, signal);
    throw refusalError({ adapter, where, status, headers, text }, redact);
  }
  const text = await textOf(response, maxBytes, signal);
  if (text === undefined) {
    throw new AdapterError(adapter, `${where} answered with more than ${maxBytes} bytes`, { status });
  }
  const reply = replyIn(text, { adapter, where, status }, redact);
  // Gateways send some errors with status 200.
  const error = own(reply, "error");
  if (error === undefined || error === null) return reply;
  const code = own(error, "code");
  const real = typeof code === "number" && code >= 400 && code < 600 ? code : status;
  throw refusalError({ adapter, where, status: real, headers, text }, redact);
}

function replyIn(
  text: string,
  { adapter, where, status }: { readonly adapter: string; readonly where: string; readonly status: number },
  redact: Redact,
): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut short is an accident of the moment; a whole body that is no JSON (NaN, a page) will be none the next time.
    const body = text.trim();
    const whole = body.endsWith("}") || body.endsWith("]") || body.endsWith(">");
    const received = body === "" ? "an empty body" : shortened(redact(plain(body))).slice(0, 100);
    throw new AdapterError(adapter, `${where} answered ${status}; expected JSON, received ${received}`, {
      retryable: !whole,
      status,
    });
  }
}

async function explanationIn(response: Response, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await withDeadline("request", { signal, timeout: ERROR_PATIENCE }, (limited) =>
      textOf(response, ERROR_BYTES, limited),
    );
  } catch {
    return undefined; // The status stands without it.
  }
}

/** Undefined where it is longer than allowed. Whatever the reason to stop reading, the connection is let go. */
async function textOf(response: Response, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
  const { body } = response;
  // Null: no body. Undefined: a fetch without streams, as in React Native.
  if (!body) return abortable(response.text(), signal);
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) return text + decoder.decode();
      size += value.byteLength;
      if (size > maxBytes) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    reader.cancel().catch(() => undefined); // It may have failed by itself, and said so above.
  }
}

function connectionError(adapter: string, where: string, error: unknown, redact: Redact): AdapterError {
  const cause = redactedCause(error, redact);
  const messages: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) {
    const code = own(at, "code");
    messages.push(at.message === "" && typeof code === "string" ? code : at.message);
  }
  const reason = shortened(messages.join(": ")) || "no reason given";
  // No standard name for it: undici says "unexpected redirect", Deno and browsers likewise, where they say anything.
  const redirected = reason.toLowerCase().includes("redirect");
  const advice = redirected ? "; redirects are not followed, name the final address as baseUrl" : "";
  return new AdapterError(adapter, `${where} failed: ${reason}${advice}`, { retryable: !redirected, cause });
}
