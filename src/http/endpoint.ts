import { AdapterError, ConfigError, unexpected } from "../errors.ts";
import { checkOptions, wholeNumber } from "../options.ts";
import { withDeadline } from "../signal.ts";
import type { CallOptions } from "../types.ts";
import type { RemoteOptions } from "./remote-options.ts";
import { kindOf } from "./reply.ts";
import type { Fault } from "./reply.ts";
import { postJson } from "./request.ts";
import { redactorOf } from "./secrets.ts";

/** One path of a service, with its options checked. */
export interface Endpoint {
  readonly model: string;
  readonly dimensions: number | undefined;
  /** An error of this service, without its key. */
  readonly fault: Fault;
  readonly post: (body: unknown, options?: CallOptions, maxBytes?: number) => Promise<unknown>;
}

export interface Service {
  /** Named in errors about options: the function that takes them. */
  readonly part: string;
  /** Named in errors of the service. */
  readonly adapter: string;
  /** The vendor's own address, with the path of the version. */
  readonly home: string;
  readonly path: string;
  /** The options that this part has. */
  readonly known: readonly (keyof RemoteOptions)[];
}

export function endpoint({ part, adapter, home, path, known }: Service, options: RemoteOptions): Endpoint {
  checkOptions(part, options, known);
  const { model, apiKey, dimensions, fetch, baseUrl = home }: Partial<RemoteOptions> = options ?? {};
  if (typeof model !== "string" || model === "") {
    throw unexpected(part, "model to be a non-empty string", model);
  }
  if (fetch !== undefined && typeof fetch !== "function") {
    throw unexpected(part, "fetch to be a function", fetch);
  }
  if (dimensions !== undefined) wholeNumber(`${part}: dimensions`, dimensions, 1, dimensions);
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${checkedKey(part, apiKey)}` };
  const url = urlOf(part, baseUrl, home, path);
  const redact = redactorOf(headers, url);
  return {
    model,
    dimensions,
    fault: (message, retryable = false) => new AdapterError(adapter, redact(message), { retryable }),
    post: (body, callOptions, maxBytes) =>
      withDeadline(adapter, callOptions, (signal) =>
        postJson({ adapter, url, headers, body, fetch, signal, maxBytes }),
      ),
  };
}

/** What a header can carry. The key itself is never shown, be it wrong. */
function checkedKey(part: string, apiKey: unknown): string {
  if (typeof apiKey === "string" && /^[\x21-\x7e]+$/u.test(apiKey)) return apiKey;
  const received = typeof apiKey === "string" ? "one with a space, a line break or none at all" : kindOf(apiKey);
  throw new ConfigError(`${part}: expected apiKey to be a string of visible ASCII characters, received ${received}`);
}

/** Not shown either: it may carry a password. */
function urlOf(part: string, baseUrl: unknown, home: string, path: string): URL {
  const url = typeof baseUrl === "string" && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new ConfigError(`${part}: expected baseUrl to be an http or https address`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(`${part}: expected baseUrl to have no user and password; keys go in apiKey`);
  }
  let base = url.pathname === "/" ? new URL(home).pathname : url.pathname;
  while (base.endsWith("/")) base = base.slice(0, -1);
  url.pathname = `${base}/${path}`;
  return url;
}
