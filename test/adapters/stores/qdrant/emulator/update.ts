/** One change of points, read and not yet applied. */
import type { Collection } from "./collection.ts";
import type { Filter } from "./filter.ts";
import type { Json } from "./json.ts";
import type { Shard } from "./shard.ts";
import type { GivenVector } from "./vectors.ts";

export interface Update {
  /** Filters that strict mode looks at. */
  readonly filters: readonly Filter[];
  /** How many points are written whole. */
  readonly size: number;
  readonly shardKey: Json | undefined;
  readonly vectors: readonly ReadonlyMap<string, GivenVector>[];
  /** Changes the shards; may stop half way. */
  apply(collection: Collection, shards: readonly Shard[]): void;
}
