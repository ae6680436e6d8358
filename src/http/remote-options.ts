/** Where a model is and how it is spoken to. Nothing is read from the environment; making a part sends nothing. */
export interface RemoteOptions {
  /** As the service names it. */
  readonly model: string;
  /** Sent as bearer token, in a header and nowhere else. Local servers mostly need none. */
  readonly apiKey?: string;
  /** Of the same API elsewhere. Default: the vendor's. One without a path gets the vendor's, e.g. `/v1`. */
  readonly baseUrl?: string;
  /** Of the vectors. Default: what the model has; needed for a model that groundline does not know. */
  readonly dimensions?: number;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch;
}

/** The platform's `typeof fetch`, where the project has its types. */
export type Fetch = typeof globalThis extends { readonly fetch: infer F } ? F : never;
