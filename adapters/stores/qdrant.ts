import { ConfigError, shown, unexpected } from "../../src/errors.ts";
import { checkOptions, expectOptions, expectType, wholeNumber } from "../../src/options.ts";
import type { Store } from "../../src/types.ts";
import { type QdrantAddress, type QdrantApiClient, serverOf } from "./qdrant/client.ts";
import { namesOf } from "./qdrant/names.ts";
import { qdrantStore } from "./qdrant/store.ts";

export type { QdrantAddress, QdrantApiClient };

export interface QdrantOptions {
  /** A `QdrantClient`, or where the server is. */
  readonly client: QdrantApiClient | QdrantAddress;
  /** The alias that leads to the live generation; the collection of each is called by it and a suffix. */
  readonly collection: string;
  /** Of a new generation; with a shard key for each tenant, of each key. Default 1. */
  readonly shards?: number;
  /** Of each shard of a new generation. Default 1. */
  readonly replicas?: number;
  /** How many replicas must have written before a write is done, of a new generation. Default: the server's, 1. */
  readonly writeConsistency?: number;
  /** How many replicas are asked and must agree. "quorum" stands one dead node of three. Default: one is asked. */
  readonly readConsistency?: "quorum" | "all" | number;
  /** Gives each tenant of a new generation its own shards, on a cluster: a search asks no others. Default false. */
  readonly shardKeyPerTenant?: boolean;
}

const known = [
  "client",
  "collection",
  "shards",
  "replicas",
  "writeConsistency",
  "readConsistency",
  "shardKeyPerTenant",
];

/**
 * A store on Qdrant 1.16 or later, by the package @qdrant/js-client-rest: `npm install @qdrant/js-client-rest`.
 * Constructing does no I/O; the first `index` creates what is needed.
 *
 * @example createRetriever({ store: qdrant({ client: new QdrantClient({ url }), collection: "handbook" }), embedder })
 */
export function qdrant(options: QdrantOptions): Store {
  expectOptions("qdrant", options);
  checkOptions("qdrant", options, known);
  const { client, collection, writeConsistency, readConsistency, shardKeyPerTenant = false } = options;
  checkClient(client);
  const names = namesOf(collection);
  const shards = wholeNumber("shards", options.shards, 1, 1);
  const replicas = wholeNumber("replicas", options.replicas, 1, 1);
  if (wholeNumber("writeConsistency", writeConsistency, 1, 1) > replicas) {
    throw new ConfigError(`writeConsistency: expected at most ${replicas}, the replicas, received ${writeConsistency}`);
  }
  checkConsistency(readConsistency);
  expectType("shardKeyPerTenant", shardKeyPerTenant, "boolean");
  const cluster = { shards, replicas, writeConsistency, readConsistency, shardKeyPerTenant };
  return qdrantStore(serverOf(client), names, cluster);
}

function checkConsistency(value: unknown): void {
  if (value === undefined || value === "quorum" || value === "all") return;
  if (Number.isSafeInteger(value) && Number(value) >= 1) return;
  // Fails as soon as one replica is down, however many there are.
  const hint = value === "majority" ? `; "quorum" is what survives a dead node` : "";
  const expected = `"quorum", "all" or a whole number of at least 1`;
  throw new ConfigError(`readConsistency: expected ${expected}, received ${shown(value)}${hint}`);
}

/** The key itself is never shown, be it wrong. */
function checkClient(client: unknown): void {
  if (typeof client !== "object" || client === null) {
    throw unexpected("client", "a QdrantClient or { url }", client);
  }
  if ("api" in client && typeof client.api === "function") return;
  const { url, apiKey, ...rest } = client as Record<string, unknown>;
  const [other] = Object.keys(rest);
  if (url === undefined || other !== undefined) {
    throw unexpected("client", "a QdrantClient or { url, apiKey }", client);
  }
  const address = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== "http:" && address?.protocol !== "https:") {
    throw new ConfigError("client.url: expected an http or https address");
  }
  if (address.username !== "" || address.password !== "" || address.search !== "") {
    throw new ConfigError("client.url: expected no user, password or query; a key goes in apiKey");
  }
  if (apiKey !== undefined && !(typeof apiKey === "string" && /^[\x21-\x7e]+$/u.test(apiKey))) {
    throw new ConfigError("client.apiKey: expected a string of visible ASCII characters");
  }
}
