import { concurrently } from "../concurrency.ts";
import { AdapterError, RetrievalError, shown } from "../errors.ts";
import { wholeNumber } from "../options.ts";
import { retrying } from "../retry.ts";
import { withDeadline } from "../signal.ts";
import type { Embedder, PortOptions } from "../types.ts";
import { batchesOf, excessOf } from "./batches.ts";

/** What the core puts around an embedder: batches, concurrency, retries, and a check of every reply. */

type Role = Parameters<Embedder["embed"]>[1]["role"];
type Failed = { readonly error: unknown };
export type Embedded = { readonly vector: Float32Array } | Failed;

export interface EmbedOptions extends PortOptions {
  readonly role: Role;
  /** Requests at a time. Default 4. */
  readonly concurrency?: number;
  /** After each reply: how many texts it gave a vector. */
  onEmbedded?(count: number): void;
}

/** So many requests for the parts of one batch, none of them a success, and it is not divided further. */
const FRUITLESS = 15;

/**
 * Each text's vector, or why it has none, in the order of the texts. Rejects only for an abort or a wrong option.
 *
 * A batch is retried as a whole while its error is retryable. One that is refused for good is divided until the texts that
 * the embedder cannot take are alone with their error. An error that every text would meet (a wrong key, an unknown model,
 * a spent quota) goes to all that have not been sent.
 */
export async function embedTexts(
  embedder: Embedder,
  texts: readonly string[],
  options: EmbedOptions,
): Promise<readonly Embedded[]> {
  const { role } = options;
  const concurrency = wholeNumber("concurrency", options.concurrency, 1, 4);
  const embedded: Embedded[] = [];
  const sendable = [...texts.keys()].filter((position) => {
    const excess = excessOf(texts[position] ?? "", embedder.limits);
    if (excess !== undefined) embedded[position] = { error: fault(embedder, excess) };
    return excess === undefined;
  });
  const batches = batchesOf(texts, sendable, embedder.limits);
  let hopeless: Failed | undefined;
  let divisible = true;

  const embedBatch = async (batch: readonly number[], signal: AbortSignal): Promise<void> => {
    // Breadth first: a part at fault puts its halves at the end.
    const parts = [batch];
    const longest = 8 * Math.ceil(Math.log2(batch.length));
    let successes = 0;
    for (const part of parts) {
      const sent = part.map((position) => texts[position] ?? "");
      const outcome = hopeless ?? (await settled(request(embedder, sent, { role, signal }), signal));
      if (!("error" in outcome)) {
        successes++;
        divisible = true;
        for (const [index, reply] of outcome.entries()) embedded[part[index] ?? 0] = reply;
        options.onEmbedded?.(outcome.filter((reply) => "vector" in reply).length);
        continue;
      }
      const blame = blameFor(outcome.error);
      if (blame === "setup") hopeless ??= outcome;
      const limit = successes > 0 ? longest : Math.min(longest, FRUITLESS);
      if (blame === "text" && divisible && part.length > 1 && parts.length < limit) {
        const middle = part.length >> 1;
        parts.push(part.slice(0, middle), part.slice(middle));
      } else {
        for (const position of part) embedded[position] = outcome;
      }
    }
    // The request is at fault then, not a text: dividing other batches would be as vain, until one succeeds.
    if (successes === 0 && parts.length >= FRUITLESS) divisible = false;
  };

  // Under a signal of its own, so that nothing runs on when one batch rejects.
  await withDeadline("embed", { signal: options.signal }, (signal) =>
    concurrently(batches, concurrency, (batch) => embedBatch(batch, signal)),
  );
  return embedded;
}

/** The vector of a query. What goes wrong rejects. */
export async function embedQuery(embedder: Embedder, text: string, options: PortOptions): Promise<Float32Array> {
  const excess = excessOf(text, embedder.limits);
  if (excess !== undefined) throw fault(embedder, excess);
  const [reply] = await request(embedder, [text], { role: "query", signal: options.signal });
  if (reply !== undefined && "vector" in reply) return reply.vector;
  throw reply?.error;
}

/** One request with its retries. No vector is tied to a text before the reply has been counted. */
async function request(
  embedder: Embedder,
  texts: readonly string[],
  options: PortOptions & { readonly role: Role },
): Promise<readonly Embedded[]> {
  const vectors: unknown = await retrying(() => embedder.embed(texts, options), options);
  if (!Array.isArray(vectors)) throw fault(embedder, `expected an array of vectors, received ${shown(vectors)}`);
  if (vectors.length !== texts.length) {
    throw fault(embedder, `expected ${texts.length} vectors, one for each text, received ${vectors.length}`);
  }
  return Array.from(vectors, (vector: unknown) => checked(embedder, vector));
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

function fault(embedder: Embedder, message: string): AdapterError {
  return new AdapterError(embedder.fingerprint.provider, message, { retryable: false });
}

async function settled<T>(work: Promise<T>, signal: AbortSignal): Promise<T | Failed> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  }
}

/** Unauthorised, unpaid, not found, not allowed here, proxy, out of quota. 403 is not among them: firewalls say it of texts. */
const SETUP_STATUSES = new Set<unknown>([401, 402, 404, 405, 407, 429]);

/** Whether an error is due to the moment, to how the embedder is set up, or to one of the texts. */
function blameFor(error: unknown): "moment" | "setup" | "text" {
  if (!(error instanceof Error)) return "text";
  if (error.name === "AdapterError") {
    if ("retryable" in error && error.retryable === true) return "moment";
    return "status" in error && SETUP_STATUSES.has(error.status) ? "setup" : "text";
  }
  if (error.name === "TimeoutError") return "moment";
  return error instanceof RetrievalError ? "setup" : "text";
}
