/** What can go wrong between a client and a server, one fault for one request. */
export type Fault =
  /** No answer ever; the connection stays open. */
  | { readonly kind: "hang" }
  /** The answer comes after this time. */
  | { readonly kind: "slow"; readonly milliseconds: number }
  /** The connection is closed before anything is done, or after it was done and before the answer. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Half of the answer, then the connection is closed. */
  | { readonly kind: "truncated" }
  /** An answer with status 200 that is half of its JSON and says that it is whole. */
  | { readonly kind: "half-json" }
  /** A write is answered `acknowledged` and applied at `settle()`, or never. */
  | { readonly kind: "acknowledged" }
  /** This answer instead; with `applied` after the request was carried out. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly applied?: boolean;
    };

/** 429 with `Retry-After` as given: seconds, decimals or a date; undefined sends no header. */
export function tooManyRequests(retryAfter: string | undefined): Fault {
  const error =
    "Rate limiting exceeded: Read rate limit exceeded: Operation requires 1 tokens but only 0.0 were available.";
  return refused(429, error, retryAfter === undefined ? {} : { "retry-after": retryAfter });
}

/** The 500 of a cluster: it says nothing about whether the request was carried out. */
export function internalError(applied: boolean): Fault {
  return { ...refused(500, "Service internal error: 2 out of 3 shards failed to apply operation."), applied };
}

export function refused(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Fault & { kind: "answer" } {
  return {
    kind: "answer",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ status: { error }, time: 0 }),
  };
}

export interface FaultPlan {
  readonly fault: Fault;
  /** Requests that it may hit. */
  readonly when: (request: { readonly method: string; readonly path: string; readonly body: string }) => boolean;
  left: number;
}

/** The first fault that is due for this request; it is used up. */
export function takeFault(plans: readonly FaultPlan[], request: Parameters<FaultPlan["when"]>[0]): Fault | undefined {
  const plan = plans.find(({ left, when }) => left > 0 && when(request));
  if (plan === undefined) return undefined;
  plan.left--;
  return plan.fault;
}
