import { concurrently } from "../concurrency.ts";
import { AdapterError, shown } from "../errors.ts";
import { wholeNumber } from "../options.ts";
import { retryingPart } from "../part-retries.ts";
import { repliesOf } from "../replies.ts";
import { withDeadline } from "../signal.ts";
import type { PortOptions, Reranker } from "../types.ts";

/** Requests at a time, where a reranker takes fewer texts than there are candidates. */
const CONCURRENCY = 4;

/**
 * One checked score per text, in the order of the texts. Rejects as a whole: part of a ranking is none.
 *
 * More texts than `reranker.limits.items` go in several requests. That is sound for a cross-encoder, which scores each
 * pair of query and text by itself; a reranker that weighs a list as a whole must not name a limit, and refuse instead.
 */
export async function rerankTexts(
  reranker: Reranker,
  query: string,
  texts: readonly string[],
  options: PortOptions,
): Promise<readonly number[]> {
  if (texts.length === 0) return [];
  const size = wholeNumber("reranker.limits.items", reranker.limits?.items, 1, texts.length);
  const starts = [...texts.keys()].filter((position) => position % size === 0);
  const scores: number[] = [];
  await withDeadline("rerank", { signal: options.signal }, (signal) =>
    concurrently(starts, CONCURRENCY, async (start) => {
      const batch = texts.slice(start, start + size);
      const reply: unknown = await retryingPart(reranker, () => reranker(query, batch, { signal }), { signal });
      for (const [index, score] of checked(reranker, reply, batch.length).entries()) scores[start + index] = score;
    }),
  );
  return scores;
}

function checked(reranker: Reranker, scores: unknown, count: number): readonly number[] {
  const fault = (message: string): AdapterError => new AdapterError(reranker.fingerprint ?? "reranker", message);
  return repliesOf(scores, count, "scores", fault).map((score) => {
    if (typeof score === "number" && Number.isFinite(score)) return score;
    throw fault(`expected every score to be a finite number, received ${shown(score)}`);
  });
}
