import { ConfigError, shown } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { type Redact, redactorOf } from "../../../src/http/secrets.ts";
import { follow } from "../../../src/signal.ts";
import { asAdapterError, isConnectionReset, refusalOf, refused } from "./faults.ts";

const operations = [
  "root",
  "getCollection",
  "getCollections",
  "createCollection",
  "updateCollection",
  "deleteCollection",
  "getCollectionsAliases",
  "updateAliases",
  "createFieldIndex",
  "listShardKeys",
  "createShardKey",
  "batchUpdate",
  "getPoints",
  "scrollPoints",
  "countPoints",
  "queryBatchPoints",
] as const;
export type Operation = (typeof operations)[number];

/** The operations of a `QdrantClient` that are used. */
export interface QdrantApiClient {
  api(): { readonly [K in Operation]: (payload: never, init?: never) => Promise<{ readonly data: unknown }> };
}
/** Where the server is. The key is sent in a header and nowhere else. */
export interface QdrantAddress {
  readonly url: string;
  readonly apiKey?: string;
}

export type Json = Readonly<Record<string, unknown>>;

export interface Server {
  /** The `result` of one request. An abort closes its connection and rejects with the signal's reason. */
  call(operation: Operation, payload: Json, signal: AbortSignal): Promise<unknown>;
  /** As [major, minor], asked once. */
  version(signal: AbortSignal): Promise<readonly [number, number]>;
}

export function serverOf(client: QdrantApiClient | QdrantAddress): Server {
  let connecting: Promise<QdrantApiClient> | undefined = "api" in client ? Promise.resolve(client) : undefined;
  let known: readonly [number, number] | undefined;

  const request = async (operation: Operation, payload: Json, signal: AbortSignal): Promise<unknown> => {
    signal.throwIfAborted();
    connecting ??= connect(client as QdrantAddress).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    const connected = await connecting;
    signal.throwIfAborted();
    const api = connected.api() as unknown as Readonly<
      Record<Operation, (payload: Json) => Promise<{ readonly data: unknown }>>
    >;
    return (await throughClient(operation, () => api[operation](payload), signal)).data;
  };

  return {
    async call(operation, payload, signal) {
      const answer = await request(operation, payload, signal);
      const result = own(answer, "result");
      if (own(answer, "status") === "ok" && result !== undefined) return result;
      throw refused(`expected the answer of a Qdrant server to ${operation}, received ${shown(answer)}`);
    },
    async version(signal) {
      if (known !== undefined) return known;
      const version = own(await request("root", {}, signal), "version");
      const [, major, minor] = /^(\d+)\.(\d+)\./.exec(String(version)) ?? [];
      if (major === undefined) throw refused(`expected the version of a Qdrant server, received ${shown(version)}`);
      return (known = [Number(major), Number(minor)]);
    },
  };
}

export function atLeast([major, minor]: readonly [number, number], [least, then]: readonly [number, number]): boolean {
  return major > least || (major === least && minor >= then);
}

/**
 * Runs one request of the client. What it calls `fetch` with is led through here, as it drops the caller's signal, the
 * headers of a refusal and all but a digit of `Retry-After`, and asks for compressed answers, which cost 40 ms each.
 *
 * The client calls `fetch` before its first await, so the global one is changed for no one else. A client that did not
 * would be raced alone: the abort would reject here and not reach the server.
 */
function throughClient<T>(operation: Operation, start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = new AbortController();
  const plainFetch = globalThis.fetch;
  let redact: Redact = (text) => text;
  return new Promise<T>((resolve, reject) => {
    const leave = follow(signal, () => {
      reject(signal.reason);
      stopped.abort(signal.reason);
    });
    let request: Promise<T>;
    try {
      globalThis.fetch = (input, init = {}) => {
        const headers = new Headers(init.headers);
        headers.set("accept-encoding", "identity");
        const address = new URL(input instanceof Request ? input.url : input);
        redact = redactorOf(Object.fromEntries([...headers].filter(([header]) => !plainHeaders.has(header))), address);
        init.signal?.addEventListener("abort", () => stopped.abort(init.signal?.reason), { once: true });
        // A redirect would take the key along to wherever it names.
        const options: RequestInit = { ...init, headers, signal: stopped.signal, redirect: "error" };
        return sent(operation, () => plainFetch(input, options), stopped.signal, redact);
      };
      request = start();
    } finally {
      globalThis.fetch = plainFetch;
    }
    request
      .catch((error: unknown) => {
        throw asAdapterError(error, redact);
      })
      .finally(leave)
      .then(resolve, reject);
  });
}

/** Not secrets: a message that has their words in it stays readable. */
const plainHeaders: ReadonlySet<string> = new Set(["accept", "accept-encoding", "content-type", "user-agent"]);

async function sent(
  operation: Operation,
  attempt: () => Promise<Response>,
  stopped: AbortSignal,
  redact: Redact,
): Promise<Response> {
  const response = await attempt().catch((error: unknown) => {
    if (stopped.aborted || !isConnectionReset(error)) throw error;
    return attempt();
  });
  if (response.ok) return response;
  throw await refusalOf(response, operation, redact);
}

async function connect({ url, apiKey }: QdrantAddress): Promise<QdrantApiClient> {
  const { QdrantClient } = await import("@qdrant/js-client-rest").catch((cause: unknown) => {
    throw new ConfigError("qdrant: its client is missing; npm install @qdrant/js-client-rest", { cause });
  });
  const { origin, protocol, pathname } = new URL(url);
  // The client would take the port that a scheme implies for 6333, and forget a path.
  const written = /^https?:\/\/[^/]*:(80|443)(?:\/|$)/i.exec(url)?.[1];
  const prefix = pathname.replace(/\/+$/, "");
  return new QdrantClient({
    url: origin,
    https: protocol === "https:",
    ...(written !== undefined && { port: Number(written) }),
    ...(prefix !== "" && { prefix }),
    // As a header of the caller's: as an option the client would print a warning where there is no TLS.
    ...(apiKey !== undefined && { headers: { "api-key": apiKey } }),
    checkCompatibility: false,
  });
}
