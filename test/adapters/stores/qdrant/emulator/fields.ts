/**
 * The fields of the requests that the adapter makes, for where the published description is not present. What stands in a
 * field the emulator judges by itself; a field that it does not know it passes over, as the server does.
 */
import type { Request } from "./routes.ts";

type Shape = "any" | { readonly [field: string]: Shape };

function fields(names: string, more: { readonly [field: string]: Shape } = {}): { readonly [field: string]: Shape } {
  return { ...Object.fromEntries(names.split(" ").map((name) => [name, "any" as const])), ...more };
}

const params = fields("exact hnsw_ef idf quantization indexed_only acorn");
const leaf = fields("query using filter score_threshold limit lookup_from", { params });
const query = fields("query using filter score_threshold limit lookup_from offset with_payload with_vector shard_key", {
  params,
  prefetch: { ...leaf, prefetch: leaf },
});
const upsert = fields("shard_key update_filter update_mode", { points: fields("id vector payload") });
const deletion = fields("points filter shard_key");
const payload = fields("payload points filter key shard_key");
const updateVectors = fields("shard_key update_filter", { points: fields("id vector") });

/** `*` stands for one segment. A list has the shape of its items. */
const shapes: Readonly<Record<string, Shape>> = {
  "PUT collections/*": fields(
    "vectors sparse_vectors shard_number sharding_method replication_factor write_consistency_factor on_disk_payload hnsw_config wal_config optimizers_config quantization_config strict_mode_config metadata",
  ),
  "PATCH collections/*": fields(
    "vectors sparse_vectors params hnsw_config optimizers_config quantization_config strict_mode_config metadata",
  ),
  "POST collections/aliases": { actions: fields("create_alias delete_alias rename_alias") },
  "PUT collections/*/shards": fields("shard_key shards_number replication_factor placement initial_state"),
  "PUT collections/*/index": fields("field_name field_schema"),
  "PUT collections/*/points": upsert,
  "POST collections/*/points": fields("ids with_payload with_vector shard_key"),
  "POST collections/*/points/delete": deletion,
  "POST collections/*/points/payload": payload,
  "PUT collections/*/points/payload": payload,
  "PUT collections/*/points/vectors": updateVectors,
  "POST collections/*/points/scroll": fields("offset limit filter with_payload with_vector order_by shard_key"),
  "POST collections/*/points/count": fields("filter exact shard_key"),
  "POST collections/*/points/query": query,
  "POST collections/*/points/query/batch": { searches: query },
  "POST collections/*/points/batch": {
    operations: {
      upsert,
      delete: deletion,
      set_payload: payload,
      overwrite_payload: payload,
      update_vectors: updateVectors,
      delete_payload: fields("keys points filter shard_key"),
      clear_payload: deletion,
      delete_vectors: fields("points filter vector shard_key"),
    },
  },
};

/** The fields of the request that no server knows. */
export function unknownFields({ method, path, body }: Pick<Request, "method" | "path" | "body">): string[] {
  if (body === "") return [];
  const given = (path.split("?")[0] ?? "").split("/").slice(1);
  const fitting = Object.entries(shapes).find(([pattern]) => {
    const [wanted, segments = ""] = pattern.split(" ");
    const parts = segments.split("/");
    if (wanted !== method || parts.length !== given.length) return false;
    return parts.every((part, at) => part === given[at] || (part === "*" && given[at] !== "aliases"));
  });
  return fitting === undefined ? [] : unknownIn(JSON.parse(body), fitting[1], "body");
}

function unknownIn(value: unknown, shape: Shape, at: string): string[] {
  if (shape === "any" || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownIn(item, shape, `${at}[${index}]`));
  return Object.entries(value).flatMap(([name, item]) => {
    const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
    return inner === undefined ? [`${at}.${name}: unknown`] : unknownIn(item, inner, `${at}.${name}`);
  });
}
