import { AdapterError } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { notThere } from "../../../src/stores/generation-refusals.ts";
import type { FilterTree, IndexSpec, PortOptions, Scope } from "../../../src/types.ts";
import { atLeast, type Json, type Operation, type Server } from "./client.ts";
import { type ClusterOptions, type Collection, type Limits, readCollection } from "./collection.ts";
import { name, refused } from "./faults.ts";
import { type Condition, conditionOf } from "./filter.ts";
import type { Names } from "./names.ts";
import { tenantKey } from "./points.ts";

/** One tenant's rows in one collection, and the requests about them. Each of them names tenant and shard key. */
export interface Place {
  readonly collection: string;
  readonly tenant: string;
  readonly signal: AbortSignal;
  readonly spec: IndexSpec;
  readonly points: number;
  readonly limits: Limits;
  /** Prefixes came with Qdrant 1.19. */
  readonly prefixes: boolean;
  /**
   * "server": it knows the idf of the tenant. "query": idf is counted and sent along as weights. "refused": the collection
   * was made for the server's and has more shards now, or an older server, whose scores would be others.
   */
  readonly idf: "server" | "query" | "refused";
  /** Whether the tenant can have rows: reading a shard key that is not there is an error, or worse. */
  readonly exists: boolean;
  /** The tenant's rows, with more conditions; "never" where no row can match. */
  filter(tree: FilterTree | undefined, ...also: readonly Condition[]): Json | "never";
  read(operation: Operation, payload: Json): Promise<unknown>;
  count(filter: Json, exact?: boolean): Promise<number>;
  /** All operations of one request; each is acknowledged only when it is done. */
  write(operations: readonly Json[]): Promise<void>;
}

export interface Places {
  of(scope: Scope, options: PortOptions, use: "read" | "write"): Promise<Place>;
  /** What is known of a collection, read again when it is older than a minute. */
  collection(generation: string, signal: AbortSignal): Promise<Collection>;
  remember(generation: string, collection: Collection): void;
  forget(generation: string): void;
}

/** Milliseconds after which a collection is looked at again: it may have been given more shards, or have grown. */
const FRESH = 60_000;

export function placesOf(server: Server, names: Names, cluster: ClusterOptions): Places {
  const known = new Map<string, { readonly collection: Collection; readonly at: number }>();
  const keys = new Map<string, Set<string>>();
  const consistency = cluster.readConsistency === undefined ? {} : { consistency: cluster.readConsistency };

  const collectionOf: Places["collection"] = async (generation, signal) => {
    signal.throwIfAborted();
    if (!names.isGeneration(generation)) throw notThere(name, generation);
    const found = known.get(generation);
    if (found !== undefined && Date.now() - found.at < FRESH) return found.collection;
    const collection = await readCollection(server, generation, signal);
    known.set(generation, { collection, at: Date.now() });
    return collection;
  };

  /** Keys are never taken away while a generation lives, so one that was seen stays. */
  const hasKey = async (generation: string, key: string, create: boolean, signal: AbortSignal): Promise<boolean> => {
    const seen = keys.get(generation) ?? new Set<string>();
    keys.set(generation, seen);
    if (seen.has(key)) return true;
    const answer = await server.call("listShardKeys", { collection_name: generation }, signal);
    const listed = own(answer, "shard_keys");
    if (Array.isArray(listed)) for (const each of listed as readonly unknown[]) seen.add(String(own(each, "key")));
    if (seen.has(key) || !create) return seen.has(key);
    const payload = { collection_name: generation, shard_key: key, shards_number: cluster.shards };
    await server
      .call("createShardKey", { ...payload, replication_factor: cluster.replicas }, signal)
      .catch((error: unknown) => {
        if (!(error instanceof AdapterError && /already exists/.test(error.message))) throw error;
      });
    seen.add(key);
    return true;
  };

  return {
    collection: collectionOf,
    remember: (generation, collection) => void known.set(generation, { collection, at: Date.now() }),
    forget(generation) {
      known.delete(generation);
      keys.delete(generation);
    },
    async of(scope, { signal }, use) {
      const { generation } = scope;
      const tenant = tenantKey(scope);
      const { record, custom, shards, weighted, points, limits } = await collectionOf(generation, signal);
      if (record === undefined) throw refused(`collection ${generation} has no record of what it was built with`);
      const exists = !custom || (await hasKey(generation, tenant, use === "write", signal));
      const prefixes = atLeast(await server.version(signal), [1, 19]);
      const shard = custom ? { shard_key: tenant } : {};
      const within = { collection_name: generation, ...shard };
      const isTenant = { key: "tenant", match: { value: tenant } };
      return {
        collection: generation,
        tenant,
        signal,
        spec: record.spec,
        points,
        limits,
        prefixes,
        idf: !weighted ? "query" : shards === 1 && prefixes ? "server" : "refused",
        exists,
        filter(tree, ...also) {
          const condition = tree === undefined ? "always" : conditionOf(tree, { prefixes });
          if (condition === "never") return condition;
          // One `must` around everything: a `should` at the top would be merged with those of others.
          return { must: [isTenant, ...(condition === "always" ? [] : [condition]), ...also] };
        },
        read: (operation, payload) => {
          const searches = payload["searches"];
          const sharded = Array.isArray(searches)
            ? { collection_name: generation, searches: searches.map((each: Json) => ({ ...each, ...shard })) }
            : { ...payload, ...within };
          return server.call(operation, { ...sharded, ...consistency }, signal);
        },
        async count(filter, exact = true) {
          const answer = await server.call("countPoints", { ...within, filter, exact }, signal);
          const count = own(answer, "count");
          if (typeof count === "number") return count;
          throw refused("expected a count, received none");
        },
        async write(operations) {
          const sharded = operations.map((operation) =>
            Object.fromEntries(
              Object.entries(operation).map(([kind, body]) => [kind, { ...(body as Json), ...shard }]),
            ),
          );
          const answer = await server.call(
            "batchUpdate",
            { collection_name: generation, wait: true, operations: sharded },
            signal,
          );
          const statuses = Array.isArray(answer) ? answer.map((each) => own(each, "status")) : [];
          if (statuses.length === operations.length && statuses.every((status) => status === "completed")) return;
          throw new AdapterError(name, `a write was acknowledged and not completed (${statuses.join(", ")})`, {
            retryable: true,
          });
        },
      };
    },
  };
}
