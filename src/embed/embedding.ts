import { concurrently } from "../concurrency.ts";
import { RetrievalError } from "../errors.ts";
import { withDeadline } from "../signal.ts";
import type { Embedder, PortOptions } from "../types.ts";
import { batchesOf, excessOf } from "./batches.ts";
import { type Embedded, type Failed, fault, request, type Role } from "./request.ts";

/** What the core puts around an embedder: batches, concurrency, retries, and a check of every reply. */

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
 * Each text's vector, or why it has none, in the order of the texts. Rejects only for an abort, or for limits that are none.
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
  const { role, concurrency = 4 } = options;
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
