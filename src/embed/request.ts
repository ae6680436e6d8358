import { AdapterError, shown } from "../errors.ts";
import { retryingPart } from "../part-retries.ts";
import { repliesOf } from "../replies.ts";
import type { Embedder, PortOptions } from "../types.ts";
import { excessOf } from "./batches.ts";

export type Role = Parameters<Embedder["embed"]>[1]["role"];
export type Failed = { readonly error: unknown };
/** A text's vector, or why it has none. */
export type Embedded = { readonly vector: Float32Array } | Failed;

/** The vector of a query. What goes wrong rejects. */
export async function embedQuery(embedder: Embedder, text: string, options: PortOptions): Promise<Float32Array> {
  const excess = excessOf(text, embedder.limits);
  if (excess !== undefined) throw fault(embedder, excess);
  const [reply] = await request(embedder, [text], { role: "query", signal: options.signal });
  if (reply !== undefined && "vector" in reply) return reply.vector;
  throw reply?.error;
}

/** One request with its retries. No vector is tied to a text before the reply has been counted. */
export async function request(
  embedder: Embedder,
  texts: readonly string[],
  options: PortOptions & { readonly role: Role },
): Promise<readonly Embedded[]> {
  const { role, signal } = options;
  const answer: unknown = await retryingPart(embedder, () => embedder.embed(texts, { role, signal }), options);
  const vectors = repliesOf(answer, texts.length, "vectors", (message) => fault(embedder, message));
  return vectors.map((vector) => checked(embedder, vector));
}

function checked(embedder: Embedder, vector: unknown): Embedded {
  const { dimensions } = embedder.fingerprint;
  if (!isFloat32Array(vector)) return { error: fault(embedder, `expected a Float32Array, received ${shown(vector)}`) };
  if (vector.length !== dimensions) {
    return { error: fault(embedder, `expected a vector of ${dimensions} dimensions, received ${vector.length}`) };
  }
  let squares = 0;
  for (const value of vector) squares += value * value;
  // float32 squared stays far inside a double: only NaN or an infinity gets here.
  if (!Number.isFinite(squares)) return { error: fault(embedder, "expected finite numbers, received NaN or Infinity") };
  if (squares === 0 && (embedder.metric ?? "cosine") === "cosine") {
    return { error: fault(embedder, "received a vector of zeros, which has no direction and so no cosine") };
  }
  return { vector };
}

/** By tag: it may come from another realm. */
function isFloat32Array(value: unknown): value is Float32Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Float32Array]";
}

export function fault(embedder: Embedder, message: string): AdapterError {
  return new AdapterError(embedder.fingerprint.provider, message);
}
