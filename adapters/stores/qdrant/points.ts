import { quoted, ScopeError, UnsupportedError } from "../../../src/errors.ts";
import { own } from "../../../src/http/reply.ts";
import { saturate } from "../../../src/lexical/terms.ts";
import { inNineDigits } from "../../../src/stores/remote-rows.ts";
import type { ChunkWrite, IndexSpec, Scope, StoredChunk, StoredMetadata, Terms } from "../../../src/types.ts";
import type { Json } from "./client.ts";
import { DENSE, TERMS } from "./collection.ts";
import { name, refused } from "./faults.ts";
import { keyOf } from "./filter.ts";

/** A chunk as a point, and back. `chunk` is what `kept` overwrites as a whole; the terms belong to the legs. */
export const payloadParts = {
  row: ["chunk", "document"],
  owner: ["tenant", "document"],
  id: ["chunk.id"],
  hash: ["chunk.documentHash"],
} as const;

/** Never empty, so that no tenant is a tenant like any other. */
export function tenantKey({ tenant }: Scope): string {
  if (tenant === null) return "-";
  if (tenant === "") throw new ScopeError("tenant: expected a non-empty string, received an empty one");
  if (tenant.isWellFormed()) return `=${tenant}`;
  throw new UnsupportedError(`${name}: expected a tenant's name without lone surrogates, received ${quoted(tenant)}`);
}

const encoder = /* @__PURE__ */ new TextEncoder();

/** With the tenant in it: an upsert replaces whatever has the id, whosoever that is. */
export async function pointId(tenant: string, chunkId: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`${tenant}\0${chunkId}`));
  const bytes = new Uint8Array(digest, 0, 16);
  // A UUID of version 8, RFC 9562: made as its maker likes.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** All of a point's payload but what its legs bring. */
export function payloadOf(chunk: StoredChunk, tenant: string, isFirst: boolean): Json {
  const { id, documentId, metadata, span, parent, ...rest } = chunk;
  const filterable = Object.entries(metadata).map(([field, value]) => [keyOf(field), value]);
  return {
    tenant,
    document: documentId,
    first: isFirst,
    metadata: Object.fromEntries(filterable),
    // As text, since the server reads numbers to the last bit but one and JSON objects have no `__proto__` everywhere.
    chunk: { id, ...rest, span: [span.start, span.end], ...(parent && { parent }), metadata: JSON.stringify(metadata) },
  };
}

export function pointOf(
  id: string,
  chunk: ChunkWrite,
  { tenant, isFirst, spec }: { readonly tenant: string; readonly isFirst: boolean; readonly spec: IndexSpec },
): Json {
  const { legs, ...stored } = chunk;
  const payload = payloadOf(stored, tenant, isFirst);
  const { vector, terms } = legs === "kept" ? {} : legs;
  // An empty sparse vector would count among the documents that idf is taken over.
  const hasTerms = terms !== undefined && terms.ids.length > 0;
  return {
    id,
    vector: {
      ...(vector && spec.dense && { [DENSE]: denseVector(vector, spec.dense.metric) }),
      ...(hasTerms && spec.lexical && { [TERMS]: sparseVector(terms, saturate(terms, spec.lexical)) }),
    },
    payload: hasTerms ? { ...payload, terms: Array.from(terms.ids), counts: Array.from(terms.counts) } : payload,
  };
}

/** At unit length for cosines: the server takes short vectors for zeros and long ones for infinite. */
export function denseVector(vector: Float32Array, metric: "cosine" | "dot" | "euclidean"): readonly number[] {
  const length = metric === "cosine" ? Math.hypot(...vector) : 1;
  return Array.from(vector, (value) => inNineDigits(value / length));
}

/** A quarter of what a 32-bit float holds: neither a product nor a distance of two such vectors is infinite. */
const LARGEST_SQUARE = 8.5e37;

/** A score that is no number comes first in every answer. */
export function checkMagnitude(vector: Float32Array, metric: "cosine" | "dot" | "euclidean", whose: string): void {
  if (metric === "cosine" || vector.reduce((sum, value) => sum + value * value, 0) <= LARGEST_SQUARE) return;
  throw refused(`expected a vector whose squares add up to at most ${LARGEST_SQUARE} for ${whose}`);
}

export function sparseVector(terms: Terms, weights: ArrayLike<number>): Json {
  return {
    indices: Array.from(terms.ids),
    values: Array.from(terms.ids, (_, index) => inNineDigits(weights[index] ?? 0)),
  };
}

export function chunkOf(point: unknown): StoredChunk {
  const payload = own(point, "payload");
  const { span, metadata, ...rest } = (own(payload, "chunk") ?? {}) as StoredChunk & Record<string, unknown>;
  const [start, end] = Array.isArray(span) ? (span as readonly number[]) : [];
  if (typeof rest.id !== "string" || start === undefined || end === undefined || typeof metadata !== "string") {
    throw refused(`point ${String(own(point, "id"))} was not written by groundline`);
  }
  return {
    ...rest,
    documentId: String(own(payload, "document")),
    span: { start, end },
    metadata: JSON.parse(metadata) as StoredMetadata,
  };
}

/** With its legs, for another store. Cosine vectors come back at unit length. */
export function writeOf(point: unknown): ChunkWrite {
  const payload = own(point, "payload");
  const vector = own(own(point, "vector"), DENSE);
  const [ids, counts] = [own(payload, "terms"), own(payload, "counts")];
  return {
    ...chunkOf(point),
    legs: {
      ...(Array.isArray(vector) && { vector: Float32Array.from(vector as readonly number[]) }),
      ...(Array.isArray(ids) &&
        Array.isArray(counts) && {
          terms: {
            ids: Uint32Array.from(ids as readonly number[]),
            counts: Uint32Array.from(counts as readonly number[]),
          },
        }),
    },
  };
}
