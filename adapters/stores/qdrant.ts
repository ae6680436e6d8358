import { ConfigError, shown } from "../../src/errors.ts";
import { checkOptions, expectOptions, expectType } from "../../src/options.ts";
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
  const { client, collection, shards = 1, replicas = 1, writeConsistency, readConsistency } = options;
  const { shardKeyPerTenant = false } = options;
  checkClient(client);
  const names = namesOf(collection);
  atLeastOne("shards", shards);
  atLeastOne("replicas", replicas);
  if (writeConsistency !== undefined) atLeastOne("writeConsistency", writeConsistency);
  if (writeConsistency !== undefined && writeConsistency > replicas) {
    throw new ConfigError(
      `writeConsistency: expected at most ${replicas}, the replicas, received ${writeConsistency}.`,
    );
  }
  if (readConsistency !== undefined && readConsistency !== "quorum" && readConsistency !== "all") {
    // Fails as soon as one replica is down, however many there are.
    const hint = shown(readConsistency) === `"majority"` ? `; "quorum" is what survives a dead node` : "";
    atLeastOne("readConsistency", readConsistency, `"quorum", "all" or a whole number of at least 1`, hint);
  }
  expectType("shardKeyPerTenant", shardKeyPerTenant, "boolean");
  const cluster = { shards, replicas, writeConsistency, readConsistency, shardKeyPerTenant };
  return qdrantStore(serverOf(client), names, cluster);
}

function atLeastOne(option: string, value: unknown, expected = "a whole number of at least 1", hint = ""): void {
  if (Number.isSafeInteger(value) && Number(value) >= 1) return;
  throw new ConfigError(`${option}: expected ${expected}, received ${shown(value)}${hint}.`);
}

/** The key itself is never shown, be it wrong. */
function checkClient(client: unknown): void {
  if (typeof client !== "object" || client === null) {
    throw new ConfigError(`client: expected a QdrantClient or { url }, received ${shown(client)}.`);
  }
  if ("api" in client && typeof client.api === "function") return;
  const { url, apiKey, ...rest } = client as Record<string, unknown>;
  const [other] = Object.keys(rest);
  if (url === undefined || other !== undefined) {
    throw new ConfigError(`client: expected a QdrantClient or { url, apiKey }, received ${shown(client)}.`);
  }
  const address = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== "http:" && address?.protocol !== "https:") {
    throw new ConfigError("client.url: expected an http or https address.");
  }
  if (address.username !== "" || address.password !== "" || address.search !== "") {
    throw new ConfigError("client.url: expected no user, password or query; a key goes in apiKey.");
  }
  if (apiKey !== undefined && !(typeof apiKey === "string" && /^[\x21-\x7e]+$/u.test(apiKey))) {
    throw new ConfigError("client.apiKey: expected a string of visible ASCII characters.");
  }
}
