/** Keeps keys out of errors: in messages, in stacks, and in what a cause carries along. */

export type Redact = (text: string) => string;

/** Parts of a URL's query as short as this are versions and modes, not keys. */
const SHORT = 8;

/** What must not be seen of a request: the values of its headers, and what a URL may carry besides its path. */
export function redactorOf(headers: Readonly<Record<string, string>>, url: URL): Redact {
  const secrets = Object.values(headers).flatMap((value) => [value, value.slice(value.lastIndexOf(" ") + 1)]);
  secrets.push(url.username, url.password, ...[...url.searchParams.values()].filter((value) => value.length >= SHORT));
  const forms = secrets.flatMap((secret) => {
    const text = secret.toWellFormed();
    return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(text)];
  });
  // A secret may begin with another one.
  const longestFirst = [...new Set(forms)].filter((form) => form !== "").toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, form) => left.replaceAll(form, "[redacted]"), text);
}

/** How deep a cause is followed. */
const DEPTH = 8;

/**
 * A copy of an error with nothing but what is safe to show: name, code, message, stack, cause. Errors of HTTP clients
 * carry the whole request with its headers.
 */
export function redactedCause(error: unknown, redact: Redact, depth: number = DEPTH): Error | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined;
  // Of the addresses of a host that were all refused, the first speaks for the others.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const cause = redactedCause(error.cause ?? first, redact, depth - 1);
  const copy: Error & { code?: string } = new Error(redact(error.message), cause === undefined ? {} : { cause });
  copy.name = redact(error.name);
  copy.stack = redact(error.stack ?? "");
  if ("code" in error && typeof error.code === "string") copy.code = redact(error.code);
  return copy;
}
