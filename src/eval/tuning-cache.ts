import { sha256 } from "../indexing/digest.ts";
import type { Embedder } from "../types.ts";
import type { TuningCache } from "./tuning-types.ts";

/** What a tuning need not do twice: vectors by the hash of their text, anything else as JSON. */

/** The embedder, asked only for texts that the cache does not have. A query's vector is kept for the run in any case. */
export function cachedEmbedder(embedder: Embedder, cache: TuningCache | undefined): Embedder {
  const { provider, model, dimensions } = embedder.fingerprint;
  const queries = new Map<string, Float32Array>();
  return {
    ...embedder,
    async embed(texts, options) {
      const { role } = options;
      const keys = texts.map((text) => `vector-${sha256(JSON.stringify([provider, model, dimensions, role, text]))}`);
      const known = await Promise.all(
        keys.map(async (key) => queries.get(key) ?? vectorOf(await cache?.get(key), dimensions)),
      );
      const missing = [...texts.keys()].filter((index) => known[index] === undefined);
      const asked = missing.map((index) => texts[index] ?? "");
      const fresh = asked.length === 0 ? [] : await embedder.embed(asked, options);
      // A wrong count is the core's to refuse: it is handed on as it came.
      if (fresh.length !== asked.length) return fresh;
      for (const [at, vector] of fresh.entries()) {
        const index = missing[at] ?? 0;
        known[index] = vector;
        const key = keys[index] ?? "";
        if (role === "query") queries.set(key, vector);
        if (vector instanceof Float32Array) await cache?.set(key, bytesOf(vector));
      }
      return known.flatMap((vector) => vector ?? []);
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** undefined where the bytes are no such vector: it is asked for again. */
function vectorOf(bytes: Uint8Array | undefined, dimensions: number): Float32Array | undefined {
  if (bytes?.byteLength !== dimensions * 4) return undefined;
  return new Float32Array(bytes.slice().buffer);
}

/** The cached value, or what `make` makes. Bytes that are no JSON are made anew. */
export async function cachedJson<T>(
  cache: TuningCache | undefined,
  key: string | undefined,
  make: () => Promise<T>,
): Promise<T> {
  if (cache === undefined || key === undefined) return make();
  const bytes = await cache.get(key);
  const known = bytes && jsonOf(bytes);
  if (known !== undefined) return known as T;
  const made = await make();
  await cache.set(key, new TextEncoder().encode(JSON.stringify(made)));
  return made;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
